import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";

import {
  createSchema,
  emptyRow,
  packRow,
  standardSchema,
  SUM_LIMIT,
  unpackSums,
  type AggregateLayout,
} from "../../../protocol/aggregate/schema.ts";
import { isFault } from "../../../protocol/errors/fault.ts";
import { expectFault, faultOf } from "../oprf/fixtures.ts";
import { smallSchema } from "./world.ts";

const CLASSES = ["A1", "A2", "B1", "B2", "B3", "B4", "C1", "C2"];
const counts = fc.dictionary(fc.constantFrom(...CLASSES), fc.integer({ min: 0, max: 15 }));
const amounts = fc.integer({ min: 0, max: standardSchema.mostAmountFen });

describe("layout of a row", () => {
  it("adds up, over any number of contributors, to the sums that plain addition gives", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(counts, amounts), { minLength: 1, maxLength: 128 }), (rows) => {
        const sums = Array.from({ length: standardSchema.slotCount }, () => 0);
        for (const [each, overdueFen] of rows) {
          for (const [slot, value] of packRow(standardSchema, { counts: each, overdueFen }).entries())
            sums[slot]! += value;
        }
        for (const sum of sums) expect(sum).to.be.below(SUM_LIMIT);
        const expected = Object.fromEntries(
          CLASSES.map((name) => [name, rows.reduce((t, [c]) => t + (c[name] ?? 0), 0)]),
        );
        expect(unpackSums(standardSchema, sums)).to.deep.equal({
          contributors: rows.length,
          counts: expected,
          overdueFen: rows.reduce((total, [, amount]) => total + amount, 0),
          capped: 0,
        });
      }),
      { numRuns: 30 },
    );
  });

  it("holds its bounds when everybody enters the most of everything", () => {
    const most = { counts: Object.fromEntries(CLASSES.map((name) => [name, 99])), overdueFen: Number.MAX_SAFE_INTEGER };
    const sums = packRow(standardSchema, most).map((value) => value * 128);
    for (const sum of sums) expect(sum).to.be.below(SUM_LIMIT);
    expect(unpackSums(standardSchema, sums)).to.deep.equal({
      contributors: 128,
      counts: Object.fromEntries(CLASSES.map((name) => [name, 15 * 128])),
      overdueFen: 128 * (2 ** 40 - 1),
      capped: 128,
    });
  });

  it("marks a row whose value is above its cap, and no other", () => {
    const capped = (each: Record<string, number>, overdueFen: number) =>
      unpackSums(standardSchema, packRow(standardSchema, { counts: each, overdueFen })).capped;
    expect(capped({ B1: 15 }, standardSchema.mostAmountFen)).to.equal(0);
    expect(capped({ B1: 16 }, 0)).to.equal(1);
    expect(capped({}, standardSchema.mostAmountFen + 1)).to.equal(1);
    expect(unpackSums(standardSchema, emptyRow(standardSchema)).contributors).to.equal(1);
  });

  it("cannot be made if a sum could pass 2^23 or reach its neighbour", () => {
    const layout = (change: Partial<AggregateLayout>): AggregateLayout => ({
      maxContributors: 128,
      classSlots: [[{ class: "B1", most: 15 }]],
      limbBits: [8],
      ...change,
    });
    const bad: AggregateLayout[] = [
      layout({ limbBits: [16] }),
      layout({ limbBits: [17, 8] }),
      layout({ limbBits: [8, 9, 16] }),
      layout({ limbBits: [] }),
      layout({ classSlots: Array.from({ length: 62 }, (_, index) => [{ class: `X${String(index)}`, most: 1 }]) }),
      layout({ limbBits: [16, 16, 15] }),
      layout({ maxContributors: 8, limbBits: [19, 19, 13] }),
      layout({ maxContributors: 0 }),
      layout({ maxContributors: 129, limbBits: [16, 8] }),
      layout({ classSlots: [[{ class: "B1", most: 2 ** 16 }]] }),
      layout({
        classSlots: [
          [
            { class: "B1", most: 31 },
            { class: "B2", most: 31 },
          ],
        ],
        limbBits: [8],
      }),
      layout({ classSlots: [[{ class: "B1", most: 0.5 }]] }),
      layout({ classSlots: [[{ class: "B1", most: 3 }], [{ class: "B1", most: 3 }]] }),
      layout({ classSlots: [] }),
    ];
    for (const each of bad) expectFault(() => createSchema(each), "AGGREGATE_LAYOUT_INVALID");
    expect(createSchema(layout({})).slotCount).to.equal(3);
    expect(createSchema(layout({ limbBits: [8, 8] })).slotCount).to.equal(4);
    expect(createSchema(layout({ maxContributors: 8, limbBits: [19, 19, 12] })).mostAmountFen).to.equal(2 ** 50 - 1);
  });

  it("made from any numbers, is refused or safe for the most that can be entered", () => {
    const cap = fc.integer({ min: 1, max: 70_000 });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 300 }),
        fc.array(fc.array(cap, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 3 }),
        fc.array(fc.integer({ min: 1, max: 18 }), { minLength: 1, maxLength: 3 }),
        (maxContributors, caps, limbBits) => {
          let next = 0;
          const classSlots = caps.map((slot) => slot.map((most) => ({ class: `C${String(next++)}`, most })));
          let schema;
          try {
            schema = createSchema({ maxContributors, classSlots, limbBits });
          } catch (error) {
            expect(isFault(error, "AGGREGATE_LAYOUT_INVALID")).to.equal(true);
            return;
          }
          const all = Object.fromEntries(classSlots.flat().map((each) => [each.class, each.most + 1]));
          const sums = packRow(schema, { counts: all, overdueFen: schema.mostAmountFen }).map(
            (v) => v * maxContributors,
          );
          for (const sum of sums) expect(sum).to.be.below(SUM_LIMIT);
          const read = unpackSums(schema, sums);
          expect(read.capped).to.equal(maxContributors);
          expect(read.overdueFen).to.equal(schema.mostAmountFen * maxContributors);
          for (const each of classSlots.flat()) expect(read.counts[each.class]).to.equal(each.most * maxContributors);
        },
      ),
    );
  });

  it("refuses values that are no counts or amounts, and classes it does not have", () => {
    const row =
      (each: Record<string, number>, overdueFen = 0) =>
      () =>
        packRow(smallSchema, { counts: each, overdueFen });
    for (const bad of [-1, 0.5, Number.NaN, 2 ** 53]) {
      expect(faultOf(row({ B1: bad })).values).to.deep.equal({ field: "B1" });
      expectFault(row({}, bad), "AGGREGATE_VALUE_INVALID");
    }
    expectFault(row({ D9: 0 }), "AGGREGATE_CLASS_UNKNOWN");
  });

  it("refuses sums above what the contributors may add up to", () => {
    const row = packRow(smallSchema, { counts: { B1: 15, B2: 7 }, overdueFen: 65_535 });
    expect(unpackSums(smallSchema, row).counts).to.deep.equal({ B1: 15, B2: 7 });
    expectFault(() => unpackSums(smallSchema, row.with(1, row[1]! + 1)), "AGGREGATE_SUM_IMPLAUSIBLE");
    expectFault(() => unpackSums(smallSchema, row.with(2, 256)), "AGGREGATE_SUM_IMPLAUSIBLE");
    expectFault(() => unpackSums(smallSchema, row.with(3, SUM_LIMIT - 1)), "AGGREGATE_SUM_IMPLAUSIBLE");
  });
});
