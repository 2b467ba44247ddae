/**
 * What may enter a sealed table, subject by subject: records of the dataset's categories that are neither withdrawn nor
 * expired and, outside category A, stand under an authorisation to share for every purpose that the table serves.
 * What may not is counted by code, with the firm's own record ids, for its data officer.
 */
import { createHmac } from "node:crypto";

import { sql, type ControlledTransaction, type Kysely } from "kysely";

import { toHex, utf8, type Hex } from "../../../protocol/encoding/bytes.ts";
import { saltedDigest, sm3 } from "../../../protocol/encoding/digest.ts";
import type { FaultCode } from "../../../protocol/errors/catalogue.ts";
import { purposeCodes } from "../../../protocol/oblivious-lookup/purpose.ts";
import type { RiskRecord } from "../../../protocol/sealed-table/record.ts";
import type { SubjectId } from "../../../protocol/subject/subject.ts";
import type { ColumnCipher } from "../../store/column-cipher.ts";
import type { Database } from "../../store/schema.ts";
import { decideAuthorisation } from "../authorisations/decide.ts";
import { openSecrets, rowTerms, type AuthorisationRow } from "../authorisations/row.ts";
import { addMonths, dayOf } from "./calendar-date.ts";
import { openNote } from "./note.ts";
import { openSubject } from "./subject-store.ts";

/** Categories whose records are public and need no authorisation. */
const PUBLIC_CATEGORY = "A";

const PAGE_SUBJECTS = 500;
const LISTED_PER_CODE = 1_000;

export interface PublicationDemand {
  readonly asOf: Date;
  /** Categories of the dataset: ["A"] or ["B", "C"]. */
  readonly categories: readonly string[];
  readonly existingCustomersIncluded: boolean;
  /** Governed term: months after its cure for which a record is shared. */
  readonly expiryMonths: number;
}

export interface PublishableSubject {
  readonly subject: SubjectId;
  readonly records: readonly RiskRecord[];
}

export interface RefusedRecords {
  readonly code: FaultCode;
  readonly count: number;
  /** The firm's own ids, the first 1,000. */
  readonly recordIds: readonly string[];
}

export interface PublicationReport {
  /** Day in China as of which it was decided. */
  readonly asOf: string;
  readonly subjects: number;
  readonly records: number;
  readonly byClass: Readonly<Record<string, number>>;
  readonly refused: readonly RefusedRecords[];
}

export interface Publishable extends AsyncIterable<PublishableSubject> {
  /** What has been collected and refused so far; complete when the iteration has ended. */
  report(): PublicationReport;
}

/**
 * Iterates once, in the stable order of the subjects' blind indexes, over one snapshot of the store, a page of subjects
 * in memory at a time. The snapshot's transaction ends with the iteration, also when the consumer breaks off.
 */
export function collectPublishable(
  { db, cipher }: { readonly db: Kysely<Database>; readonly cipher: ColumnCipher },
  demand: PublicationDemand,
): Publishable {
  const tally = createTally(dayOf(demand.asOf));
  return {
    async *[Symbol.asyncIterator]() {
      const snapshot = await db
        .startTransaction()
        .setIsolationLevel("repeatable read")
        .setAccessMode("read only")
        .execute();
      try {
        for (let after: Buffer = Buffer.alloc(0); ;) {
          const page = await readPage(snapshot, demand.categories, after);
          const last = page.subjects.at(-1);
          if (last === undefined) return;
          after = last.subject_index;
          for (const row of page.subjects) {
            const records = allowed(cipher, page, row.subject_index.toString("hex"), demand, tally);
            if (records.length > 0) yield { subject: openSubject(cipher, row), records };
          }
        }
      } finally {
        await snapshot.rollback().execute();
      }
    },
    report: tally.report,
  };
}

interface RecordRow {
  readonly id: string;
  readonly record_id: string;
  readonly subject_index: Buffer;
  readonly category: string;
  readonly class: string;
  readonly status: RiskRecord["status"];
  readonly status_date: string;
  readonly event_date: string;
  readonly amount_fen: string | null;
  readonly note: Buffer | null;
}

interface Page {
  readonly subjects: readonly { readonly subject_index: Buffer; readonly identity: Buffer }[];
  readonly records: ReadonlyMap<string, readonly RecordRow[]>;
  readonly authorisations: ReadonlyMap<string, readonly AuthorisationRow[]>;
}

