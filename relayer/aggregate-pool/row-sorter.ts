/**
 * Sorts rows by their tags on disk, as sealing a table does. They wait in a file in the order in which they came; in memory
 * are 24 bytes for each while the tags are ordered, and then 4: its place. Synchronous.
 */
import { closeSync, openSync, rmSync } from "node:fs";

import type { RowSorter, Rows } from "../../protocol/aggregate/rows.ts";
import type { Fault } from "../../protocol/errors/fault.ts";
import { orderOfSpills, writeInOrder } from "../services/tables/assemble-table.ts";
import { keepInFile, rowsInFile, type RowRegion } from "./row-file.ts";

export interface FileSorter extends RowSorter<Rows> {
  /** Removes what waits. */
  close(): void;
}

/** The sorted rows are written to `target`; what an earlier crash left at `spillPath` is overwritten. */
export function sortInFile(target: RowRegion, spillPath: string, changed: () => Fault): FileSorter {
  const { size } = target;
  const spill = openSync(spillPath, "w+", 0o600);
  const waiting = keepInFile({ descriptor: spill, start: 0, size }, changed);
  return {
    add: waiting.add,
    sorted() {
      const { length } = waiting.kept();
      const spills = [{ path: spillPath, entries: length }];
      const shape = { entryCount: length, entrySize: size };
      const order = orderOfSpills(spills, shape);
      writeInOrder(spills, order, target, shape);
      const places = new Uint32Array(length);
      for (const [place, index] of order.entries()) places[index] = place;
      return { rows: rowsInFile(target, length, changed), placeOf: (index) => places[index] ?? length };
    },
    close() {
      closeSync(spill);
      rmSync(spillPath, { force: true });
    },
  };
}
