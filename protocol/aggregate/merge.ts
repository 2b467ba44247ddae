/**
 * The aggregator's step: rows of equal tag are added, every row gets fresh randomness, the table is filled up with rows of
 * unguessable tags and sorted. The proof shows, to whoever has the contributions, that each row is exactly the sum of the
 * contributors' rows of its tag (none of them for padding) and nothing else. The nodes strip no table without it: a table
 * that held one firm's row alone where several have one, or a row nobody contributed, would open what must stay closed.
 *
 * Fresh randomness hides from each contributor, who knows its own ciphertexts, whether others have rows of its subjects.
 * Who holds contributions sees which tags overlap; so do nodes that check the proof.
 */
import { bytesEqual, concatBytes, uint, type RandomBytes } from "../encoding/bytes.ts";
import { Fault } from "../errors/fault.ts";
import { sha512 } from "../group/expand-message.ts";
import type { Scalar } from "../group/group.ts";
import { subtractPoints, sumPoints } from "../group/points.ts";
import { compareTags } from "../sealed-table/linked-leaves.ts";
import type { Tag } from "../sealed-table/table-id.ts";
import { exponentProofHolds, proveExponent, sumExponents, sumPointsOf } from "./batched-proof.ts";
import type { AdmittedContribution } from "./contribution.ts";
import { mergeRandomness, paddingTag } from "./derived-randomness.ts";
import { sumRerandomised, type Ciphertext } from "./elgamal.ts";
import { commitRows, decodeRow, encodeRow, rootOf, rowTag, splitRow, type Row } from "./row.ts";
import { statementHeader, type AggregateTerms } from "./terms.ts";

export interface MergedTable {
  readonly epoch: number;
  /** Under Y + Z, in order of their tags. */
  readonly rows: readonly Uint8Array[];
  readonly root: Uint8Array;
  /** 64 bytes. */
  readonly proof: Uint8Array;
}

declare const verified: unique symbol;

/** A merged table that was checked against its contributions: what a node may strip. */
export type VerifiedMerge = MergedTable & { readonly [verified]: true };

/** Rows to add up for one tag: those of all who have it, none for padding. */
interface Overlap {
  readonly tag: Tag;
  readonly rows: readonly Uint8Array[];
}

/**
 * `rowCount` is the table's size, at least the number of different tags. The contributions' order does not matter.
 * @throws Fault AGGREGATE_CONTRIBUTORS_TOO_FEW, AGGREGATE_CONTRIBUTOR_DUPLICATE, AGGREGATE_CONTRIBUTORS_TOO_MANY,
 * AGGREGATE_EPOCH_WRONG, AGGREGATE_ROW_COUNT
 */
export function mergeContributions(
  terms: AggregateTerms,
  contributions: readonly AdmittedContribution[],
  rowCount: number,
  seed: Uint8Array,
  random: RandomBytes,
): MergedTable {
  requireContributors(terms, contributions);
  const overlaps = [...overlapsOf(contributions)];
  const padding = rowCount - overlaps.length;
  if (!terms.isRowCount(rowCount) || padding < 0) throw new Fault("AGGREGATE_ROW_COUNT", { count: rowCount });
  const merged = contributionsDigest(contributions);
  const all = [
    ...overlaps,
    ...Array.from({ length: padding }, (_, index) => ({ tag: paddingTag(seed, merged, index), rows: [] })),
  ].sort((a, b) => compareTags(a.tag, b.tag));
  const rows = all.map((overlap) => encodeRow(mergeRow(terms, overlap, seed, merged)));
  const { root } = commitRows(rows).tree;
  const statement = mergeStatement(terms, merged, root);
  const sum = sumExponents(statement);
  for (const { tag } of all) {
    for (let slot = 0; slot < terms.schema.slotCount; slot += 1) sum.add(mergeRandomness(seed, merged, tag, slot));
  }
  const proof = proveExponent(statement, sum.total(), terms.contributionKey, random);
  return { epoch: terms.epoch, rows, root, proof };
}

/**
 * Checks a merged table against the contributions that it is of; every one who strips does so first. 0.5 ms a slot.
 * @throws Fault as `mergeContributions`, and AGGREGATE_ROW_MALFORMED, TABLE_MISORDERED, TABLE_TAG_DUPLICATE,
 * AGGREGATE_ROW_DROPPED, MERGE_PROOF_INVALID
 */
