import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";

import { proveExponent, sumExponents } from "../../../protocol/aggregate/batched-proof.ts";
import type { AdmittedContribution } from "../../../protocol/aggregate/contribution.ts";
import { sumRerandomised } from "../../../protocol/aggregate/elgamal.ts";
import { mergeContributions, openMergedRow, verifyMerge, type MergedTable } from "../../../protocol/aggregate/merge.ts";
import { commitRows, decodeRow, encodeRow, rowTag } from "../../../protocol/aggregate/row.ts";
import { addPoints, multiplyGenerator, requireElement } from "../../../protocol/group/points.ts";
import { residueOf } from "../../../protocol/group/residues.ts";
import { ristretto255 } from "../../../protocol/group/ristretto255.ts";
import { compareTags } from "../../../protocol/sealed-table/linked-leaves.ts";
import { expectFault, faultOf, hex, random } from "../oprf/fixtures.ts";
import { contributeBook, createWorld, decoded, merge } from "./world.ts";

const world = createWorld();
const { terms } = world;
const summary = (overdueFen: number) => ({ counts: { B1: 1 }, overdueFen });
const one = contributeBook(world, 1, { a: summary(1), b: summary(2), c: summary(3) });
const two = contributeBook(world, 2, { a: summary(10), c: summary(30), d: summary(40) });
const three = contributeBook(world, 3, { a: summary(100), e: summary(50) });
const all = [one, two, three];
const seed = random(32);
const merged = merge(world, all, seed);
const tagOf = (row: Uint8Array) => hex(rowTag(row));
const overlapping = () => {
  const tags = one.rows.map(tagOf).filter((tag) => two.rows.map(tagOf).includes(tag));
  return merged.rows.findIndex((row) => tagOf(row) === tags[0]);
};

const recommitted = (rows: readonly Uint8Array[]): MergedTable => {
  const sorted = [...rows].sort((a, b) => compareTags(rowTag(a), rowTag(b)));
  return { ...merged, rows: sorted, root: commitRows(sorted).tree.root };
};
const refused = (table: MergedTable, contributions: readonly AdmittedContribution[] = all) =>
  faultOf(() => verifyMerge(terms, contributions, table)).code;

describe("merging of contributions", () => {
  it("has each tag once, in order, padded, and is proved", () => {
    const tags = merged.rows.map(tagOf);
    expect(tags).to.deep.equal([...new Set(tags)].sort());
    for (const row of all.flatMap(({ rows }) => rows)) expect(tags).to.include(tagOf(row));
    expect(merged.rows.length % 4).to.equal(0);
    verifyMerge(terms, all, merged);
  });

  it("does not depend on the order of contributions, and follows from the seed", () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(all, { minLength: 3 }), (shuffled) => {
        const again = merge(world, shuffled, seed);
        expect(hex(again.root)).to.equal(hex(merged.root));
        verifyMerge(terms, shuffled, again);
      }),
      { numRuns: 4 },
    );
    expect(hex(merge(world, all).root)).not.to.equal(hex(merged.root));
  });

  it("shares no point with a contribution, whoever else has the subject", () => {
    const pointsOf = (rows: readonly Uint8Array[]) =>
      rows.flatMap((row) =>
        decodeRow(row, 4).ciphertexts.flatMap(({ ephemeral, body }) => [hex(ephemeral), hex(body)]),
      );
    const contributed = new Set(all.flatMap(({ rows }) => pointsOf(rows)));
    for (const point of pointsOf(merged.rows)) expect(contributed.has(point)).to.equal(false);
  });

  it("refuses too few or too many contributors, one twice, another epoch, and a size that does not do", () => {
    const make =
      (contributions: readonly AdmittedContribution[], count = 16) =>
      () =>
        mergeContributions(terms, contributions, count, seed, random);
    expect(faultOf(make([one])).values).to.deep.equal({ contributors: 1, least: 2 });
    expectFault(make([]), "AGGREGATE_CONTRIBUTORS_TOO_FEW");
    const crowd = Array.from({ length: 9 }, (_, index) => ({ ...one, contributor: index }));
    expectFault(make(crowd), "AGGREGATE_CONTRIBUTORS_TOO_MANY");
    expectFault(make([one, two, { ...three, contributor: 1 }]), "AGGREGATE_CONTRIBUTOR_DUPLICATE");
    expectFault(make([one, two, { ...three, epoch: 6 }]), "AGGREGATE_EPOCH_WRONG");
    expectFault(make(all, 4), "AGGREGATE_ROW_COUNT");
    expectFault(make(all, 17), "AGGREGATE_ROW_COUNT");
    expectFault(() => verifyMerge(terms, [one], merged), "AGGREGATE_CONTRIBUTORS_TOO_FEW");
  });

  it("is opened row by row by the randomness that was added", () => {
    const index = overlapping();
    const row = decodeRow(merged.rows[index]!, 4);
    const randomness = openMergedRow(terms, all, seed, row.tag);
    for (const [slot, ciphertext] of row.ciphertexts.entries()) {
      const parts = all.flatMap((of) =>
        decoded(of).flatMap((each) => (hex(each.tag) === hex(row.tag) ? [each.ciphertexts[slot]!] : [])),
      );
      const again = sumRerandomised(terms.contributionKey, parts, randomness[slot]!);
      expect([hex(again.ephemeral), hex(again.body)]).to.deep.equal([hex(ciphertext.ephemeral), hex(ciphertext.body)]);
    }
  });
});

