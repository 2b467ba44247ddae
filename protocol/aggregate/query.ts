/**
 * The querier's side, pure. From t verified evaluations of its blinded subject it has y and the row's tag, from t of that tag
 * the row's place in its local copy of the consortium table (`locator.ts`). It sends the nodes R' = R + r' G for every slot, uniformly random whatever R is, and
 * gets y_i R' with proofs; or, if there is no row, as many random elements, so that nodes and traffic tell nothing of
 * presence. C never leaves: what the shares combine to is Y's part, and without the masks of that subject it is noise.
 *
 * For a row: C + r' Y - y R' - N_j = value sums * G + c M_j, where c is the number of contributors. Slot 0 gives c by counting up.
 */
import { bytesEqual, type RandomBytes } from "../encoding/bytes.ts";
import { Fault } from "../errors/fault.ts";
import type { Element, Point, Scalar } from "../group/group.ts";
import {
  addPoints,
  combine,
  IDENTITY,
  multiplyGenerator,
  multiplyPoint,
  negatePoint,
  requireElement,
  subtractPoints,
} from "../group/points.ts";
import { ONE, residueOf } from "../group/residues.ts";
import { ristretto255 } from "../group/ristretto255.ts";
import { createPartialEvaluation } from "../threshold/partials.ts";
import { covers } from "./locator.ts";
import { masks } from "./mask.ts";
import type { Row } from "./row.ts";
import { unpackSums, type AggregateSchema, type AggregateSums } from "./schema.ts";
import type { SumDecoder } from "./sum-decoder.ts";
import type { AggregateTerms } from "./terms.ts";

/** What nodes answer under Y, and how the querier combines it and learns who lied. */
export const decryptionShares = createPartialEvaluation("riskveil/aggregate-decryption/1");

export interface DecryptionRequest {
  /** Secret, by slot: r'. */
  readonly blinds: readonly Scalar[];
  /** What the nodes see, by slot. */
  readonly elements: readonly Element[];
}

/** Costs the same for a row and for none. */
export function requestDecryption(
  { slotCount }: AggregateSchema,
  row: Row | undefined,
  random: RandomBytes,
): DecryptionRequest {
  const blinds = Array.from({ length: slotCount }, () => ristretto255.randomScalar(random));
  const generator = requireElement(multiplyGenerator(ONE));
  const elements = blinds.map((blind, slot) =>
    requireElement(combine({ generator: blind, addends: [row?.ciphertexts[slot]?.ephemeral ?? generator] }), slot),
  );
  return { blinds, elements };
}

/** By slot, value sums * G + c M_j + N_j of `row`. `combined` is from `decryptionShares.combine`. */
export function unblindRow(
  queryKey: Element,
  row: Row,
  { blinds }: DecryptionRequest,
  combined: readonly Element[],
): Point[] {
  if (combined.length !== row.ciphertexts.length) throw new RangeError("one element a slot");
  return row.ciphertexts.map(({ body }, slot) => {
    const [blind, share] = [blinds[slot], combined[slot]];
    if (!blind || !share) throw new RangeError("one element a slot");
    return combine({ products: [[blind, queryKey]], addends: [body, negatePoint(share)] });
  });
}

/** Takes the covers off the points of a published row. `location` is what its place follows from, 64 bytes. */
export function uncover(location: Uint8Array, epoch: number, points: readonly Point[]): Point[] {
  const covering = covers(location, epoch, points.length);
  return points.map((point, slot) => subtractPoints(point, covering[slot] ?? IDENTITY));
}

/**
 * The sums of the subject with evaluation `y`, of points that are not covered.
 * @throws Fault AGGREGATE_CONTRIBUTORS_UNDECODABLE, AGGREGATE_SUM_UNDECODABLE, AGGREGATE_SUM_IMPLAUSIBLE: the row is of
 * another subject, or a contributor encrypted something else than a row; an auditor finds out who.
 */
export function readSums(
  { schema, epoch }: Pick<AggregateTerms, "schema" | "epoch">,
  decoder: SumDecoder,
  y: Uint8Array,
  points: readonly Point[],
): AggregateSums {
  const hidden = masks(y, epoch, schema.slotCount);
  const contributors = countContributors(schema, hidden[0], points[0]);
  const factor = residueOf(contributors);
  const sums = hidden.map((mask, slot) => {
    if (slot === 0) return contributors;
    const sum = decoder.decode(subtractPoints(points[slot] ?? IDENTITY, multiplyPoint(factor, mask)));
    if (sum === undefined) throw new Fault("AGGREGATE_SUM_UNDECODABLE", { slot });
    return sum;
  });
  return unpackSums(schema, sums);
}

/** The c with point = c (G + M_0), from 1. */
function countContributors(
  { maxContributors }: AggregateSchema,
  mask: Point = IDENTITY,
  point: Point = IDENTITY,
): number {
  const one = combine({ generator: ONE, addends: [mask] });
  let sum = one;
  for (let count = 1; count <= maxContributors; count += 1) {
    if (bytesEqual(sum, point)) return count;
    sum = addPoints(sum, one);
  }
  throw new Fault("AGGREGATE_CONTRIBUTORS_UNDECODABLE");
}
