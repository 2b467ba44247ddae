/** Puts authorisations into the register: new, corrected with the former revision kept, or unchanged. */
import { sql, type RawBuilder, type Transaction } from "kysely";

import type { RandomBytes } from "../../../protocol/encoding/bytes.ts";
import { SALT_BYTES } from "../../../protocol/encoding/digest.ts";
import type { ColumnCipher } from "../../store/column-cipher.ts";
import type { Database } from "../../store/schema.ts";
import type { AppliedCounts, LineSource } from "../import/applied.ts";
import { newRowId } from "../records/row-id.ts";
import { storeSubjects, subjectIndex } from "../records/subject-store.ts";
import { documentDigest } from "./document-digest.ts";
import type { AuthorisationEntry } from "./entry.ts";
import { openSecrets, sealSecrets } from "./row.ts";

interface Sealing {
  readonly cipher: ColumnCipher;
  readonly random: RandomBytes;
}

interface PlacedEntry {
  readonly id: string;
  readonly entry: AuthorisationEntry;
  readonly index: Buffer;
  readonly contentDigest: Buffer;
  readonly documentDigest: Buffer;
  readonly secrets: Buffer;
}

/** `entries` have distinct numbers. */
export async function applyAuthorisationLines(
  trx: Transaction<Database>,
  sealing: Sealing,
  entries: readonly (AuthorisationEntry & { readonly number: string })[],
  source: LineSource,
): Promise<AppliedCounts> {
  const known = await trx
    .selectFrom("authorisations")
    .select(["id", "number", "content_digest", "withdrawn_at", "secrets"])
    .where(sql<boolean>`number = any(${entries.map((entry) => entry.number)}::text[])`)
    .forUpdate()
    .execute();
  const existing = new Map(known.map((row) => [row.number, row]));
  const added: PlacedEntry[] = [];
  const corrected: PlacedEntry[] = [];
  let leftWithdrawn = 0;
  for (const entry of entries) {
    const row = existing.get(entry.number);
    if (row === undefined) added.push(placeNew(sealing, entry));
    else if (row.withdrawn_at !== null) leftWithdrawn += 1;
    else if (!contentDigest(sealing.cipher, entry).equals(row.content_digest))
      corrected.push(placeAt(sealing.cipher, row, entry));
  }
  await store(trx, sealing.cipher, added, corrected, source);
  return {
    added: added.length,
    corrected: corrected.length,
    leftWithdrawn,
    unchanged: entries.length - added.length - corrected.length - leftWithdrawn,
  };
}

/** @returns the row's id. A number that is taken violates the table's unique constraint. */
export async function insertAuthorisation(
  trx: Transaction<Database>,
  sealing: Sealing,
  entry: AuthorisationEntry,
  at: Date,
): Promise<string> {
  const placed = placeNew(sealing, entry);
  await store(trx, sealing.cipher, [placed], [], { importId: null, at });
  return placed.id;
}

function placeNew({ cipher, random }: Sealing, entry: AuthorisationEntry): PlacedEntry {
  const id = newRowId(random);
  const secrets = { documentSalt: random(SALT_BYTES), consentSecret: random(SALT_BYTES) };
  return {
    id,
    entry,
    index: subjectIndex(cipher, entry.subject),
    contentDigest: contentDigest(cipher, entry),
    documentDigest: Buffer.from(documentDigest(secrets.documentSalt, entry.documentSm3)),
    secrets: sealSecrets(cipher, id, secrets),
  };
}

/** A correction keeps the authorisation's secrets: what was asked under it must stay provable. */
function placeAt(cipher: ColumnCipher, row: { id: string; secrets: Buffer }, entry: AuthorisationEntry): PlacedEntry {
  return {
    id: row.id,
    entry,
    index: subjectIndex(cipher, entry.subject),
    contentDigest: contentDigest(cipher, entry),
    documentDigest: Buffer.from(documentDigest(openSecrets(cipher, row).documentSalt, entry.documentSm3)),
    secrets: row.secrets,
  };
}

