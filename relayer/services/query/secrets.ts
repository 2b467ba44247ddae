/** What only the querier knows of an exchange, kept sealed in the store: blinds and consent openings. */
import { z } from "zod";

import type { Hex } from "../../../protocol/encoding/bytes.ts";
import type { ColumnCipher } from "../../store/column-cipher.ts";

const hex = z.string().regex(/^0x[0-9a-f]*$/) as unknown as z.ZodType<Hex>;

const secretsSchema = z.strictObject({
  /** Scalars, one after another, in the order of the elements. */
  blinds: hex,
  /** One for each subject: what opens its consent commitment, and the commitment. */
  consents: z.array(z.strictObject({ salt: hex, documentDigest: hex, commitment: hex })),
});

export type ExchangeSecrets = z.infer<typeof secretsSchema>;

const openingSchema = z.strictObject({
  tag: hex,
  next: hex,
  entryHash: hex,
  path: z.array(hex),
  entry: hex.nullable(),
  /** JSON of the records as they were sealed; null for a miss or an entry that did not open. */
  records: z.string().nullable(),
});

export type AnswerOpening = z.infer<typeof openingSchema>;

export function sealSecrets(cipher: ColumnCipher, exchange: string, secrets: ExchangeSecrets): Buffer {
  return Buffer.from(cipher.seal(JSON.stringify(secrets), `query_exchanges.secrets:${exchange}`));
}

export function openSecrets(cipher: ColumnCipher, exchange: string, sealed: Uint8Array): ExchangeSecrets {
  return secretsSchema.parse(parse(cipher.open(sealed, `query_exchanges.secrets:${exchange}`)));
}

export function sealOpening(cipher: ColumnCipher, place: string, opening: AnswerOpening): Buffer {
  return Buffer.from(cipher.seal(JSON.stringify(opening), `query_answers.opening:${place}`));
}

export function openOpening(cipher: ColumnCipher, place: string, sealed: Uint8Array): AnswerOpening {
  return openingSchema.parse(parse(cipher.open(sealed, `query_answers.opening:${place}`)));
}

export function sealSubject(cipher: ColumnCipher, query: string, position: number, subject: string): Buffer {
  return Buffer.from(cipher.seal(subject, `query_subjects.subject:${query}:${String(position)}`));
}

export function openSubject(cipher: ColumnCipher, query: string, position: number, sealed: Uint8Array): string {
  return Buffer.from(cipher.open(sealed, `query_subjects.subject:${query}:${String(position)}`)).toString("utf8");
}

/** Splits one byte string into pieces of equal width. */
export function pieces(bytes: Uint8Array, width: number): Uint8Array[] {
  return Array.from({ length: bytes.length / width }, (_, i) => bytes.slice(i * width, (i + 1) * width));
}

function parse(bytes: Uint8Array): unknown {
  return JSON.parse(Buffer.from(bytes).toString("utf8"));
}
