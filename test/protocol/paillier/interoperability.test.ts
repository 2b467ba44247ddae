/** Both ways with `paillier-bigint`, which shares no code with ours: keys, ciphertexts, sums. */
import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";
import { generateRandomKeysSync, PrivateKey, PublicKey } from "paillier-bigint";

import { parseCiphertext } from "../../../protocol/paillier/ciphertext.ts";
import { add, addConstant, encrypt, multiply } from "../../../protocol/paillier/encryption.ts";
import { openKey } from "../../../protocol/paillier/public-key.ts";
import { freshRandomiser, type Randomisation } from "../../../protocol/paillier/randomiser.ts";
import { decrypt } from "../../../protocol/paillier/secret-key.ts";
import { encrypted, expectFault, large, random, small, type TestKey } from "./fixtures.ts";
import { PRIMES_3072, PRIMES_512, type Primes } from "./safe-primes.ts";

function theirs({ key, secret }: TestKey, { p, q }: Primes): PrivateKey {
  return new PrivateKey(secret.lambda, secret.mu, new PublicKey(key.n, key.g), p, q);
}

describe("interoperability with paillier-bigint", () => {
  const own = theirs(small, PRIMES_512);
  const { key, secret } = small;
  const plaintexts = fc.oneof(fc.bigInt({ min: 0n, max: key.n - 1n }), fc.constantFrom(0n, 1n, key.n - 1n));

  it("decrypts what we encrypt in each way, and we what it encrypts", () => {
    fc.assert(
      fc.property(plaintexts, fc.constantFrom<Randomisation>("full", "half-exponent", "short-exponent"), (m, way) => {
        expect(own.decrypt(encrypt(key, m, freshRandomiser(key, way, random)))).to.equal(m);
        expect(decrypt(key, secret, parseCiphertext(key, own.publicKey.encrypt(m)))).to.equal(m);
      }),
    );
  });

  it("computes the same sums and products", () => {
    fc.assert(
      fc.property(plaintexts, plaintexts, fc.bigInt({ min: 1n, max: key.n - 1n }), (a, b, factor) => {
        const [first, second] = [encrypted(key, a), encrypted(key, b)];
        expect(own.publicKey.addition(first, second)).to.equal(add(key, first, second));
        expect(own.publicKey.plaintextAddition(first, b)).to.equal(addConstant(key, first, b));
        expect(own.publicKey.multiply(first, factor)).to.equal(multiply(key, first, factor));
      }),
    );
  });

  it("makes keys that we use, where g = n + 1 was asked", () => {
    const pair = generateRandomKeysSync(1024, true);
    const opened = openKey(pair.publicKey, 1024);
    const m = 123_456_789n;
    expect(pair.privateKey.decrypt(encrypt(opened, m, freshRandomiser(opened, "full", random)))).to.equal(m);
    const { lambda, mu } = pair.privateKey;
    expect(decrypt(opened, { lambda, mu }, parseCiphertext(opened, pair.publicKey.encrypt(m)))).to.equal(m);
  });

  it("makes keys with another g otherwise, which we refuse", () => {
    expectFault(() => openKey(generateRandomKeysSync(512, false).publicKey, 512), "PAILLIER_KEY_INVALID");
  });

  it("agrees at 3,072 bits", () => {
    const wide = large();
    const other = theirs(wide, PRIMES_3072);
    for (const m of [0n, 1n, wide.key.n - 1n, 2n ** 3000n + 7n]) {
      expect(other.decrypt(encrypted(wide.key, m))).to.equal(m);
    }
    expect(decrypt(wide.key, wide.secret, parseCiphertext(wide.key, other.publicKey.encrypt(42n)))).to.equal(42n);
  });
});
