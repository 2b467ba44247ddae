/**
 * A node's strip shares as one byte string, for sending and keeping: for each chunk of rows length (4) | share. Their
 * number and lengths follow from the number of rows. The digest is what the node commits to on chain: SHA-256 over domain,
 * edition (4), attempt (4), node (4) and the bytes. It needs no salt: shares are uniformly random to whoever has not got them.
 */
import { concatBytes, uint, utf8 } from "../encoding/bytes.ts";
import { sha256 } from "../encoding/digest.ts";
import { Fault } from "../errors/fault.ts";
import { chunkShareBytes, ROWS_PER_CHUNK } from "./strip.ts";

const DOMAIN = utf8("riskveil/strip-shares");
const LENGTH_BYTES = 4;

export interface SharesPlace {
  readonly edition: number;
  readonly attempt: number;
  /** The member's id. */
  readonly node: number;
}

export function stripSharesBytes(rows: number, slotCount: number): number {
  const [full, rest] = [Math.floor(rows / ROWS_PER_CHUNK), rows % ROWS_PER_CHUNK];
  const of = (count: number): number => LENGTH_BYTES + chunkShareBytes(count, slotCount);
  return full * of(ROWS_PER_CHUNK) + (rest > 0 ? of(rest) : 0);
}

export function encodeStripShares(shares: readonly Uint8Array[]): Uint8Array {
  return concatBytes(...shares.flatMap((share) => [uint(share.length, LENGTH_BYTES), share]));
}

export interface ShareRange {
  readonly start: number;
  readonly end: number;
}

/**
 * Where in `size` bytes the share of each chunk lies, at most one for each of the rows' chunks; `read` gives 4 of the bytes.
 * What a share is worth is said by `stripInto`.
 * @throws Fault AGGREGATE_TABLE_MALFORMED
 */
export function stripShareRanges(size: number, rows: number, read: (position: number) => Uint8Array): ShareRange[] {
  const ranges: ShareRange[] = [];
  for (let at = 0; at < size;) {
    const start = at + LENGTH_BYTES;
    const end = start <= size ? start + uintOf(read(at)) : Infinity;
    if (end > size || ranges.length === chunksOf(rows)) throw new Fault("AGGREGATE_TABLE_MALFORMED", { bytes: size });
    ranges.push({ start, end });
    at = end;
  }
  return ranges;
}

export function stripSharesDigest(place: SharesPlace, bytes: Uint8Array): Uint8Array {
  return sha256(stripSharesPrefix(place), bytes);
}

/** What is hashed before the bytes. */
export function stripSharesPrefix({ edition, attempt, node }: SharesPlace): Uint8Array {
  return concatBytes(DOMAIN, uint(edition, 4), uint(attempt, 4), uint(node, 4));
}

function chunksOf(rows: number): number {
  return Math.ceil(rows / ROWS_PER_CHUNK);
}

function uintOf(four: Uint8Array): number {
  return new DataView(four.buffer, four.byteOffset).getUint32(0);
}
