/**
 * What the two proofs of this folder share: challenges (Fiat-Shamir 1986, all public inputs hashed: Bernhard, Pereira,
 * Warinschi 2012) and nonces.
 *
 * A proof is (e, z) with z = nonce - e x over the integers: the group's order is secret, so nothing is reduced, and the nonce
 * must be longer than e x by enough bits that z tells nothing about x. With minus, the verifier multiplies by powers and
 * never inverts. z comes out negative with probability 2^-128; then another nonce is drawn.
 */
import { createHash } from "node:crypto";

import { lengthPrefixed, uint, utf8, type RandomBytes } from "../encoding/bytes.ts";
import { sha256 } from "../encoding/digest.ts";
import { bitLength, bytesToInteger, integerToBytes } from "./integer.ts";

/** Below the smallest prime factor of the order of squares modulo n^2 (1,535 bits), as soundness needs. */
export const CHALLENGE_BITS = 256;
/** Statistical distance of z from what a simulator gives: 2^-128. */
const HIDING_BITS = 128;
const HEDGE_BYTES = 64;

/** Bits of a nonce, and most bits of z, for a secret of `secretBits`. */
export function nonceBits(secretBits: number): number {
  return secretBits + CHALLENGE_BITS + HIDING_BITS;
}

/** 256 bits of SHA-256 over all fields, each with its length before it. */
export function challenge(domain: string, ...fields: readonly Uint8Array[]): bigint {
  return bytesToInteger(sha256(lengthPrefixed(utf8(domain), ...fields)));
}

/**
 * A source of nonces that repeat only if the secret, the statement and 64 random bytes all do: a source of randomness that fails
 * then costs no secret. Each call gives another one, of `bits` bits.
 */
export function hedgedNonces(
  domain: string,
  secrets: readonly bigint[],
  statement: readonly Uint8Array[],
  random: RandomBytes,
): (bits: number) => bigint {
  const hedge = random(HEDGE_BYTES);
  if (hedge.length !== HEDGE_BYTES) throw new RangeError(`expected ${String(HEDGE_BYTES)} random bytes`);
  const encoded = secrets.map((secret) => integerToBytes(secret, Math.ceil(bitLength(secret) / 8)));
  let count = 0;
  return (bits) => {
    const outputLength = Math.ceil(bits / 8);
    const seed = lengthPrefixed(utf8(domain), uint(count++, 4), hedge, ...encoded, ...statement);
    const stream = new Uint8Array(createHash("shake256", { outputLength }).update(seed).digest());
    const nonce = bytesToInteger(stream) >> BigInt(8 * outputLength - bits);
    for (const wiped of [seed, stream]) wiped.fill(0);
    return nonce;
  };
}
