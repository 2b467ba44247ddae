/** Reads the cells of one line by column and collects what is wrong with them, all of it, for the report. */
import type { FaultCode } from "../../../protocol/errors/catalogue.ts";
import { cellText, valueClass, type Reading } from "./cell.ts";
import type { Layout } from "./column.ts";

/** What is wrong with one cell. The cell itself is not part of it. */
export interface CellFault {
  /** Key of the column; "" if it is the line as a whole. */
  readonly column: string;
  readonly code: FaultCode;
  readonly valueClass: string;
}

export interface LineReader<K extends string> {
  readonly layout: Layout<K>;
  readonly faults: readonly CellFault[];
  /** The cell's text; "" if it is empty or the file has no such column. */
  text(column: K): string;
  /** Undefined after noting CELL_EMPTY or why the cell was refused. */
  required<T>(column: K, read: (text: string) => Reading<T>): T | undefined;
  /** Null if the cell is empty; undefined after noting why it was refused. */
  optional<T>(column: K, read: (text: string) => Reading<T>): T | null | undefined;
  refuse(column: K, code: FaultCode, why?: string): void;
}

export function createLineReader<K extends string>(layout: Layout<K>, cells: readonly string[]): LineReader<K> {
  const faults: CellFault[] = [];
  if (cells.length !== layout.width) {
    faults.push({ column: "", code: "COLUMN_COUNT", valueClass: `${String(cells.length)} columns` });
  }

  function text(column: K): string {
    const position = layout.positions.get(column);
    return position === undefined ? "" : cellText(cells[position] ?? "");
  }

  function refuse(column: K, code: FaultCode, why?: string): void {
    faults.push({ column, code, valueClass: valueClass(text(column), why) });
  }

  function optional<T>(column: K, read: (text: string) => Reading<T>): T | null | undefined {
    const cell = text(column);
    if (cell === "") return null;
    const reading = read(cell);
    if ("value" in reading) return reading.value;
    refuse(column, reading.code, reading.why);
    return undefined;
  }

  function required<T>(column: K, read: (text: string) => Reading<T>): T | undefined {
    const value = optional(column, read);
    if (value !== null) return value;
    refuse(column, "CELL_EMPTY");
    return undefined;
  }

  return { layout, faults, text, required, optional, refuse };
}
