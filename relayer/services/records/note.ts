import type { ColumnCipher } from "../../store/column-cipher.ts";

/** Notes are free text, which may say more than it should: sealed at rest, bound to their record. */
export function sealNote(cipher: ColumnCipher, recordUuid: string, note: string): Buffer {
  return Buffer.from(cipher.seal(note, `records.note.${recordUuid}`));
}

/** @throws Fault COLUMN_NOT_AUTHENTIC */
export function openNote(cipher: ColumnCipher, recordUuid: string, sealed: Uint8Array): string {
  return Buffer.from(cipher.open(sealed, `records.note.${recordUuid}`)).toString("utf8");
}
