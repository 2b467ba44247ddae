/**
 * Checks that catch the aggregator after the fact, by whoever did not see all contributions.
 *
 * - Who has a contribution and the merged table looks for the tags of the one in the other. A missing one is proved by the
 *   contribution's leaf under its root and the leaf of the merged table that skips the tag.
 * - An auditor takes a tag, the leaf of every contributor for it (with the row, or skipping it), the merged row and the
 *   randomness that the aggregator added: the row must be their sum exactly. What differs by a contributor's whole row is
 *   a row dropped or doubled, and it is named; anything else is altered.
 */
import { bytesEqual } from "../encoding/bytes.ts";
import type { FaultCode } from "../errors/catalogue.ts";
import { isFault } from "../errors/fault.ts";
import type { Element, Point, Residue } from "../group/group.ts";
import { addPoints, combine, isIdentity, negatePoint, subtractPoints, sumPoints } from "../group/points.ts";
import { ristretto255 } from "../group/ristretto255.ts";
import type { Tag } from "../sealed-table/table-id.ts";
import type { Contribution } from "./contribution.ts";
import { decodeRow, rowTag, rowVerdict, type Row, type RowEvidence } from "./row.ts";
import type { AggregateTerms } from "./terms.ts";

/** Tags of the contribution that the merged table lacks. Both are sorted. */
export function missingTags(contribution: Contribution, mergedRows: readonly Uint8Array[]): Tag[] {
  let at = 0;
  return contribution.rows.map(rowTag).filter((tag) => {
    while (at < mergedRows.length && Buffer.compare(rowTag(mergedRows[at] ?? tag), tag) < 0) at += 1;
    const found = mergedRows[at];
    return !found || !bytesEqual(rowTag(found), tag);
  });
}

export interface Omission {
  readonly tag: Tag;
  /** A hit under the contribution's root. */
  readonly contributed: RowEvidence;
  /** A miss under the merged table's root. */
  readonly merged: RowEvidence;
}

/** True if the two roots contradict each other on the tag: the aggregator left the row out. */
export function omissionHolds(omission: Omission, contributionRoot: Uint8Array, mergedRoot: Uint8Array): boolean {
  const { tag, contributed, merged } = omission;
  return rowVerdict(contributed, contributionRoot, tag) === "hit" && rowVerdict(merged, mergedRoot, tag) === "miss";
}

export interface AuditedContributor {
  readonly contributor: number;
  /** On chain. */
  readonly root: Uint8Array;
  readonly evidence: RowEvidence;
}

export interface Finding {
  readonly reason: FaultCode;
  /** Absent where the aggregator is at fault and no single contribution is concerned. */
  readonly contributor?: number;
  /** Where single slots differ. */
  readonly slots?: readonly number[];
}

interface Part {
  readonly contributor: number;
  readonly row: Row;
}

/**
 * What is wrong with the merged row of `tag`; nothing if it is the exact sum. `merged` is under the merged table's root,
 * `randomness` what the aggregator opened (`openMergedRow`). @throws Fault AGGREGATE_ROW_MALFORMED for the merged row.
 */
export function auditMergedRow(
  terms: AggregateTerms,
  tag: Tag,
  merged: Uint8Array,
  randomness: readonly Residue[],
  contributors: readonly AuditedContributor[],
): Finding[] {
  const { slotCount } = terms.schema;
  const parts: Part[] = [];
  const unproved: Finding[] = [];
  for (const { contributor, root, evidence } of contributors) {
    const verdict = rowVerdict(evidence, root, tag);
    const row = verdict === "hit" && evidence.row ? readRow(evidence.row, slotCount) : undefined;
    if (row) parts.push({ contributor, row });
    else if (verdict !== "miss") unproved.push({ contributor, reason: "AGGREGATE_EVIDENCE_INVALID" });
  }
  if (unproved.length > 0) return unproved;
  const row = decodeRow(merged, slotCount);
  const opened = randomness.length === slotCount && randomness.every((each) => ristretto255.isReduced(each));
  if (!bytesEqual(row.tag, tag) || !opened) return [{ reason: "AGGREGATE_ROW_ALTERED" }];
  const rest = difference(
    terms.contributionKey,
    row,
    randomness,
    parts.map((part) => part.row),
  );
  if (rest.every(isIdentity)) return [];
  return explain(rest, parts) ?? [{ reason: "AGGREGATE_ROW_ALTERED", slots: differing(rest) }];
}

/** Undefined for a row that its author committed and nobody could have admitted. */
function readRow(bytes: Uint8Array, slotCount: number): Row | undefined {
  try {
    return decodeRow(bytes, slotCount);
  } catch (error) {
    if (isFault(error)) return undefined;
    throw error;
  }
}

/** Both points of each slot: the merged row less the added randomness less the sum of the parts. */
function difference(key: Element, merged: Row, randomness: readonly Residue[], parts: readonly Row[]): Point[] {
  return merged.ciphertexts.flatMap(({ ephemeral, body }, slot) => {
    const of = parts.flatMap(({ ciphertexts }) => ciphertexts[slot] ?? []);
    const r = randomness[slot];
    if (!r) throw new RangeError("one randomness a slot");
    const ephemeralSum = combine({ generator: r, addends: of.map((each) => each.ephemeral) });
    const bodySum = combine({ products: [[r, key]], addends: of.map((each) => each.body) });
    return [subtractPoints(ephemeral, ephemeralSum), subtractPoints(body, bodySum)];
  });
}

/** Up to two rows dropped or doubled that make up the difference. */
function explain(rest: readonly Point[], parts: readonly Part[]): Finding[] | undefined {
  const deviations = parts.flatMap(({ contributor, row }) => {
    const points = row.ciphertexts.flatMap(({ ephemeral, body }): Point[] => [ephemeral, body]);
    return [
      { finding: { contributor, reason: "AGGREGATE_ROW_DOUBLED" } as const, points },
      { finding: { contributor, reason: "AGGREGATE_ROW_DROPPED" } as const, points: points.map(negatePoint) },
    ];
  });
  const one = deviations.find(({ points }) => samePoints(points, rest));
  if (one) return [one.finding];
  for (const [position, first] of deviations.entries()) {
    for (const second of deviations.slice(position + 1)) {
      // The first point of all rules out nearly every pair.
      const [a, b, c] = [first.points[0], second.points[0], rest[0]];
      if (!a || !b || !c || !bytesEqual(addPoints(a, b), c)) continue;
      const both = first.points.map((point, index) => sumPoints([point, second.points[index] ?? point]));
      if (samePoints(both, rest)) return [first.finding, second.finding];
    }
  }
  return undefined;
}

function samePoints(a: readonly Point[], b: readonly Point[]): boolean {
  return a.length === b.length && a.every((point, index) => bytesEqual(point, b[index] ?? new Uint8Array(0)));
}

function differing(rest: readonly Point[]): number[] {
  return [...new Set(rest.flatMap((point, index) => (isIdentity(point) ? [] : [Math.floor(index / 2)])))];
}
