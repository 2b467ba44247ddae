/** The tags of the entries in a file, which are the first bytes of each. Synchronous: it runs on a worker thread. */
import { closeSync, openSync } from "node:fs";

import { TAG_BYTES } from "../../../protocol/sealed-table/table-id.ts";
import { readEntries } from "./build-tree.ts";
import type { TableShape } from "./table-files.ts";

const READ_BYTES = 1 << 20;

/** In the file's order. What is given is good until the next one is asked for. */
export function* tagsOf(path: string, shape: TableShape): Generator<Uint8Array> {
  const { entryCount, entrySize } = shape;
  const source = openSync(path, "r");
  try {
    const perRead = Math.max(1, Math.floor(READ_BYTES / entrySize));
    const chunk = new Uint8Array(Math.min(perRead, entryCount) * entrySize);
    for (let start = 0; start < entryCount; start += perRead) {
      const entries = Math.min(perRead, entryCount - start);
      readEntries(source, chunk.subarray(0, entries * entrySize), start * entrySize, shape);
      for (let i = 0; i < entries; i++) yield chunk.subarray(i * entrySize, i * entrySize + TAG_BYTES);
    }
  } finally {
    closeSync(source);
  }
}

/** One after another, written into `target` from its start on. */
export function readTags(path: string, shape: TableShape, target = tagsOfCount(shape.entryCount)): Uint8Array {
  let offset = 0;
  for (const tag of tagsOf(path, shape)) {
    target.set(tag, offset);
    offset += TAG_BYTES;
  }
  return target;
}

export function tagsOfCount(count: number): Uint8Array {
  return new Uint8Array(count * TAG_BYTES);
}
