/** Puts lines of risk records into the store: new, corrected with the former revision kept, or unchanged. */
import { sql, type RawBuilder, type Transaction } from "kysely";

import type { RandomBytes } from "../../../protocol/encoding/bytes.ts";
import type { SubjectId } from "../../../protocol/subject/subject.ts";
import type { ColumnCipher } from "../../store/column-cipher.ts";
import type { Database } from "../../store/schema.ts";
import type { RecordLine } from "../import/record-line.ts";
import type { AppliedCounts, LineSource } from "../import/applied.ts";
import { sealNote } from "./note.ts";
import { newRowId } from "./row-id.ts";
import { storeSubjects, subjectIndex } from "./subject-store.ts";

interface PlacedLine {
  readonly id: string;
  readonly line: RecordLine;
  readonly index: Buffer;
  readonly digest: Buffer;
}

/** `lines` have distinct record ids. Batches of about a thousand are quickest. */
export async function applyRecordLines(
  trx: Transaction<Database>,
  { cipher, random }: { readonly cipher: ColumnCipher; readonly random: RandomBytes },
  lines: readonly RecordLine[],
  source: LineSource,
): Promise<AppliedCounts> {
  const known = await trx
    .selectFrom("records")
    .select(["id", "record_id", "content_digest", "withdrawn_at"])
    .where(sql<boolean>`record_id = any(${lines.map((line) => line.recordId)}::text[])`)
    .forUpdate()
    .execute();
  const existing = new Map(known.map((row) => [row.record_id, row]));
  const added: PlacedLine[] = [];
  const corrected: PlacedLine[] = [];
  let leftWithdrawn = 0;
  for (const line of lines) {
    const row = existing.get(line.recordId);
    const digest = contentDigest(cipher, line);
    if (row === undefined) added.push(placed(cipher, newRowId(random), line, digest));
    else if (row.withdrawn_at !== null) leftWithdrawn += 1;
    else if (!digest.equals(row.content_digest)) corrected.push(placed(cipher, row.id, line, digest));
  }
  await storeSubjects(trx, cipher, subjectsOf([...added, ...corrected]), source.at);
  if (added.length > 0) await insert(trx, asRows(cipher, added), source);
  if (corrected.length > 0)
    await correct(
      trx,
      corrected.map(({ id }) => id),
      asRows(cipher, corrected),
      source,
    );
  return {
    added: added.length,
    corrected: corrected.length,
    leftWithdrawn,
    unchanged: lines.length - added.length - corrected.length - leftWithdrawn,
  };
}

function placed(cipher: ColumnCipher, id: string, line: RecordLine, digest: Buffer): PlacedLine {
  return { id, line, digest, index: subjectIndex(cipher, line.subject) };
}

function subjectsOf(lines: readonly PlacedLine[]): Map<string, SubjectId> {
  return new Map(lines.map(({ index, line }) => [index.toString("hex"), line.subject]));
}

function contentDigest(cipher: ColumnCipher, line: RecordLine): Buffer {
  const { subject, class: recordClass, status, statusDate, eventDate, amountFen, note } = line;
  const content = JSON.stringify([subject, recordClass, status, statusDate, eventDate, amountFen, note]);
  return Buffer.from(cipher.index(content, "records.content_digest"));
}

/** One array a column: far quicker than a parameter a cell. */
function asRows(cipher: ColumnCipher, lines: readonly PlacedLine[]): RawBuilder<unknown> {
  const notes = lines.map(({ id, line }) => (line.note === null ? null : sealNote(cipher, id, line.note)));
  return sql`unnest(
    ${lines.map(({ id }) => id)}::uuid[],
    ${lines.map(({ line }) => line.recordId)}::text[],
    ${lines.map(({ index }) => index)}::bytea[],
    ${lines.map(({ line }) => line.class)}::text[],
    ${lines.map(({ line }) => line.status)}::text[],
    ${lines.map(({ line }) => line.statusDate)}::text[],
    ${lines.map(({ line }) => line.eventDate)}::text[],
    ${lines.map(({ line }) => line.amountFen)}::bigint[],
    ${notes}::bytea[],
    ${lines.map(({ digest }) => digest)}::bytea[]
  ) as line (id, record_id, subject_index, class, status, status_date, event_date, amount_fen, note, content_digest)`;
}

async function insert(trx: Transaction<Database>, rows: RawBuilder<unknown>, source: LineSource): Promise<void> {
  await sql`
    insert into records (id, record_id, subject_index, class, status, status_date, event_date, amount_fen, note,
      content_digest, import_id, created_at, updated_at)
    select line.*, ${source.importId}::uuid, ${source.at}::timestamptz, ${source.at}::timestamptz from ${rows}`.execute(
    trx,
  );
}

async function correct(
  trx: Transaction<Database>,
  ids: readonly string[],
  rows: RawBuilder<unknown>,
  source: LineSource,
): Promise<void> {
  await keepRevisions(trx, ids, source.importId, source.at);
  await sql`
    update records set subject_index = line.subject_index, class = line.class, status = line.status,
      status_date = line.status_date, event_date = line.event_date, amount_fen = line.amount_fen, note = line.note,
      content_digest = line.content_digest, revision = revision + 1, import_id = ${source.importId}::uuid,
      updated_at = ${source.at}
    from ${rows} where records.id = line.id`.execute(trx);
}

/** Copies the rows as they are to the history; whoever changes them next adds one to their revision. */
export async function keepRevisions(
  trx: Transaction<Database>,
  ids: readonly string[],
  by: string,
  at: Date,
): Promise<void> {
  await sql`
    insert into record_revisions (id, revision, content, replaced_by, replaced_at)
    select id, revision, to_jsonb(records), ${by}, ${at} from records where id = any(${ids}::uuid[])`.execute(trx);
}
