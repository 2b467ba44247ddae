import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";

import { factorial } from "../../../protocol/paillier/integer.ts";
import { lagrange } from "../../../protocol/paillier/lagrange.ts";

describe("Lagrange coefficients over the integers", () => {
  it("times l! give l! times the polynomial's value, at 0 and at the other points", () => {
    const polynomial = fc.array(fc.bigInt({ min: -(1n << 80n), max: 1n << 80n }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(polynomial, fc.integer({ min: 8, max: 12 }), fc.nat(), (coefficients, shares, seed) => {
        const value = (x: number): bigint => coefficients.reduceRight((sum, each) => sum * BigInt(x) + each, 0n);
        const all = Array.from({ length: shares }, (_, index) => index + 1);
        const rotated = [...all.slice(seed % shares), ...all.slice(0, seed % shares)];
        const indices = rotated.slice(0, coefficients.length);
        const delta = factorial(shares);
        for (const at of [0, ...rotated.slice(coefficients.length)]) {
          const sum = indices.reduce((total, i) => total + lagrange(delta, indices, i, at) * value(i), 0n);
          expect(sum).to.equal(delta * value(at));
        }
      }),
    );
  });
});
