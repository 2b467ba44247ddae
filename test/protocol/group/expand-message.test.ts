import { createHash } from "node:crypto";

import { expand_message_xmd } from "@noble/curves/abstract/hash-to-curve.js";
import { sha512 as nobleSha512 } from "@noble/hashes/sha2.js";
import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";

import { expandMessage, sha512 } from "../../../protocol/group/expand-message.ts";
import { hex } from "../oprf/fixtures.ts";

describe("expand_message_xmd with SHA-512 to 64 bytes", () => {
  it("agrees with @noble/curves on any message and tag", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 400 }),
        fc.uint8Array({ minLength: 1, maxLength: 255 }),
        (message, dst) => {
          expect(hex(expandMessage(message, dst))).to.equal(hex(expand_message_xmd(message, dst, 64, nobleSha512)));
        },
      ),
    );
  });

  it("refuses an empty and an over-long tag", () => {
    expect(() => expandMessage(new Uint8Array(1), new Uint8Array(0))).to.throw(RangeError);
    expect(() => expandMessage(new Uint8Array(1), new Uint8Array(256))).to.throw(RangeError);
  });

  it("hashes with SHA-512", () => {
    const message = new Uint8Array([1, 2, 3]);
    expect(hex(sha512(message))).to.equal(createHash("sha512").update(message).digest("hex"));
  });
});
