import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";

import {
  ciphertextBytes,
  decodeCiphertext,
  encodeCiphertext,
  parseCiphertext,
} from "../../../protocol/paillier/ciphertext.ts";
import { decrypt, secretKeyOf } from "../../../protocol/paillier/secret-key.ts";
import { encrypted, expectFault, faultOf, large, small } from "./fixtures.ts";
import { PRIMES_512 } from "./safe-primes.ts";

const { key, secret } = small;
const { p, q } = PRIMES_512;
const nSquared = key.square.value;

describe("Paillier ciphertext", () => {
  it("goes to bytes of one length and back", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: key.n - 1n }), (m) => {
        const bytes = encodeCiphertext(key, encrypted(key, m));
        expect(bytes).to.have.length(128);
        expect(decrypt(key, secret, decodeCiphertext(key, bytes))).to.equal(m);
      }),
    );
    expect(ciphertextBytes(large().key)).to.equal(768);
  });

  it("is refused in any other length", () => {
    const bytes = encodeCiphertext(key, encrypted(key, 5n));
    for (const wrong of [new Uint8Array(0), bytes.slice(1), bytes.slice(0, -1), Uint8Array.of(0, ...bytes)]) {
      expectFault(() => decodeCiphertext(key, wrong), "PAILLIER_CIPHERTEXT_LENGTH");
    }
  });

  it("is refused out of range", () => {
    for (const value of [0n, -1n, nSquared, nSquared + 2n]) {
      expectFault(() => parseCiphertext(key, value), "PAILLIER_CIPHERTEXT_OUT_OF_RANGE");
    }
    expectFault(() => decodeCiphertext(key, new Uint8Array(128)), "PAILLIER_CIPHERTEXT_OUT_OF_RANGE");
    expectFault(() => decodeCiphertext(key, new Uint8Array(128).fill(255)), "PAILLIER_CIPHERTEXT_OUT_OF_RANGE");
  });

  it("is refused if it is no unit", () => {
    for (const value of [p, q, 2n * p, key.n, 3n * key.n, nSquared - p]) {
      expectFault(() => parseCiphertext(key, value), "PAILLIER_CIPHERTEXT_NOT_A_UNIT");
    }
  });

  it("is refused if it hides nothing", () => {
    for (const value of [1n, key.g, 1n + 77n * key.n, nSquared - 1n, nSquared - 1n - 5n * key.n]) {
      expectFault(() => parseCiphertext(key, value), "PAILLIER_CIPHERTEXT_BARE");
    }
  });

  it("of any bytes is taken or has one of the faults", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 0, maxLength: 130 }), fc.boolean(), (bytes, pad) => {
        const sent = pad ? Uint8Array.from({ length: 128 }, (_, index) => bytes[index] ?? 0) : bytes;
        try {
          expect(encodeCiphertext(key, decodeCiphertext(key, sent))).to.deep.equal(sent);
        } catch (error) {
          expect(
            faultOf(() => {
              throw error;
            }).code,
          ).to.match(/^PAILLIER_CIPHERTEXT_/);
        }
      }),
    );
  });
});

describe("Paillier secret key", () => {
  it("is not made of primes that do not decrypt", () => {
    expectFault(() => secretKeyOf(p, p), "PAILLIER_KEY_INVALID");
    // 7 divides 29 - 1.
    expectFault(() => secretKeyOf(7n, 29n), "PAILLIER_KEY_INVALID");
  });
});
