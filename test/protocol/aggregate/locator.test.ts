import { hkdfSync } from "node:crypto";

import { ristretto255_hasher, ristretto255_oprf } from "@noble/curves/ed25519.js";
import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";

import { concatBytes, utf8 } from "../../../protocol/encoding/bytes.ts";
import { covers, locatorInput, locatorOutput, placeOf } from "../../../protocol/aggregate/locator.ts";
import { aggregateTag, masks } from "../../../protocol/aggregate/mask.ts";
import { ristretto255Sha512 } from "../../../protocol/oprf/oprf.ts";
import { asTag } from "../../../protocol/sealed-table/table-id.ts";
import { thresholdOprf } from "../../../protocol/threshold/threshold-oprf.ts";
import { hex, random } from "../oprf/fixtures.ts";
import { secretOf, trustedKey } from "../threshold/ceremony.ts";

const SALT = utf8("riskveil/aggregate/ristretto255-sha512/place");
const tags = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => asTag(bytes));
const epochs = fc.integer({ min: 1, max: 0xffffffff });
const four = (epoch: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(epoch);
  return bytes;
};

describe("the place of a row", () => {
  it("is what @noble/curves' OPRF and HKDF give for the written inputs", () => {
    const { voprf } = ristretto255_oprf;
    fc.assert(
      fc.property(tags, epochs, (tag, epoch) => {
        const { secretKey, publicKey } = voprf.generateKeyPair();
        const input = Buffer.concat([utf8("riskveil/aggregate/1/locator"), four(epoch), tag]);
        expect(hex(locatorInput(tag, epoch))).to.equal(hex(input));
        const { blind, blinded } = voprf.blind(input);
        const { evaluated, proof } = voprf.blindEvaluate(secretKey, publicKey, blinded);
        const output = voprf.finalize(input, blind, evaluated, blinded, publicKey, proof);
        const info = Buffer.concat([utf8("agg-place"), four(epoch)]);
        const place = new Uint8Array(hkdfSync("sha512", output, SALT, info, 16));
        expect(hex(placeOf(output, epoch))).to.equal(hex(place));
        const element = ristretto255Sha512.evaluateWithoutProof(secretKey as never, [
          ristretto255Sha512.hashToGroup(input),
        ]);
        expect(hex(placeOf(locatorOutput(tag, epoch, element[0]!), epoch))).to.equal(hex(place));
      }),
      { numRuns: 10 },
    );
  });

  it("is the same to a querier that asks obliviously as to the nodes that publish", () => {
    const { keys, shares } = trustedKey({ threshold: 2, nodes: 3 });
    const tag = asTag(random(16));
    const input = locatorInput(tag, 9);
    const blind = ristretto255Sha512.randomScalar(random);
    const asked = [ristretto255Sha512.blind(input, blind)];
    const answers = [shares[2]!, shares[0]!].map((share) => ({
      from: share.index,
      bytes: thresholdOprf.evaluate(keys, share, asked, random),
    }));
    const { elements } = thresholdOprf.combine(keys, asked, answers);
    const place = placeOf(ristretto255Sha512.finalize(input, blind, elements[0]!), 9);
    const plain = ristretto255Sha512.evaluate(secretOf(shares) as never, input);
    expect(hex(place)).to.equal(hex(placeOf(plain, 9)));
  });

  it("differs by tag and epoch, and tells nothing that the tag's own derivation would", () => {
    const y = random(64);
    const places = [1, 2].flatMap((epoch) => [placeOf(y, epoch), aggregateTag(y, epoch)]);
    expect(new Set(places.map(hex)).size).to.equal(4);
    const tag = asTag(random(16));
    expect(hex(locatorInput(tag, 1))).not.to.equal(hex(locatorInput(tag, 2)));
  });

  it("comes with covers of its slots: @noble/curves' hash to the group of what HKDF gives, none like another", () => {
    const [output, other] = [random(64), random(64)];
    const two = (slot: number): Buffer => Buffer.from([0, slot]);
    for (const [slot, cover] of covers(output, 9, 8).entries()) {
      const info = Buffer.concat([utf8("agg-cover"), four(9), two(slot)]);
      const uniform = new Uint8Array(hkdfSync("sha512", output, SALT, info, 64));
      const DST = "riskveil/aggregate/1/cover";
      expect(hex(cover)).to.equal(hex(ristretto255_hasher.hashToCurve(uniform, { DST }).toBytes()));
    }
    const all = [covers(output, 1, 8), covers(output, 2, 8), covers(other, 1, 8), masks(output, 1, 8)];
    expect(new Set(all.flat().map(hex)).size).to.equal(32);
  });

  it("wants an output of 64 bytes, and leaves the element that it is given as it was", () => {
    for (const length of [0, 32, 63, 65]) {
      expect(() => placeOf(new Uint8Array(length), 1)).to.throw(RangeError);
      expect(() => covers(new Uint8Array(length), 1, 1)).to.throw(RangeError);
    }
    const element = ristretto255Sha512.hashToGroup(utf8("x"));
    const before = concatBytes(element);
    locatorOutput(asTag(random(16)), 1, element);
    expect(hex(element)).to.equal(hex(before));
  });
});
