import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";

import { multiply, parsePublicKey, parseSecretKey, toBytes } from "../../../protocol/sm/sm2-curve.ts";
import { generateKeyPair, keyPairOf, matchingKeyPair, publicKeyOf } from "../../../protocol/sm/sm2-key.ts";
import { bytes, expectFault, flipBit, hex, ORDER, random, scalarSource } from "./fixtures.ts";

const P = 0xfffffffeffffffffffffffffffffffffffffffff00000000ffffffffffffffffn;
const GENERATOR =
  "0432c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7" +
  "bc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0";

describe("SM2 keys", () => {
  it("are 1 to n - 2, both ends included", () => {
    expect(hex(keyPairOf(toBytes(1n)).publicKey)).to.equal(GENERATOR);
    expect(() => keyPairOf(toBytes(ORDER - 2n))).not.to.throw();
    for (const bad of [toBytes(0n), toBytes(ORDER - 1n), toBytes(ORDER), toBytes(2n ** 256n - 1n)]) {
      expectFault(() => parseSecretKey(bad), "SM2_SECRET_KEY_INVALID");
    }
    for (const length of [0, 31, 33]) {
      expectFault(() => parseSecretKey(new Uint8Array(length).fill(1)), "SM2_SECRET_KEY_INVALID");
    }
  });

  it("come from the whole range and only from it", () => {
    expect(hex(generateKeyPair(scalarSource(1n)).secretKey)).to.equal(hex(toBytes(1n)));
    expect(hex(generateKeyPair(scalarSource(ORDER - 2n)).secretKey)).to.equal(hex(toBytes(ORDER - 2n)));
    // One beyond the range comes round to its beginning.
    expect(hex(generateKeyPair(scalarSource(ORDER - 1n)).secretKey)).to.equal(hex(toBytes(1n)));
    expect(() => generateKeyPair((length) => new Uint8Array(length - 1))).to.throw(RangeError);
  });

  it("differ from draw to draw and have their own public key", () => {
    const [a, b] = [generateKeyPair(random), generateKeyPair(random)];
    expect(hex(a.secretKey)).not.to.equal(hex(b.secretKey));
    expect(hex(publicKeyOf(a.secretKey))).to.equal(hex(a.publicKey));
    expect(matchingKeyPair(a.secretKey, a.publicKey)).to.deep.equal(a);
    expectFault(() => matchingKeyPair(a.secretKey, b.publicKey), "SM2_SECRET_KEY_INVALID");
  });

  it("agree on a shared point", () => {
    const [a, b] = [generateKeyPair(random), generateKeyPair(random)];
    const scalar = (key: Uint8Array): bigint => BigInt(`0x${hex(key)}`);
    expect(multiply(scalar(a.secretKey), b.publicKey)).to.deep.equal(multiply(scalar(b.secretKey), a.publicKey));
  });

  it("as public keys are one encoding of a point on the curve", () => {
    expect(hex(parsePublicKey(bytes(GENERATOR)))).to.equal(GENERATOR);
    const coordinates = GENERATOR.slice(2);
    const even = (hex(bytes(GENERATOR).subarray(64)).endsWith("0") ? "02" : "03") + coordinates.slice(0, 64);
    const bad: [string, string][] = [
      ["nothing", ""],
      ["infinity", "00"],
      ["infinity, padded", `04${"00".repeat(64)}`],
      ["the point compressed", even],
      ["the point in hybrid form", `06${coordinates}`],
      ["x and y without a prefix", coordinates],
      ["one byte short", GENERATOR.slice(0, -2)],
      ["one byte more", `${GENERATOR}00`],
      ["x = p + something small on the curve's other name", `04${hex(toBytes(P))}${coordinates.slice(64)}`],
      ["y beyond p", `04${coordinates.slice(0, 64)}${"ff".repeat(32)}`],
    ];
    for (const [what, encoding] of bad) {
      expectFault(() => parsePublicKey(bytes(encoding)), "SM2_PUBLIC_KEY_INVALID");
      expectFault(() => multiply(2n, bytes(encoding)), "SM2_PUBLIC_KEY_INVALID");
      expect(what).to.be.a("string");
    }
  });

  it("leave the curve with any bit flipped", () => {
    const { publicKey } = generateKeyPair(random);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 65 * 8 - 1 }), (bit) =>
        expectFault(() => parsePublicKey(flipBit(publicKey, bit)), "SM2_PUBLIC_KEY_INVALID"),
      ),
    );
  });
});
