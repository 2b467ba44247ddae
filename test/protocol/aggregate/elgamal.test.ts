import { ristretto255 as noble } from "@noble/curves/ed25519.js";
import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";

import { contributionKey, encrypt, sumRerandomised, type Ciphertext } from "../../../protocol/aggregate/elgamal.ts";
import {
  IDENTITY,
  isIdentity,
  multiplyGenerator,
  multiplyPoint,
  subtractPoints,
} from "../../../protocol/group/points.ts";
import { addResidues, residueOf, ZERO } from "../../../protocol/group/residues.ts";
import { ristretto255 } from "../../../protocol/group/ristretto255.ts";
import { integer, points } from "../group/arbitraries.ts";
import { expectFault, hex, random } from "../oprf/fixtures.ts";

const secret = ristretto255.randomScalar(random);
const key = ristretto255.multiplyBase(secret);
const fresh = () => ristretto255.randomScalar(random);
const open = ({ ephemeral, body }: Ciphertext) => subtractPoints(body, multiplyPoint(secret, ephemeral));
const values = fc.integer({ min: 0, max: 2 ** 23 - 1 });

describe("additive ElGamal", () => {
  it("encrypts as the formula says, by @noble/curves", () => {
    fc.assert(
      fc.property(values, points, (value, mask) => {
        const r = fresh();
        const { ephemeral, body } = encrypt(key, value, mask, r);
        expect(hex(ephemeral)).to.equal(hex(noble.Point.BASE.multiply(integer(r)).toBytes()));
        const message = noble.Point.BASE.multiplyUnsafe(BigInt(value)).add(noble.Point.fromBytes(mask));
        const expected = noble.Point.fromBytes(key).multiply(integer(r)).add(message);
        expect(hex(body)).to.equal(hex(expected.toBytes()));
      }),
      { numRuns: 15 },
    );
  });

  it("adds what it hides, however often it is randomised", () => {
    fc.assert(
      fc.property(fc.array(values, { maxLength: 6 }), (list) => {
        const terms = list.map((value) => encrypt(key, value, IDENTITY, fresh()));
        const sum = sumRerandomised(key, [sumRerandomised(key, terms, fresh())], fresh());
        const total = list.reduce((all, value) => all + value, 0);
        expect(hex(open(sum))).to.equal(hex(multiplyGenerator(residueOf(total))));
        for (const term of terms) expect(hex(sum.ephemeral)).not.to.equal(hex(term.ephemeral));
      }),
      { numRuns: 15 },
    );
    expect(isIdentity(open(sumRerandomised(key, [], fresh())))).to.equal(true);
  });

  it("under the sum of two keys opens with both secrets and with neither alone", () => {
    const layer = fresh();
    const both = contributionKey(key, ristretto255.multiplyBase(layer));
    const { ephemeral, body } = encrypt(both, 5, IDENTITY, fresh());
    const opened = (scalar: typeof secret) => hex(subtractPoints(body, multiplyPoint(scalar, ephemeral)));
    const expected = hex(multiplyGenerator(residueOf(5)));
    expect(opened(addResidues(secret, layer) as typeof secret)).to.equal(expected);
    expect(opened(secret)).not.to.equal(expected);
    expect(opened(layer)).not.to.equal(expected);
  });

  it("refuses a layer that cancels the key, and randomness of zero", () => {
    const opposite = ristretto255.multiplyBase(
      ristretto255.subtractProduct(ZERO, secret, residueOf(1)) as typeof secret,
    );
    expectFault(() => contributionKey(key, opposite), "ELEMENT_IDENTITY");
    expectFault(() => encrypt(key, 1, IDENTITY, ZERO), "ELEMENT_IDENTITY");
  });
});
