/**
 * A contributor's whole table: for each subject its tag and, slot by slot, Enc(value G + M_j) under Y + Z; dummies, whose
 * subject is `dummy:` and 16 unguessable bytes evaluated like any other, fill it up to a row count of the terms. It is
 * made anew on every date of the calendar with a fresh seed, even if nothing changed: an update seen alone would name
 * its author. Values, masks and randomness of single rows can be opened from the seed (`opening.ts`).
 *
 * The proof shows that the author knows the randomness of every row, bound to author and root. Without it a contributor
 * could enter another one's ciphertexts, shifted, under a tag that it has paid for, and read that firm's values alone.
 * What it does not show: that values are in range. A false row is found when rows are sampled and opened.
 */
import { bytesEqual, concatBytes, uint, type RandomBytes } from "../encoding/bytes.ts";
import { Fault } from "../errors/fault.ts";
import { exponentProofHolds, proveExponent, sumExponents, sumPointsOf } from "./batched-proof.ts";
import { encryptionRandomness } from "./derived-randomness.ts";
import { encrypt } from "./elgamal.ts";
import { aggregateTag, masks } from "./mask.ts";
import { decodeRow, encodeRow, rootOf, type Row } from "./row.ts";
import { sortInMemory, type RowSorter, type Rows } from "./rows.ts";
import { emptyRow } from "./schema.ts";
import { statementHeader, type AggregateTerms } from "./terms.ts";

export interface Contribution<R extends Rows = readonly Uint8Array[]> {
  /** The member's id. */
  readonly contributor: number;
  readonly epoch: number;
  /** In order of their tags. */
  readonly rows: R;
  /** Root over the rows' linked leaves, posted on chain. */
  readonly root: Uint8Array;
  /** 64 bytes. */
  readonly proof: Uint8Array;
}

declare const admitted: unique symbol;

/** A contribution that was checked: what may be merged. */
export type AdmittedContribution<R extends Rows = readonly Uint8Array[]> = Contribution<R> & {
  readonly [admitted]: true;
};

export interface SubjectRow {
  /** The subject's evaluation, 64 bytes. */
  readonly y: Uint8Array;
  /** Integers by slot, from `packRow`. */
  readonly values: readonly number[];
}

/** Dummies among them have the values of `emptyRow`. Gone through twice, in any order that is the same both times. */
export interface SubjectRows extends Iterable<SubjectRow> {
  readonly length: number;
}

/**
 * A table that is small enough for memory; `dummies` are evaluations too.
 * @throws Fault as `contributeThrough`
 */
export function contribute(
  terms: AggregateTerms,
  contributor: number,
  subjects: readonly SubjectRow[],
  dummies: readonly Uint8Array[],
  seed: Uint8Array,
  random: RandomBytes,
): Contribution {
  const empty = emptyRow(terms.schema);
  const all = [...subjects, ...dummies.map((y) => ({ y, values: empty }))];
  return contributeThrough(sortInMemory(), terms, contributor, all, seed, random);
}

/**
 * A table of any size: rows go to the sorter as they are made. The weights of the proof follow from the root, so the
 * subjects are gone through again, and their randomness is derived anew. About 0.3 ms a slot.
 * @throws Fault AGGREGATE_ROW_COUNT if there are not as many as a row count of the terms, TABLE_TAG_DUPLICATE if one
 * subject comes twice
 */
export function contributeThrough<R extends Rows>(
  sorter: RowSorter<R>,
  terms: AggregateTerms,
  contributor: number,
  subjects: SubjectRows,
  seed: Uint8Array,
  random: RandomBytes,
): Contribution<R> {
  const { schema, epoch } = terms;
  if (!terms.isRowCount(subjects.length)) throw new Fault("AGGREGATE_ROW_COUNT", { count: subjects.length });
  for (const subject of subjects) sorter.add(encodeRow(encryptRow(terms, subject, seed)));
  const { rows, placeOf } = sorter.sorted();
  const root = rootOf(rows, schema.slotCount);
  const statement = knowledgeStatement(terms, contributor, root);
  const sum = sumExponents(statement);
  let index = 0;
  for (const { y, values } of subjects) {
    const tag = aggregateTag(y, epoch);
    const first = placeOf(index++) * schema.slotCount;
    for (const [slot, value] of values.entries()) {
      sum.add(encryptionRandomness(seed, epoch, tag, slot, value), first + slot);
    }
  }
  if (index !== subjects.length || index !== rows.length) throw new RangeError("the subjects are not what they were");
  const proof = proveExponent(statement, sum.total(), undefined, random);
  return { contributor, epoch, rows, root, proof };
}

/** The row of one subject, as `contribute` makes it. */
function encryptRow(terms: AggregateTerms, { y, values }: SubjectRow, seed: Uint8Array): Row {
  const { schema, epoch, contributionKey } = terms;
  if (values.length !== schema.slotCount) throw new RangeError("one value a slot");
  const tag = aggregateTag(y, epoch);
  const hidden = masks(y, epoch, schema.slotCount);
  const ciphertexts = hidden.map((mask, slot) => {
    const value = values[slot] ?? 0;
    const randomness = encryptionRandomness(seed, epoch, tag, slot, value);
    const ciphertext = encrypt(contributionKey, value, mask, randomness);
    randomness.fill(0);
    return ciphertext;
  });
  return { tag, ciphertexts };
}

/**
 * Checks all that can be checked without opening: epoch, size, order, encoding, commitment, proof. About 0.2 ms a slot.
 * `postedRoot` is the one that the chain has from this contributor for this epoch: a contribution that is not on chain may
 * be anybody's invention.
 * @throws Fault AGGREGATE_EPOCH_WRONG, AGGREGATE_ROW_COUNT, AGGREGATE_ROW_MALFORMED, TABLE_MISORDERED,
 * TABLE_TAG_DUPLICATE, AGGREGATE_ROOT_WRONG, AGGREGATE_PROOF_INVALID
 */
export function admitContribution<R extends Rows>(
  terms: AggregateTerms,
  contribution: Contribution<R>,
  postedRoot: Uint8Array,
): AdmittedContribution<R> {
  const { contributor, epoch, rows, root, proof } = contribution;
  if (epoch !== terms.epoch) throw new Fault("AGGREGATE_EPOCH_WRONG", { epoch, expected: terms.epoch });
  if (!terms.isRowCount(rows.length)) throw new Fault("AGGREGATE_ROW_COUNT", { count: rows.length });
  const committed = bytesEqual(root, postedRoot) && bytesEqual(rootOf(rows, terms.schema.slotCount), root);
  if (!committed) throw new Fault("AGGREGATE_ROOT_WRONG", { contributor });
  const statement = knowledgeStatement(terms, contributor, root);
  const sum = sumPointsOf(statement);
  let index = 0;
  for (const row of rows) {
    for (const { ephemeral } of decodeRow(row, terms.schema.slotCount, index++).ciphertexts) sum.add(ephemeral);
  }
  if (!exponentProofHolds(statement, sum.total(), undefined, proof)) {
    throw new Fault("AGGREGATE_PROOF_INVALID", { contributor });
  }
  return contribution as AdmittedContribution<R>;
}

function knowledgeStatement(terms: AggregateTerms, contributor: number, root: Uint8Array): Uint8Array {
  return concatBytes(statementHeader("contribution", terms), uint(contributor, 4), root);
}
