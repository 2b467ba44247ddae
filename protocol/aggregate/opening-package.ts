/**
 * What a contributor hands out in a dispute over one subject: the opening of the row that it contributed, and the proof that
 * this row is in the contribution which the chain names. It holds personal data. Whoever has it can check it against the
 * chain; whether the evaluation in it is the named subject's, the nodes say who are asked for that subject.
 */
import { z } from "zod";

import type { Hex } from "../encoding/bytes.ts";
import { parseWire } from "../oblivious-lookup/wire.ts";
import type { SubjectId } from "../subject/subject.ts";
import { readEvidence, readOpening, writeEvidence, writeOpening } from "./audit-messages.ts";
import { aggregateTag } from "./mask.ts";
import { openingHolds, type RowOpening } from "./opening.ts";
import { rowVerdict, type RowEvidence } from "./row.ts";
import type { AggregateTerms } from "./terms.ts";

export const ROW_OPENING_FORMAT = "riskveil/row-opening/1";

const address = z
  .string()
  .regex(/^0x[0-9a-f]{40}$/)
  .transform((text) => text as Hex);
const counted = z.number().int().min(1).max(0xffff_ffff);

const packageSchema = z.strictObject({
  format: z.literal(ROW_OPENING_FORMAT),
  chain: z.strictObject({
    chainId: z.number().int().positive(),
    consortiumTables: address,
    keyRounds: address,
  }),
  edition: counted,
  /** The member's id. */
  contributor: counted,
  subject: z.string().max(128),
  opening: z.unknown(),
  evidence: z.unknown(),
});

export interface RowOpeningPackage extends Omit<z.output<typeof packageSchema>, "format" | "opening" | "evidence"> {
  readonly opening: RowOpening;
  readonly evidence: RowEvidence;
}

export function writeRowOpening({ subject, opening, evidence, ...place }: RowOpeningPackage & { subject: SubjectId }) {
  return {
    format: ROW_OPENING_FORMAT,
    ...{ ...place, subject },
    ...{ opening: writeOpening(opening), evidence: writeEvidence(evidence) },
  } as const;
}

/** @throws Fault AGGREGATE_MESSAGE_MALFORMED */
export function readRowOpening(content: unknown): RowOpeningPackage {
  const { format: _, opening, evidence, ...place } = parseWire(packageSchema, content, "AGGREGATE_MESSAGE_MALFORMED");
  return { ...place, opening: readOpening(opening), evidence: readEvidence(evidence) };
}

export interface RowOpeningVerdict {
  /** The evidence shows a row of the opened evaluation's tag under the contribution's root. */
  readonly isContributed: boolean;
  /** That row is an encryption, under the edition's contribution key, of the values that are opened. */
  readonly isOpened: boolean;
}

/** Never throws for hostile content. @param root of the contribution, from the chain */
export function checkRowOpening(
  terms: AggregateTerms,
  root: Uint8Array,
  { opening, evidence }: Pick<RowOpeningPackage, "opening" | "evidence">,
): RowOpeningVerdict {
  const { row } = evidence;
  const isContributed = rowVerdict(evidence, root, aggregateTag(opening.y, terms.epoch)) === "hit";
  return { isContributed, isOpened: row !== undefined && openingHolds(terms, row, opening) };
}
