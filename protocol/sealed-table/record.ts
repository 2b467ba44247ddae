/**
 * What a querier reads about a subject it paid for: schema 1 of a sealed table's content, as JSON in UTF-8.
 * The holder is not trusted: whatever bytes it sealed, decoding gives valid records or a Fault.
 */
import { z } from "zod";

import { utf8 } from "../encoding/bytes.ts";
import { Fault } from "../errors/fault.ts";

/** The `schema` of a publication on chain. */
export const RECORD_SCHEMA = 1;

const date = z.iso.date();

export const riskRecordSchema = z.strictObject({
  /** Random, made for the recipients: not the firm's own number. */
  id: z.string().min(1).max(64),
  /** A class of the catalogue (A1, B3, C2 ...), which grows without a release: any well-formed one decodes. */
  class: z.string().regex(/^[A-Z][0-9]{1,2}$/),
  status: z.enum(["open", "cured", "disputed", "withdrawn", "expired"]),
  statusDate: date,
  eventDate: date,
  /** Integer fen. */
  amountFen: z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER).optional(),
  /** Salted reference to the subject's sharing authorisation (32 bytes, hex); null for class A, which is public. */
  authorisation: z
    .string()
    .regex(/^0x[0-9a-f]{64}$/)
    .nullable(),
  note: z.string().max(500).optional(),
});

export type RiskRecord = Readonly<z.infer<typeof riskRecordSchema>>;

const contentSchema = z.strictObject({ records: z.array(riskRecordSchema) });

/** @throws Fault RECORDS_MALFORMED if a record is not of the schema: nothing is sealed that a querier could not read. */
export function encodeRecords(records: readonly RiskRecord[]): Uint8Array {
  return utf8(JSON.stringify(parse({ records })));
}

/** @throws Fault RECORDS_MALFORMED, with the place and never the content. */
export function decodeRecords(content: Uint8Array): RiskRecord[] {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(content));
  } catch {
    throw new Fault("RECORDS_MALFORMED", { reason: "not JSON in UTF-8" });
  }
  return parse(json).records;
}

function parse(value: unknown): z.infer<typeof contentSchema> {
  const result = contentSchema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new Fault("RECORDS_MALFORMED", {
    reason: issue ? `${issue.code} at ${issue.path.map((part) => knownPart(part)).join(".")}` : "schema",
  });
}

/** Keys come from the other side, so only those of the schema are repeated. */
function knownPart(part: PropertyKey): string {
  return typeof part === "number" || part === "records" || part in riskRecordSchema.shape ? String(part) : "?";
}
