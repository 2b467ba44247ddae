/**
 * Fields that evidence packages have in common. Byte strings are lower-case hex with 0x, times ISO 8601 in UTC. Every string
 * and list is bounded, so reading a hostile package costs no more than its size.
 */
import { z } from "zod";

import type { Hex } from "../encoding/bytes.ts";
import { purposeCodes } from "../oblivious-lookup/purpose.ts";
import { MAX_ELEMENTS } from "../oblivious-lookup/request.ts";
import { SIGNATURE_BYTES } from "../oblivious-lookup/typed-data.ts";
import { LONGEST_PATH } from "../sealed-table/merkle.ts";
import { TAG_BYTES } from "../sealed-table/table-id.ts";

/** Most datasets, or services of nodes, one package may speak of. */
export const MAX_DATASETS = 1_024;

/** Room for one element in any group that a suite may come to use. */
export const LONGEST_ELEMENT = 65;

export function hex(bytes: number): z.ZodType<Hex> {
  return hexBetween(bytes, bytes);
}

export function hexBetween(least: number, most: number): z.ZodType<Hex> {
  return z
    .string()
    .max(2 + 2 * most)
    .regex(/^0x(?:[0-9a-f]{2})*$/)
    .refine((text): text is Hex => text.length >= 2 + 2 * least, `must be at least ${String(least)} bytes`);
}

export function uint(most: number): z.ZodNumber {
  return z.number().int().min(0).max(most);
}

export const uint32 = uint(0xffff_ffff);
export const bytes32 = hex(32);
export const address = hex(20);
export const time = z.iso.datetime({ precision: 3 });
export const seal = hex(SIGNATURE_BYTES);
const tag = hex(TAG_BYTES);
const elements = hexBetween(1, MAX_ELEMENTS * LONGEST_ELEMENT);

/** Of the chain, and the contracts that packages of any format name. */
export const chainFields = {
  chainId: uint(Number.MAX_SAFE_INTEGER),
  queryLedger: address,
  memberRegistry: address,
  instanceSalt: bytes32,
};

export const querySchema = z.strictObject({
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

/** One request and what came back. */
export const exchangeFields = {
  /** Or the service of a node. */
  dataset: bytes32,
  /** Member id of the dataset's holder; or the node. */
  holder: uint32,
  /** Or the number of the node's key round. */
  epoch: uint32,
  session: bytes32,
  lane: uint32,
  /** Position of the subject in the request, from 0. */
  index: uint(MAX_ELEMENTS - 1),
  /** Transcript of the lane before this request. */
  previousTranscript: bytes32,
  request: requestSchema,
  response: responseSchema,
  /** Consent commitments of all the request's subjects, in order. */
  consents: z.array(bytes32).max(MAX_ELEMENTS),
  /** Opens this subject's commitment, with the query's purpose and subject. */
  consent: z.strictObject({ salt: bytes32, documentDigest: bytes32 }),
};

/** What a committed table says of the subject. */
export const placeFields = {
  leaf: z.strictObject({ tag, next: tag, entryHash: bytes32 }),
  path: z.array(bytes32).max(LONGEST_PATH),
};

/** One anchored leaf. It covers the datasets that had answered when it was made. */
export const anchorSchema = z.strictObject({
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

export type EvidenceQuery = z.infer<typeof querySchema>;
export type EvidenceExchange = z.infer<z.ZodObject<typeof exchangeFields, z.core.$strict>>;
export type EvidencePlace = z.infer<z.ZodObject<typeof placeFields, z.core.$strict>>;
export type EvidenceAnchor = z.infer<typeof anchorSchema>;
