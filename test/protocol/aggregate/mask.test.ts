import { hkdfSync } from "node:crypto";

import { ristretto255_hasher } from "@noble/curves/ed25519.js";
import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";

import { utf8 } from "../../../protocol/encoding/bytes.ts";
import { aggregateTag, masks } from "../../../protocol/aggregate/mask.ts";
import { createKeyDerivation } from "../../../protocol/sealed-table/key-derivation.ts";
import { hex, random } from "../oprf/fixtures.ts";

const SALT = utf8("riskveil/aggregate/ristretto255-sha512");
const evaluations = fc.uint8Array({ minLength: 64, maxLength: 64 });
const epochs = fc.integer({ min: 1, max: 0xffffffff });

describe("tag and masks of a subject", () => {
  it("are what HKDF and @noble/curves give for the written info", () => {
    fc.assert(
      fc.property(evaluations, epochs, (y, epoch) => {
        const four = Buffer.alloc(4);
        four.writeUInt32BE(epoch);
        const tag = hkdfSync("sha512", y, SALT, Buffer.concat([utf8("agg-tag"), four]), 16);
        expect(hex(aggregateTag(y, epoch))).to.equal(hex(new Uint8Array(tag)));
        for (const [slot, mask] of masks(y, epoch, 3).entries()) {
          const info = Buffer.concat([utf8("agg"), four, Buffer.from([0, slot])]);
          const uniform = new Uint8Array(hkdfSync("sha512", y, SALT, info, 64));
          const expected = ristretto255_hasher.hashToCurve(uniform, { DST: utf8("riskveil/aggregate/1/mask") });
          expect(hex(mask)).to.equal(hex(expected.toBytes()));
        }
      }),
      { numRuns: 20 },
    );
  });

  it("differ by subject, epoch and slot, and from the tags of sealed tables", () => {
    const [y, other] = [random(64), random(64)];
    const all = [masks(y, 1, 8), masks(y, 2, 8), masks(other, 1, 8)].flat().map(hex);
    expect(new Set(all).size).to.equal(24);
    const sealed = createKeyDerivation("sha512", "ristretto255-aes256gcm", 32);
    const tags = [
      aggregateTag(y, 1),
      aggregateTag(y, 2),
      aggregateTag(other, 1),
      sealed.deriveTag(y, { dataset: new Uint8Array(32), epoch: 1 }),
    ];
    expect(new Set(tags.map(hex)).size).to.equal(4);
  });

  it("want an evaluation of 64 bytes", () => {
    for (const length of [0, 32, 63, 65]) {
      expect(() => aggregateTag(new Uint8Array(length), 1)).to.throw(RangeError);
      expect(() => masks(new Uint8Array(length), 1, 1)).to.throw(RangeError);
    }
  });
});
