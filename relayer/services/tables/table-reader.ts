/**
 * Looks tags up in a table on disk: a binary search over the entries and a Merkle path out of the tree file, log N short
 * reads each; the first steps of both are remembered. What it returns was checked against the root, so bytes that rotted
 * on disk are noticed before anyone relies on them.
 */
import { readSync } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";

import { bytesEqual } from "../../../protocol/encoding/bytes.ts";
import { sha256 } from "../../../protocol/encoding/digest.ts";
import { Fault } from "../../../protocol/errors/fault.ts";
import {
  compareTags,
  ENTRY_HASH_BYTES,
  FIRST_TAG,
  LAST_TAG,
  leafHash,
  type LinkedLeaf,
} from "../../../protocol/sealed-table/linked-leaves.ts";
import { NODE_BYTES, siblingsOf, verifyPath } from "../../../protocol/sealed-table/merkle.ts";
import { asTag, TAG_BYTES, type Tag } from "../../../protocol/sealed-table/table-id.ts";
import { tableBytes, type TableFiles, type TableShape } from "./table-files.ts";
import { nodeOffset, treeLayout } from "./tree-file.ts";

/** Binary search steps whose tags are remembered: at most 2^10 of them. */
const REMEMBERED_STEPS = 10;
/** The upper levels of the tree that are kept in memory, at the end of its file. */
const KEPT_TREE_BYTES = 2048 * 2 * NODE_BYTES;

export interface TableLookup {
  /** The whole entry, if there is one of that tag. */
  readonly hit: Uint8Array | undefined;
  readonly leaf: LinkedLeaf;
  readonly path: readonly Uint8Array[];
}

export interface TableReader {
  readonly root: Uint8Array;
  /** @throws Fault TABLE_DAMAGED if the files are no longer what the root commits to. */
  lookup(tag: Tag): TableLookup;
  /** Entry `index` in order of tags with its leaf and path (for audits by position). @throws RangeError, Fault TABLE_DAMAGED */
  entryAt(index: number): TableLookup;
  close(): Promise<void>;
}

/** @throws Fault TABLE_DAMAGED if the files have not the shape or the root. */
export async function openTableReader(files: TableFiles, shape: TableShape, root: Uint8Array): Promise<TableReader> {
  const { entryCount, entrySize } = shape;
  const layout = treeLayout(entryCount + 1);
  const table = await openSized(files.table, tableBytes(shape));
  const tree = await openSized(files.tree, layout.bytes).catch(async (error: unknown) => {
    await table.close();
    throw error;
  });
  const remembered = new Map<number, Tag>();
  const keptFrom = Math.max(0, layout.bytes - KEPT_TREE_BYTES);
  const kept = readAt(tree, keptFrom, layout.bytes - keptFrom);
  if (!bytesEqual(kept.subarray(kept.length - NODE_BYTES), root)) {
    await Promise.all([table.close(), tree.close()]);
    throw new Fault("TABLE_DAMAGED");
  }

  function readTag(index: number, step: number): Tag {
    const known = remembered.get(index);
    if (known) return known;
    const tag = asTag(readAt(table, index * entrySize, TAG_BYTES));
    if (step < REMEMBERED_STEPS) remembered.set(index, tag);
    return tag;
  }

  function readNode(level: number, index: number): Uint8Array {
    const offset = nodeOffset(layout, level, index);
    return offset >= keptFrom
      ? kept.slice(offset - keptFrom, offset - keptFrom + NODE_BYTES)
      : readAt(tree, offset, NODE_BYTES);
  }

  /** Number of entries whose tag is at most `tag`: the leaf that speaks about it. */
  function leafIndexOf(tag: Tag): number {
    let low = 0;
    let high = entryCount;
    for (let step = 0; low < high; step++) {
      const middle = Math.floor((low + high) / 2);
      if (compareTags(readTag(middle, step), tag) <= 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  function leafAt(index: number): TableLookup & { readonly entry: Uint8Array | undefined } {
    const entry = index === 0 ? undefined : readAt(table, (index - 1) * entrySize, entrySize);
    const leaf: LinkedLeaf = {
      tag: entry ? asTag(entry.slice(0, TAG_BYTES)) : FIRST_TAG,
      next: index === entryCount ? LAST_TAG : readTag(index, REMEMBERED_STEPS),
      entryHash: entry ? sha256(entry) : new Uint8Array(ENTRY_HASH_BYTES),
    };
    const path = siblingsOf(entryCount + 1, index).map((node) => readNode(node.level, node.index));
    if (!verifyPath(leafHash(leaf), path, root)) throw new Fault("TABLE_DAMAGED");
    return { hit: undefined, leaf, path, entry };
  }

  return {
    root,
    lookup: (tag) => {
      const { entry, leaf, path } = leafAt(leafIndexOf(tag));
      return { hit: entry && compareTags(leaf.tag, tag) === 0 ? entry : undefined, leaf, path };
    },
    entryAt: (index) => {
      if (!Number.isSafeInteger(index) || index < 0 || index >= entryCount) throw new RangeError("no such entry");
      const { entry, leaf, path } = leafAt(index + 1);
      return { hit: entry, leaf, path };
    },
    async close() {
      await Promise.all([table.close(), tree.close()]);
    },
  };
}

async function openSized(path: string, bytes: number): Promise<FileHandle> {
  let handle: FileHandle;
  try {
    handle = await open(path, "r");
  } catch (cause) {
    throw new Fault("TABLE_DAMAGED", {}, cause);
  }
  if ((await handle.stat()).size === bytes) return handle;
  await handle.close();
  throw new Fault("TABLE_DAMAGED");
}

/**
 * Reads at once and not through the thread pool: a few bytes that are in the page cache take microseconds, a trip to
 * another thread and back for each of a lookup's twenty reads took milliseconds.
 */
function readAt(handle: FileHandle, position: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let read = 0; read < length;) {
    const bytesRead = readSync(handle.fd, bytes, read, length - read, position + read);
    if (bytesRead === 0) throw new Fault("TABLE_DAMAGED");
    read += bytesRead;
  }
  return bytes;
}
