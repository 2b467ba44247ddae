/** Encryption of single columns at rest. Keys live outside the database. */
export interface ColumnCipher {
  /** `context` names table, column and row; a sealed value moved to another place does not open. */
  seal(plaintext: string | Uint8Array, context: string): Uint8Array;
  /** @throws Fault COLUMN_NOT_AUTHENTIC */
  open(sealed: Uint8Array, context: string): Uint8Array;
  /** Blind index for equality search: 32 bytes, equal for equal value and context. */
  index(value: string, context: string): Uint8Array;
}
