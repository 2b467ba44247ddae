import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";

import { admitContribution, contribute, type Contribution } from "../../../protocol/aggregate/contribution.ts";
import { proveExponent, sumExponents } from "../../../protocol/aggregate/batched-proof.ts";
import { mergeRandomness } from "../../../protocol/aggregate/derived-randomness.ts";
import { sumRerandomised } from "../../../protocol/aggregate/elgamal.ts";
import { aggregateTag } from "../../../protocol/aggregate/mask.ts";
import { commitRows, decodeRow, encodeRow, rowTag } from "../../../protocol/aggregate/row.ts";
import { emptyRow, packRow } from "../../../protocol/aggregate/schema.ts";
import { compareTags } from "../../../protocol/sealed-table/linked-leaves.ts";
import { expectFault, faultOf, hex, random } from "../oprf/fixtures.ts";
import { admit, contributeBook, createWorld, evaluate, evaluateDummy } from "./world.ts";

const world = createWorld();
const { terms } = world;
const seed = random(32);
const book = {
  a: { counts: { B1: 2 }, overdueFen: 300 },
  b: { counts: { B2: 1 }, overdueFen: 0 },
  c: { counts: {}, overdueFen: 65_535 },
};
const good: Contribution = contributeBook(world, 1, book, seed);

/** Rows under a root that fits them, with the proof as it was. */
const withRows = (rows: readonly Uint8Array[], from: Contribution = good): Contribution => ({
  ...from,
  rows,
  root: commitRows(rows).tree.root,
});
const sorted = (rows: readonly Uint8Array[]) => [...rows].sort((a, b) => compareTags(rowTag(a), rowTag(b)));

describe("a contribution", () => {
  it("holds a row for each subject and dummy, in order, committed and admitted", () => {
    expect(good.rows.length).to.equal(4);
    const tags = good.rows.map((row) => hex(rowTag(row)));
    expect(tags).to.deep.equal([...tags].sort());
    for (const subject of ["a", "b", "c"]) expect(tags).to.include(hex(aggregateTag(evaluate(subject), terms.epoch)));
    expect(hex(commitRows(good.rows).tree.root)).to.equal(hex(good.root));
    expect(admit(terms, good).rows).to.equal(good.rows);
  });

  it("shares no point with the same table made anew from another seed, nor within itself", () => {
    const again = contributeBook(world, 1, book);
    const points = [good, again].flatMap(({ rows }) =>
      rows.flatMap((row) =>
        decodeRow(row, 4).ciphertexts.flatMap(({ ephemeral, body }) => [hex(ephemeral), hex(body)]),
      ),
    );
    expect(new Set(points).size).to.equal(points.length);
  });

  it("is refused unless subjects and dummies make up a permitted size", () => {
    const values = emptyRow(terms.schema);
    const make = (count: number) =>
      contribute(terms, 1, [{ y: evaluate("a"), values }], Array.from({ length: count }, evaluateDummy), seed, random);
    expect(make(3).rows.length).to.equal(4);
    expect(faultOf(() => make(4)).values).to.deep.equal({ count: 5 });
    expectFault(() => make(0), "AGGREGATE_ROW_COUNT");
  });

  it("is refused with one subject twice", () => {
    const row = { y: evaluate("a"), values: packRow(terms.schema, book.a) };
    const dummies = [evaluateDummy(), evaluateDummy()];
    expectFault(() => contribute(terms, 1, [row, row], dummies, seed, random), "TABLE_TAG_DUPLICATE");
    expect(() => contribute(terms, 1, [{ ...row, values: [1] }], [], seed, random)).to.throw();
  });

  it("is not admitted in another epoch, size, order or encoding, or under another root", () => {
    const changed = (change: Partial<Contribution>) => () => admit(terms, { ...good, ...change });
    expectFault(changed({ epoch: 8 }), "AGGREGATE_EPOCH_WRONG");
    expectFault(changed({ rows: good.rows.slice(1) }), "AGGREGATE_ROW_COUNT");
    expectFault(changed({ rows: [] }), "AGGREGATE_ROW_COUNT");
    expectFault(changed({ rows: [...good.rows].reverse() }), "TABLE_MISORDERED");
    expectFault(changed({ rows: good.rows.with(1, good.rows[0]!) }), "TABLE_TAG_DUPLICATE");
    expectFault(changed({ rows: good.rows.with(1, good.rows[1]!.slice(1)) }), "AGGREGATE_ROW_MALFORMED");
    expectFault(changed({ rows: good.rows.with(1, new Uint8Array(3)) }), "AGGREGATE_ROW_MALFORMED");
    const identity = good.rows.with(1, good.rows[1]!.slice().fill(0, 16, 48));
    expectFault(changed({ rows: identity }), "AGGREGATE_ROOT_WRONG");
    expectFault(() => admit(terms, withRows(identity)), "AGGREGATE_ROW_MALFORMED");
    expectFault(changed({ root: random(32) }), "AGGREGATE_ROOT_WRONG");
    expectFault(() => admitContribution(terms, good, random(32)), "AGGREGATE_ROOT_WRONG");
    expectFault(changed({ proof: random(64) }), "AGGREGATE_PROOF_INVALID");
    expectFault(changed({ proof: new Uint8Array(0) }), "AGGREGATE_PROOF_INVALID");
  });

  it("is not admitted under another name: the proof is its author's", () => {
    expectFault(() => admit(terms, { ...good, contributor: 2 }), "AGGREGATE_PROOF_INVALID");
  });

  it("is not admitted under other terms: key or epoch", () => {
    const other = createWorld().terms;
    expectFault(() => admit(other, good), "AGGREGATE_PROOF_INVALID");
    expectFault(() => admit({ ...terms, epoch: 8 }, { ...good, epoch: 8 }), "AGGREGATE_PROOF_INVALID");
  });

  it("cannot hold another firm's ciphertexts, shifted, under a tag of the thief's choice", () => {
    const victim = decodeRow(good.rows[0]!, 4);
    const thief = contributeBook(world, 2, { x: book.a, y: book.b, z: book.c }, seed);
    const shift = random(32);
    const stolen = {
      tag: rowTag(thief.rows[2]!),
      ciphertexts: victim.ciphertexts.map((each, slot) =>
        sumRerandomised(terms.contributionKey, [each], mergeRandomness(shift, random(64), victim.tag, slot)),
      ),
    };
    const rows = sorted(thief.rows.with(2, encodeRow(stolen)));
    expectFault(() => admit(terms, withRows(rows, thief)), "AGGREGATE_PROOF_INVALID");
    // Nor with a proof about whatever exponents the thief knows.
    const sum = sumExponents(random(10));
    sum.add(mergeRandomness(shift, random(64), victim.tag, 0));
    const proof = proveExponent(random(10), sum.total(), undefined, random);
    expectFault(() => admit(terms, { ...withRows(rows, thief), proof }), "AGGREGATE_PROOF_INVALID");
  });

  it("has rows of one size whatever they hold, so that dummies look like subjects", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 65_535 }), (overdueFen) => {
        const { rows } = contributeBook(world, 1, { a: { counts: { B1: 15 }, overdueFen } });
        expect(new Set(rows.map(({ length }) => length)).size).to.equal(1);
        for (const row of rows) expect(decodeRow(row, 4).ciphertexts.length).to.equal(4);
      }),
      { numRuns: 3 },
    );
  });
});
