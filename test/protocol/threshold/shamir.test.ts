import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";

import { multiplyGenerator } from "../../../protocol/group/points.ts";
import { residueOf } from "../../../protocol/group/residues.ts";
import {
  committedValueAt,
  interpolate,
  interpolatePoints,
  lagrangeCoefficients,
  randomPolynomial,
  valueAt,
} from "../../../protocol/threshold/shamir.ts";
import { integer, L, residues } from "../group/arbitraries.ts";
import { expectFault, hex, random } from "../oprf/fixtures.ts";

const subsets = fc.integer({ min: 1, max: 6 }).chain((threshold) =>
  fc.record({
    threshold: fc.constant(threshold),
    indices: fc.uniqueArray(fc.integer({ min: 1, max: 255 }), { minLength: threshold, maxLength: 8 }),
  }),
);

describe("Shamir's sharing", () => {
  it("gives the secret, and every other share, back from any t shares in any order", () => {
    fc.assert(
      fc.property(subsets, residues, fc.integer({ min: 0, max: 255 }), ({ threshold, indices }, secret, at) => {
        const polynomial = randomPolynomial(threshold, random, secret);
        const values = indices.map((index) => valueAt(polynomial, index));
        expect(hex(interpolate(indices, values))).to.equal(hex(secret));
        expect(hex(interpolate(indices, values, at))).to.equal(hex(valueAt(polynomial, at)));
        const shown = [...indices].reverse().slice(0, threshold);
        expect(
          hex(
            interpolate(
              shown,
              shown.map((index) => valueAt(polynomial, index)),
            ),
          ),
        ).to.equal(hex(secret));
      }),
    );
  });

  it("does the same in the exponent", () => {
    fc.assert(
      fc.property(subsets, ({ threshold, indices }) => {
        const polynomial = randomPolynomial(threshold, random);
        const commitments = polynomial.map(multiplyGenerator);
        const points = indices.map((index) => multiplyGenerator(valueAt(polynomial, index)));
        expect(indices.map((index) => hex(committedValueAt(commitments, index)))).to.deep.equal(points.map(hex));
        expect(hex(interpolatePoints(indices, points))).to.equal(hex(commitments[0]!));
      }),
      { numRuns: 15 },
    );
  });

  it("says nothing from t - 1 shares: any secret fits them", () => {
    const polynomial = randomPolynomial(3, random);
    const known = [1, 2].map((index) => valueAt(polynomial, index));
    for (const guess of [residueOf(0), residueOf(1), valueAt(polynomial, 9)]) {
      const third = interpolate([1, 2, 200], [...known, guess], 3);
      expect(hex(interpolate([1, 2, 3], [...known, third], 200))).to.equal(hex(guess));
    }
  });

  it("has Lagrange coefficients that add up to one", () => {
    fc.assert(
      fc.property(subsets, ({ indices }) => {
        const total = lagrangeCoefficients(indices).reduce((sum, each) => (sum + integer(each)) % L, 0n);
        expect(total).to.equal(1n);
      }),
    );
  });

  it("refuses indices that are none, twice, zero, broken or too large", () => {
    for (const bad of [[], [1, 1], [0, 1], [-1], [1.5], [256], [Number.NaN]]) {
      expectFault(() => lagrangeCoefficients(bad), "THRESHOLD_INDICES_INVALID");
    }
  });
});
