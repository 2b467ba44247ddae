/**
 * Tables as one byte string, for sending and keeping: kind (1) | contributor (4, contributions only) | epoch (4) |
 * root (32) | proof (64, not of consortium tables) | rows. Decoding checks sizes alone; what the content is worth is said
 * by `admitContribution`, `verifyMerge` and `stripTable`. Decoded rows are views of one copy. A table that is too large for
 * memory is a file whose rows stay there, behind the same header.
 */
import { concatBytes, uint } from "../encoding/bytes.ts";
import { Fault } from "../errors/fault.ts";
import { BATCHED_PROOF_BYTES } from "./batched-proof.ts";
import type { Contribution } from "./contribution.ts";
import type { MergedTable } from "./merge.ts";
import { rowBytes } from "./row.ts";
import type { Rows } from "./rows.ts";
import type { ConsortiumTable } from "./strip.ts";

const CONTRIBUTION = 1;
const MERGED = 2;
const CONSORTIUM = 3;
const ROOT_BYTES = 32;

export const CONTRIBUTION_HEADER_BYTES = 1 + 4 + 4 + ROOT_BYTES + BATCHED_PROOF_BYTES;
export const MERGED_HEADER_BYTES = 1 + 4 + ROOT_BYTES + BATCHED_PROOF_BYTES;

/** Of a whole contribution. */
export function contributionBytes(rows: number, slotCount: number): number {
  return CONTRIBUTION_HEADER_BYTES + rows * rowBytes(slotCount);
}

/** Of a whole merged table. */
export function mergedTableBytes(rows: number, slotCount: number): number {
  return MERGED_HEADER_BYTES + rows * rowBytes(slotCount);
}

/** What stands before the rows. */
export function contributionHeader({ contributor, epoch, root, proof }: Contribution<Rows>): Uint8Array {
  return concatBytes(uint(CONTRIBUTION, 1), uint(contributor, 4), uint(epoch, 4), root, proof);
}

/** What stands before the rows. */
export function mergedTableHeader({ epoch, root, proof }: MergedTable<Rows>): Uint8Array {
  return concatBytes(uint(MERGED, 1), uint(epoch, 4), root, proof);
}

export function encodeContribution(contribution: Contribution): Uint8Array {
  return concatBytes(contributionHeader(contribution), ...contribution.rows);
}

/** @throws Fault AGGREGATE_TABLE_MALFORMED */
export function decodeContribution(bytes: Uint8Array, slotCount: number): Contribution {
  return readTable(bytes, slotCount, decodeContributionHeader);
}

export function encodeMergedTable(table: MergedTable): Uint8Array {
  return concatBytes(mergedTableHeader(table), ...table.rows);
}

/** @throws Fault AGGREGATE_TABLE_MALFORMED */
export function decodeMergedTable(bytes: Uint8Array, slotCount: number): MergedTable {
  return readTable(bytes, slotCount, decodeMergedTableHeader);
}

export function encodeConsortiumTable({ epoch, root, rows }: ConsortiumTable): Uint8Array {
  return concatBytes(uint(CONSORTIUM, 1), uint(epoch, 4), root, ...rows);
}

/** @throws Fault AGGREGATE_TABLE_MALFORMED */
export function decodeConsortiumTable(bytes: Uint8Array, slotCount: number): ConsortiumTable {
  return readTable(bytes, slotCount, (start, size) => {
    const read = createReader(start, CONSORTIUM, size);
    const [epoch, root] = [read.uint32(), read.bytes(ROOT_BYTES)];
    return { epoch, root, count: read.count(slotCount) };
  });
}

/** A table without its rows, which are `count` and begin behind the header. */
export type Headed<T> = Omit<T, "rows"> & { readonly count: number };

/** `start` is at least the header, of `size` bytes in all. @throws Fault AGGREGATE_TABLE_MALFORMED */
export function decodeContributionHeader(start: Uint8Array, size: number, slotCount: number): Headed<Contribution> {
  const read = createReader(start, CONTRIBUTION, size);
  const contributor = read.uint32();
  return { contributor, ...readProved(read, slotCount) };
}

/** `start` is at least the header, of `size` bytes in all. @throws Fault AGGREGATE_TABLE_MALFORMED */
export function decodeMergedTableHeader(start: Uint8Array, size: number, slotCount: number): Headed<MergedTable> {
  return readProved(createReader(start, MERGED, size), slotCount);
}

function readProved(read: Reader, slotCount: number): Headed<MergedTable> {
  const [epoch, root, proof] = [read.uint32(), read.bytes(ROOT_BYTES), read.bytes(BATCHED_PROOF_BYTES)];
  return { epoch, root, proof, count: read.count(slotCount) };
}

/** The rows are all that is behind the header. */
function readTable<H extends { readonly count: number }>(
  source: Uint8Array,
  slotCount: number,
  decode: (start: Uint8Array, size: number, slotCount: number) => H,
): Omit<H, "count"> & { readonly rows: readonly Uint8Array[] } {
  const copy = new Uint8Array(source);
  const { count, ...header } = decode(copy, copy.length, slotCount);
  const size = rowBytes(slotCount);
  const first = copy.length - count * size;
  const rows = Array.from({ length: count }, (_, row) => copy.subarray(first + row * size, first + (row + 1) * size));
  return { ...header, rows };
}

interface Reader {
  bytes(length: number): Uint8Array;
  uint32(): number;
  /** Of the rows that are all the rest, which must be whole ones. */
  count(slotCount: number): number;
}

function createReader(start: Uint8Array, kind: number, size: number): Reader {
  let at = 1;
  const malformed = (): Fault => new Fault("AGGREGATE_TABLE_MALFORMED", { bytes: size });
  if (start[0] !== kind) throw malformed();
  const take = (length: number): Uint8Array => {
    if (at + length > start.length) throw malformed();
    at += length;
    return start.slice(at - length, at);
  };
  return {
    bytes: take,
    uint32: () => new DataView(take(4).buffer).getUint32(0),
    count(slotCount) {
      const count = (size - at) / rowBytes(slotCount);
      if (!Number.isInteger(count) || count < 0) throw malformed();
      return count;
    },
  };
}
