import { expect } from "chai";
import { describe, it } from "mocha";

import { ristretto255 as noble } from "@noble/curves/ed25519.js";
import fc from "fast-check";

import { bytesEqual } from "../../../protocol/encoding/bytes.ts";
import { multiplyGenerator } from "../../../protocol/group/points.ts";
import { addResidues, ONE, residueOf } from "../../../protocol/group/residues.ts";
import {
  commitPair,
  commitPolynomials,
  decodeSharePair,
  encodeSharePair,
  PEDERSEN_GENERATOR,
  sharePairAt,
  sharePairFits,
} from "../../../protocol/threshold/pedersen.ts";
import { randomPolynomial } from "../../../protocol/threshold/shamir.ts";
import { integer, residues } from "../group/arbitraries.ts";
import { expectFault, hex, random } from "../oprf/fixtures.ts";

describe("Pedersen's verifiable sharing", () => {
  it("has a second generator that stays what it is", () => {
    expect(hex(PEDERSEN_GENERATOR)).to.equal("76ce83df3a18629f21c615389d38f29c0864fac6fe96108f66132677c8e07e1d");
    expect(bytesEqual(PEDERSEN_GENERATOR, multiplyGenerator(ONE))).to.equal(false);
  });

  it("commits as the formula says, by @noble/curves", () => {
    fc.assert(
      fc.property(residues, residues, (value, blinding) => {
        const expected = noble.Point.BASE.multiplyUnsafe(integer(value)).add(
          noble.Point.fromBytes(PEDERSEN_GENERATOR).multiplyUnsafe(integer(blinding)),
        );
        expect(hex(commitPair(value, blinding))).to.equal(hex(expected.toBytes()));
      }),
      { numRuns: 15 },
    );
  });

  it("fits the share that was dealt, and no other pair or receiver", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 254 }), (threshold, index) => {
        const [secret, blinding] = [randomPolynomial(threshold, random), randomPolynomial(threshold, random)];
        const commitments = commitPolynomials(secret, blinding);
        const share = sharePairAt(secret, blinding, index);
        expect(sharePairFits(commitments, index, share)).to.equal(true);
        expect(sharePairFits(commitments, index, { ...share, value: addResidues(share.value, ONE) })).to.equal(false);
        expect(sharePairFits(commitments, index, { ...share, blinding: residueOf(5) })).to.equal(false);
        if (threshold > 1) expect(sharePairFits(commitments, index + 1, share)).to.equal(false);
      }),
      { numRuns: 15 },
    );
  });

  it("reads back a pair, and refuses other lengths and scalars above the order", () => {
    const pair = { value: residueOf(7), blinding: residueOf(0) };
    expect(decodeSharePair(encodeSharePair(pair))).to.deep.equal(pair);
    for (const bad of [new Uint8Array(0), new Uint8Array(63), new Uint8Array(65), new Uint8Array(64).fill(255)]) {
      expectFault(() => decodeSharePair(bad), "SCALAR_INVALID");
    }
  });
});
