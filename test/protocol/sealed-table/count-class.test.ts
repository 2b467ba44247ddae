import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";

import { countClass, isCountClass, LARGEST_COUNT_CLASS } from "../../../protocol/sealed-table/count-class.ts";

describe("count classes", () => {
  it("are m * 2^k with 4 <= m <= 7, from 1,024", () => {
    const classes = [1024, 1280, 1536, 1792, 2048, 2560, 3072, 3584, 4096];
    expect(classes.map((size) => countClass(size - 1))).to.deep.equal(classes);
    expect([0, 1, 10_000, 100_000, 1_000_000].map(countClass)).to.deep.equal([1024, 1024, 10_240, 114_688, 1_048_576]);
  });

  it("hold the count with at most a quarter to spare", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1024, max: LARGEST_COUNT_CLASS }), (count) => {
        const size = countClass(count);
        expect(size)
          .to.be.at.least(count)
          .and.below(count * 1.25 + 1);
        expect(isCountClass(size)).to.equal(true);
        expect(isCountClass(count)).to.equal(count === size);
      }),
    );
  });

  it("end where a uint32 ends", () => {
    expect(countClass(LARGEST_COUNT_CLASS)).to.equal(LARGEST_COUNT_CLASS);
    expect(() => countClass(LARGEST_COUNT_CLASS + 1))
      .to.throw()
      .with.property("code", "TABLE_SUBJECTS_TOO_MANY");
    expect(() => countClass(-1)).to.throw(RangeError);
    expect([0, 512, 1023, 1025, 2 ** 32, Number.NaN].some(isCountClass)).to.equal(false);
  });
});
