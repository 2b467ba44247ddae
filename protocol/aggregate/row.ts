/**
 * One row: tag (16) | for each slot R (32) | C (32). 528 bytes with eight slots. Tables are rows in order of their tags,
 * committed by the linked leaves of the sealed tables: a row that is there and one that is not can both be proved.
 */
import { concatBytes } from "../encoding/bytes.ts";
import { sha256 } from "../encoding/digest.ts";
import { Fault, isFault } from "../errors/fault.ts";
import type { Element, Point } from "../group/group.ts";
import { decodePoint, POINT_BYTES } from "../group/points.ts";
import { ristretto255 } from "../group/ristretto255.ts";
import {
  createLeafLinker,
  leafHash,
  leafHoldsEntry,
  leafVerdict,
  linkEntries,
  type LinkedLeaf,
} from "../sealed-table/linked-leaves.ts";
import { createMerkleTree, createTreeBuilder, verifyPath, type MerkleTree } from "../sealed-table/merkle.ts";
import { asTag, TAG_BYTES, type Tag } from "../sealed-table/table-id.ts";
import type { Ciphertext } from "./elgamal.ts";
import type { Rows } from "./rows.ts";

const CIPHERTEXT_BYTES = 2 * POINT_BYTES;

export interface Row {
  readonly tag: Tag;
  readonly ciphertexts: readonly Ciphertext[];
}

export function rowBytes(slotCount: number): number {
  return TAG_BYTES + slotCount * CIPHERTEXT_BYTES;
}

export function encodeRow({ tag, ciphertexts }: Row): Uint8Array {
  return concatBytes(tag, ...ciphertexts.flatMap(({ ephemeral, body }) => [ephemeral, body]));
}

/** @throws Fault AGGREGATE_ROW_MALFORMED with `index` if a point is not canonical or an R is the identity. */
export function decodeRow(bytes: Uint8Array, slotCount: number, index = 0): Row {
  if (bytes.length !== rowBytes(slotCount)) throw new Fault("AGGREGATE_ROW_MALFORMED", { index });
  const row = splitRow(bytes);
  try {
    for (const { ephemeral, body } of row.ciphertexts) {
      ristretto255.decodeElement(ephemeral);
      decodePoint(body);
    }
    return row;
  } catch (cause) {
    throw isFault(cause) ? new Fault("AGGREGATE_ROW_MALFORMED", { index }, cause) : cause;
  }
}

/** As `decodeRow`, for bytes that it has been through before: tables are kept as bytes, a sixth of what their points take. */
export function splitRow(bytes: Uint8Array): Row {
  const part = (start: number): Uint8Array => bytes.slice(start, start + POINT_BYTES);
  const ciphertexts = Array.from({ length: (bytes.length - TAG_BYTES) / CIPHERTEXT_BYTES }, (_, slot) => {
    const start = TAG_BYTES + slot * CIPHERTEXT_BYTES;
    return { ephemeral: part(start) as Element, body: part(start + POINT_BYTES) as Point };
  });
  return { tag: rowTag(bytes), ciphertexts };
}

export function rowTag(bytes: Uint8Array): Tag {
  return asTag(bytes.slice(0, TAG_BYTES));
}

export interface CommittedRows {
  readonly leaves: readonly LinkedLeaf[];
  readonly tree: MerkleTree;
}

/** The root over hostile rows. @throws Fault AGGREGATE_ROW_MALFORMED for one of another size, and as `commitRows` */
export function rootOf(rows: Rows, slotCount: number): Uint8Array {
  const builder = createTreeBuilder(rows.length + 1, () => undefined);
  const linker = createLeafLinker((leaf) => {
    builder.add(leafHash(leaf));
  });
  let index = 0;
  for (const row of rows) {
    if (row.length !== rowBytes(slotCount)) throw new Fault("AGGREGATE_ROW_MALFORMED", { index });
    linker.add(row.subarray(0, TAG_BYTES), sha256(row));
    index += 1;
  }
  linker.end();
  return builder.root();
}

/** With all that single rows are proved by, in memory. @throws Fault TABLE_MISORDERED, TABLE_TAG_DUPLICATE */
export function commitRows(rows: readonly Uint8Array[]): CommittedRows {
  const leaves = linkEntries(rows);
  return { leaves, tree: createMerkleTree(leaves.map(leafHash)) };
}

/** Shows under a table's root what the table says of one tag. */
export interface RowEvidence {
  readonly leaf: LinkedLeaf;
  readonly path: readonly Uint8Array[];
  /** Absent in a proof that the tag has no row. */
  readonly row?: Uint8Array;
}

/** For a tag that is in the table or is not. */
export function proveRow({ leaves, tree }: CommittedRows, rows: readonly Uint8Array[], tag: Tag): RowEvidence {
  const index = leaves.findIndex((leaf) => leafVerdict(leaf, tag) !== undefined);
  const leaf = leaves[index];
  if (!leaf) throw new RangeError("the first and the last tag are no rows");
  const row = leafVerdict(leaf, tag) === "hit" ? rows[index - 1] : undefined;
  return { leaf, path: tree.path(index), ...(row ? { row } : {}) };
}

/** What the evidence shows; undefined if nothing, or not under that root. Never throws. */
export function rowVerdict({ leaf, path, row }: RowEvidence, root: Uint8Array, tag: Tag): "hit" | "miss" | undefined {
  const shapely = leaf.tag.length === TAG_BYTES && leaf.next.length === TAG_BYTES && leaf.entryHash.length === 32;
  if (!shapely || !verifyPath(leafHash(leaf), path, root)) return undefined;
  const verdict = leafVerdict(leaf, tag);
  if (verdict !== "hit") return verdict;
  return row && leafHoldsEntry(leaf, row) ? "hit" : undefined;
}
