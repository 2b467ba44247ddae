/** The uploaded file between its arrival and the end of its import: in the store, sealed piece by piece. */
import type { Kysely } from "kysely";

import { Fault } from "../../../protocol/errors/fault.ts";
import type { ColumnCipher } from "../../store/column-cipher.ts";
import type { Database } from "../../store/schema.ts";

/** Large enough to be quick, small enough that a file of any size takes a few MB of memory. */
const CHUNK_BYTES = 256 * 1024;

export async function storeUpload(
  db: Kysely<Database>,
  cipher: ColumnCipher,
  importId: string,
  file: Uint8Array,
): Promise<void> {
  for (let offset = 0, sequence = 0; offset < file.length; offset += CHUNK_BYTES, sequence += 1) {
    const piece = file.subarray(offset, offset + CHUNK_BYTES);
    const content = Buffer.from(cipher.seal(piece, context(importId, sequence)));
    await db.insertInto("import_chunks").values({ import_id: importId, sequence, content }).execute();
  }
}

/** @throws Fault IMPORT_FILE_DAMAGED if a piece lacks. `bytes` is the file's length. */
export async function* readUpload(
  db: Kysely<Database>,
  cipher: ColumnCipher,
  importId: string,
  bytes: number,
): AsyncGenerator<Uint8Array> {
  let read = 0;
  for (let sequence = 0; read < bytes; sequence += 1) {
    const row = await db
      .selectFrom("import_chunks")
      .select("content")
      .where("import_id", "=", importId)
      .where("sequence", "=", sequence)
      .executeTakeFirst();
    if (row === undefined) throw new Fault("IMPORT_FILE_DAMAGED");
    const piece = cipher.open(row.content, context(importId, sequence));
    read += piece.length;
    yield piece;
  }
}

export async function removeUpload(db: Kysely<Database>, importId: string): Promise<void> {
  await db.deleteFrom("import_chunks").where("import_id", "=", importId).execute();
}

function context(importId: string, sequence: number): string {
  return `import_chunks.content.${importId}.${String(sequence)}`;
}
