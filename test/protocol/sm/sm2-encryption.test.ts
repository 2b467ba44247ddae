import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";
import { sm2 as smCrypto } from "sm-crypto-v2";

import { concatBytes, utf8 } from "../../../protocol/encoding/bytes.ts";
import { sm3 } from "../../../protocol/encoding/digest.ts";
import { multiply, parsePublicKey, toInteger, type Sm2PublicKey } from "../../../protocol/sm/sm2-curve.ts";
import { CIPHERTEXT_OVERHEAD, decrypt, encrypt } from "../../../protocol/sm/sm2-encryption.ts";
import { sm2Kdf } from "../../../protocol/sm/sm2-kdf.ts";
import { generateKeyPair } from "../../../protocol/sm/sm2-key.ts";
import { DEEP_TIMEOUT, expectFault, flipBit, hex, random, runs } from "./fixtures.ts";

const key = generateKeyPair(random);

describe("SM2 encryption", () => {
  it("opens for its key only, and adds 97 bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 300 }), (message) => {
        const ciphertext = encrypt(key.publicKey, message, random);
        expect(ciphertext).to.have.length(message.length + CIPHERTEXT_OVERHEAD);
        expect(decrypt(key.secretKey, ciphertext)).to.deep.equal(message);
        expectFault(() => decrypt(generateKeyPair(random).secretKey, ciphertext), "SM2_CIPHERTEXT_INVALID");
      }),
      { numRuns: runs(20) },
    );
  }).timeout(DEEP_TIMEOUT);

  it("refuses any flipped bit and any other length with the one fault", () => {
    const ciphertext = encrypt(key.publicKey, utf8("settlement"), random);
    fc.assert(
      fc.property(fc.nat({ max: ciphertext.length * 8 - 1 }), (bit) =>
        expectFault(() => decrypt(key.secretKey, flipBit(ciphertext, bit)), "SM2_CIPHERTEXT_INVALID"),
      ),
      { numRuns: runs(60) },
    );
    for (const length of [0, 1, 64, 65, 96, 97, ciphertext.length - 1]) {
      expectFault(() => decrypt(key.secretKey, ciphertext.subarray(0, length)), "SM2_CIPHERTEXT_INVALID");
    }
    expectFault(() => decrypt(key.secretKey, concatBytes(ciphertext, Uint8Array.of(0))), "SM2_CIPHERTEXT_INVALID");
  }).timeout(DEEP_TIMEOUT);

  it("does not touch a point off the curve with the secret key", () => {
    // On y^2 = x^3 + ax + b' the same formulas work with a small subgroup: the answer would tell the key modulo its order.
    const ciphertext = encrypt(key.publicKey, utf8("x"), random);
    const off = flipBit(ciphertext, 40 * 8);
    expectFault(() => parsePublicKey(off.subarray(0, 65)), "SM2_PUBLIC_KEY_INVALID");
    expectFault(() => decrypt(key.secretKey, off), "SM2_CIPHERTEXT_INVALID");
    expectFault(
      () => decrypt(key.secretKey, concatBytes(new Uint8Array(65), ciphertext.subarray(65))),
      "SM2_CIPHERTEXT_INVALID",
    );
  });

  it("does not take the older order C1 C2 C3", () => {
    const message = "older order of the three parts";
    const theirs = smCrypto.doEncrypt(message, hex(key.publicKey), 0);
    expectFault(
      () => decrypt(key.secretKey, new Uint8Array(Buffer.from(`04${theirs}`, "hex"))),
      "SM2_CIPHERTEXT_INVALID",
    );
  });

  it("encrypts nothing that is empty, nor to what is no key", () => {
    expectFault(() => encrypt(key.publicKey, new Uint8Array(0), random), "SM2_MESSAGE_EMPTY");
    expectFault(() => encrypt(new Uint8Array(65) as Sm2PublicKey, utf8("x"), random), "SM2_PUBLIC_KEY_INVALID");
  });

  it("draws again where the mask would be zero, and refuses a ciphertext with such a mask", () => {
    // For one byte a mask is zero once in 256 draws: count up nonces until one is found.
    const source = (seed: number) => (length: number) => {
      const bytes = new Uint8Array(length);
      new DataView(bytes.buffer).setUint32(length - 4, seed);
      return bytes;
    };
    let found = -1;
    for (let seed = 0; found < 0 && seed < 5000; seed++) {
      const { x, y } = multiply(BigInt(seed + 1), key.publicKey);
      if (sm2Kdf(concatBytes(x, y), 1)[0] === 0) found = seed;
    }
    expect(found).to.be.at.least(0);
    let draws = 0;
    const ciphertext = encrypt(key.publicKey, utf8("A"), (length) => source(found + draws++)(length));
    expect(draws).to.be.at.least(2);
    expect(decrypt(key.secretKey, ciphertext)).to.deep.equal(utf8("A"));
    const { x, y } = multiply(BigInt(found + 1), key.publicKey);
    const point = multiply(BigInt(found + 1), GENERATOR);
    const clear = concatBytes(Uint8Array.of(4), point.x, point.y, sm3(x, utf8("A"), y), utf8("A"));
    expectFault(() => decrypt(key.secretKey, clear), "SM2_CIPHERTEXT_INVALID");
    expect(toInteger(key.secretKey) > 0n).to.equal(true);
  });

  it("is what sm-crypto-v2 encrypts and decrypts", () => {
    fc.assert(
      // Shorter ones it may send in clear: it does not look whether the mask is zero, and we refuse such a ciphertext.
      fc.property(fc.string({ minLength: 12, maxLength: 60 }), (text) => {
        const theirs = smCrypto.doEncrypt(text, hex(key.publicKey), 1);
        expect(
          Buffer.from(decrypt(key.secretKey, new Uint8Array(Buffer.from(`04${theirs}`, "hex")))).toString(),
        ).to.equal(text);
        const ours = encrypt(key.publicKey, utf8(text), random);
        expect(smCrypto.doDecrypt(hex(ours.subarray(1)), hex(key.secretKey), 1)).to.equal(text);
      }),
      { numRuns: runs(20) },
    );
  }).timeout(DEEP_TIMEOUT);
});

const GENERATOR = new Uint8Array(
  Buffer.from(
    "0432c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7bc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0",
    "hex",
  ),
);
