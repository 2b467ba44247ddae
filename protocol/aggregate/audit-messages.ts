/**
 * What auditor, contributors and aggregator send each other about single rows, as JSON with byte strings in base64url.
 * Hostile content gives AGGREGATE_MESSAGE_MALFORMED or is shown wrong by `openingHolds`, `rowVerdict`, `auditMergedRow`.
 */
import { z } from "zod";

import { fromBase64Url, toBase64Url } from "../encoding/bytes.ts";
import type { Residue } from "../group/group.ts";
import { parseWire, wireBytes, wireUint32 } from "../oblivious-lookup/wire.ts";
import { ENTRY_HASH_BYTES } from "../sealed-table/linked-leaves.ts";
import { LONGEST_PATH, NODE_BYTES } from "../sealed-table/merkle.ts";
import { asTag, TAG_BYTES, type Tag } from "../sealed-table/table-id.ts";
import type { RowOpening } from "./opening.ts";
import type { RowEvidence } from "./row.ts";
import { MOST_SLOTS } from "./schema.ts";

/** Of a row of so many slots, in base64url. */
const MOST_ROW_CHARACTERS = Math.ceil(((TAG_BYTES + 64 * MOST_SLOTS) * 4) / 3);

const tag = wireBytes(TAG_BYTES).transform(asTag);
// Whether a scalar is reduced is judged where it is used.
const residue = wireBytes(32).transform((bytes) => bytes as Residue);
const rowText = z
  .string()
  .max(MOST_ROW_CHARACTERS)
  .transform((text, context) => {
    try {
      return fromBase64Url(text);
    } catch {
      context.addIssue({ code: "custom", message: "must be base64url without padding" });
      return z.NEVER;
    }
  });

const openingSchema = z.strictObject({
  evaluation: wireBytes(64),
  values: z.array(wireUint32).max(MOST_SLOTS),
  randomness: z.array(residue).max(MOST_SLOTS),
});

const evidenceSchema = z.strictObject({
  tag,
  next: tag,
  entryHash: wireBytes(ENTRY_HASH_BYTES),
  path: z.array(wireBytes(NODE_BYTES)).max(LONGEST_PATH),
  row: rowText.optional(),
});

const mergedOpeningSchema = z.strictObject({ tag, randomness: z.array(residue).max(MOST_SLOTS) });

export type OpeningMessage = z.input<typeof openingSchema>;
export type EvidenceMessage = z.input<typeof evidenceSchema>;
export type MergedOpeningMessage = z.input<typeof mergedOpeningSchema>;

/** What the aggregator opens of one merged row. */
export interface MergedOpening {
  readonly tag: Tag;
  /** By slot. */
  readonly randomness: readonly Residue[];
}

export function writeOpening({ y, values, randomness }: RowOpening): OpeningMessage {
  return { evaluation: toBase64Url(y), values: [...values], randomness: randomness.map(toBase64Url) };
}

/** @throws Fault AGGREGATE_MESSAGE_MALFORMED */
export function readOpening(body: unknown): RowOpening {
  const { evaluation, values, randomness } = parseWire(openingSchema, body, "AGGREGATE_MESSAGE_MALFORMED");
  return { y: evaluation, values, randomness };
}

export function writeEvidence({ leaf, path, row }: RowEvidence): EvidenceMessage {
  return {
    tag: toBase64Url(leaf.tag),
    next: toBase64Url(leaf.next),
    entryHash: toBase64Url(leaf.entryHash),
    path: path.map(toBase64Url),
    ...(row ? { row: toBase64Url(row) } : {}),
  };
}

/** @throws Fault AGGREGATE_MESSAGE_MALFORMED */
export function readEvidence(body: unknown): RowEvidence {
  const { path, row, ...leaf } = parseWire(evidenceSchema, body, "AGGREGATE_MESSAGE_MALFORMED");
  return { leaf, path, ...(row ? { row } : {}) };
}

export function writeMergedOpening({ tag: of, randomness }: MergedOpening): MergedOpeningMessage {
  return { tag: toBase64Url(of), randomness: randomness.map(toBase64Url) };
}

/** @throws Fault AGGREGATE_MESSAGE_MALFORMED */
export function readMergedOpening(body: unknown): MergedOpening {
  return parseWire(mergedOpeningSchema, body, "AGGREGATE_MESSAGE_MALFORMED");
}
