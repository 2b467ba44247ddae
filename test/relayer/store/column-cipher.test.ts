import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";
import { createCipheriv, createHmac, randomBytes } from "node:crypto";

import { fromHex, toHex } from "../../../protocol/encoding/bytes.ts";
import { isFault } from "../../../protocol/errors/fault.ts";
import { createColumnCipher } from "../../../relayer/store/column-cipher.ts";

const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));
const keys = { encryption: random(16), authentication: random(32), index: random(32) };
const cipher = createColumnCipher(keys, random);

function refused(sealed: Uint8Array, context: string): boolean {
  try {
    cipher.open(sealed, context);
    return false;
  } catch (error) {
    return isFault(error, "COLUMN_NOT_AUTHENTIC");
  }
}

describe("column cipher", () => {
  it("stands on SM4 and SM3 as published", () => {
    // GB/T 32907-2016, appendix A.1: one block, here as the counter block that CTR encrypts.
    const key = fromHex("0x0123456789abcdeffedcba9876543210");
    const counter = createCipheriv("sm4-ctr", key, key).update(new Uint8Array(16));
    expect(toHex(counter)).to.equal("0x681edf34d206965e86b3e94f536e4246");
    // GM/T 0042-2015, HMAC-SM3 of a 56-byte message under a 32-byte key.
    const mac = createHmac("sm3", fromHex("0x0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20"));
    const message = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".repeat(2);
    expect(mac.update(message).digest("hex")).to.equal(
      "ca05e144ed05d1857840d1f318a4a8669e559fc8391f414485bfdf7bb408963a",
    );
  });

  it("opens what it sealed", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.string(), (plaintext, context) => {
        expect(cipher.open(cipher.seal(plaintext, context), context)).to.deep.equal(plaintext);
      }),
    );
    expect(new TextDecoder().decode(cipher.open(cipher.seal("授信", "c"), "c"))).to.equal("授信");
  });

  it("refuses a value moved elsewhere, any changed byte and any other length", () => {
    const sealed = cipher.seal("value", "records.subject:1");
    expect(refused(sealed, "records.subject:2")).to.equal(true);
    for (let at = 0; at < sealed.length; at++) {
      const changed = sealed.slice();
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(refused(changed, "records.subject:1"), String(at)).to.equal(true);
      expect(refused(sealed.subarray(0, at), "records.subject:1")).to.equal(true);
    }
  });

  it("never seals alike twice, and indexes alike always", () => {
    expect(toHex(cipher.seal("v", "c"))).not.to.equal(toHex(cipher.seal("v", "c")));
    expect(cipher.index("v", "c")).to.deep.equal(cipher.index("v", "c")).and.to.have.length(32);
    expect(cipher.index("v", "c")).not.to.deep.equal(cipher.index("v", "d"));
    // No shifting of bytes between value and context.
    expect(cipher.index("ab", "c")).not.to.deep.equal(cipher.index("b", "ca"));
    const other = createColumnCipher({ ...keys, index: random(32) }, random);
    expect(cipher.index("v", "c")).not.to.deep.equal(other.index("v", "c"));
  });
});
