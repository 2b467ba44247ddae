import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";

import {
  bitLength,
  byteLength,
  bytesToInteger,
  factorial,
  greatestCommonDivisor,
  hashToInteger,
  integerToBytes,
  inverse,
  isUnit,
  leastCommonMultiple,
  nonNegative,
  randomBelow,
  randomBits,
  randomUnit,
} from "../../../protocol/paillier/integer.ts";
import { random, zeros } from "./fixtures.ts";

const natural = fc.bigInt({ min: 0n, max: 1n << 700n });
const positive = fc.bigInt({ min: 1n, max: 1n << 700n });

describe("integers", () => {
  it("go to bytes of any sufficient length and back", () => {
    fc.assert(
      fc.property(natural, fc.nat({ max: 9 }), (value, more) => {
        const bytes = integerToBytes(value, byteLength(value) + more);
        expect(bytes).to.have.length(byteLength(value) + more);
        expect(bytesToInteger(bytes)).to.equal(value);
      }),
    );
    expect(integerToBytes(0n, 0)).to.have.length(0);
    expect(bytesToInteger(new Uint8Array(0))).to.equal(0n);
  });

  it("that do not fit or are negative have no bytes", () => {
    for (const [value, length] of [
      [256n, 1],
      [1n, 0],
      [-1n, 4],
    ] as const) {
      expect(() => integerToBytes(value, length)).to.throw(RangeError);
    }
  });

  it("have the bits of their binary form", () => {
    fc.assert(
      fc.property(positive, (value) => {
        expect(bitLength(value)).to.equal(value.toString(2).length);
      }),
    );
    expect(bitLength(0n)).to.equal(0);
  });

  it("have an inverse exactly if they are units", () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(1n << 300n), max: 1n << 300n }),
        fc.bigInt({ min: 2n, max: 1n << 300n }),
        (value, modulus) => {
          const found = inverse(value, modulus);
          expect(found !== undefined).to.equal(isUnit(nonNegative(value, modulus), modulus));
          if (found !== undefined) expect(nonNegative(found * value, modulus)).to.equal(1n);
        },
      ),
    );
  });

  it("have divisor and multiple whose product is theirs", () => {
    fc.assert(
      fc.property(positive, positive, (a, b) => {
        const divisor = greatestCommonDivisor(a, b);
        expect(a % divisor).to.equal(0n);
        expect(b % divisor).to.equal(0n);
        expect(divisor * leastCommonMultiple(a, b)).to.equal(a * b);
      }),
    );
    expect(factorial(5)).to.equal(120n);
    expect(factorial(0)).to.equal(1n);
  });

  it("are drawn within their range, from all of it", () => {
    const seen = new Set<bigint>();
    for (let draw = 0; draw < 500; draw++) seen.add(randomBelow(7n, random));
    expect([...seen].sort()).to.deep.equal([0n, 1n, 2n, 3n, 4n, 5n, 6n]);
    for (const bits of [1, 7, 8, 9, 64, 65]) {
      const drawn = Array.from({ length: 200 }, () => randomBits(bits, random));
      expect(drawn.every((value) => bitLength(value) <= bits)).to.equal(true);
      expect(drawn.some((value) => bitLength(value) === bits)).to.equal(true);
    }
    for (let draw = 0; draw < 100; draw++) expect(greatestCommonDivisor(randomUnit(30n, random), 30n)).to.equal(1n);
    expect(randomBits(0, zeros)).to.equal(0n);
  });

  it("are not drawn from a source that gives too little", () => {
    const short = (length: number): Uint8Array => new Uint8Array(length - 1);
    expect(() => randomBelow(7n, short)).to.throw(RangeError);
    expect(() => randomBits(64, short)).to.throw(RangeError);
  });

  it("come out of a hash the same for the same fields only", () => {
    const [a, b] = [Uint8Array.of(1, 2), Uint8Array.of(3)];
    const bound = 1n << 500n;
    expect(hashToInteger(bound, "x", a, b)).to.equal(hashToInteger(bound, "x", a, b));
    const others = [
      hashToInteger(bound, "y", a, b),
      hashToInteger(bound, "x", b, a),
      hashToInteger(bound, "x", Uint8Array.of(1, 2, 3)),
    ];
    expect(others).not.to.include(hashToInteger(bound, "x", a, b));
    expect(hashToInteger(10n, "x") < 10n).to.equal(true);
  });
});
