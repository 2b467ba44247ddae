import { expect } from "chai";
import { describe, it } from "mocha";

import { median, quantile } from "../../bench/rounds.ts";
import { goalMet } from "../../bench/section.ts";

describe("quantile", () => {
  it("is linear between neighbours and does not need order", () => {
    expect(quantile([4, 1, 3, 2], 0.5)).to.equal(2.5);
    expect(quantile([30, 10, 20], 0.95)).to.be.closeTo(29, 1e-9);
    expect([quantile([5, 7], 0), quantile([5, 7], 1)]).to.deep.equal([5, 7]);
    expect(median([9])).to.equal(9);
  });

  it("is not a number without values, and leaves its argument alone", () => {
    expect(median([])).to.be.NaN;
    const values = [3, 1, 2];
    median(values);
    expect(values).to.deep.equal([3, 1, 2]);
  });
});

describe("goalMet", () => {
  const figure = { name: "x", value: 8, unit: "x" };

  it("includes the bound, either way", () => {
    expect(goalMet({ ...figure, goal: { atLeast: 8 } })).to.equal(true);
    expect(goalMet({ ...figure, goal: { atLeast: 8.1 } })).to.equal(false);
    expect(goalMet({ ...figure, goal: { atMost: 8 } })).to.equal(true);
    expect(goalMet({ ...figure, goal: { atMost: 7.9 } })).to.equal(false);
  });

  it("is open without a goal, and missed by what could not be measured", () => {
    expect(goalMet(figure)).to.equal(undefined);
    expect(goalMet({ ...figure, value: NaN, goal: { atLeast: 8 } })).to.equal(false);
    expect(goalMet({ ...figure, value: NaN, goal: { atMost: 8 } })).to.equal(false);
  });
});
