/**
 * The evidence package, "riskveil-evidence/1": everything with which a stranger who has only the chain can check one
 * subject's answer again, hit or miss. It names the subject and opens its entries, so it stays with the querier.
 *
 * Byte strings are lower-case hex with 0x, times ISO 8601 in UTC. Unknown fields are refused and every string and list
 * is bounded, so reading a hostile package costs no more than its size.
 */
import { z } from "zod";

import type { Hex } from "../encoding/bytes.ts";
import { purposeCodes } from "../oblivious-lookup/purpose.ts";
import { MAX_ELEMENTS } from "../oblivious-lookup/request.ts";
import { SIGNATURE_BYTES } from "../oblivious-lookup/typed-data.ts";
import { ENTRY_OVERHEAD_BYTES } from "../sealed-table/entry.ts";
import { LONGEST_PATH } from "../sealed-table/merkle.ts";
import { PAYLOAD_CLASSES } from "../sealed-table/payload.ts";
import { riskRecordSchema } from "../sealed-table/record.ts";
import { TAG_BYTES } from "../sealed-table/table-id.ts";

export const EVIDENCE_FORMAT = "riskveil-evidence/1";

/** Most datasets one package may speak of. */
export const MAX_DATASETS = 1_024;

/** Room for one element in any group that a suite may come to use. */
const LONGEST_ELEMENT = 65;

function hex(bytes: number): z.ZodType<Hex> {
  return hexBetween(bytes, bytes);
}

function hexBetween(least: number, most: number): z.ZodType<Hex> {
  return z
    .string()
    .max(2 + 2 * most)
    .regex(/^0x(?:[0-9a-f]{2})*$/)
    .refine((text): text is Hex => text.length >= 2 + 2 * least, `must be at least ${String(least)} bytes`);
}

function uint(most: number): z.ZodNumber {
  return z.number().int().min(0).max(most);
}

const uint32 = uint(0xffff_ffff);
const bytes32 = hex(32);
const address = hex(20);
const tag = hex(TAG_BYTES);
const elements = hexBetween(1, MAX_ELEMENTS * LONGEST_ELEMENT);
const time = z.iso.datetime({ precision: 3 });

const chainSchema = z.strictObject({
  chainId: uint(Number.MAX_SAFE_INTEGER),
  queryLedger: address,
  datasetRegistry: address,
  memberRegistry: address,
  instanceSalt: bytes32,
});

const querySchema = z.strictObject({
  id: z.string().regex(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
  /** Member id of who asked. */
  querier: uint32,
  purpose: z.enum(purposeCodes),
  requestedAt: time,
  /** Canonical `scheme:NUMBER`. */
  subject: z.string().max(128),
});

/** The evaluate request as it was sent; elements one after another. */
const requestSchema = z.strictObject({
  session: bytes32,
  dataset: bytes32,
  epoch: uint32,
  lane: uint32,
  count: uint32,
  salt: bytes32,
  purpose: z.enum(purposeCodes),
  consent: bytes32,
  elements,
  transcript: bytes32,
  voucher: hex(SIGNATURE_BYTES),
});

/** The evaluate response as it came. */
const responseSchema = z.strictObject({
  salt: bytes32,
  evaluated: elements,
  proof: hexBetween(1, 2 * LONGEST_ELEMENT),
  receipt: hex(SIGNATURE_BYTES),
});

const answerFields = {
  dataset: bytes32,
  /** Member id of the dataset's holder. */
  holder: uint32,
  epoch: uint32,
  /** Of the table in which the leaf stands. */
  revision: uint32,
  suite: uint(0xffff),
  root: bytes32,
  publicKey: hexBetween(1, LONGEST_ELEMENT),
  session: bytes32,
  lane: uint32,
  /** Opens the subject's element to the subject. */
  blind: hexBetween(1, LONGEST_ELEMENT),
  /** Position of the subject's element in the request, from 0. */
  index: uint(MAX_ELEMENTS - 1),
  /** Transcript of the lane before this request. */
  previousTranscript: bytes32,
  request: requestSchema,
  response: responseSchema,
  /** Consent commitments of all the request's elements, in order. */
  consents: z.array(bytes32).max(MAX_ELEMENTS),
  /** Opens this subject's commitment, with the query's purpose and subject. */
  consent: z.strictObject({ salt: bytes32, documentDigest: bytes32 }),
  leaf: z.strictObject({ tag, next: tag, entryHash: bytes32 }),
  path: z.array(bytes32).max(LONGEST_PATH),
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

/** One anchored leaf. It covers the datasets that had answered when it was made. */
const anchorSchema = z.strictObject({
  datasets: z.array(bytes32).min(1).max(MAX_DATASETS),
  salt: bytes32,
  leaf: bytes32,
  transactionHash: bytes32,
  blockNumber: uint(Number.MAX_SAFE_INTEGER),
  /** Of the `LeavesAnchored` event in its block. */
  logIndex: uint32,
  /** Of the leaf in the event's list, from 0. */
  position: uint32,
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
  seal: hex(SIGNATURE_BYTES),
});

export type EvidencePackage = z.infer<typeof evidenceSchema>;
export type EvidenceAnswer = EvidencePackage["answers"][number];
export type EvidenceAnchor = EvidencePackage["anchors"][number];
export type EvidenceBody = Omit<EvidencePackage, "seal">;
