import { expect } from "chai";
import { describe, it } from "mocha";

import { openKey } from "../../../protocol/paillier/public-key.ts";
import {
  createRandomiser,
  exponentBits,
  freshRandomiser,
  hidingBase,
  randomExponent,
  randomPower,
  type Randomisation,
} from "../../../protocol/paillier/randomiser.ts";
import { expectFault, large, medium, random, small, zeros } from "./fixtures.ts";
import { PRIMES_512 } from "./safe-primes.ts";

const { key } = small;
const { p, q } = PRIMES_512;
const WAYS: readonly Randomisation[] = ["full", "half-exponent", "short-exponent"];
/** Order of the n-th residues modulo n^2. */
const ORDER = (p - 1n) * (q - 1n);

describe("randomisers", () => {
  for (const way of WAYS) {
    it(`are n-th residues, each another one: ${way}`, () => {
      const powers = Array.from({ length: 20 }, () => randomPower(key, way, random));
      expect(new Set(powers).size).to.equal(powers.length);
      for (const power of powers) expect(key.square.power(power, ORDER)).to.equal(1n);
    });
  }

  it("have exponents of half of n's bits, or of 512, and never 0", () => {
    expect(exponentBits(large().key, "half-exponent")).to.equal(1536);
    expect(exponentBits(large().key, "short-exponent")).to.equal(512);
    expect(randomExponent(key, "half-exponent", zeros)).to.equal(1n);
    expect(randomPower(key, "half-exponent", zeros)).not.to.equal(1n);
  });

  it("have a base of order 2p'q', which is all of Jacobi symbol 1", () => {
    const base = hidingBase(key);
    for (const prime of [2n, (p - 1n) / 2n, (q - 1n) / 2n]) {
      expect(key.square.power(base, ORDER / 2n / prime)).not.to.equal(1n);
    }
    expect(key.square.power(base, ORDER / 2n)).to.equal(1n);
  });

  it("have a base that anybody recomputes from n, another for another key", () => {
    expect(hidingBase(openKey(key, 512))).to.equal(hidingBase(key));
    expect(hidingBase(medium.key)).not.to.equal(hidingBase(key));
  });

  it("by exponent are refused for an n that two primes of 3 modulo 4 do not give", () => {
    const n = p * q + 2n;
    const other = openKey({ n, g: n + 1n }, 512);
    expectFault(() => randomPower(other, "half-exponent", random), "PAILLIER_KEY_NOT_BLUM");
    expectFault(() => randomPower(other, "short-exponent", random), "PAILLIER_KEY_NOT_BLUM");
    expect(randomPower(other, "full", random) > 1n).to.equal(true);
  });

  it("yield their power once", () => {
    const randomiser = createRandomiser(key, 5n);
    expect(randomiser.spend()).to.equal(5n);
    expectFault(() => randomiser.spend(), "PAILLIER_RANDOMISER_SPENT");
    expectFault(() => randomiser.spend(), "PAILLIER_RANDOMISER_SPENT");
  });

  it("can be neither copied to another thread nor written down", () => {
    const randomiser = freshRandomiser(key, "half-exponent", random);
    expect(() => structuredClone(randomiser)).to.throw();
    expect(() => structuredClone(randomiser.spend)).to.throw();
    expect(Object.values({ ...randomiser }).some((value) => typeof value === "bigint")).to.equal(false);
    const copy = { ...randomiser };
    copy.spend();
    expectFault(() => randomiser.spend(), "PAILLIER_RANDOMISER_SPENT");
  });
});
