import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";

import { addConstant, rerandomise } from "../../../protocol/paillier/encryption.ts";
import { createLayout, unpack } from "../../../protocol/paillier/packing.ts";
import { freshRandomiser } from "../../../protocol/paillier/randomiser.ts";
import { decrypt } from "../../../protocol/paillier/secret-key.ts";
import {
  contribute,
  contributionDigest,
  decodeContribution,
  encodeContribution,
  isCommitted,
  isProven,
  type Collection,
} from "../../../protocol/statistics/contribution.ts";
import { expectFault, faultOf, flipBit, hex, medium, random, small } from "../paillier/fixtures.ts";
import { collection, collectionOf, layout } from "./fixtures.ts";

const { key, secret } = small;
const own = contribute(collection, 5, { records: 3n, amount: 700n }, random);

/** Like the collection but for one thing each. */
const others: Readonly<Record<string, Collection>> = {
  "another statistic": { ...collection, statistic: new Uint8Array(32).fill(8) },
  "another period": { ...collection, period: 13 },
  "another layout": { ...collection, layout: createLayout(layout.fields, 99, 512) },
};

describe("contribution to a statistic", () => {
  it("holds its values, one contributor, and a proof", () => {
    const plaintext = decrypt(key, secret, own.ciphertext);
    expect(unpack(layout, plaintext, 1)).to.deep.equal({ records: 3n, amount: 700n });
    expect(isProven(collection, own)).to.equal(true);
    expect(isCommitted(collection, own, contributionDigest(collection, own))).to.equal(true);
  });

  for (const [name, other] of Object.entries(others)) {
    it(`is none to ${name}`, () => {
      expect(isProven(other, own)).to.equal(false);
      expect(isCommitted(other, own, contributionDigest(collection, own))).to.equal(false);
    });
  }

  it("is none of another member, nor under another key", () => {
    expect(isProven(collection, { ...own, contributor: 6 })).to.equal(false);
    expect(isProven(collectionOf(medium), own)).to.equal(false);
    expect(hex(contributionDigest(collection, { ...own, contributor: 6 }))).not.to.equal(
      hex(contributionDigest(collection, own)),
    );
  });

  it("of somebody else cannot be brought as one's own, copied, randomised anew or bent", () => {
    const { ciphertext, proof, salt } = own;
    const anew = rerandomise(key, ciphertext, freshRandomiser(key, "half-exponent", random));
    for (const stolen of [ciphertext, anew, addConstant(key, ciphertext, 1n)]) {
      expect(isProven(collection, { contributor: 6, salt, ciphertext: stolen, proof })).to.equal(false);
    }
  });

  it("has a digest of everything in it, and of its salt", () => {
    const digest = hex(contributionDigest(collection, own));
    const again = contribute(collection, 5, { records: 3n, amount: 700n }, random);
    for (const changed of [
      { ...own, salt: again.salt },
      { ...own, ciphertext: again.ciphertext },
      { ...own, proof: again.proof },
    ]) {
      expect(hex(contributionDigest(collection, changed))).not.to.equal(digest);
    }
  });

  it("is not made of values that do not fit", () => {
    expectFault(
      () => contribute(collection, 5, { records: 100_001n, amount: 0n }, random),
      "PACKING_VALUE_OUT_OF_RANGE",
    );
    expectFault(() => contribute(collection, 5, { records: 1n }, random), "PACKING_FIELD_UNKNOWN");
    for (const contributor of [-1, 2 ** 32, 1.5]) {
      expect(() => contribute(collection, contributor, { records: 1n, amount: 1n }, random)).to.throw(RangeError);
    }
  });

  it("goes to bytes and back; changed bytes are refused or not the committed ones", () => {
    const encoded = encodeContribution(collection, own);
    expect(decodeContribution(collection, encoded)).to.deep.equal(own);
    const digest = contributionDigest(collection, own);
    fc.assert(
      fc.property(fc.nat({ max: 8 * encoded.length - 1 }), (bit) => {
        try {
          const changed = decodeContribution(collection, flipBit(encoded, bit));
          expect(isCommitted(collection, changed, digest)).to.equal(false);
        } catch (error) {
          const { code } = faultOf(() => {
            throw error;
          });
          expect(code).to.match(/^PAILLIER_CIPHERTEXT_/);
        }
      }),
    );
    for (const wrong of [new Uint8Array(0), encoded.slice(1), Uint8Array.of(...encoded, 0)]) {
      expectFault(() => decodeContribution(collection, wrong), "STATISTIC_CONTRIBUTION_LENGTH");
    }
  });
});
