/** The checks of what the nodes' parts come to: the subject's place in the table, and the sums in its row. */
import { fromHex, type Hex } from "../encoding/bytes.ts";
import { locatorInput, placeOf } from "../aggregate/locator.ts";
import { aggregateTag } from "../aggregate/mask.ts";
import { readSums, uncover, unblindRow } from "../aggregate/query.ts";
import type { Row } from "../aggregate/row.ts";
import { standardSchema, type AggregateSums } from "../aggregate/schema.ts";
import { createSumDecoder, type SumDecoder } from "../aggregate/sum-decoder.ts";
import { leafOf } from "../evidence/answer-bytes.ts";
import { canonicalJson } from "../evidence/canonical-json.ts";
import { requireComputed, requireKnown, requireThat, type CheckRun } from "../evidence/check-run.ts";
import type { Element } from "../group/group.ts";
import type { NodeService } from "../key-round/round.ts";
import { ristretto255Sha512 } from "../oprf/oprf.ts";
import { leafVerdict } from "../sealed-table/linked-leaves.ts";
import { subjectInput, type SubjectId } from "../subject/subject.ts";
import { combinePartials } from "../threshold/partials.ts";
import type { PictureChainFacts } from "./chain-facts.ts";
import type { EvidencedPicture } from "./package.ts";
import type { VerifiedEdition } from "./verify-edition.ts";
import { blindsOf, WIDTHS, type VerifiedPart } from "./verify-node.ts";

/** The subject's evaluation y, 64 bytes. */
export async function verifyEvaluation(
  run: CheckRun<PictureChainFacts>,
  { blind }: EvidencedPicture,
  subject: SubjectId | undefined,
  { keys }: VerifiedEdition,
  parts: readonly VerifiedPart[],
): Promise<Uint8Array | undefined> {
  return await run.check("EVALUATION", [keys, subject], (_, about) =>
    unblinded(subjectInput(about), blind, combined("evaluation", parts)),
  );
}

export async function verifyPicture(
  run: CheckRun<PictureChainFacts>,
  picture: EvidencedPicture,
  y: Uint8Array | undefined,
  { keys, row }: VerifiedEdition,
  parts: readonly VerifiedPart[],
): Promise<void> {
  const located = await run.check("LOCATION", [keys, y], (_, evaluation) => {
    const input = locatorInput(aggregateTag(evaluation, picture.edition), picture.edition);
    return unblinded(input, picture.locatorBlind, combined("locator", parts));
  });
  const found = await run.check("TAG", [located], (location) => ({
    verdict: requireKnown(leafVerdict(leafOf(picture), placeOf(location, picture.edition)), "TAG_OUTSIDE"),
  }));
  await run.check("OUTCOME", [found], ({ verdict }) => {
    requireThat((verdict === "hit") === (picture.outcome === "found"), "OUTCOME_OTHER");
  });
  const decrypted = await run.check("DECRYPTION", [keys], () => combined("query", parts));
  if (picture.outcome === "not_found") return;
  await run.check("SUMS", [y, located, decrypted, keys, row], (evaluation, location, shares, { query }, there) => {
    requireThat(there !== "none", "SUMS_UNREADABLE");
    const sums = requireComputed(
      () => sumsOf(picture, query.keys.publicKey, there, { y: evaluation, location }, shares),
      "SUMS_UNREADABLE",
    );
    requireThat(canonicalJson(sums) === canonicalJson(picture.sums), "SUMS_OTHER");
  });
}

/** The subject's elements times the shared key, from the parts of one round: those of two sharings do not go together. */
function combined(use: NodeService, parts: readonly VerifiedPart[]): Element[] {
  const proved = parts.filter((each) => each.use === use).flatMap(({ part }) => (part ? [part] : []));
  const rounds = Map.groupBy(proved, ({ shared }) => shared.round);
  const enough = [...rounds.values()].find((good) => good.length >= (good[0]?.shared.keys.threshold ?? Infinity));
  const [first] = requireKnown(enough, "PARTS_TOO_FEW");
  const { threshold } = requireKnown(first, "PARTS_TOO_FEW").shared.keys;
  const good = new Map(enough?.map(({ index, elements }) => [index, elements]));
  return requireComputed(() => combinePartials(threshold, good, WIDTHS[use]), "PARTS_TOO_FEW");
}

function unblinded(input: Uint8Array, blind: Hex, [element]: readonly Element[]): Uint8Array {
  const scalar = ristretto255Sha512.decodeScalar(fromHex(blind));
  return ristretto255Sha512.finalize(input, scalar, requireKnown(element, "PARTS_TOO_FEW"));
}

let decoder: SumDecoder | undefined;

function sumsOf(
  picture: EvidencedPicture,
  queryKey: Element,
  row: Row,
  { y, location }: { readonly y: Uint8Array; readonly location: Uint8Array },
  shares: readonly Element[],
): AggregateSums {
  decoder ??= createSumDecoder();
  const points = unblindRow(queryKey, row, { blinds: blindsOf(picture), elements: [] }, shares);
  return readSums(
    { schema: standardSchema, epoch: picture.edition },
    decoder,
    y,
    uncover(location, picture.edition, points),
  );
}
