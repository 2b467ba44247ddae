import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";

import { pack, unpack } from "../../../protocol/paillier/packing.ts";
import { definitions, industryRisk, layoutOf, monthOf, statisticOf } from "../../../protocol/statistics/definition.ts";
import { expectFault, hex } from "../paillier/fixtures.ts";

const KNOWN_ID = "781056e04471587f2014bdd3438424e824a223525fb854e5e0e1373e2e13ba2b";

describe("definition of a statistic", () => {
  it("has an id that says all of it: the one that stands on chain never comes to mean something else", () => {
    // Contributions and releases of the past are bound to it: a change here is another statistic.
    expect(hex(statisticOf(industryRisk))).to.equal(KNOWN_ID);
    const other = { ...industryRisk, contributors: 129 };
    expect(hex(statisticOf(other))).not.to.equal(KNOWN_ID);
    const reordered = Object.fromEntries(Object.entries(industryRisk).toReversed()) as unknown as typeof industryRisk;
    expect(hex(statisticOf(reordered))).to.equal(KNOWN_ID);
  });

  it("fits into one plaintext with every slot at its largest, for as many contributors as it holds", () => {
    const layout = layoutOf(industryRisk, 3072);
    const bits = layout.slotBits.reduce((sum, each) => sum + each, layout.counterBits);
    expect(bits).to.equal(992);
    const most = Object.fromEntries(layout.fields.map((field) => [field.name, field.most]));
    const sum = pack(layout, most) * BigInt(industryRisk.contributors);
    const sums = unpack(layout, sum, industryRisk.contributors);
    for (const { name, most: each } of layout.fields) expect(sums[name]).to.equal(each * 128n);
    expectFault(() => layoutOf(industryRisk, 992), "PACKING_TOO_WIDE");
    layoutOf(industryRisk, 993);
  });

  it("has a field for each class and measure, named after both", () => {
    for (const { fields } of definitions) {
      expect(new Set(fields.map(({ name }) => name)).size).to.equal(fields.length);
      for (const field of fields) expect(field.name).to.equal(`${field.class}.${field.measure}`);
    }
    expect(industryRisk.fields).to.have.length(24);
  });

  it("counts by months, of any length", () => {
    expect(monthOf(202602)).to.deep.equal({ first: "2026-02-01", last: "2026-02-28" });
    expect(monthOf(202402).last).to.equal("2024-02-29");
    expect(monthOf(202612).last).to.equal("2026-12-31");
    for (const period of [0, 202600, 202613, 2026, 20260601, 202606.5, -1, Number.NaN]) {
      expectFault(() => monthOf(period), "STATISTIC_PERIOD_INVALID");
    }
  });

  it("sums what members pack, whoever they are", () => {
    const layout = layoutOf(industryRisk, 3072);
    const values = fc.record(
      Object.fromEntries(layout.fields.map(({ name, most }) => [name, fc.bigInt({ min: 0n, max: most })])),
    );
    fc.assert(
      fc.property(fc.array(values, { minLength: 3, maxLength: 8 }), (members) => {
        const sum = members.reduce((total, each) => total + pack(layout, each), 0n);
        const sums = unpack(layout, sum, members.length);
        return layout.fields.every(
          ({ name }) => sums[name] === members.reduce((total, each) => total + (each[name] ?? 0n), 0n),
        );
      }),
      { numRuns: 50 },
    );
  });
});
