import { createDecipheriv, createHmac, hkdfSync } from "node:crypto";

import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";

import { concatBytes, fromHex, toHex, utf8 } from "../../../protocol/encoding/bytes.ts";
import { isFault } from "../../../protocol/errors/fault.ts";
import { MAC_BYTES } from "../../../protocol/sealed-table/aead.ts";
import {
  ristretto255Aes256Gcm,
  ristretto255Sm4HmacSm3,
  suiteById,
  type SealingSuite,
} from "../../../protocol/sealed-table/suite.ts";
import { asRev, asTag, encodeTableId } from "../../../protocol/sealed-table/table-id.ts";
import { sampleTable } from "./sample.ts";

const suites = [ristretto255Aes256Gcm, ristretto255Sm4HmacSm3];
const y = new Uint8Array(64).map((_, i) => i);
const rev = asRev(new Uint8Array(16).fill(0x77));

/** RFC 5869 written out: extract, then expand by counter blocks. */
function hkdf(hash: string, ikm: Uint8Array, salt: Uint8Array, info: Uint8Array, length: number): Uint8Array {
  const prk = createHmac(hash, salt).update(ikm).digest();
  let block = new Uint8Array(0);
  let output = new Uint8Array(0);
  for (let i = 1; output.length < length; i++) {
    block = new Uint8Array(
      createHmac(hash, prk)
        .update(block)
        .update(info)
        .update(new Uint8Array([i]))
        .digest(),
    );
    output = concatBytes(output, block) as Uint8Array<ArrayBuffer>;
  }
  return output.slice(0, length);
}

describe("HKDF as this file writes it out", () => {
  it("gives RFC 5869 test case 1", () => {
    const info = fromHex("0xf0f1f2f3f4f5f6f7f8f9");
    const okm = hkdf("sha256", new Uint8Array(22).fill(0x0b), fromHex("0x000102030405060708090a0b0c"), info, 42);
    expect(toHex(okm)).to.equal(
      "0x3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
    );
    expect(
      toHex(
        new Uint8Array(
          hkdfSync("sha256", new Uint8Array(22).fill(0x0b), fromHex("0x000102030405060708090a0b0c"), info, 42),
        ),
      ),
    ).to.equal(toHex(okm));
  });
});

for (const [suite, hash] of [
  [ristretto255Aes256Gcm, "sha512"],
  [ristretto255Sm4HmacSm3, "sm3"],
] as const) {
  describe(`sealing suite ${suite.name}`, () => {
    const salt = utf8(`riskveil/sealed-table/${suite.name}`);

    it("derives tags and keys as HKDF of RFC 5869 over the evaluation", () => {
      const table = encodeTableId(sampleTable);
      expect(suite.deriveTag(y, sampleTable)).to.deep.equal(hkdf(hash, y, salt, concatBytes(utf8("tag"), table), 16));
      expect(suite.deriveKey(y, sampleTable, rev)).to.deep.equal(
        hkdf(hash, y, salt, concatBytes(utf8("key"), table, rev), suite.keyBytes),
      );
    });

    it("derives another tag for another dataset or epoch and another key for another rev", () => {
      const otherEpoch = { ...sampleTable, epoch: sampleTable.epoch + 1 };
      const otherDataset = { ...sampleTable, dataset: new Uint8Array(32) };
      const texts = new Set([
        ...[sampleTable, otherEpoch, otherDataset].map((table) => toHex(suite.deriveTag(y, table))),
        ...[sampleTable, otherEpoch, otherDataset].map((table) => toHex(suite.deriveKey(y, table, rev))),
        toHex(suite.deriveKey(y, sampleTable, asRev(new Uint8Array(16)))),
      ]);
      expect(texts.size).to.equal(7);
    });

    it("adds exactly the MAC and opens what it sealed", () => {
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 700 }), fc.uint8Array({ maxLength: 80 }), (plaintext, aad) => {
          const key = suite.deriveKey(y, sampleTable, rev);
          const sealed = suite.seal(key, plaintext, aad);
          expect(sealed.length).to.equal(plaintext.length + MAC_BYTES);
          expect(suite.open(key, sealed, aad)).to.deep.equal(plaintext);
        }),
      );
    });

    it("opens nothing of which any bit of ciphertext, MAC, aad or authenticating key was flipped", () => {
      const key = suite.deriveKey(y, sampleTable, rev);
      const aad = new Uint8Array(68).fill(3);
      const sealed = suite.seal(key, new Uint8Array(64).fill(5), aad);
      for (const [bytes, open] of [
        [sealed, (b: Uint8Array) => suite.open(key, b, aad)],
        [aad, (b: Uint8Array) => suite.open(key, sealed, b)],
        // The last 32 bytes authenticate (all of an AES key); the cipher key before them comes from the same derivation.
        [key.slice(-32), (b: Uint8Array) => suite.open(concatBytes(key.slice(0, -32), b), sealed, aad)],
      ] as const) {
        for (let bit = 0; bit < bytes.length * 8; bit++) {
          const flipped = bytes.slice();
          flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
          expect(open(flipped), `bit ${String(bit)}`).to.equal(undefined);
        }
      }
    });

    it("opens nothing that is cut, and never throws", () => {
      const key = suite.deriveKey(y, sampleTable, rev);
      const sealed = suite.seal(key, new Uint8Array(20), new Uint8Array(0));
      for (let length = 0; length < sealed.length; length++) {
        expect(suite.open(key, sealed.subarray(0, length), new Uint8Array(0))).to.equal(undefined);
      }
    });
  });
}

