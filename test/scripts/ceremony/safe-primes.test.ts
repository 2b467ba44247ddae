import { checkPrimeSync } from "node:crypto";

import { expect } from "chai";
import { describe, it } from "mocha";

import { bitLength } from "../../../protocol/paillier/integer.ts";
import { drawSafePrimes } from "../../../scripts/ceremony/safe-primes.ts";

describe("drawing safe primes", () => {
  it("gives two different ones, whose product has all its bits, and tells how far it is", async () => {
    const told: number[] = [];
    const [p, q] = await drawSafePrimes(256, (found) => void told.push(found));
    expect(p).not.to.equal(q);
    for (const prime of [p, q]) {
      expect(bitLength(prime)).to.equal(256);
      expect(checkPrimeSync(prime)).to.equal(true);
      expect(checkPrimeSync((prime - 1n) / 2n)).to.equal(true);
    }
    expect(bitLength(p * q)).to.equal(512);
    expect(told[0]).to.equal(0);
    expect(told.at(-1)).to.equal(2);
  });
});
