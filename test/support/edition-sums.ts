/** Reads sums out of a consortium table with the shares of the test, as t nodes and a querier together would. */
import { locatorInput, placeOf } from "../../protocol/aggregate/locator.ts";
import { aggregateTag } from "../../protocol/aggregate/mask.ts";
import { decryptionShares, readSums, requestDecryption, uncover, unblindRow } from "../../protocol/aggregate/query.ts";
import { decodeRow, type Row } from "../../protocol/aggregate/row.ts";
import { standardSchema, type AggregateSums, type SubjectSummary } from "../../protocol/aggregate/schema.ts";
import { createSumDecoder, type SumDecoder } from "../../protocol/aggregate/sum-decoder.ts";
import { utf8 } from "../../protocol/encoding/bytes.ts";
import type { Scalar } from "../../protocol/group/group.ts";
import type { Tag } from "../../protocol/sealed-table/table-id.ts";
import { interpolateAtZero } from "./interpolate.ts";
import { ristretto255Sha512 } from "../../protocol/oprf/oprf.ts";
import type { PublishableSubject } from "../../relayer/services/records/publishable.ts";
import { addSummaries, summarise } from "../../relayer/services/records/summary.ts";
import { randomSource as random } from "../../scripts/governance/random-source.ts";
import type { EditionStage, Party } from "./edition-stage.ts";

let decoder: SumDecoder | undefined;

export function evaluationOf({ keys }: EditionStage, subject: string): Uint8Array {
  return ristretto255Sha512.evaluate(interpolateAtZero(keys.evaluation) as Scalar, utf8(subject));
}

/** Where the row of an evaluated subject is published. */
export function placeIn(stage: EditionStage, edition: number, y: Uint8Array): Tag {
  return placeOf(locationIn(stage, edition, y), edition);
}

function locationIn({ keys }: EditionStage, edition: number, y: Uint8Array): Uint8Array {
  const secret = interpolateAtZero(keys.locator) as Scalar;
  return ristretto255Sha512.evaluate(secret, locatorInput(aggregateTag(y, edition), edition));
}

/** Undefined if the party's mirror has no row of the subject. */
export async function sumsOf(
  stage: EditionStage,
  party: Party,
  edition: number,
  subject: string,
): Promise<AggregateSums | undefined> {
  const y = evaluationOf(stage, subject);
  const { row } = await party.editions.mirror.lookup(edition, placeIn(stage, edition, y));
  return row && openSums(stage, edition, y, decodeRow(row, standardSchema.slotCount));
}

export function openSums(stage: EditionStage, edition: number, y: Uint8Array, row: Row): AggregateSums {
  decoder ??= createSumDecoder();
  const { keys, shares } = stage.keys.query;
  const request = requestDecryption(standardSchema, row, random);
  const answers = shares
    .slice(0, keys.threshold)
    .map((share) => ({ from: share.index, bytes: decryptionShares.evaluate(keys, share, request.elements, random) }));
  const { elements } = decryptionShares.combine(keys, request.elements, answers);
  const terms = {
    ...{ schema: standardSchema, epoch: edition, contributionKey: stage.contributionKey as never },
    ...{ leastContributors: 1, isRowCount: () => true },
  };
  const points = unblindRow(keys.publicKey, row, request, elements);
  return readSums(terms, decoder, y, uncover(locationIn(stage, edition, y), edition, points));
}

/** What the sums of a subject must be: the same, plainly. */
export function plainSums(holders: readonly (readonly PublishableSubject[])[], subject: string) {
  const summaries = holders.flatMap((subjects) => {
    const found = subjects.find((each) => each.subject === subject);
    const summary = found && summarise(found.records);
    return summary ? [summary] : [];
  });
  const classes = standardSchema.classSlots.flat().map((each) => each.class);
  const zero: SubjectSummary = { counts: Object.fromEntries(classes.map((name) => [name, 0])), overdueFen: 0 };
  const { counts, overdueFen } = summaries.reduce(addSummaries, zero);
  return { contributors: summaries.length, counts, overdueFen, capped: 0 };
}