describe("suite 1 against its standard", () => {
  it("is AES-256-GCM with the all-zero nonce, of the GCM specification's test cases 13 and 14", () => {
    const key = new Uint8Array(32);
    const seal = (bytes: Uint8Array, plaintext: Uint8Array, aad: Uint8Array) =>
      ristretto255Aes256Gcm.seal(bytes, plaintext, aad);
    expect(toHex(seal(key, new Uint8Array(0), new Uint8Array(0)))).to.equal("0x530f8afbc74536b9a963b4f1c4cb738b");
    expect(toHex(seal(key, new Uint8Array(16), new Uint8Array(0)))).to.equal(
      "0xcea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919",
    );
  });

  it("can be opened by plain node:crypto", () => {
    const key = new Uint8Array(32).fill(9);
    const sealed = ristretto255Aes256Gcm.seal(key, utf8("content"), utf8("aad"));
    const decipher = createDecipheriv("aes-256-gcm", key, new Uint8Array(12));
    decipher.setAAD(utf8("aad"));
    decipher.setAuthTag(sealed.subarray(7));
    expect(decipher.update(sealed.subarray(0, 7), undefined, "utf8") + decipher.final("utf8")).to.equal("content");
  });
});

describe("suite 2 against its standards", () => {
  const sm4Key = fromHex("0x0123456789abcdeffedcba9876543210");

  it("encrypts by SM4 (GB/T 32907 example, its decryption as one counter block)", () => {
    // CTR with counter zero over zeros gives SM4(0): decrypting that block by the bare cipher must give zeros again.
    const key = concatBytes(sm4Key, new Uint8Array(32));
    const block = ristretto255Sm4HmacSm3.seal(key, new Uint8Array(16), new Uint8Array(0)).subarray(0, 16);
    const ecb = createDecipheriv("sm4-ecb", sm4Key, null).setAutoPadding(false);
    expect(toHex(ecb.update(block))).to.equal(`0x${"00".repeat(16)}`);
    const example = createDecipheriv("sm4-ecb", sm4Key, null).setAutoPadding(false);
    expect(toHex(example.update(fromHex("0x681edf34d206965e86b3e94f536e4246")))).to.equal(toHex(sm4Key));
  });

  it("authenticates by HMAC-SM3 (GM/T 0042 example) truncated to 16 bytes over length(aad) | aad | ciphertext", () => {
    const macKey = new Uint8Array(32).map((_, i) => i + 1);
    const message = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".repeat(2);
    expect(createHmac("sm3", macKey).update(message).digest("hex")).to.equal(
      "ca05e144ed05d1857840d1f318a4a8669e559fc8391f414485bfdf7bb408963a",
    );
    const sealed = ristretto255Sm4HmacSm3.seal(concatBytes(sm4Key, macKey), utf8("content"), utf8("aad"));
    const mac = createHmac("sm3", macKey).update(fromHex("0x00000003")).update("aad").update(sealed.subarray(0, 7));
    expect(toHex(sealed.subarray(7))).to.equal(toHex(mac.digest().subarray(0, 16)));
  });
});

describe("suiteById", () => {
  it("finds the two suites and no other", () => {
    expect(suites.map((suite: SealingSuite) => suiteById(suite.id))).to.deep.equal(suites);
    for (const id of [0, 3, -1, 1.5]) {
      expect(() => suiteById(id))
        .to.throw()
        .and.satisfy((error: unknown) => isFault(error, "SUITE_UNKNOWN"));
    }
  });

  it("refuses tags, revs and dataset ids of another length", () => {
    expect(() => asTag(new Uint8Array(15))).to.throw(RangeError);
    expect(() => asRev(new Uint8Array(17))).to.throw(RangeError);
    expect(() => encodeTableId({ dataset: new Uint8Array(31), epoch: 1 })).to.throw(RangeError);
    expect(() => encodeTableId({ dataset: new Uint8Array(32), epoch: 2 ** 32 })).to.throw(RangeError);
  });
});
