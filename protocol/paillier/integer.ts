/**
 * Integers of hundreds to thousands of bits: their byte forms, and the few number-theoretic functions that are not modular
 * powers (those are in `modulus.ts`). Everything here is BigInt arithmetic, whose time and memory depend on the values:
 * nothing here is constant time, and a BigInt cannot be wiped.
 */
import { createHash } from "node:crypto";

import { lengthPrefixed, utf8, type RandomBytes } from "../encoding/bytes.ts";

/** Bits drawn beyond the size of a range before reducing: the bias is below 2^-128 (FIPS 186-5 A.2.1). */
const EXCESS_BYTES = 16;

/** Big-endian, exactly `length` bytes. @throws RangeError if the value is negative or does not fit */
export function integerToBytes(value: bigint, length: number): Uint8Array {
  if (value < 0n || bitLength(value) > 8 * length) throw new RangeError(`not ${String(length)} bytes`);
  return new Uint8Array(Buffer.from(value.toString(16).padStart(2 * length, "0"), "hex"));
}

export function bytesToInteger(bytes: Uint8Array): bigint {
  if (bytes.length === 0) return 0n;
  return BigInt(`0x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex")}`);
}

/** Of 0: 0. */
export function bitLength(value: bigint): number {
  if (value === 0n) return 0;
  const digits = value.toString(16);
  return 4 * (digits.length - 1) + (32 - Math.clz32(Number.parseInt(digits.charAt(0), 16)));
}

export function byteLength(value: bigint): number {
  return Math.ceil(bitLength(value) / 8);
}

/** Uniform in 0 to `bound` - 1 but for 2^-128. */
export function randomBelow(bound: bigint, random: RandomBytes): bigint {
  return bytesToInteger(drawn(byteLength(bound) + EXCESS_BYTES, random)) % bound;
}

/** Uniform in 0 to 2^`bits` - 1. */
export function randomBits(bits: number, random: RandomBytes): bigint {
  return bytesToInteger(drawn(Math.ceil(bits / 8), random)) >> BigInt((8 - (bits % 8)) % 8);
}

/** Uniform among the units modulo `modulus`, but for 2^-128. */
export function randomUnit(modulus: bigint, random: RandomBytes): bigint {
  for (;;) {
    const value = randomBelow(modulus, random);
    if (isUnit(value, modulus)) return value;
  }
}

/** Public and reproducible: SHAKE-256 of the fields reduced modulo `bound`, with 128 bits more than it has. */
export function hashToInteger(bound: bigint, domain: string, ...fields: readonly Uint8Array[]): bigint {
  const outputLength = byteLength(bound) + EXCESS_BYTES;
  const hash = createHash("shake256", { outputLength }).update(lengthPrefixed(utf8(domain), ...fields));
  return bytesToInteger(new Uint8Array(hash.digest())) % bound;
}

/** Of two integers that are not negative. */
export function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  while (b !== 0n) [a, b] = [b, a % b];
  return a;
}

export function isUnit(value: bigint, modulus: bigint): boolean {
  return greatestCommonDivisor(value, modulus) === 1n;
}

/** Inverse modulo `modulus`, in 1 to `modulus` - 1; undefined for what has none. */
export function inverse(value: bigint, modulus: bigint): bigint | undefined {
  let [high, low] = [modulus, nonNegative(value, modulus)];
  let [before, factor] = [0n, 1n];
  while (low !== 0n) {
    const quotient = high / low;
    [high, low] = [low, high - quotient * low];
    [before, factor] = [factor, before - quotient * factor];
  }
  return high === 1n ? nonNegative(before, modulus) : undefined;
}

/** The residue in 0 to `modulus` - 1. */
export function nonNegative(value: bigint, modulus: bigint): bigint {
  const remainder = value % modulus;
  return remainder < 0n ? remainder + modulus : remainder;
}

export function leastCommonMultiple(a: bigint, b: bigint): bigint {
  return (a / greatestCommonDivisor(a, b)) * b;
}

/** `n`! */
export function factorial(n: number): bigint {
  let product = 1n;
  for (let factor = 2n; factor <= BigInt(n); factor++) product *= factor;
  return product;
}

function drawn(length: number, random: RandomBytes): Uint8Array {
  const bytes = random(length);
  if (bytes.length !== length) throw new RangeError(`expected ${String(length)} random bytes`);
  return bytes;
}
