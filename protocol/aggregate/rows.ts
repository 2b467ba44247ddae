/**
 * Tables of any size. A step goes through the rows of a table one by one, more than once, and gives the rows that it makes
 * to somebody who keeps them. An array is such a table; tables in files are made by whoever has files.
 */
import { compareTags } from "../sealed-table/linked-leaves.ts";
import { TAG_BYTES } from "../sealed-table/table-id.ts";

/**
 * Every pass gives the same bytes or throws at its end, so that what one pass has checked, another may use. A row is good
 * until the next one is asked for.
 */
export interface Rows extends Iterable<Uint8Array> {
  readonly length: number;
}

/** Keeps the rows of a table that is being made, in the order in which they come. */
export interface RowKeeper<R extends Rows> {
  /** The bytes stay the caller's, who may change them afterwards. */
  add(row: Uint8Array): void;
  /** All of them, once. */
  kept(): R;
}

/** Keeps rows that come in any order. */
export interface RowSorter<R extends Rows> {
  add(row: Uint8Array): void;
  /** All of them, once. */
  sorted(): SortedRows<R>;
}

export interface SortedRows<R extends Rows> {
  /** In order of their tags. */
  readonly rows: R;
  /** Where the row is that came as number `index`. */
  placeOf(index: number): number;
}

export function keepInMemory(): RowKeeper<readonly Uint8Array[]> {
  const rows: Uint8Array[] = [];
  return {
    add: (row) => void rows.push(row.slice()),
    kept: () => rows,
  };
}

export function sortInMemory(): RowSorter<readonly Uint8Array[]> {
  const rows: Uint8Array[] = [];
  return {
    add: (row) => void rows.push(row.slice()),
    sorted() {
      const order = [...rows.keys()].sort((a, b) => compareRows(rows[a], rows[b]));
      const places = new Map(order.map((index, place) => [index, place]));
      return { rows: order.flatMap((index) => rows[index] ?? []), placeOf: (index) => places.get(index) ?? -1 };
    },
  };
}

/** By their tags. A row that is not there is behind all others. */
export function compareRows(a: Uint8Array | undefined, b: Uint8Array | undefined): number {
  if (!a || !b) return Number(!a) - Number(!b);
  return compareTags(a.subarray(0, TAG_BYTES), b.subarray(0, TAG_BYTES));
}

/** Undefined at the end. */
export function nextOf<T>(ahead: Iterator<T, unknown>): T | undefined {
  const { done, value } = ahead.next();
  return done ? undefined : value;
}
