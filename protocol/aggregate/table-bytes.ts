/**
 * Tables as one byte string, for sending and keeping: kind (1) | contributor (4, contributions only) | epoch (4) |
 * root (32) | proof (64, not of consortium tables) | rows. Decoding checks sizes alone; what the content is worth is said
 * by `admitContribution`, `verifyMerge` and `stripTable`. Decoded rows are views of one copy.
 */
import { concatBytes, uint } from "../encoding/bytes.ts";
import { Fault } from "../errors/fault.ts";
import { BATCHED_PROOF_BYTES } from "./batched-proof.ts";
import type { Contribution } from "./contribution.ts";
import type { MergedTable } from "./merge.ts";
import { rowBytes } from "./row.ts";
import type { ConsortiumTable } from "./strip.ts";

const CONTRIBUTION = 1;
const MERGED = 2;
const CONSORTIUM = 3;
const ROOT_BYTES = 32;

const CONTRIBUTION_HEADER_BYTES = 1 + 4 + 4 + ROOT_BYTES + BATCHED_PROOF_BYTES;
const MERGED_HEADER_BYTES = 1 + 4 + ROOT_BYTES + BATCHED_PROOF_BYTES;

/** Of a whole contribution. */
export function contributionBytes(rows: number, slotCount: number): number {
  return CONTRIBUTION_HEADER_BYTES + rows * rowBytes(slotCount);
}

/** Of a whole merged table. */
export function mergedTableBytes(rows: number, slotCount: number): number {
  return MERGED_HEADER_BYTES + rows * rowBytes(slotCount);
}

export function encodeContribution({ contributor, epoch, root, proof, rows }: Contribution): Uint8Array {
  return concatBytes(uint(CONTRIBUTION, 1), uint(contributor, 4), uint(epoch, 4), root, proof, ...rows);
}

/** @throws Fault AGGREGATE_TABLE_MALFORMED */
export function decodeContribution(bytes: Uint8Array, slotCount: number): Contribution {
  const read = createReader(bytes, CONTRIBUTION);
  const contributor = read.uint32();
  return { contributor, ...readProved(read, slotCount) };
}

export function encodeMergedTable({ epoch, root, proof, rows }: MergedTable): Uint8Array {
  return concatBytes(uint(MERGED, 1), uint(epoch, 4), root, proof, ...rows);
}

/** @throws Fault AGGREGATE_TABLE_MALFORMED */
export function decodeMergedTable(bytes: Uint8Array, slotCount: number): MergedTable {
  return readProved(createReader(bytes, MERGED), slotCount);
}

export function encodeConsortiumTable({ epoch, root, rows }: ConsortiumTable): Uint8Array {
  return concatBytes(uint(CONSORTIUM, 1), uint(epoch, 4), root, ...rows);
}

/** @throws Fault AGGREGATE_TABLE_MALFORMED */
export function decodeConsortiumTable(bytes: Uint8Array, slotCount: number): ConsortiumTable {
  const read = createReader(bytes, CONSORTIUM);
  return { epoch: read.uint32(), root: read.bytes(ROOT_BYTES), rows: read.rows(rowBytes(slotCount)) };
}

function readProved(read: Reader, slotCount: number): MergedTable {
  return {
    epoch: read.uint32(),
    root: read.bytes(ROOT_BYTES),
    proof: read.bytes(BATCHED_PROOF_BYTES),
    rows: read.rows(rowBytes(slotCount)),
  };
}

interface Reader {
  bytes(length: number): Uint8Array;
  uint32(): number;
  /** All that is left, which must be whole rows. */
  rows(size: number): Uint8Array[];
}

function createReader(source: Uint8Array, kind: number): Reader {
  const copy = new Uint8Array(source);
  let at = 1;
  const malformed = (): Fault => new Fault("AGGREGATE_TABLE_MALFORMED", { bytes: source.length });
  if (copy[0] !== kind) throw malformed();
  const take = (length: number): Uint8Array => {
    if (at + length > copy.length) throw malformed();
    at += length;
    return copy.subarray(at - length, at);
  };
  return {
    bytes: take,
    uint32() {
      const four = take(4);
      return new DataView(four.buffer, four.byteOffset).getUint32(0);
    },
    rows(size) {
      const count = (copy.length - at) / size;
      if (!Number.isInteger(count)) throw malformed();
      return Array.from({ length: count }, () => take(size));
    },
  };
}
