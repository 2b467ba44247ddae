/**
 * Beside a published table, what a contribution to the consortium table says of its subjects: a contribution is bound to
 * the commitment, so it summarises what was published, not what the records have become since. Sealed, and removed with
 * the table.
 */
import { join } from "node:path";

import { utf8 } from "../../../protocol/encoding/bytes.ts";
import type { SubjectSummary } from "../../../protocol/aggregate/schema.ts";
import { decodeRecords } from "../../../protocol/sealed-table/record.ts";
import type { ColumnCipher } from "../../store/column-cipher.ts";
import { readSealedFrames, writeSealedFrames } from "../../store/sealed-frames.ts";
import { summarise } from "../records/summary.ts";
import { publishedDirectory } from "../tables/table-files.ts";
import type { SubjectContent } from "../tables/table-tasks.ts";

const FRAME_SUBJECTS = 512;

/** The subject's canonical id, and what is said of it. */
export type SummarisedSubject = readonly [subject: string, summary: SubjectSummary];

export interface SummariesWriter {
  add(content: SubjectContent): void;
  commit(): void;
  abandon(): void;
}

/** `name` is the id of the table's row: a file without one is an orphan, like a table. */
export function summariesFile(dataDir: string, name: string): string {
  return join(publishedDirectory(dataDir), `${name}.summaries`);
}

export function createSummariesWriter(dataDir: string, name: string, cipher: ColumnCipher): SummariesWriter {
  const frames = writeSealedFrames(summariesFile(dataDir, name), cipher, contextOf(name));
  let waiting: SummarisedSubject[] = [];
  const flush = (): void => {
    if (waiting.length > 0) frames.add(utf8(JSON.stringify(waiting)));
    waiting = [];
  };
  return {
    add({ input, content }) {
      const summary = summarise(decodeRecords(content));
      if (summary) waiting.push([Buffer.from(input).toString("utf8"), summary]);
      if (waiting.length === FRAME_SUBJECTS) flush();
    },
    commit() {
      flush();
      frames.commit();
    },
    abandon: frames.abandon,
  };
}

/** @throws Fault COLUMN_NOT_AUTHENTIC */
export function* readSummaries(dataDir: string, name: string, cipher: ColumnCipher): Generator<SummarisedSubject> {
  for (const frame of readSealedFrames(summariesFile(dataDir, name), cipher, contextOf(name))) {
    yield* JSON.parse(Buffer.from(frame).toString("utf8")) as SummarisedSubject[];
  }
}

function contextOf(name: string): string {
  return `published_tables.summaries.${name}`;
}
