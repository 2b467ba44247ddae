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
import { TAG_BYTES, type Tag } from "../sealed-table/table-id.ts";
import { exponentProofHolds, proveExponent, sumExponents, sumPointsOf } from "./batched-proof.ts";
import type { AdmittedContribution } from "./contribution.ts";
import { mergeRandomness, paddingTag } from "./derived-randomness.ts";
import { sumRerandomised, type Ciphertext } from "./elgamal.ts";
import { overlapsOf, padded, type Overlap } from "./overlaps.ts";
import { decodeRow, encodeRow, rootOf, rowTag, splitRow, type Row } from "./row.ts";
import { keepInMemory, type RowKeeper, type Rows } from "./rows.ts";
import { statementHeader, type AggregateTerms } from "./terms.ts";

export interface MergedTable<R extends Rows = readonly Uint8Array[]> {
  readonly epoch: number;
  /** Under Y + Z, in order of their tags. */
  readonly rows: R;
  readonly root: Uint8Array;
  /** 64 bytes. */
  readonly proof: Uint8Array;
}

declare const verified: unique symbol;

/** A merged table that was checked against its contributions: what a node may strip. */
export type VerifiedMerge<R extends Rows = readonly Uint8Array[]> = MergedTable<R> & { readonly [verified]: true };

/** What steps look at of contributions: each is gone through one row at a time. */
export type Contributions = readonly AdmittedContribution<Rows>[];

/** A table that is small enough for memory. @throws Fault as `mergeInto` */
export function mergeContributions(
  terms: AggregateTerms,
  contributions: Contributions,
  rowCount: number,
  seed: Uint8Array,
  random: RandomBytes,
): MergedTable {
  return mergeInto(keepInMemory(), terms, contributions, rowCount, seed, random);
}

/**
 * `rowCount` is the table's size, at least the number of different tags. The contributions' order does not matter. Of all
 * rows only the tags of those that pad are in memory, 24 bytes each.
 * @throws Fault AGGREGATE_CONTRIBUTORS_TOO_FEW, AGGREGATE_CONTRIBUTOR_DUPLICATE, AGGREGATE_CONTRIBUTORS_TOO_MANY,
 * AGGREGATE_EPOCH_WRONG, AGGREGATE_ROW_COUNT
 */
export function mergeInto<R extends Rows>(
  keeper: RowKeeper<R>,
  terms: AggregateTerms,
  contributions: Contributions,
  rowCount: number,
  seed: Uint8Array,
  random: RandomBytes,
): MergedTable<R> {
  const { slotCount } = terms.schema;
  requireContributors(terms, contributions);
  const padding = rowCount - distinctTags(contributions);
  if (!terms.isRowCount(rowCount) || padding < 0) throw new Fault("AGGREGATE_ROW_COUNT", { count: rowCount });
  const merged = contributionsDigest(contributions);
  for (const overlap of padded(overlapsOf(contributions), paddingTags(seed, merged, padding))) {
    keeper.add(encodeRow(mergeRow(terms, overlap, seed, merged)));
  }
  const rows = keeper.kept();
  const root = rootOf(rows, slotCount);
  const statement = mergeStatement(terms, merged, root);
  const sum = sumExponents(statement);
  for (const row of rows) {
    const tag = rowTag(row);
    for (let slot = 0; slot < slotCount; slot += 1) sum.add(mergeRandomness(seed, merged, tag, slot));
  }
  const proof = proveExponent(statement, sum.total(), terms.contributionKey, random);
  return { epoch: terms.epoch, rows, root, proof };
}

/**
 * Checks a merged table against the contributions that it is of; every one who strips does so first. 0.5 ms a slot.
 * @throws Fault as `mergeContributions`, and AGGREGATE_ROW_MALFORMED, TABLE_MISORDERED, TABLE_TAG_DUPLICATE,
 * AGGREGATE_ROW_DROPPED, MERGE_PROOF_INVALID
 */
export function verifyMerge<R extends Rows>(
  terms: AggregateTerms,
  contributions: Contributions,
  table: MergedTable<R>,
): VerifiedMerge<R> {
  requireContributors(terms, contributions);
  if (table.epoch !== terms.epoch)
    throw new Fault("AGGREGATE_EPOCH_WRONG", { epoch: table.epoch, expected: terms.epoch });
  if (!terms.isRowCount(table.rows.length)) throw new Fault("AGGREGATE_ROW_COUNT", { count: table.rows.length });
  if (!bytesEqual(rootOf(table.rows, terms.schema.slotCount), table.root)) throw new Fault("MERGE_PROOF_INVALID");
  const statement = mergeStatement(terms, contributionsDigest(contributions), table.root);
  const sum = sumPointsOf(statement);
  const overlaps = overlapsOf(contributions);
  let next = overlaps.next();
  let index = 0;
  for (const bytes of table.rows) {
    const row = decodeRow(bytes, terms.schema.slotCount, index++);
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
  return table as VerifiedMerge<R>;
}

/** What the aggregator opens of one row to an auditor: the randomness that it added, by slot. */
export function openMergedRow(
  terms: AggregateTerms,
  contributions: Contributions,
  seed: Uint8Array,
  tag: Tag,
): Scalar[] {
  const merged = contributionsDigest(contributions);
  return Array.from({ length: terms.schema.slotCount }, (_, slot) => mergeRandomness(seed, merged, tag, slot));
}

/** How many different tags the contributions have: the least a merged table must hold. */
export function distinctTags(contributions: Contributions): number {
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

/** One after another, as bytes. */
function paddingTags(seed: Uint8Array, merged: Uint8Array, count: number): Uint8Array {
  const tags = new Uint8Array(count * TAG_BYTES);
  for (let index = 0; index < count; index += 1) tags.set(paddingTag(seed, merged, index), index * TAG_BYTES);
  return tags;
}

function requireContributors({ leastContributors, epoch, schema }: AggregateTerms, contributions: Contributions): void {
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
function contributionsDigest(contributions: Contributions): Uint8Array {
  const parts = [...contributions]
    .sort((a, b) => a.contributor - b.contributor)
    .flatMap(({ contributor, root }) => [uint(contributor, 4), root]);
  return sha512(concatBytes(...parts));
}

function mergeStatement(terms: AggregateTerms, merged: Uint8Array, root: Uint8Array): Uint8Array {
  return concatBytes(statementHeader("merge", terms), merged, root);
}
