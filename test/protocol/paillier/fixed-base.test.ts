import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";

import { createFixedBase } from "../../../protocol/paillier/fixed-base.ts";
import { randomBits } from "../../../protocol/paillier/integer.ts";
import { createHidingTable, createPowerSource, POWERS_BEFORE_TABLE } from "../../../protocol/paillier/power-source.ts";
import type { PaillierKey } from "../../../protocol/paillier/public-key.ts";
import { hidingBase, randomExponent } from "../../../protocol/paillier/randomiser.ts";
import {
  agreementCases,
  DEEP_TIMEOUT,
  expectFault,
  large,
  medium,
  plainPower,
  random,
  small,
  zeros,
} from "./fixtures.ts";
import { PRIMES_512 } from "./safe-primes.ts";

/** One more than half of n's bits: what `randomExponent` draws at most. */
const bitsOf = ({ bits }: PaillierKey): number => bits / 2 + 1;

describe("powers of a fixed base from a table", () => {
  for (const { name, key } of [
    { name: "512 bits", key: small.key },
    { name: "1,024 bits", key: medium.key },
  ]) {
    const base = hidingBase(key);
    const bits = bitsOf(key);
    const table = createFixedBase(key, base, bits);

    it(`are OpenSSL's for any exponent, n of ${name}`, () => {
      const exponents = fc.bigInt({ min: 0n, max: (1n << BigInt(bits)) - 1n });
      fc.assert(
        fc.property(exponents, (exponent) => table.power(exponent) === key.square.power(base, exponent)),
        { numRuns: agreementCases(300) },
      );
    }).timeout(DEEP_TIMEOUT);

    it(`are OpenSSL's for 0, 1, every power of 2 and its neighbours, all ones, n of ${name}`, () => {
      for (let bit = 0; bit < bits; bit++) {
        const power = 1n << BigInt(bit);
        for (const exponent of [power - 1n, power, power + 1n]) {
          if (exponent >> BigInt(bits) !== 0n) continue;
          expect(table.power(exponent)).to.equal(key.square.power(base, exponent));
        }
      }
      const ones = (1n << BigInt(bits)) - 1n;
      expect(table.power(ones)).to.equal(key.square.power(base, ones));
      expect(table.power(0n)).to.equal(1n);
    });
  }

  it("are OpenSSL's at 3,072 bits", () => {
    const { key } = large();
    const table = createHidingTable(key, "half-exponent");
    expect(table.bits).to.equal(1537);
    expect(table.tableBytes).to.be.below(8_000_000);
    const exponents = [0n, 1n, 1n << 1536n, (1n << 1537n) - 1n];
    for (let count = agreementCases(20); count > 0; count--)
      exponents.push(randomExponent(key, "half-exponent", random));
    for (const exponent of exponents) {
      expect(table.power(exponent)).to.equal(key.square.power(hidingBase(key), exponent));
    }
  }).timeout(DEEP_TIMEOUT);

  it("are the textbook's for any unit as base and any number of bits, windows cut off or not", () => {
    const { key } = small;
    const units = fc.bigInt({ min: 1n, max: key.square.value - 1n });
    fc.assert(
      fc.property(units, fc.integer({ min: 1, max: 70 }), (base, bits) => {
        const exponent = randomBits(bits, random);
        return createFixedBase(key, base, bits).power(exponent) === plainPower(base, exponent, key.square.value);
      }),
      { numRuns: 30 },
    );
  });

  it("multiply as powers do", () => {
    const { key } = small;
    const table = createFixedBase(key, hidingBase(key), 300);
    for (let count = 0; count < 50; count++) {
      const [a, b] = [randomBits(299, random), randomBits(299, random)];
      expect(table.power(a + b)).to.equal(key.square.multiply(table.power(a), table.power(b)));
    }
  });

  it("are refused for exponents that are negative or too long, and for a base that is no unit", () => {
    const { key } = small;
    const table = createFixedBase(key, hidingBase(key), 257);
    expectFault(() => table.power(-1n), "PAILLIER_EXPONENT_OUT_OF_RANGE");
    expectFault(() => table.power(1n << 257n), "PAILLIER_EXPONENT_OUT_OF_RANGE");
    for (const base of [0n, -1n, PRIMES_512.p, key.n, key.square.value, key.square.value + 1n]) {
      expectFault(() => createFixedBase(key, base, 257), "PAILLIER_BASE_OUT_OF_RANGE");
    }
  });
});

describe("source of random powers", () => {
  const { key } = small;
  const residueOrder = (PRIMES_512.p - 1n) * (PRIMES_512.q - 1n);

  it("makes a table when many were asked for, and n-th residues before and after, each another one", () => {
    const source = createPowerSource(key, "half-exponent");
    const powers = Array.from({ length: POWERS_BEFORE_TABLE }, () => source.next(random));
    expect(source.tabled).to.equal(false);
    for (let count = 0; count < 100; count++) powers.push(source.next(random));
    expect(source.tabled).to.equal(true);
    expect(new Set(powers).size).to.equal(powers.length);
    for (const power of powers) expect(key.square.power(power, residueOrder)).to.equal(1n);
  });

  it("draws the same powers with a table as without", () => {
    const source = createPowerSource(key, "short-exponent");
    const before = source.next(zeros);
    for (let count = 0; count < POWERS_BEFORE_TABLE; count++) source.next(random);
    expect(source.tabled).to.equal(true);
    expect(source.next(zeros)).to.equal(before).and.to.equal(hidingBase(key));
  });

  it("never makes one for powers whose base is random", () => {
    const source = createPowerSource(key, "full");
    for (let count = 0; count < POWERS_BEFORE_TABLE + 2; count++) source.next(random);
    expect(source.tabled).to.equal(false);
  });
});
