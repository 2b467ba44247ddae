import { expect } from "chai";
import { describe, it } from "mocha";

import { utf8 } from "../../../protocol/encoding/bytes.ts";
import { sm3 } from "../../../protocol/encoding/digest.ts";
import { hkdfSm3, hmacSm3 } from "../../../protocol/sm/hmac-sm3.ts";
import { hex } from "./fixtures.ts";

describe("SM3, HMAC-SM3 and HKDF-SM3", () => {
  it("hashes the examples of GB/T 32905-2016 annex A", () => {
    expect(hex(sm3(utf8("abc")))).to.equal("66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0");
    expect(hex(sm3(utf8("abcd".repeat(16))))).to.equal(
      "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732",
    );
  });

  it("authenticates as RFC 2104 says, written out over SM3, for keys below, at and above the block of 64 bytes", () => {
    for (const length of [0, 1, 32, 64, 65, 200]) {
      const key = new Uint8Array(length).map((_, index) => 7 * index + length);
      const block = new Uint8Array(64);
      block.set(length > 64 ? sm3(key) : key);
      const pad = (byte: number): Uint8Array => block.map((each) => each ^ byte);
      const message = utf8("message digest");
      const expected = sm3(pad(0x5c), sm3(pad(0x36), message));
      expect(hex(hmacSm3(key, message.subarray(0, 3), message.subarray(3)))).to.equal(hex(expected));
    }
  });

  it("expands as RFC 5869 says, written out over HMAC-SM3", () => {
    const [secret, salt, info] = [utf8("secret"), utf8("salt"), utf8("info")];
    const prk = hmacSm3(salt, secret);
    const first = hmacSm3(prk, info, Uint8Array.of(1));
    const second = hmacSm3(prk, first, info, Uint8Array.of(2));
    expect(hex(hkdfSm3(secret, salt, info, 50))).to.equal(hex(first) + hex(second).slice(0, 36));
  });
});
