import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";

import { ADVICE, statement, type StatementFacts } from "../../../../relayer/services/query/statement.ts";

const facts: fc.Arbitrary<StatementFacts> = fc
  .record({
    outcome: fc.constantFrom("found", "not_found", "incomplete", "withheld"),
    records: fc.nat(20),
    asOf: fc.option(fc.constantFrom("2026-05-01", "2025-12-31"), { nil: undefined }),
    asked: fc.integer({ min: 1, max: 40 }),
    answered: fc.nat(40),
    categories: fc.subarray(["A", "B", "C"]),
  })
  .map((each) => ({ ...each, answered: Math.min(each.answered, each.asked) }));

const ordinary: StatementFacts = {
  ...{ outcome: "not_found", records: 0, asOf: "2026-05-01", answered: 3, asked: 4, categories: ["B", "C"] },
};

describe("the statement of an answer", () => {
  it("never says that there is no default, in either language", () => {
    fc.assert(
      fc.property(facts, (each) => {
        const { en, zh } = statement(each);
        expect(en).to.not.match(/no (default|risk|overdue)|clean|good standing/i);
        expect(zh).to.not.match(/无(违约|风险|逾期)|没有违约|未违约|信用良好/);
      }),
    );
  });

  it("says of how many members it speaks, of which day and which classes", () => {
    expect(statement(ordinary)).to.deep.equal({
      en: "As of 2026-05-01, in 3 of 4 members' classes B, C: no record found.",
      zh: "截至 2026-05-01，在 4 家成员中的 3 家的 B, C 类数据中：未查得记录。",
    });
    fc.assert(
      fc.property(facts, (each) => {
        fc.pre(each.outcome !== "withheld" && each.asOf !== undefined);
        const { en, zh } = statement(each);
        expect(en).to.include(`in ${String(each.answered)} of ${String(each.asked)} members`);
        expect(zh).to.include(`${String(each.asked)} 家成员中的 ${String(each.answered)} 家`);
        for (const text of [en, zh]) expect(text).to.include(each.asOf);
      }),
    );
  });

  it("counts the records in words", () => {
    const found = { ...ordinary, outcome: "found" as const };
    expect(statement({ ...found, records: 1 }).en).to.match(/: 1 record found\.$/);
    expect(statement({ ...found, records: 2 }).en).to.match(/: 2 records found\.$/);
    expect(statement({ ...found, records: 2 }).zh).to.match(/：查得 2 条记录。$/);
  });

  it("shows nothing of a withheld result, not even how many answered", () => {
    fc.assert(
      fc.property(facts, (each) => {
        const { en, zh } = statement({ ...each, outcome: "withheld" });
        expect(en + zh).to.not.match(/\d/);
      }),
    );
  });

  it("finds nothing where nobody answered", () => {
    expect(statement({ ...ordinary, asOf: undefined, answered: 0 }).en).to.equal("No member has answered yet.");
  });

  it("gives its advice in both languages", () => {
    expect(ADVICE.en).to.include("credit business only");
    expect(ADVICE.zh).to.include("信用业务");
  });
});
