import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";

import { parseRatingModel, standardRatingModel, type RatingModel } from "../../../protocol/rating/model.ts";
import { rate, type RatedFacts } from "../../../protocol/rating/rate.ts";

const nothing: RatedFacts = { counts: {}, overdueFen: 0, institutions: 0, atLeast: false };
const classes = Object.keys(standardRatingModel.classes);
const facts = fc.record({
  counts: fc.dictionary(fc.constantFrom(...classes, "D1"), fc.nat(200), { maxKeys: 9 }),
  overdueFen: fc.nat({ max: 2 ** 40 }),
  institutions: fc.nat(128),
  atLeast: fc.boolean(),
});

describe("rating", () => {
  it("adds up: points are the sum of the reasons, and the grade is the one that they reach", () => {
    fc.assert(
      fc.property(facts, (given) => {
        const { points, reasons, grade } = rate(standardRatingModel, given);
        expect(points).to.equal(reasons.reduce((sum, reason) => sum + reason.points, 0));
        const found = Object.values(given.counts).some((count) => count > 0);
        if (!found) expect(grade).to.equal(null);
        else expect(grade).to.equal(standardRatingModel.grades.findLast(({ from }) => points >= from)?.grade);
      }),
    );
  });

  it("never falls when there is more", () => {
    fc.assert(
      fc.property(facts, fc.constantFrom(...classes), fc.nat(5), fc.nat({ max: 2 ** 38 }), (given, name, more, fen) => {
        const counts = { ...given.counts, [name]: (given.counts[name] ?? 0) + more };
        const worse = { ...given, counts, overdueFen: given.overdueFen + fen, institutions: given.institutions + 1 };
        expect(rate(standardRatingModel, worse).points).to.be.at.least(rate(standardRatingModel, given).points);
      }),
    );
  });

  it("is no good mark where nothing was found", () => {
    expect(rate(standardRatingModel, nothing)).to.deep.include({ grade: null, meaning: null, points: 0, reasons: [] });
  });

  it("says what each reason adds, in both languages", () => {
    const { points, grade, reasons } = rate(standardRatingModel, {
      counts: { B2: 1, C2: 9, D1: 4 },
      overdueFen: 12_345_678_00,
      institutions: 3,
      atLeast: false,
    });
    expect(reasons.map(({ text }) => text.en)).to.deep.equal([
      "1 record of class B2: 25 points",
      "9 records of class C2: 60 points",
      "4 records of class D1: 0 points",
      "12345678.00 yuan overdue: 35 points",
      "3 institutions have records: 20 points",
    ]);
    expect(reasons[0]?.text.zh).to.equal("B2 类记录 1 条：25 分");
    expect([points, grade]).to.deep.equal([140, "R5"]);
  });

  it("takes a firm's own model, and refuses one that is no table of points", () => {
    const own: RatingModel = { ...standardRatingModel, name: "own", overdueFen: [{ from: 100, points: 1 }] };
    expect(parseRatingModel(own)).to.deep.equal(own);
    const [first] = standardRatingModel.grades;
    const wrong = [
      { ...own, grades: [first] },
      { ...own, grades: standardRatingModel.grades.slice(1) },
      {
        ...own,
        overdueFen: [
          { from: 5, points: 1 },
          { from: 5, points: 2 },
        ],
      },
      { ...own, classes: { b1: { points: 1, most: 1 } } },
      { ...own, classes: { B1: { points: -1, most: 1 } } },
      { ...own, more: 1 },
      "text",
    ];
    for (const each of wrong)
      expect(() => parseRatingModel(each))
        .to.throw()
        .with.property("code", "RATING_MODEL_INVALID");
  });
});
