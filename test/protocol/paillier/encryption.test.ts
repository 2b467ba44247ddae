import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";

import { parseCiphertext } from "../../../protocol/paillier/ciphertext.ts";
import { add, addConstant, encrypt, multiply, rerandomise } from "../../../protocol/paillier/encryption.ts";
import { freshRandomiser } from "../../../protocol/paillier/randomiser.ts";
import { decrypt } from "../../../protocol/paillier/secret-key.ts";
import { encrypted, expectFault, medium, random, small } from "./fixtures.ts";

const { key, secret } = small;
const { n } = key;
const plaintext = fc.oneof(fc.bigInt({ min: 0n, max: n - 1n }), fc.constantFrom(0n, 1n, n - 1n, n / 2n));
const fresh = () => freshRandomiser(key, "half-exponent", random);

describe("Paillier encryption", () => {
  it("adds, adds constants and multiplies modulo n", () => {
    fc.assert(
      fc.property(plaintext, plaintext, fc.bigInt({ min: 1n, max: n - 1n }), (a, b, factor) => {
        const first = encrypted(key, a);
        expect(decrypt(key, secret, add(key, first, encrypted(key, b)))).to.equal((a + b) % n);
        expect(decrypt(key, secret, addConstant(key, first, b))).to.equal((a + b) % n);
        expect(decrypt(key, secret, multiply(key, first, factor))).to.equal((a * factor) % n);
        expect(decrypt(key, secret, multiply(key, first, n - 1n))).to.equal((n - a) % n);
      }),
    );
  });

  it("adds any number", () => {
    const many = Array.from({ length: 40 }, (_, index) => encrypted(key, BigInt(index)));
    const [first, ...others] = many;
    expect(decrypt(key, secret, add(key, first!, ...others))).to.equal(780n);
    expect(add(key, first!)).to.equal(first);
  });

  it("randomised anew has the same plaintext and nothing else in common", () => {
    fc.assert(
      fc.property(plaintext, (m) => {
        const first = encrypted(key, m);
        const second = rerandomise(key, first, fresh());
        expect(second).not.to.equal(first);
        expect(second % n).not.to.equal(first % n);
        expect(decrypt(key, secret, second)).to.equal(m);
      }),
    );
  });

  it("gives another ciphertext each time, never a bare one", () => {
    const all = Array.from({ length: 50 }, () => encrypted(key, 0n));
    expect(new Set(all).size).to.equal(50);
    for (const each of all) expect(parseCiphertext(key, each)).to.equal(each);
  });

  it("refuses a plaintext that is no residue modulo n", () => {
    for (const m of [-1n, n, n + 1n]) {
      expectFault(() => encrypt(key, m, fresh()), "PAILLIER_PLAINTEXT_OUT_OF_RANGE");
      expectFault(() => addConstant(key, encrypted(key, 0n), m), "PAILLIER_PLAINTEXT_OUT_OF_RANGE");
    }
  });

  it("refuses to multiply by 0 or by what is no residue: the result would hide nothing", () => {
    for (const factor of [0n, -1n, n]) {
      expectFault(() => multiply(key, encrypted(key, 3n), factor), "PAILLIER_FACTOR_OUT_OF_RANGE");
    }
  });

  it("uses no randomiser twice, and none of another key", () => {
    const once = fresh();
    encrypt(key, 1n, once);
    expectFault(() => encrypt(key, 2n, once), "PAILLIER_RANDOMISER_SPENT");
    expectFault(() => rerandomise(key, encrypted(key, 2n), once), "PAILLIER_RANDOMISER_SPENT");
    const foreign = freshRandomiser(medium.key, "half-exponent", random);
    expectFault(() => encrypt(key, 1n, foreign), "PAILLIER_KEY_DIFFERS");
    // It was not spent by the attempt.
    expect(decrypt(medium.key, medium.secret, encrypt(medium.key, 9n, foreign))).to.equal(9n);
  });

  it("does not spend a randomiser on a plaintext that it refuses", () => {
    const kept = fresh();
    expectFault(() => encrypt(key, n, kept), "PAILLIER_PLAINTEXT_OUT_OF_RANGE");
    expect(decrypt(key, secret, encrypt(key, 4n, kept))).to.equal(4n);
  });
});