async function readPage(
  db: ControlledTransaction<Database>,
  categories: readonly string[],
  after: Buffer,
): Promise<Page> {
  const subjects = await db
    .selectFrom("subjects")
    .select(["subject_index", "identity"])
    .where("subject_index", ">", after)
    .where(({ exists, selectFrom }) =>
      exists(
        selectFrom("records")
          .innerJoin("record_classes", "record_classes.code", "records.class")
          .select(sql`1`.as("one"))
          .whereRef("records.subject_index", "=", "subjects.subject_index")
          .where("category", "in", categories),
      ),
    )
    .orderBy("subject_index")
    .limit(PAGE_SUBJECTS)
    .execute();
  const last = subjects.at(-1)?.subject_index;
  if (last === undefined) return { subjects, records: new Map(), authorisations: new Map() };
  const records = await db
    .selectFrom("records")
    .innerJoin("record_classes", "record_classes.code", "records.class")
    .select([
      "id",
      "record_id",
      "subject_index",
      "category",
      "class",
      "status",
      "status_date",
      "event_date",
      "amount_fen",
      "note",
    ])
    .where("subject_index", ">", after)
    .where("subject_index", "<=", last)
    .where("category", "in", categories)
    .orderBy("event_date")
    .orderBy("id")
    .execute();
  const authorisations = await db
    .selectFrom("authorisations")
    .selectAll()
    .where("subject_index", ">", after)
    .where("subject_index", "<=", last)
    .orderBy("signed_on", "desc")
    .orderBy("id")
    .execute();
  return { subjects, records: bySubject(records), authorisations: bySubject(authorisations) };
}

function bySubject<T extends { readonly subject_index: Buffer }>(rows: readonly T[]): Map<string, T[]> {
  return Map.groupBy(rows, (row) => row.subject_index.toString("hex"));
}

function allowed(
  cipher: ColumnCipher,
  page: Page,
  subject: string,
  demand: PublicationDemand,
  tally: Tally,
): RiskRecord[] {
  const terms = (page.authorisations.get(subject) ?? []).map((row) => ({ ...rowTerms(row), row }));
  const decision = decideAuthorisation(terms, {
    scope: "share",
    purposes: purposeCodes,
    day: dayOf(demand.asOf),
    existingCustomersIncluded: demand.existingCustomersIncluded,
  });
  let secret: Uint8Array | undefined;
  const records: RiskRecord[] = [];
  for (const row of page.records.get(subject) ?? []) {
    const ended = endedCode(row, demand);
    if (ended !== undefined) tally.refuse(ended, row.record_id);
    else if (row.category === PUBLIC_CATEGORY) records.push(riskRecord(cipher, row, null));
    else if ("refusal" in decision) tally.refuse(decision.refusal, row.record_id);
    else {
      const { row: authorisation } = decision.authorisation;
      secret ??= openSecrets(cipher, authorisation).consentSecret;
      records.push(riskRecord(cipher, row, authorisationReference(secret, authorisation.document_digest, row.id)));
    }
  }
  if (records.length > 0) tally.accept(records);
  return records;
}

function endedCode(row: RecordRow, demand: PublicationDemand): FaultCode | undefined {
  if (row.status === "withdrawn") return "RECORD_WITHDRAWN";
  if (row.status === "expired") return "RECORD_EXPIRED";
  const over = row.status === "cured" && addMonths(row.status_date, demand.expiryMonths) <= dayOf(demand.asOf);
  return over ? "RECORD_EXPIRED" : undefined;
}

function riskRecord(cipher: ColumnCipher, row: RecordRow, authorisation: Hex | null): RiskRecord {
  return {
    id: row.id,
    class: row.class,
    status: row.status,
    statusDate: row.status_date,
    eventDate: row.event_date,
    ...(row.amount_fen === null ? {} : { amountFen: Number(row.amount_fen) }),
    authorisation,
    ...(row.note === null ? {} : { note: openNote(cipher, row.id, row.note) }),
  };
}

/**
 * H("riskveil/authorisation", salt, [salted document digest]) with SM3, its salt a PRF of the consent secret and the
 * record: the same at every re-seal, not linkable between records, opened to an auditor by showing that one salt.
 */
export function authorisationReference(consentSecret: Uint8Array, documentDigest: Uint8Array, recordId: string): Hex {
  const salt = createHmac("sm3", consentSecret)
    .update(utf8(`riskveil/authorisation-reference|${recordId}`))
    .digest();
  return toHex(saltedDigest("riskveil/authorisation", salt, [documentDigest], sm3));
}

interface Tally {
  accept(records: readonly RiskRecord[]): void;
  refuse(code: FaultCode, recordId: string): void;
  report(): PublicationReport;
}

function createTally(asOf: string): Tally {
  let subjects = 0;
  const byClass = new Map<string, number>();
  const refused = new Map<FaultCode, { count: number; recordIds: string[] }>();
  return {
    accept(records) {
      subjects += 1;
      for (const record of records) byClass.set(record.class, (byClass.get(record.class) ?? 0) + 1);
    },
    refuse(code, recordId) {
      const entry = refused.get(code) ?? { count: 0, recordIds: [] };
      entry.count += 1;
      if (entry.recordIds.length < LISTED_PER_CODE) entry.recordIds.push(recordId);
      refused.set(code, entry);
    },
    report: () => ({
      asOf,
      subjects,
      records: [...byClass.values()].reduce((sum, count) => sum + count, 0),
      byClass: Object.fromEntries([...byClass].sort()),
      refused: [...refused]
        .sort()
        .map(([code, entry]) => ({ code, count: entry.count, recordIds: [...entry.recordIds] })),
    }),
  };
}
