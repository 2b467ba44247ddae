/** Peer API: files for other members, one range at a time (RFC 9110, 14), so that a download that was cut goes on. */
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";

import type { Request, Response } from "express";
import type { Logger } from "pino";

import { Fault } from "../../../protocol/errors/fault.ts";

/** A mirror takes one file at a time; the rest is room for connections that were cut and are not noticed yet. */
const DOWNLOADS_PER_MEMBER = 8;
const RETRY_SECONDS = 5;
/** A reader that takes nothing for so long is cut: it would keep a file and its buffers open for as long as it likes. */
const STALLED_MS = 60_000;

export interface SentFile {
  readonly path: string;
  readonly bytes: number;
  /** Names the content, for If-Range. */
  readonly etag: string;
}

interface Exchange {
  readonly raw: { readonly request: Request; readonly response: Response };
  readonly log: Pick<Logger, "info">;
}

/** @throws Fault TABLE_RANGE_INVALID */
export async function sendFile({ raw, log }: Exchange, member: number, file: SentFile): Promise<void> {
  const { request, response } = raw;
  const { path, bytes } = file;
  const etag = `"${file.etag}"`;
  response.set({
    "Accept-Ranges": "bytes",
    "Cache-Control": "private, no-transform",
    "Content-Type": "application/octet-stream",
    ETag: etag,
  });
  const range = requestedRange(request, etag, bytes);
  if (range === "unsatisfiable") {
    response.set("Content-Range", `bytes */${String(bytes)}`);
    throw new Fault("TABLE_RANGE_INVALID", { bytes });
  }
  const { start, end } = range ?? { start: 0, end: bytes - 1 };
  if (range) response.status(206).set("Content-Range", `bytes ${String(start)}-${String(end)}/${String(bytes)}`);
  response.set("Content-Length", String(end - start + 1));
  response.setTimeout(STALLED_MS, () => {
    response.destroy();
  });
  try {
    await pipeline(createReadStream(path, { start, end }), response);
  } catch {
    // The peer went away, or the file: it sees a short answer and continues later.
    log.info({ member, path: request.path }, "download cut");
    response.destroy();
  }
}

export interface Downloads {
  /** @throws Fault RATE_LIMITED if the member has too many running */
  run(member: number, download: () => Promise<void>): Promise<void>;
}

/** Counts how many downloads each member has running. */
export function createDownloads(): Downloads {
  const running = new Map<number, number>();
  return {
    async run(member, download) {
      const before = running.get(member) ?? 0;
      if (before >= DOWNLOADS_PER_MEMBER) throw new Fault("RATE_LIMITED", { seconds: RETRY_SECONDS });
      running.set(member, before + 1);
      try {
        await download();
      } finally {
        const left = (running.get(member) ?? 1) - 1;
        if (left === 0) running.delete(member);
        else running.set(member, left);
      }
    },
  };
}

/** The one range asked for; undefined for the whole file, also when the peer's part is of another one (If-Range). */
function requestedRange(request: Request, etag: string, bytes: number) {
  const text = request.get("range");
  const condition = request.get("if-range");
  if (text === undefined || (condition !== undefined && condition !== etag)) return undefined;
  const match = /^bytes=(\d{1,15})-(\d{0,15})$/.exec(text);
  if (!match) return "unsatisfiable";
  const start = Number(match[1]);
  const end = match[2] === "" ? bytes - 1 : Math.min(Number(match[2]), bytes - 1);
  return start > end ? "unsatisfiable" : { start, end };
}