export function verifyMerge(
  terms: AggregateTerms,
  contributions: readonly AdmittedContribution[],
  table: MergedTable,
): VerifiedMerge {
  requireContributors(terms, contributions);
  if (table.epoch !== terms.epoch)
    throw new Fault("AGGREGATE_EPOCH_WRONG", { epoch: table.epoch, expected: terms.epoch });
  if (!terms.isRowCount(table.rows.length)) throw new Fault("AGGREGATE_ROW_COUNT", { count: table.rows.length });
  if (!bytesEqual(rootOf(table.rows, terms.schema.slotCount), table.root)) throw new Fault("MERGE_PROOF_INVALID");
  const statement = mergeStatement(terms, contributionsDigest(contributions), table.root);
  const sum = sumPointsOf(statement);
  const overlaps = overlapsOf(contributions);
  let next = overlaps.next();
  for (const [index, bytes] of table.rows.entries()) {
    const row = decodeRow(bytes, terms.schema.slotCount, index);
    // A contributed tag that the table lacks is never passed, and so none behind it.
    const contributed = next.value && compareTags(next.value.tag, row.tag) === 0 ? next.value : undefined;
    const added = contributed ? partsOf(contributed) : [];
    if (contributed) next = overlaps.next();
    for (const [slot, ciphertext] of row.ciphertexts.entries()) {
      const parts = added.flatMap((ciphertexts) => ciphertexts[slot] ?? []);
      sum.add(
        subtractPoints(ciphertext.ephemeral, sumPoints(parts.map(({ ephemeral }) => ephemeral))),
        subtractPoints(ciphertext.body, sumPoints(parts.map(({ body }) => body))),
      );
    }
  }
  if (!next.done) throw new Fault("AGGREGATE_ROW_DROPPED");
  if (!exponentProofHolds(statement, sum.total(), terms.contributionKey, table.proof)) {
    throw new Fault("MERGE_PROOF_INVALID");
  }
  return table as VerifiedMerge;
}

/** What the aggregator opens of one row to an auditor: the randomness that it added, by slot. */
export function openMergedRow(
  terms: AggregateTerms,
  contributions: readonly AdmittedContribution[],
  seed: Uint8Array,
  tag: Tag,
): Scalar[] {
  const merged = contributionsDigest(contributions);
  return Array.from({ length: terms.schema.slotCount }, (_, slot) => mergeRandomness(seed, merged, tag, slot));
}

/** How many different tags the contributions have: the least a merged table must hold. */
export function distinctTags(contributions: readonly AdmittedContribution[]): number {
  let count = 0;
  for (const _ of overlapsOf(contributions)) count += 1;
  return count;
}

function mergeRow(terms: AggregateTerms, overlap: Overlap, seed: Uint8Array, merged: Uint8Array): Row {
  const added = partsOf(overlap);
  const ciphertexts = Array.from({ length: terms.schema.slotCount }, (_, slot) =>
    sumRerandomised(
      terms.contributionKey,
      added.flatMap((parts) => parts[slot] ?? []),
      mergeRandomness(seed, merged, overlap.tag, slot),
    ),
  );
  return { tag: overlap.tag, ciphertexts };
}

function partsOf({ rows }: Overlap): (readonly Ciphertext[])[] {
  return rows.map((row) => splitRow(row).ciphertexts);
}

/** Tag by tag in order: each contribution is sorted, so one row of each is looked at. */
function* overlapsOf(contributions: readonly AdmittedContribution[]): Generator<Overlap, undefined> {
  const heads = contributions.map(({ rows }) => ({ rows, at: 0 }));
  for (;;) {
    const present = heads.flatMap((head) => {
      const row = head.rows[head.at];
      return row ? [{ head, row, tag: rowTag(row) }] : [];
    });
    const [first, ...rest] = present;
    if (!first) return undefined;
    const least = rest.reduce((tag, each) => (compareTags(each.tag, tag) < 0 ? each.tag : tag), first.tag);
    const here = present.filter(({ tag }) => compareTags(tag, least) === 0);
    for (const { head } of here) head.at += 1;
    yield { tag: least, rows: here.map(({ row }) => row) };
  }
}

function requireContributors(
  { leastContributors, epoch, schema }: AggregateTerms,
  contributions: readonly AdmittedContribution[],
): void {
  const contributors = contributions.length;
  if (contributors < leastContributors) {
    throw new Fault("AGGREGATE_CONTRIBUTORS_TOO_FEW", { contributors, least: leastContributors });
  }
  if (contributors > schema.maxContributors) {
    throw new Fault("AGGREGATE_CONTRIBUTORS_TOO_MANY", { contributors, most: schema.maxContributors });
  }
  const seen = new Set<number>();
  for (const each of contributions) {
    if (seen.has(each.contributor)) {
      throw new Fault("AGGREGATE_CONTRIBUTOR_DUPLICATE", { contributor: each.contributor });
    }
    seen.add(each.contributor);
    if (each.epoch !== epoch) throw new Fault("AGGREGATE_EPOCH_WRONG", { epoch: each.epoch, expected: epoch });
  }
}

/** SHA-512 over contributor (4) | root (32) of each, by contributor. */
function contributionsDigest(contributions: readonly AdmittedContribution[]): Uint8Array {
  const parts = [...contributions]
    .sort((a, b) => a.contributor - b.contributor)
    .flatMap(({ contributor, root }) => [uint(contributor, 4), root]);
  return sha512(concatBytes(...parts));
}

function mergeStatement(terms: AggregateTerms, merged: Uint8Array, root: Uint8Array): Uint8Array {
  return concatBytes(statementHeader("merge", terms), merged, root);
}
