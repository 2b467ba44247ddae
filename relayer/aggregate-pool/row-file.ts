/**
 * Tables whose rows lie in a file, one after another, and are never in memory together. Synchronous: it runs on the thread
 * of a step.
 */
import { createHash } from "node:crypto";

import type { RowKeeper, Rows } from "../../protocol/aggregate/rows.ts";
import { bytesEqual } from "../../protocol/encoding/bytes.ts";
import type { Fault } from "../../protocol/errors/fault.ts";
import { readFully, writeFully } from "../store/atomic-file.ts";

/** Read and written at a time: a merge has so much of every contribution in memory. */
const BUFFER_BYTES = 1 << 16;

/** Where in an open file. */
export interface RowRegion {
  readonly descriptor: number;
  /** Byte offset of the first row. */
  readonly start: number;
  /** Bytes of a row. */
  readonly size: number;
}

/**
 * The file may be changed by somebody else while a step uses it: a pass that is not of the bytes of the first whole one
 * throws `changed` at its end.
 */
export function rowsInFile({ descriptor, start, size }: RowRegion, length: number, changed: () => Fault): Rows {
  let known: Uint8Array | undefined;
  const perRead = rowsOfBuffer(size);

  function* pass(): Generator<Uint8Array> {
    const hash = createHash("sha256");
    const buffer = new Uint8Array(Math.min(perRead, length) * size);
    for (let row = 0; row < length; row += perRead) {
      const bytes = buffer.subarray(0, Math.min(perRead, length - row) * size);
      if (readFully(descriptor, bytes, start + row * size) < bytes.length) throw changed();
      hash.update(bytes);
      for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
    }
    const digest = new Uint8Array(hash.digest());
    if (known && !bytesEqual(known, digest)) throw changed();
    known = digest;
  }

  return { length, [Symbol.iterator]: pass };
}

/** Writes rows from `start` on. */
export function keepInFile(region: RowRegion, changed: () => Fault): RowKeeper<Rows> {
  const { descriptor, start, size } = region;
  const buffer = new Uint8Array(rowsOfBuffer(size) * size);
  let [length, waiting] = [0, 0];

  function flush(): void {
    writeFully(descriptor, buffer.subarray(0, waiting), start + length * size - waiting);
    waiting = 0;
  }

  return {
    add(row) {
      if (row.length !== size) throw new RangeError("a row of another size");
      buffer.set(row, waiting);
      waiting += size;
      length += 1;
      if (waiting === buffer.length) flush();
    },
    kept() {
      flush();
      return rowsInFile(region, length, changed);
    },
  };
}

function rowsOfBuffer(size: number): number {
  return Math.max(1, Math.floor(BUFFER_BYTES / size));
}
