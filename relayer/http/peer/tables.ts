/** Peer API: this member's committed tables, for the mirrors of the other members. One range at a time (RFC 9110, 14). */
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";

import type { Request, Response } from "express";
import type { Logger } from "pino";
import { z } from "zod";

import type { Hex } from "../../../protocol/encoding/bytes.ts";
import { Fault } from "../../../protocol/errors/fault.ts";
import type { ChannelServer } from "../../services/channel/server.ts";
import type { PublishService } from "../../services/publish/publish-service.ts";
import { tableBytes } from "../../services/tables/table-files.ts";
import { defineRoute, type Route } from "../route.ts";
import { admitPeer } from "./admit-peer.ts";
import { channelHeaders } from "./channel-headers.ts";

/** Epochs and revisions count up one by one: none is beyond PostgreSQL's integer. */
const counted = z
  .string()
  .regex(/^[1-9][0-9]{0,9}$/)
  .transform(Number)
  .pipe(z.number().max(2 ** 31 - 1));

interface Asked {
  readonly params: { readonly dataset: string; readonly epoch: number; readonly revision: number };
  readonly raw: { readonly request: Request; readonly response: Response };
  readonly log: Pick<Logger, "info">;
}

const NO_BODY = new Uint8Array(0);

/** A mirror takes one table at a time; the rest is room for connections that were cut and are not noticed yet. */
const DOWNLOADS_PER_MEMBER = 8;
const RETRY_SECONDS = 5;
/** A reader that takes nothing for so long is cut: it would keep a file and its buffers open for as long as it likes. */
const STALLED_MS = 60_000;

export function tableRoutes(
  publisher: Pick<PublishService, "servedTable">,
  channel: Pick<ChannelServer, "verify">,
): Route[] {
  const downloads = createDownloads();
  return [
    defineRoute({
      method: "get",
      path: "/peer/v1/tables/{dataset}/{epoch}/{revision}",
      summary: { en: "Download a committed table", zh: "下载已承诺的密封表" },
      description: {
        en: "For active members, over their channel. Entries of one size in order of tags; a range continues a download that was cut. The Merkle root on chain checks the content.",
        zh: "仅限有效成员经其信道访问。条目等长并按标签排序；可用 Range 续传；内容以链上默克尔根校验。",
      },
      tag: "peer",
      access: "public",
      headers: channelHeaders,
      params: z.object({ dataset: z.string().regex(/^0x[0-9a-f]{64}$/), epoch: counted, revision: counted }),
      streams: "application/octet-stream",
      handler: async (asked) => {
        const member = await admitPeer(channel, asked.raw, NO_BODY);
        await downloads.run(member, () => send(asked, member));
      },
    }),
  ];

  async function send({ params, raw, log }: Asked, member: number): Promise<void> {
    const { request, response } = raw;
    const table = await publisher.servedTable(params.dataset as Hex, params.epoch, params.revision);
    if (!table) throw new Fault("TABLE_NOT_FOUND");
    const bytes = tableBytes(table);
    const etag = `"${table.root}"`;
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
      await pipeline(createReadStream(table.path, { start, end }), response);
    } catch {
      // The peer went away, or the file: it sees a short answer and continues later.
      log.info({ member, revision: params.revision }, "table download cut");
      response.destroy();
    }
  }
}

/** How many downloads each member has running. */
function createDownloads(): { run(member: number, download: () => Promise<void>): Promise<void> } {
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

/** The one range asked for; undefined for the whole table, also when the peer's part is of another one (If-Range). */
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
