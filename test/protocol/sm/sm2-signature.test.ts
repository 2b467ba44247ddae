import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";
import { sm2 as smCrypto } from "sm-crypto-v2";

import { concatBytes, utf8 } from "../../../protocol/encoding/bytes.ts";
import { reduce, toBytes, toInteger, type Sm2PublicKey } from "../../../protocol/sm/sm2-curve.ts";
import { generateKeyPair } from "../../../protocol/sm/sm2-key.ts";
import { identityDigest, messageDigest, sign, signDigest, verify } from "../../../protocol/sm/sm2-signature.ts";
import { DEEP_TIMEOUT, expectFault, flipBit, hex, ORDER, random, runs } from "./fixtures.ts";

const key = generateKeyPair(random);
const message = utf8("message digest");
const signature = sign(key, message, random);
const pair = (r: bigint, s: bigint): Uint8Array => concatBytes(toBytes(r), toBytes(s));
const r = toInteger(signature.subarray(0, 32));
const s = toInteger(signature.subarray(32));

const theirVerify = (text: Uint8Array, what: Uint8Array, publicKey: Uint8Array): boolean => {
  try {
    return smCrypto.doVerifySignature(text, hex(what), hex(publicKey), { hash: true });
  } catch {
    // It throws on some of what is not a signature: DESIGN section 8.
    return false;
  }
};

describe("SM2 signature", () => {
  it("verifies for its key, message and user id, and for no other", () => {
    expect(verify(key.publicKey, message, signature)).to.equal(true);
    expect(verify(generateKeyPair(random).publicKey, message, signature)).to.equal(false);
    expect(verify(key.publicKey, utf8("message digesT"), signature)).to.equal(false);
    expect(verify(key.publicKey, message, signature, utf8(""))).to.equal(false);
    const other = sign(key, message, random, utf8("ALICE123@YAHOO.COM"));
    expect(verify(key.publicKey, message, other, utf8("ALICE123@YAHOO.COM"))).to.equal(true);
    expect(verify(key.publicKey, message, other)).to.equal(false);
  });

  it("is never of the bare digest: the key is in what is signed", () => {
    const bare = smCrypto.doSignature(message, hex(key.secretKey), { hash: false });
    expect(verify(key.publicKey, message, new Uint8Array(Buffer.from(bare, "hex")))).to.equal(false);
  });

  it("is refused out of range, zero, or with r + s = n", () => {
    for (const bad of [
      pair(0n, s),
      pair(r, 0n),
      pair(0n, 0n),
      pair(ORDER, s),
      pair(r, ORDER),
      pair(2n ** 256n - 1n, s),
      pair(r, ORDER - r),
      pair(r, ORDER - s),
      pair(s, r),
    ]) {
      expect(verify(key.publicKey, message, bad)).to.equal(false);
    }
    // The same numbers, one order higher: another text of a valid signature.
    if (r + ORDER < 2n ** 256n) expect(verify(key.publicKey, message, pair(r + ORDER, s))).to.equal(false);
  });

  it("is refused without an error at any length, and for keys that are none", () => {
    for (const length of [0, 1, 63, 65, 72, 128]) {
      expect(verify(key.publicKey, message, new Uint8Array(length).fill(1))).to.equal(false);
    }
    for (const bad of [new Uint8Array(0), new Uint8Array(65), key.publicKey.subarray(1), flipBit(key.publicKey, 100)]) {
      expect(verify(bad as Sm2PublicKey, message, signature)).to.equal(false);
    }
    expect(verify(key.publicKey, message, signature, new Uint8Array(8192))).to.equal(false);
  });

  it("cannot be made for the key that the forger chooses afterwards to cancel s", () => {
    // s G + t P = infinity for P = -(s / t) G: the sum has no x, and no digest equals it.
    const t = reduce(r + s);
    const inverse = (value: bigint): bigint => {
      let result = 1n;
      for (let base = value, exponent = ORDER - 2n; exponent > 0n; exponent >>= 1n, base = reduce(base * base)) {
        if (exponent & 1n) result = reduce(result * base);
      }
      return result;
    };
    const d = reduce(-s * inverse(t));
    const chosen = generateKeyPair(
      (length) => new Uint8Array(Buffer.from((d - 1n).toString(16).padStart(2 * length, "0"), "hex")),
    );
    expect(toInteger(chosen.secretKey)).to.equal(d);
    expect(verify(chosen.publicKey, message, signature)).to.equal(false);
  });

  it("takes a fresh nonce each time, and another one for another message even from stuck randomness", () => {
    expect(hex(sign(key, message, random))).not.to.equal(hex(sign(key, message, random)));
    const stuck = (length: number): Uint8Array => new Uint8Array(length);
    const [a, b] = [sign(key, message, stuck), sign(key, utf8("another"), stuck)];
    expect(hex(sign(key, message, stuck))).to.equal(hex(a));
    // One nonce twice would give the secret key by d = (s2 - s1) / (s1 - s2 + r1 - r2).
    const x = (text: Uint8Array, of: Uint8Array): bigint =>
      reduce(toInteger(of.subarray(0, 32)) - toInteger(messageDigest(key.publicKey, text)));
    expect(x(message, a)).not.to.equal(x(utf8("another"), b));
    expect(() => sign(key, message, (length) => new Uint8Array(length - 1))).to.throw(RangeError);
  });

  it("is not made from a nonce that gives r = 0, r + k = n or s = 0", () => {
    const k = 12345n;
    const probe = signDigest(key.secretKey, new Uint8Array(32), k);
    const x = toInteger((probe ?? new Uint8Array()).subarray(0, 32));
    const digest = (value: bigint): Uint8Array => toBytes(reduce(value));
    expect(signDigest(key.secretKey, digest(-x), k)).to.equal(undefined);
    expect(signDigest(key.secretKey, digest(-k - x), k)).to.equal(undefined);
    expect(signDigest(key.secretKey, digest(1n - x), k)).not.to.equal(undefined);
  });

  it("takes user ids of up to 8,191 bytes", () => {
    expect(identityDigest(key.publicKey, new Uint8Array(8191))).to.have.length(32);
    expectFault(() => identityDigest(key.publicKey, new Uint8Array(8192)), "SM2_USER_ID_INVALID");
    expectFault(() => sign(key, message, random, new Uint8Array(8192)), "SM2_USER_ID_INVALID");
  });

  it("verifies in sm-crypto-v2 and the other way round; mutations are judged alike", () => {
    const bit = fc.nat({ max: 64 * 8 - 1 });
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), bit, fc.boolean(), (text, flipped, inMessage) => {
        const owner = generateKeyPair(random);
        const ours = sign(owner, text, random);
        expect(theirVerify(text, ours, owner.publicKey)).to.equal(true);
        const theirs = smCrypto.doSignature(text, hex(owner.secretKey), {
          hash: true,
          publicKey: hex(owner.publicKey),
        });
        expect(verify(owner.publicKey, text, new Uint8Array(Buffer.from(theirs, "hex")))).to.equal(true);
        const mutated = inMessage ? ours : flipBit(ours, flipped);
        const changed = inMessage ? concatBytes(text, Uint8Array.of(flipped & 255)) : text;
        expect(verify(owner.publicKey, changed, mutated)).to.equal(false);
        expect(theirVerify(changed, mutated, owner.publicKey)).to.equal(false);
      }),
      { numRuns: runs(100) },
    );
  }).timeout(DEEP_TIMEOUT);
});