describe("a merged table that is not the sum of its contributions", () => {
  const alter = (index: number, slot: number, part: "ephemeral" | "body") => {
    const row = decodeRow(merged.rows[index]!, 4);
    const shift = multiplyGenerator(residueOf(1));
    const ciphertexts = row.ciphertexts.map((each, at) =>
      at === slot ? { ...each, [part]: requireElement(addPoints(each[part], shift)) } : each,
    );
    return recommitted(merged.rows.with(index, encodeRow({ tag: row.tag, ciphertexts })));
  };

  it("is refused if any point of any row is altered, padding included", () => {
    for (const index of merged.rows.keys()) {
      expect(refused(alter(index, index % 4, index % 2 === 0 ? "body" : "ephemeral"))).to.equal("MERGE_PROOF_INVALID");
    }
  });

  it("is refused if a row is missing, or one too many", () => {
    const real = new Set(all.flatMap(({ rows }) => rows.map(tagOf)));
    const index = merged.rows.findIndex((row) => real.has(tagOf(row)));
    const stray = Uint8Array.from([...random(16), ...merged.rows[0]!.slice(16)]);
    expect(refused(recommitted(merged.rows.with(index, stray)))).to.equal("AGGREGATE_ROW_DROPPED");
    expect(refused(recommitted(merged.rows.toSpliced(index, 1)))).to.equal("AGGREGATE_ROW_COUNT");
    const more = Array.from({ length: 4 }, () => Uint8Array.from([...random(16), ...merged.rows[0]!.slice(16)]));
    expect(refused(recommitted([...merged.rows, ...more]))).to.equal("MERGE_PROOF_INVALID");
  });

  it("is refused with one firm's row alone where several have one, though honestly randomised", () => {
    const index = overlapping();
    const tag = rowTag(merged.rows[index]!);
    const alone = decoded(one).find((row) => hex(row.tag) === hex(tag))!;
    const ciphertexts = alone.ciphertexts.map((each) =>
      sumRerandomised(terms.contributionKey, [each], ristretto255.randomScalar(random)),
    );
    expect(refused(recommitted(merged.rows.with(index, encodeRow({ tag, ciphertexts }))))).to.equal(
      "MERGE_PROOF_INVALID",
    );
  });

  it("is refused with a contributor's row planted as padding", () => {
    const real = new Set(all.flatMap(({ rows }) => rows.map(tagOf)));
    const index = merged.rows.findIndex((row) => !real.has(tagOf(row)));
    const planted = { tag: rowTag(merged.rows[index]!), ciphertexts: decoded(one)[0]!.ciphertexts };
    const table = recommitted(merged.rows.with(index, encodeRow(planted)));
    expect(refused(table)).to.equal("MERGE_PROOF_INVALID");
    const sum = sumExponents(random(8));
    const proof = proveExponent(random(8), sum.total(), terms.contributionKey, random);
    expect(refused({ ...table, proof })).to.equal("MERGE_PROOF_INVALID");
  });

  it("is refused as the merge of fewer, more or other contributions", () => {
    expect(refused(merged, [one, two])).to.equal("MERGE_PROOF_INVALID");
    expect(refused(merge(world, [one, two]))).to.equal("AGGREGATE_ROW_DROPPED");
    const four = contributeBook(world, 4, {});
    expect(refused(merged, [...all, four])).to.equal("AGGREGATE_ROW_DROPPED");
  });

  it("is refused as the merge of the same rows under other names", () => {
    const renamed = [{ ...one, contributor: 2 }, { ...two, contributor: 1 }, three];
    expect(refused(merged, renamed)).to.equal("MERGE_PROOF_INVALID");
  });

  it("is refused with another root, epoch or proof", () => {
    expect(refused({ ...merged, root: random(32) })).to.equal("MERGE_PROOF_INVALID");
    expect(refused({ ...merged, epoch: 8 })).to.equal("AGGREGATE_EPOCH_WRONG");
    expect(refused({ ...merged, proof: merge(world, all).proof })).to.equal("MERGE_PROOF_INVALID");
    expect(refused({ ...merged, proof: new Uint8Array(2) })).to.equal("MERGE_PROOF_INVALID");
    expect(refused({ ...merged, rows: [...merged.rows].reverse() })).to.equal("TABLE_MISORDERED");
    expect(refused({ ...merged, rows: merged.rows.with(2, new Uint8Array(3)) })).to.equal("AGGREGATE_ROW_MALFORMED");
  });
});
