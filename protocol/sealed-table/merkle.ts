/**
 * Merkle tree over leaf hashes, with paths that OpenZeppelin's MerkleProof accepts: an inner node is keccak256 of the
 * sorted pair of its children. A node without a sibling is promoted unchanged. The tree is built in one pass with one
 * pending node a level, so a table of any size needs no memory; nodes go out level by level as they are known.
 */
import { bytesEqual } from "../encoding/bytes.ts";
import { keccak256 } from "../encoding/digest.ts";

export const NODE_BYTES = 32;
/** More levels than a table of uint32 entries has. */
export const LONGEST_PATH = 33;

/** Number of nodes of each level, leaves first, the root's 1 last. @throws RangeError if there is no leaf. */
export function levelSizes(leafCount: number): number[] {
  if (!Number.isSafeInteger(leafCount) || leafCount < 1) throw new RangeError("a tree has at least one leaf");
  const sizes = [leafCount];
  for (let size = leafCount; size > 1; sizes.push(size)) size = Math.ceil(size / 2);
  return sizes;
}

export function innerNode(a: Uint8Array, b: Uint8Array): Uint8Array {
  return Buffer.compare(a, b) <= 0 ? keccak256(a, b) : keccak256(b, a);
}

export interface TreeBuilder {
  add(leafHash: Uint8Array): void;
  /** @throws RangeError before the last leaf was added. */
  root(): Uint8Array;
}

/** `emit` gets each node once, those of one level in order. @throws RangeError if more leaves come than announced. */
export function createTreeBuilder(
  leafCount: number,
  emit: (level: number, index: number, hash: Uint8Array) => void,
): TreeBuilder {
  const sizes = levelSizes(leafCount);
  const counts = sizes.map(() => 0);
  const pending: Uint8Array[] = [];
  let root: Uint8Array | undefined;

  function put(level: number, hash: Uint8Array): void {
    const index = counts[level] ?? 0;
    const size = sizes[level] ?? 0;
    if (index >= size) throw new RangeError("more leaves than announced");
    counts[level] = index + 1;
    emit(level, index, hash);
    if (level === sizes.length - 1) {
      root = hash;
    } else if (index % 2 === 1) {
      put(level + 1, innerNode(pending[level] ?? hash, hash));
    } else if (index === size - 1) {
      put(level + 1, hash);
    } else {
      pending[level] = hash;
    }
  }

  return {
    add: (leafHash) => {
      put(0, leafHash);
    },
    root() {
      if (!root) throw new RangeError("fewer leaves than announced");
      return root;
    },
  };
}

/** Where the siblings on the way from leaf `index` to the root stand. Levels without a sibling are left out. */
export function siblingsOf(leafCount: number, index: number): { level: number; index: number }[] {
  if (!Number.isSafeInteger(index) || index < 0 || index >= leafCount) throw new RangeError("no such leaf");
  const siblings: { level: number; index: number }[] = [];
  let position = index;
  for (const [level, size] of levelSizes(leafCount).entries()) {
    const sibling = position % 2 === 0 ? position + 1 : position - 1;
    if (sibling < size) siblings.push({ level, index: sibling });
    position = Math.floor(position / 2);
  }
  return siblings;
}

export interface MerkleTree {
  readonly root: Uint8Array;
  path(index: number): Uint8Array[];
}

/** A tree that is in memory. */
export function createMerkleTree(leafHashes: readonly Uint8Array[]): MerkleTree {
  const levels: Uint8Array[][] = levelSizes(leafHashes.length).map(() => []);
  const builder = createTreeBuilder(leafHashes.length, (level, _index, hash) => levels[level]?.push(hash));
  for (const hash of leafHashes) builder.add(hash);
  return {
    root: builder.root(),
    path: (index) =>
      siblingsOf(leafHashes.length, index).flatMap((sibling) => levels[sibling.level]?.[sibling.index] ?? []),
  };
}

/** Never throws: a path of another shape is a path that does not verify. */
export function verifyPath(leafHash: Uint8Array, path: readonly Uint8Array[], root: Uint8Array): boolean {
  if (leafHash.length !== NODE_BYTES || path.length > LONGEST_PATH) return false;
  if (path.some((node) => node.length !== NODE_BYTES)) return false;
  return bytesEqual(path.reduce(innerNode, leafHash), root);
}
