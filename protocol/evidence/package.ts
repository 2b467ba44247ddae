/**
 * The evidence package, "riskveil-evidence/1": everything with which a stranger who has only the chain can check one
 * subject's answer again, hit or miss. It names the subject and opens its entries, so it stays with the querier.
 *
 * Unknown fields are refused and every string and list is bounded; see `fields.ts`.
 */
import { z } from "zod";

import { ENTRY_OVERHEAD_BYTES } from "../sealed-table/entry.ts";
import { PAYLOAD_CLASSES } from "../sealed-table/payload.ts";
import { riskRecordSchema } from "../sealed-table/record.ts";
import {
  address,
  anchorSchema,
  bytes32,
  chainFields,
  exchangeFields,
  hexBetween,
  LONGEST_ELEMENT,
  MAX_DATASETS,
  placeFields,
  querySchema,
  seal,
  time,
  uint,
  uint32,
} from "./fields.ts";

export const EVIDENCE_FORMAT = "riskveil-evidence/1";

const chainSchema = z.strictObject({ ...chainFields, datasetRegistry: address });

const answerFields = {
  ...exchangeFields,
  /** Of the table in which the leaf stands. */
  revision: uint32,
  suite: uint(0xffff),
  root: bytes32,
  publicKey: hexBetween(1, LONGEST_ELEMENT),
  /** Opens the subject's element to the subject. */
  blind: hexBetween(1, LONGEST_ELEMENT),
  ...placeFields,
};

const hitSchema = z.strictObject({
  ...answerFields,
  outcome: z.literal("hit"),
  entry: hexBetween(ENTRY_OVERHEAD_BYTES, ENTRY_OVERHEAD_BYTES + Math.max(...PAYLOAD_CLASSES)),
  records: z.array(riskRecordSchema).max(1_024),
});

const missSchema = z.strictObject({ ...answerFields, outcome: z.literal("miss") });

/** A dataset that was asked and has not answered: the answer is partial. */
const unansweredSchema = z.strictObject({
  dataset: bytes32,
  holder: uint32,
  reason: z.string().regex(/^[A-Z][A-Z_]{0,63}$/),
});

export const evidenceSchema = z.strictObject({
  format: z.literal(EVIDENCE_FORMAT),
  chain: chainSchema,
  query: querySchema,
  answers: z
    .array(z.discriminatedUnion("outcome", [hitSchema, missSchema]))
    .min(1)
    .max(MAX_DATASETS),
  unanswered: z.array(unansweredSchema).max(MAX_DATASETS),
  anchors: z.array(anchorSchema).min(1).max(MAX_DATASETS),
  sealedAt: time,
  /** Signature of an operator of the querier over everything above. */
  seal,
});

export type EvidencePackage = z.infer<typeof evidenceSchema>;
export type EvidenceAnswer = EvidencePackage["answers"][number];
