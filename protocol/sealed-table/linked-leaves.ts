/**
 * N entries sorted by tag become N + 1 linked leaves: leaf 0 = (0^16, tag_0, 32 zero bytes), leaf i = (tag_i, tag_i+1,
 * SHA-256(entry_i)) and the last one points to ff^16. One leaf with its Merkle path so proves a hit (leaf.tag = t) or a
 * miss (leaf.tag < t < leaf.next). Leaf hash = keccak256(0x00 | tag | next | entry hash), 65 bytes: it cannot be taken
 * for an inner node, which hashes 64.
 *
 * A single leaf proves a miss only in a table whose order and linkage hold; whoever mirrors a table checks all of it.
 */
import { bytesEqual, concatBytes } from "../encoding/bytes.ts";
import { keccak256, sha256 } from "../encoding/digest.ts";
import { Fault } from "../errors/fault.ts";
import { asTag, TAG_BYTES, type Tag } from "./table-id.ts";

export const ENTRY_HASH_BYTES = 32;
export const FIRST_TAG: Tag = asTag(new Uint8Array(TAG_BYTES));
export const LAST_TAG: Tag = asTag(new Uint8Array(TAG_BYTES).fill(0xff));

const LEAF_PREFIX = new Uint8Array([0]);

export interface LinkedLeaf {
  readonly tag: Tag;
  readonly next: Tag;
  /** SHA-256 of the whole entry; zeros in leaf 0. */
  readonly entryHash: Uint8Array;
}

export function leafHash(leaf: LinkedLeaf): Uint8Array {
  if (leaf.tag.length !== TAG_BYTES || leaf.next.length !== TAG_BYTES || leaf.entryHash.length !== ENTRY_HASH_BYTES) {
    throw new RangeError("a leaf is a tag of 16, a next tag of 16 and an entry hash of 32 bytes");
  }
  return keccak256(LEAF_PREFIX, leaf.tag, leaf.next, leaf.entryHash);
}

export function compareTags(a: Uint8Array, b: Uint8Array): number {
  return Buffer.compare(a, b);
}

/** What `leaf` proves about `tag`; undefined if it says nothing about it. The entry itself is compared by {leafHoldsEntry}. */
export function leafVerdict(leaf: LinkedLeaf, tag: Tag): "hit" | "miss" | undefined {
  const order = compareTags(leaf.tag, tag);
  if (order === 0) return compareTags(leaf.tag, FIRST_TAG) === 0 ? undefined : "hit";
  return order < 0 && compareTags(tag, leaf.next) < 0 ? "miss" : undefined;
}

export function leafHoldsEntry(leaf: LinkedLeaf, entry: Uint8Array): boolean {
  return bytesEqual(leaf.entryHash, sha256(entry)) && bytesEqual(leaf.tag, entry.subarray(0, TAG_BYTES));
}

export interface LeafLinker {
  /** The next entry in order of tags. @throws Fault TABLE_MISORDERED, TABLE_TAG_DUPLICATE with the entry's index. */
  add(tag: Uint8Array, entryHash: Uint8Array): void;
  /** Emits the last leaf. */
  end(): void;
}

/** Links entries that come one by one; keeps one of them. `emit` gets N + 1 leaves in order. */
export function createLeafLinker(emit: (leaf: LinkedLeaf) => void): LeafLinker {
  let tag = FIRST_TAG;
  let entryHash = new Uint8Array(ENTRY_HASH_BYTES);
  let index = 0;
  return {
    add(nextTag, nextHash) {
      const next = asTag(nextTag.slice());
      requireOrder(tag, next, index);
      emit({ tag, next, entryHash });
      tag = next;
      entryHash = nextHash.slice();
      index += 1;
    },
    end() {
      requireOrder(tag, LAST_TAG, index);
      emit({ tag, next: LAST_TAG, entryHash });
    },
  };
}

/** The leaves of a table that is in memory. */
export function linkEntries(entries: readonly Uint8Array[]): LinkedLeaf[] {
  const leaves: LinkedLeaf[] = [];
  const linker = createLeafLinker((leaf) => leaves.push(leaf));
  for (const entry of entries) linker.add(entry.subarray(0, TAG_BYTES), sha256(entry));
  linker.end();
  return leaves;
}

/** tag (16) | next (16) | entry hash (32). */
export function encodeLeaf(leaf: LinkedLeaf): Uint8Array {
  return concatBytes(leaf.tag, leaf.next, leaf.entryHash);
}

function requireOrder(tag: Tag, next: Tag, index: number): void {
  const order = compareTags(tag, next);
  if (order === 0) throw new Fault("TABLE_TAG_DUPLICATE", { index });
  if (order > 0) throw new Fault("TABLE_MISORDERED", { index });
}
