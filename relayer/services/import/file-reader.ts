/** The two kinds of files as the runner sees them: how a line is read, and how a batch of lines is applied. */
import type { Kysely, Transaction } from "kysely";

import type { RandomBytes } from "../../../protocol/encoding/bytes.ts";
import type { ColumnCipher } from "../../store/column-cipher.ts";
import type { Database } from "../../store/schema.ts";
import { applyAuthorisationLines } from "../authorisations/authorisation-store.ts";
import { dayOf } from "../records/calendar-date.ts";
import { loadClassCatalogue } from "../records/class-catalogue.ts";
import { applyRecordLines } from "../records/record-store.ts";
import type { AppliedCounts, LineSource } from "./applied.ts";
import { authorisationColumns, readAuthorisationLine, type AuthorisationLine } from "./authorisation-line.ts";
import { readHeader, type Layout } from "./column.ts";
import { createLineReader, type CellFault } from "./line-reader.ts";
import { readRecordLine, recordColumns, type RecordLine } from "./record-line.ts";

export interface FileReader<L> {
  readonly layout: Layout<string>;
  /** Column of the lines' own numbers. */
  readonly identifierColumn: string;
  identifierOf(line: L): string;
  read(cells: readonly string[]): { readonly line: L | undefined; readonly faults: readonly CellFault[] };
  /** `lines` have distinct identifiers. */
  apply(trx: Transaction<Database>, lines: readonly L[], source: LineSource): Promise<AppliedCounts>;
}

export interface ReaderContext {
  readonly db: Kysely<Database>;
  readonly cipher: ColumnCipher;
  readonly random: RandomBytes;
  readonly now: Date;
  /** Categories of records that this member publishes. */
  readonly categories: readonly string[];
}

/** @throws Fault IMPORT_HEADER_MISSING, IMPORT_HEADER_REPEATED */
export async function recordsReader(
  context: ReaderContext,
  header: readonly string[],
): Promise<FileReader<RecordLine>> {
  const layout = readHeader(header, recordColumns);
  const terms = {
    now: context.now,
    today: dayOf(context.now),
    classes: await loadClassCatalogue(context.db, context.categories),
  };
  return {
    layout,
    identifierColumn: "record_id",
    identifierOf: (line) => line.recordId,
    read(cells) {
      const reader = createLineReader(layout, cells);
      return { line: readRecordLine(reader, terms), faults: reader.faults };
    },
    apply: (trx, lines, source) => applyRecordLines(trx, context, lines, source),
  };
}

/** @throws Fault IMPORT_HEADER_MISSING, IMPORT_HEADER_REPEATED */
export function authorisationsReader(context: ReaderContext, header: readonly string[]): FileReader<AuthorisationLine> {
  const layout = readHeader(header, authorisationColumns);
  return {
    layout,
    identifierColumn: "authorisation_id",
    identifierOf: (line) => line.number,
    read(cells) {
      const reader = createLineReader(layout, cells);
      return { line: readAuthorisationLine(reader, context), faults: reader.faults };
    },
    apply: (trx, lines, source) => applyAuthorisationLines(trx, context, lines, source),
  };
}
