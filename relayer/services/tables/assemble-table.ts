/**
 * From entries in the order they were sealed to a table in the order of tags. The entries wait in spill files; only
 * their tags are read into memory, 16 bytes each, and 8 more to sort them. Synchronous: it runs on a worker thread.
 */
import { closeSync, openSync } from "node:fs";

import { TAG_BYTES } from "../../../protocol/sealed-table/table-id.ts";
import { orderOfTags } from "../../../protocol/sealed-table/tag-order.ts";
import { openAtomicFile, writeFully } from "../../store/atomic-file.ts";
import { buildTreeFile, readEntries } from "./build-tree.ts";
import { readTags, tagsOfCount } from "./read-tags.ts";
import { removeTable, type TableFiles, type TableShape } from "./table-files.ts";

const WRITE_BYTES = 1 << 20;

/** Entries in the order they were sealed. */
export interface Spill {
  readonly path: string;
  readonly entries: number;
}

/**
 * Writes table and tree. @returns the root.
 * @throws Fault TABLE_TAG_DUPLICATE if a subject was sealed twice; no file is left then.
 */
export function assembleTable(
  spills: readonly Spill[],
  files: TableFiles,
  entrySize: number,
  progress: (entries: number) => void = () => undefined,
): { readonly root: Uint8Array; readonly shape: TableShape } {
  const shape = { entryCount: spills.reduce((sum, { entries }) => sum + entries, 0), entrySize };
  const target = openAtomicFile(files.table);
  try {
    writeInOrder(spills, orderOfSpills(spills, shape), { descriptor: target.descriptor, start: 0 }, shape, progress);
    target.commit();
  } finally {
    target.abandon();
  }
  try {
    return { root: buildTreeFile(files.table, files.tree, shape), shape };
  } catch (error) {
    removeTable(files);
    throw error;
  }
}

/** Of each entry of the table its number in the spills. The tags are needed no longer than this. */
export function orderOfSpills(spills: readonly Spill[], { entryCount, entrySize }: TableShape): Uint32Array {
  const tags = tagsOfCount(entryCount);
  let first = 0;
  for (const { path, entries } of spills) {
    readTags(path, { entryCount: entries, entrySize }, tags.subarray(first * TAG_BYTES));
    first += entries;
  }
  return orderOfTags(tags);
}

/** From `start` of the target on. */
export function writeInOrder(
  spills: readonly Spill[],
  order: Uint32Array,
  { descriptor: target, start: offset }: { readonly descriptor: number; readonly start: number },
  shape: TableShape,
  progress: (entries: number) => void = () => undefined,
): void {
  const { entrySize } = shape;
  const sources = openSpills(spills);
  try {
    const perWrite = Math.max(1, Math.floor(WRITE_BYTES / entrySize));
    const chunk = new Uint8Array(perWrite * entrySize);
    for (let start = 0; start < order.length; start += perWrite) {
      const entries = Math.min(perWrite, order.length - start);
      for (let i = 0; i < entries; i++) {
        const { descriptor, index } = sources.locate(order[start + i] ?? 0);
        readEntries(descriptor, chunk.subarray(i * entrySize, (i + 1) * entrySize), index * entrySize, shape);
      }
      writeFully(target, chunk.subarray(0, entries * entrySize), offset + start * entrySize);
      progress(start + entries);
    }
  } finally {
    sources.close();
  }
}

function openSpills(spills: readonly Spill[]) {
  const opened: { first: number; descriptor: number }[] = [];
  let first = 0;
  for (const { path, entries } of spills) {
    opened.push({ first, descriptor: openSync(path, "r") });
    first += entries;
  }
  return {
    locate(index: number) {
      const spill = opened.findLast((candidate) => candidate.first <= index);
      if (!spill) throw new RangeError("no such entry");
      return { descriptor: spill.descriptor, index: index - spill.first };
    },
    close() {
      for (const { descriptor } of opened) closeSync(descriptor);
    },
  };
}
