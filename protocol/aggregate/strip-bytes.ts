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

/** By chunk. What a share is worth is said by `stripOrAccuse`. @throws Fault AGGREGATE_TABLE_MALFORMED */
export function decodeStripShares(bytes: Uint8Array): Uint8Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const shares: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    const start = at + LENGTH_BYTES;
    const end = start <= bytes.length ? start + view.getUint32(at) : Infinity;
    if (end > bytes.length) throw new Fault("AGGREGATE_TABLE_MALFORMED", { bytes: bytes.length });
    shares.push(bytes.slice(start, end));
    at = end;
  }
  return shares;
}

export function stripSharesDigest({ edition, attempt, node }: SharesPlace, bytes: Uint8Array): Uint8Array {
  return sha256(DOMAIN, uint(edition, 4), uint(attempt, 4), uint(node, 4), bytes);
}
