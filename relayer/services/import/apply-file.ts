/** One pass over a file: every line is judged; those in order are applied in batches, within the caller's transaction. */
import type { Transaction } from "kysely";

import { Fault } from "../../../protocol/errors/fault.ts";
import type { Database } from "../../store/schema.ts";
import { addCounts, NOTHING_APPLIED, type LineSource } from "./applied.ts";
import { valueClass } from "./cell.ts";
import type { CsvFile, CsvLine } from "./csv.ts";
import type { FileReader } from "./file-reader.ts";
import { createFaultTally, EMPTY_REPORT, type ImportReport } from "./report.ts";

const BATCH_LINES = 1_000;

export interface FileOptions {
  readonly encoding: string;
  readonly skipBadLines: boolean;
  readonly source: LineSource;
}

/**
 * With bad lines and no leave to skip them, the report says `applied: false` and the caller must roll back: nothing more
 * is written after the first bad line, but the rest is judged, so that the report is complete.
 * @throws Fault IMPORT_EMPTY and those of the CSV and its header
 */
export async function applyFile<L>(
  trx: Transaction<Database>,
  file: CsvFile,
  open: (header: readonly string[]) => Promise<FileReader<L>>,
  options: FileOptions,
): Promise<ImportReport> {
  const tally = createFaultTally();
  const seen = new Set<string>();
  let reader: FileReader<L> | undefined;
  let applied = NOTHING_APPLIED;
  let batch: L[] = [];
  let lines = 0;

  const refusedWhole = () => tally.lines > 0 && !options.skipBadLines;
  async function flush(): Promise<void> {
    if (reader !== undefined && batch.length > 0 && !refusedWhole()) {
      applied = addCounts(applied, await reader.apply(trx, batch, options.source));
    }
    batch = [];
  }

  for await (const line of file.lines) {
    if (reader === undefined) {
      reader = await open(line.cells);
      continue;
    }
    lines += 1;
    const read = judge(reader, line, seen);
    if (read.line === undefined) tally.add(line.number, read.faults);
    else batch.push(read.line);
    if (batch.length >= BATCH_LINES) await flush();
  }
  if (reader === undefined || lines === 0) throw new Fault("IMPORT_EMPTY");
  await flush();
  const whole = refusedWhole();
  return {
    ...EMPTY_REPORT,
    applied: !whole,
    encoding: options.encoding,
    delimiter: file.delimiter,
    counts: { lines, ...(whole ? NOTHING_APPLIED : applied), refused: tally.lines },
    droppedColumns: reader.layout.dropped,
    ignoredColumns: reader.layout.ignored,
    ...tally.result(),
  };
}

function judge<L>(reader: FileReader<L>, { cells }: CsvLine, seen: Set<string>): ReturnType<FileReader<L>["read"]> {
  const read = reader.read(cells);
  if (read.line === undefined) return read;
  const identifier = reader.identifierOf(read.line);
  if (!seen.has(identifier)) {
    seen.add(identifier);
    return read;
  }
  const fault = {
    column: reader.identifierColumn,
    code: "IDENTIFIER_REPEATED",
    valueClass: valueClass(identifier),
  } as const;
  return { line: undefined, faults: [fault] };
}
