/** Publishable records out of a list that a test changes, in place of those in the store. */
import type { Publishable, PublishableSubject } from "../../relayer/services/records/publishable.ts";
import type { SubjectId } from "../../protocol/subject/subject.ts";
import { sampleRecord } from "../protocol/sealed-table/sample.ts";

export function sampleSubjects(from: number, to: number, note = "noted"): PublishableSubject[] {
  return Array.from({ length: to - from }, (_, i) => ({
    subject: `cn-passport:E${String(10_000_000 + from + i)}` as SubjectId,
    records: [{ ...sampleRecord, id: `r-${String(from + i)}`, note }],
  }));
}

export function publishableOf(subjects: readonly PublishableSubject[]): Publishable {
  return {
    async *[Symbol.asyncIterator]() {
      await Promise.resolve();
      yield* subjects;
    },
    report: () => ({
      asOf: "2026-06-01",
      subjects: subjects.length,
      records: subjects.length,
      byClass: { B2: subjects.length },
      refused: [],
    }),
  };
}