function contentDigest(cipher: ColumnCipher, entry: AuthorisationEntry): Buffer {
  const content = JSON.stringify([
    entry.subject,
    entry.instrument,
    Buffer.from(entry.documentSm3).toString("hex"),
    [...entry.scope].sort(),
    [...entry.purposes].sort(),
    entry.signedOn,
    entry.validUntil,
    entry.cohort,
    entry.noticeDate,
    entry.noticeMeans,
  ]);
  return Buffer.from(cipher.index(content, "authorisations.content_digest"));
}

async function store(
  trx: Transaction<Database>,
  cipher: ColumnCipher,
  added: readonly PlacedEntry[],
  corrected: readonly PlacedEntry[],
  source: { readonly importId: string | null; readonly at: Date },
): Promise<void> {
  const subjects = new Map([...added, ...corrected].map(({ index, entry }) => [index.toString("hex"), entry.subject]));
  await storeSubjects(trx, cipher, subjects, source.at);
  if (added.length > 0) {
    await sql`
      insert into authorisations (id, number, subject_index, instrument, document_digest, secrets, scope, purposes,
        signed_on, valid_until, cohort, notice_date, notice_means, content_digest, import_id, created_at, updated_at)
      select id, number, subject_index, instrument, document_digest, secrets, string_to_array(scope, ','),
        string_to_array(purposes, ','), signed_on, valid_until, cohort, notice_date, notice_means, content_digest,
        ${source.importId}::uuid, ${source.at}::timestamptz, ${source.at}::timestamptz
      from ${asRows(added)}`.execute(trx);
  }
  if (corrected.length > 0) {
    const by = source.importId ?? "";
    await keepAuthorisationRevisions(
      trx,
      corrected.map(({ id }) => id),
      by,
      source.at,
    );
    await sql`
      update authorisations set subject_index = line.subject_index, instrument = line.instrument,
        document_digest = line.document_digest, scope = string_to_array(line.scope, ','),
        purposes = string_to_array(line.purposes, ','), signed_on = line.signed_on, valid_until = line.valid_until,
        cohort = line.cohort, notice_date = line.notice_date, notice_means = line.notice_means,
        content_digest = line.content_digest, revision = revision + 1, import_id = ${source.importId}::uuid,
        updated_at = ${source.at}
      from ${asRows(corrected)} where authorisations.id = line.id`.execute(trx);
  }
}

/** One array a column; lists are joined, because unnest would flatten an array of arrays. */
function asRows(placed: readonly PlacedEntry[]): RawBuilder<unknown> {
  const column = <T>(read: (entry: AuthorisationEntry) => T): T[] => placed.map(({ entry }) => read(entry));
  return sql`unnest(
    ${placed.map(({ id }) => id)}::uuid[],
    ${column((entry) => entry.number)}::text[],
    ${placed.map(({ index }) => index)}::bytea[],
    ${column((entry) => entry.instrument)}::text[],
    ${placed.map((row) => row.documentDigest)}::bytea[],
    ${placed.map(({ secrets }) => secrets)}::bytea[],
    ${column((entry) => entry.scope.join(","))}::text[],
    ${column((entry) => entry.purposes.join(","))}::text[],
    ${column((entry) => entry.signedOn)}::text[],
    ${column((entry) => entry.validUntil)}::text[],
    ${column((entry) => entry.cohort)}::text[],
    ${column((entry) => entry.noticeDate)}::text[],
    ${column((entry) => entry.noticeMeans)}::text[],
    ${placed.map((row) => row.contentDigest)}::bytea[]
  ) as line (id, number, subject_index, instrument, document_digest, secrets, scope, purposes, signed_on, valid_until,
    cohort, notice_date, notice_means, content_digest)`;
}

/** Copies the rows as they are to the history; whoever changes them next adds one to their revision. */
export async function keepAuthorisationRevisions(
  trx: Transaction<Database>,
  ids: readonly string[],
  by: string,
  at: Date,
): Promise<void> {
  await sql`
    insert into authorisation_revisions (id, revision, content, replaced_by, replaced_at)
    select id, revision, to_jsonb(authorisations), ${by}, ${at} from authorisations
    where id = any(${ids}::uuid[])`.execute(trx);
}
