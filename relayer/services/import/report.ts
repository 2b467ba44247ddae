/**
 * What became of an import: counts, and for each refused line its line, column, value class and reason. Identity numbers,
 * names and cells are never part of it; the firm's own record ids are not either, the line says which it is.
 */
import type { FaultCode } from "../../../protocol/errors/catalogue.ts";
import type { FaultValues } from "../../../protocol/errors/fault.ts";
import type { CellFault } from "./line-reader.ts";

/** Refused cells that are listed one by one; beyond them only the counts by code go on. */
export const LISTED_FAULTS = 1_000;

export interface LineFault extends CellFault {
  readonly line: number;
}

export interface ImportCounts {
  /** Lines of data in the file. */
  readonly lines: number;
  /** New rows. */
  readonly added: number;
  /** Rows whose content changed: a new revision, the former kept. */
  readonly corrected: number;
  readonly unchanged: number;
  /** Lines about rows that staff had withdrawn: they stay withdrawn. */
  readonly leftWithdrawn: number;
  /** Lines that were not in order. */
  readonly refused: number;
}

export interface ImportReport {
  /** This very file was imported before: nothing was changed. */
  readonly duplicate: boolean;
  readonly duplicateOf: string | null;
  /** False if nothing of the file is in force: bad lines, or a bad file. */
  readonly applied: boolean;
  readonly encoding: string | null;
  readonly delimiter: string | null;
  readonly counts: ImportCounts;
  /** Columns that name or reach a person: dropped before anything was stored. */
  readonly droppedColumns: readonly string[];
  readonly ignoredColumns: readonly string[];
  readonly reasons: Readonly<Record<string, number>>;
  readonly faults: readonly LineFault[];
  /** True if there are more than are listed. */
  readonly truncated: boolean;
  /** Why the file as a whole was refused. */
  readonly fileFault: { readonly code: FaultCode; readonly values: FaultValues } | null;
}

export const NO_COUNTS: ImportCounts = { lines: 0, added: 0, corrected: 0, unchanged: 0, leftWithdrawn: 0, refused: 0 };

export const EMPTY_REPORT: ImportReport = {
  duplicate: false,
  duplicateOf: null,
  applied: false,
  encoding: null,
  delimiter: null,
  counts: NO_COUNTS,
  droppedColumns: [],
  ignoredColumns: [],
  reasons: {},
  faults: [],
  truncated: false,
  fileFault: null,
};

export interface FaultTally {
  /** Lines refused so far. */
  readonly lines: number;
  add(line: number, faults: readonly CellFault[]): void;
  result(): Pick<ImportReport, "reasons" | "faults" | "truncated">;
}

export function createFaultTally(): FaultTally {
  const reasons = new Map<string, number>();
  const listed: LineFault[] = [];
  let lines = 0;
  let total = 0;
  return {
    get lines() {
      return lines;
    },
    add(line, faults) {
      lines += 1;
      for (const fault of faults) {
        total += 1;
        reasons.set(fault.code, (reasons.get(fault.code) ?? 0) + 1);
        if (listed.length < LISTED_FAULTS) listed.push({ line, ...fault });
      }
    },
    result: () => ({
      reasons: Object.fromEntries([...reasons].sort()),
      faults: listed,
      truncated: total > listed.length,
    }),
  };
}
