import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";

import { createModulus, MOST_EXPONENT_BITS } from "../../../protocol/paillier/modulus.ts";
import { expectFault, large, plainPower, small } from "./fixtures.ts";
import { PRIMES_512 } from "./safe-primes.ts";

const { n, square } = small.key;
const { p, q } = PRIMES_512;
const nSquared = n * n;

describe("powers by OpenSSL", () => {
  it("are what the textbook gives", () => {
    const residue = fc.bigInt({ min: 0n, max: nSquared - 1n });
    const exponent = fc.oneof(fc.bigInt({ min: 0n, max: 1n << 1500n }), fc.bigInt({ min: 0n, max: 70n }));
    fc.assert(
      fc.property(residue, exponent, (base, power) => {
        expect(square.power(base, power)).to.equal(plainPower(base, power, nSquared));
      }),
    );
  });

  it("are right where the result has leading zero bytes", () => {
    // 3^k stays below the modulus: results of one byte to almost all.
    for (let exponent = 1n; exponent < 640n; exponent += 9n)
      expect(square.power(3n, exponent)).to.equal(3n ** exponent);
  });

  for (const [name, base] of [
    ["0", 0n],
    ["1", 1n],
    ["2", 2n],
    ["m - 2", nSquared - 2n],
    ["m - 1", nSquared - 1n],
  ] as const) {
    it(`of the base ${name}, which Diffie-Hellman refuses or nearly does, are right`, () => {
      for (const exponent of [0n, 1n, 2n, 3n, 64n, n, n + 1n]) {
        expect(square.power(base, exponent)).to.equal(plainPower(base, exponent, nSquared));
      }
    });
  }

  it("that come out as 1, m - 1 or 0 are told apart", () => {
    const lambda = (p - 1n) * (q - 1n);
    expect(square.power(3n, lambda * n)).to.equal(1n);
    expect(square.power(1n + n, n)).to.equal(1n);
    // -(1 + n) to the odd power n.
    expect(square.power(nSquared - 1n - n, n)).to.equal(nSquared - 1n);
    expect(square.power(nSquared - 1n - n, 2n * n)).to.equal(1n);
    expect(square.power(n, 2n)).to.equal(0n);
    expect(square.power(n, 3n)).to.equal(0n);
    // No unit, and no zero.
    expect(square.power(p, 5n)).to.equal(plainPower(p, 5n, nSquared));
    expect(square.power(p * q, 1n)).to.equal(n);
  });

  it("of a base that is no residue have a fault", () => {
    for (const base of [-1n, nSquared, nSquared + 5n]) {
      expectFault(() => square.power(base, 5n), "PAILLIER_BASE_OUT_OF_RANGE");
      expectFault(() => square.power(base, 0n), "PAILLIER_BASE_OUT_OF_RANGE");
    }
  });

  it("by an exponent that is negative or endless have a fault", () => {
    const most = 1n << BigInt(MOST_EXPONENT_BITS);
    expectFault(() => square.power(3n, -1n), "PAILLIER_EXPONENT_OUT_OF_RANGE");
    expectFault(() => square.power(3n, most), "PAILLIER_EXPONENT_OUT_OF_RANGE");
    expect(square.power(1n, most - 1n)).to.equal(1n);
  });

  it("modulo an even number, a short one or a very long one have a fault", () => {
    const bad = [0n, -5n, 1n, (1n << 511n) - 1n, nSquared + 1n, (1n << 600n) + 12n, (1n << 10_000n) + 1n];
    for (const value of bad) expectFault(() => createModulus(value), "PAILLIER_MODULUS_INVALID");
    for (const value of [(1n << 511n) + 1n, (1n << 10_000n) - 1n]) {
      expect(createModulus(value).power(3n, 5n)).to.equal(243n);
    }
  });

  it("do not depend on what was computed before", () => {
    const [a, b] = [square.power(5n, n), square.power(7n, n)];
    expect(square.power(5n, n)).to.equal(a);
    expect(() => square.power(0n - 1n, 3n)).to.throw();
    expect(square.power(7n, n)).to.equal(b);
  });

  it("multiply any number of residues", () => {
    expect(square.multiply()).to.equal(1n);
    expect(square.multiply(nSquared - 1n, nSquared - 1n)).to.equal(1n);
    expect(square.multiply(2n, 3n, 7n)).to.equal(42n);
  });

  it("modulo a square of 6,144 bits are what the textbook gives", () => {
    const { square: wide } = large().key;
    const base = wide.value / 3n;
    for (const exponent of [65_537n, (1n << 512n) - 3n]) {
      expect(wide.power(base, exponent)).to.equal(plainPower(base, exponent, wide.value));
    }
  });
});
