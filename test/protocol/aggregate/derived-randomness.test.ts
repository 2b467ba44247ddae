import { expect } from "chai";
import { describe, it } from "mocha";

import { encryptionRandomness, mergeRandomness, paddingTag } from "../../../protocol/aggregate/derived-randomness.ts";
import { asTag } from "../../../protocol/sealed-table/table-id.ts";
import { hex, random } from "../oprf/fixtures.ts";

describe("randomness from a seed", () => {
  const [seed, other, digest] = [random(32), random(32), random(64)];
  const [tag, second] = [asTag(random(16)), asTag(random(16))];

  it("is the same for the same fields, and differs with any of them", () => {
    expect(hex(encryptionRandomness(seed, 1, tag, 0, 5))).to.equal(hex(encryptionRandomness(seed, 1, tag, 0, 5)));
    const all = [
      encryptionRandomness(seed, 1, tag, 0, 5),
      encryptionRandomness(other, 1, tag, 0, 5),
      encryptionRandomness(seed, 2, tag, 0, 5),
      encryptionRandomness(seed, 1, second, 0, 5),
      encryptionRandomness(seed, 1, tag, 1, 5),
      encryptionRandomness(seed, 1, tag, 0, 6),
      mergeRandomness(seed, digest, tag, 0),
      mergeRandomness(seed, digest, tag, 1),
      mergeRandomness(seed, random(64), tag, 0),
      mergeRandomness(seed, digest, second, 0),
      paddingTag(seed, digest, 0),
      paddingTag(seed, digest, 1),
      paddingTag(seed, random(64), 0),
    ];
    expect(new Set(all.map(hex)).size).to.equal(all.length);
  });

  it("wants a seed of 32 bytes", () => {
    for (const length of [0, 31, 33]) {
      expect(() => encryptionRandomness(new Uint8Array(length), 1, tag, 0, 0)).to.throw(RangeError);
      expect(() => paddingTag(new Uint8Array(length), digest, 0)).to.throw(RangeError);
    }
  });
});
