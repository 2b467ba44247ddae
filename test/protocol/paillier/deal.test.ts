import { expect } from "chai";
import { describe, it } from "mocha";

import { deal } from "../../../protocol/paillier/deal.ts";
import { interpolate } from "../../../protocol/paillier/combination.ts";
import { decrypt } from "../../../protocol/paillier/secret-key.ts";
import { dealt, encrypted, expectFault, random, small } from "./fixtures.ts";
import { PRIMES_1024, PRIMES_512 } from "./safe-primes.ts";

const { p, q } = PRIMES_512;
const usual = { p, q, threshold: 2, shares: 3, leastBits: 512 };

describe("dealing a threshold key", () => {
  it("shares a secret that is 0 modulo p'q' and 1 modulo n", () => {
    const { keyShares, key } = small;
    const order = (key.n * (p - 1n) * (q - 1n)) / 4n;
    // Lagrange over three holders with rational coefficients 3, -3, 1.
    const [a, b, c] = keyShares.map(({ value }) => value);
    const secret = (((3n * a! - 3n * b! + c!) % order) + order) % order;
    expect(secret % (order / key.n)).to.equal(0n);
    expect(secret % key.n).to.equal(1n);
  });

  it("gives other shares each time, none of them the secret", () => {
    const [one, two] = [deal(usual, random), deal(usual, random)];
    expect(one.keyShares[0]!.value).not.to.equal(two.keyShares[0]!.value);
    expect(one.thresholdKey.key.n).to.equal(two.thresholdKey.key.n);
  });

  for (const [threshold, shares] of [
    [2, 2],
    [4, 4],
    [2, 7],
    [5, 9],
    [17, 32],
  ] as const) {
    it(`works for ${String(threshold)} of ${String(shares)}`, () => {
      const { key, secret, thresholdKey, keyShares } = dealt(PRIMES_512, threshold, shares);
      const ciphertext = encrypted(key, 77n);
      const exponent = 2n * thresholdKey.delta;
      const share = keyShares.map(({ index, value }) => ({
        index,
        value: key.square.power(ciphertext, exponent * value),
      }));
      expect(interpolate(thresholdKey, share.slice(-threshold))).to.equal(decrypt(key, secret, ciphertext));
      if (threshold < 3) return;
      expectFault(() => interpolate(thresholdKey, share.slice(0, threshold - 1)), "PAILLIER_NOT_A_PLAINTEXT");
    });
  }

  it("refuses primes that are not safe, equal, or of different length", () => {
    // 2^255 - 19 is prime and 1 modulo 4; p + 2 is not prime.
    for (const [first, second] of [
      [p, p],
      [p, 2n ** 255n - 19n],
      [p, p + 2n],
      [p, PRIMES_1024.q],
      [p, 7n],
      [p, 1n],
      [0n, q],
      [-p, q],
      // A prime that is 3 modulo 4, with (p - 1) / 2 composite.
      [p, 2n ** 256n - 189n],
    ] as const) {
      expectFault(() => deal({ ...usual, p: first, q: second }, random), "PAILLIER_PRIMES_UNFIT");
    }
  });

  it("refuses thresholds that are none, and a short n where none was asked for", () => {
    for (const [threshold, shares] of [
      [1, 3],
      [4, 3],
      [2, 33],
      [2, 0],
      [2.5, 4],
      [2, 3.5],
    ] as const) {
      expectFault(() => deal({ ...usual, threshold, shares }, random), "PAILLIER_THRESHOLD_INVALID");
    }
    expectFault(() => deal({ p, q, threshold: 2, shares: 3 }, random), "PAILLIER_KEY_INVALID");
  });
});
