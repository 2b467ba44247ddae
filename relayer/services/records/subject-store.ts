/**
 * Who a row is about. An identity is sealed once and named elsewhere by its blind index, so equal subjects are found
 * without opening anything and a stolen database alone says nothing of anyone.
 */
import { sql, type Kysely } from "kysely";

import { bytesEqual, toHex } from "../../../protocol/encoding/bytes.ts";
import { Fault } from "../../../protocol/errors/fault.ts";
import type { SubjectId } from "../../../protocol/subject/subject.ts";
import type { ColumnCipher } from "../../store/column-cipher.ts";
import type { Database } from "../../store/schema.ts";

const INDEX_CONTEXT = "subjects.subject_index";

export function subjectIndex(cipher: ColumnCipher, subject: SubjectId): Buffer {
  return Buffer.from(cipher.index(subject, INDEX_CONTEXT));
}

/** @throws Fault SUBJECT_ROW_SWAPPED if the identity is not the one its index was made of. */
export function openSubject(cipher: ColumnCipher, row: { subject_index: Buffer; identity: Buffer }): SubjectId {
  const subject = Buffer.from(cipher.open(row.identity, sealContext(row.subject_index))).toString("utf8") as SubjectId;
  if (!bytesEqual(subjectIndex(cipher, subject), row.subject_index)) throw new Fault("SUBJECT_ROW_SWAPPED");
  return subject;
}

/** Stores what is not there yet, keyed by hex of the blind index; seals only that. */
export async function storeSubjects(
  db: Kysely<Database>,
  cipher: ColumnCipher,
  subjects: ReadonlyMap<string, SubjectId>,
  at: Date,
): Promise<void> {
  if (subjects.size === 0) return;
  const indexes = [...subjects.keys()].map((hex) => Buffer.from(hex, "hex"));
  const known = await db
    .selectFrom("subjects")
    .select("subject_index")
    .where(sql<boolean>`subject_index = any(${indexes}::bytea[])`)
    .execute();
  const present = new Set(known.map((row) => row.subject_index.toString("hex")));
  const missing = [...subjects].filter(([hex]) => !present.has(hex));
  if (missing.length === 0) return;
  const newIndexes = missing.map(([hex]) => Buffer.from(hex, "hex"));
  const identities = missing.map(([, subject], i) => Buffer.from(cipher.seal(subject, sealContext(newIndexes[i]))));
  await sql`
    insert into subjects (subject_index, identity, created_at)
    select subject_index, identity, ${at} from unnest(${newIndexes}::bytea[], ${identities}::bytea[]) as new (subject_index, identity)
    on conflict do nothing`.execute(db);
}

function sealContext(index: Buffer = Buffer.alloc(0)): string {
  return `subjects.identity.${toHex(index)}`;
}
