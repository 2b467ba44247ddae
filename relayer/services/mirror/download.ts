/**
 * Fetches a table into a partial file and goes on where the last connection, or the last run of this program, stopped.
 * The holder is not trusted: no more bytes are taken than were committed, and silence ends a try.
 */
import { mkdirSync } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";

import type { OutgoingRequest } from "../channel/client.ts";
import { jsonOf } from "../peer/peer-http.ts";
import { refusalCode } from "../peer/refusal-code.ts";
import type { Hex } from "../../../protocol/encoding/bytes.ts";
import { REQUEST_HEADER } from "../../../protocol/channel/request-tag.ts";
import { Fault, isFault } from "../../../protocol/errors/fault.ts";

export interface DownloadOptions {
  readonly url: string;
  /** The request over the channel, anew at every try. */
  readonly authenticate: () => Promise<OutgoingRequest>;
  readonly partialPath: string;
  /** Bytes committed. */
  readonly bytes: number;
  readonly root: Hex;
  /** A connection that brings nothing for so long is given up. */
  readonly idleMs: number;
  /** Tries without any progress before giving up for now. */
  readonly fruitlessTries: number;
  /** Given up for now after this long, however steadily it drips: other holders' tables wait behind this one. */
  readonly turnMs: number;
  readonly signal?: AbortSignal | undefined;
  readonly progress?: ((fraction: number) => void) | undefined;
}

/** A refusal is a problem document; more than this is none of ours. */
const REFUSAL_BYTES = 16_384;

/**
 * Resolves when the partial file has all bytes; its content is not verified yet.
 * @throws Fault TABLE_TRUNCATED or TABLE_OVERSIZED if the holder's table has another length, TABLE_UNREACHABLE if it
 * could not be had now (what came is kept)
 */
export async function downloadTable(options: DownloadOptions): Promise<void> {
  mkdirSync(dirname(options.partialPath), { recursive: true, mode: 0o700 });
  const file = await open(options.partialPath, "a+", 0o600).then(async (created) => {
    await created.close();
    return open(options.partialPath, "r+");
  });
  const turn = AbortSignal.timeout(options.turnMs);
  try {
    let fruitless = 0;
    for (;;) {
      const before = (await file.stat()).size;
      if (before > options.bytes) await file.truncate(0);
      if (before === options.bytes) {
        await file.sync();
        return;
      }
      let reason = "the connection was cut";
      try {
        await fetchRest(file, before > options.bytes ? 0 : before, turn, options);
      } catch (error) {
        if (isFault(error) && error.code !== "TABLE_UNREACHABLE") throw error;
        options.signal?.throwIfAborted();
        reason = isFault(error) ? String(error.values["reason"]) : reason;
      }
      const after = (await file.stat()).size;
      fruitless = after > before ? 0 : fruitless + 1;
      if (turn.aborted && after < options.bytes) throw new Fault("TABLE_UNREACHABLE", { reason: "it took too long" });
      if (fruitless >= options.fruitlessTries) throw new Fault("TABLE_UNREACHABLE", { reason });
    }
  } finally {
    await file.close();
  }
}

async function fetchRest(file: FileHandle, from: number, turn: AbortSignal, options: DownloadOptions): Promise<void> {
  const outgoing = await authenticated(options);
  const silence = new AbortController();
  const timer = setTimeout(() => {
    silence.abort();
  }, options.idleMs);
  try {
    const response = await fetch(options.url, {
      headers: {
        [REQUEST_HEADER]: outgoing.header,
        // A compressed answer could not be continued by bytes.
        "accept-encoding": "identity",
        ...(from === 0 ? {} : { range: `bytes=${String(from)}-`, "if-range": `"${options.root}"` }),
      },
      redirect: "error",
      signal: AbortSignal.any([turn, silence.signal, ...(options.signal ? [options.signal] : [])]),
    });
    if (response.status >= 400 && response.status !== 416) await refused(response, outgoing);
    let position = startOf(response, from, options.bytes);
    if (position === 0) await file.truncate(0);
    const body: AsyncIterable<Uint8Array> | Iterable<never> = response.body ?? [];
    for await (const chunk of body) {
      timer.refresh();
      if (position + chunk.length > options.bytes) throw new Fault("TABLE_OVERSIZED", { expected: options.bytes });
      await file.write(chunk, 0, chunk.length, position);
      position += chunk.length;
      options.progress?.(position / options.bytes);
    }
  } finally {
    clearTimeout(timer);
    // Ends what is still open, as after an answer that was too long.
    silence.abort();
  }
}

/** @throws Fault TABLE_UNREACHABLE */
async function authenticated({ authenticate }: DownloadOptions): Promise<OutgoingRequest> {
  try {
    return await authenticate();
  } catch (error) {
    if (!isFault(error)) throw error;
    throw new Fault("TABLE_UNREACHABLE", { reason: error.code }, error);
  }
}

/** Lets the channel know of a session that the holder has lost: the next try has another. @throws Fault TABLE_UNREACHABLE */
async function refused(response: Response, outgoing: OutgoingRequest): Promise<never> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    if (length > REFUSAL_BYTES) break;
    chunks.push(chunk);
  }
  const code = refusalCode(jsonOf(Buffer.concat(chunks)));
  outgoing.unauthenticated(code);
  throw new Fault("TABLE_UNREACHABLE", { reason: code ?? `status ${String(response.status)}` });
}

/** Where the answer's first byte belongs. @throws Fault TABLE_TRUNCATED, TABLE_OVERSIZED, TABLE_UNREACHABLE */
function startOf(response: Response, from: number, expected: number): number {
  if (response.status === 200) {
    const length = response.headers.get("content-length");
    if (length !== null) requireTotal(Number(length), expected);
    return 0;
  }
  const range = /^bytes (?:(\d+)-\d+|\*)\/(\d+)$/.exec(response.headers.get("content-range") ?? "");
  if (range) requireTotal(Number(range[2]), expected);
  if (response.status === 206 && range?.[1] !== undefined && Number(range[1]) === from) return from;
  throw new Fault("TABLE_UNREACHABLE", { reason: `status ${String(response.status)}` });
}

function requireTotal(actual: number, expected: number): void {
  if (actual < expected) throw new Fault("TABLE_TRUNCATED", { actual, expected });
  if (actual > expected) throw new Fault("TABLE_OVERSIZED", { expected });
}
