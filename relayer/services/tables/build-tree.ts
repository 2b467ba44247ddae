/**
 * Reads a table file once from start to end, checks its length and the order of its tags, and writes its tree. This is
 * what a holder does with a table it sealed and a mirror with one it received: they cannot disagree.
 * Synchronous: it runs on a worker thread.
 */
import { closeSync, fstatSync, openSync } from "node:fs";

import { sha256 } from "../../../protocol/encoding/digest.ts";
import { Fault } from "../../../protocol/errors/fault.ts";
import { createLeafLinker, leafHash } from "../../../protocol/sealed-table/linked-leaves.ts";
import { createTreeBuilder } from "../../../protocol/sealed-table/merkle.ts";
import { TAG_BYTES } from "../../../protocol/sealed-table/table-id.ts";
import { openAtomicFile, readFully } from "../../store/atomic-file.ts";
import { tableBytes, type TableShape } from "./table-files.ts";
import { createTreeFileWriter, treeLayout } from "./tree-file.ts";

const READ_BYTES = 1 << 20;

/**
 * @returns the root.
 * @throws Fault TABLE_TRUNCATED, TABLE_OVERSIZED, TABLE_MISORDERED, TABLE_TAG_DUPLICATE; no tree file is left then.
 */
export function buildTreeFile(
  tablePath: string,
  treePath: string,
  shape: TableShape,
  progress: (entries: number) => void = () => undefined,
): Uint8Array {
  const layout = treeLayout(shape.entryCount + 1);
  const source = openSync(tablePath, "r");
  const target = openAtomicFile(treePath);
  try {
    requireLength(fstatSync(source).size, shape);
    const writer = createTreeFileWriter(target.descriptor, layout);
    const builder = createTreeBuilder(shape.entryCount + 1, (level, index, hash) => {
      writer.put(level, index, hash);
    });
    const linker = createLeafLinker((leaf) => {
      builder.add(leafHash(leaf));
    });
    const perRead = Math.max(1, Math.floor(READ_BYTES / shape.entrySize));
    const chunk = new Uint8Array(perRead * shape.entrySize);
    for (let index = 0; index < shape.entryCount; index += perRead) {
      const entries = Math.min(perRead, shape.entryCount - index);
      readEntries(source, chunk.subarray(0, entries * shape.entrySize), index * shape.entrySize, shape);
      for (let i = 0; i < entries; i++) {
        const entry = chunk.subarray(i * shape.entrySize, (i + 1) * shape.entrySize);
        linker.add(entry.subarray(0, TAG_BYTES), sha256(entry));
      }
      progress(index + entries);
    }
    linker.end();
    writer.flush();
    target.commit();
    return builder.root();
  } finally {
    target.abandon();
    closeSync(source);
  }
}

/** @throws Fault TABLE_TRUNCATED, TABLE_OVERSIZED */
export function requireLength(actual: number, shape: TableShape): void {
  const expected = tableBytes(shape);
  if (actual < expected) throw new Fault("TABLE_TRUNCATED", { actual, expected });
  if (actual > expected) throw new Fault("TABLE_OVERSIZED", { expected });
}

/** Fills `target` from `position` on. @throws Fault TABLE_TRUNCATED if the file ends before. */
export function readEntries(descriptor: number, target: Uint8Array, position: number, shape: TableShape): void {
  const read = readFully(descriptor, target, position);
  if (read === target.length) return;
  throw new Fault("TABLE_TRUNCATED", { actual: position + read, expected: tableBytes(shape) });
}
