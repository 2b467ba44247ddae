/**
 * The recommended curve of SM2 (GB/T 32918.5-2017; "curveSM2", OID 1.2.156.10197.1.301) over `@noble/curves`, and the byte
 * forms of its points and scalars. The only file that touches the curve library: what leaves it has been checked.
 *
 * - A public key is an uncompressed point, 04 | x | y. Compressed and hybrid forms are refused: one key, one encoding.
 *   Off-curve points, coordinates not below p and the point at infinity are refused. The cofactor is 1, so a point on the
 *   curve is in the group.
 * - A secret key is 1 to n - 2 (GB/T 32918.1 section 6.1): 1 + d is inverted when signing.
 * - `multiply` runs the same sequence of point operations for every scalar, but on JavaScript's BigInt, whose time depends
 *   on the size of numbers: hardened against timing, not constant time. `sumOfProducts` is variable time, for public values.
 * - BigInt values cannot be wiped. Arrays are the caller's to wipe.
 */
import { weierstrass, type WeierstrassPoint } from "@noble/curves/abstract/weierstrass.js";

import type { RandomBytes } from "../encoding/bytes.ts";
import { Fault } from "../errors/fault.ts";

export const PUBLIC_KEY_BYTES = 65;
export const SCALAR_BYTES = 32;
const UNCOMPRESSED = 0x04;
/** 128 bits more than the order has: reduced, the bias is below 2^-128 (FIPS 186-5 A.2.1). */
const WIDE_BYTES = 48;

declare const publicKeyBrand: unique symbol;
declare const secretKeyBrand: unique symbol;

/** 65 bytes, 04 | x | y: a point of the curve other than infinity. */
export type Sm2PublicKey = Uint8Array & { readonly [publicKeyBrand]: true };

/** 32 bytes big-endian, 1 to n - 2. */
export type Sm2SecretKey = Uint8Array & { readonly [secretKeyBrand]: true };

export interface Sm2KeyPair {
  readonly secretKey: Sm2SecretKey;
  readonly publicKey: Sm2PublicKey;
}

/** Affine coordinates, 32 bytes each. */
export interface Coordinates {
  readonly x: Uint8Array;
  readonly y: Uint8Array;
}

const parameters = {
  p: 0xfffffffeffffffffffffffffffffffffffffffff00000000ffffffffffffffffn,
  a: 0xfffffffeffffffffffffffffffffffffffffffff00000000fffffffffffffffcn,
  b: 0x28e9fa9e9d9f5e344d5a9e4bcf6509a7f39789f515ab8f92ddbcbd414d940e93n,
  n: 0xfffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123n,
  h: 1n,
  Gx: 0x32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7n,
  Gy: 0xbc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0n,
};

const Point = weierstrass(parameters);

/** Order of the group. */
export const ORDER = parameters.n;

/** a | b | Gx | Gy, as they enter Z_A (GB/T 32918.2 section 5.5). */
export const ENCODED_PARAMETERS: Uint8Array = new Uint8Array(
  Buffer.concat([parameters.a, parameters.b, parameters.Gx, parameters.Gy].map(toBytes)),
);

export function toBytes(value: bigint): Uint8Array {
  return new Uint8Array(Buffer.from(value.toString(16).padStart(2 * SCALAR_BYTES, "0"), "hex"));
}

export function toInteger(bytes: Uint8Array): bigint {
  return bytes.length === 0 ? 0n : BigInt(`0x${Buffer.from(bytes).toString("hex")}`);
}

/** `value` modulo the order, 0 to n - 1. */
export function reduce(value: bigint): bigint {
  const remainder = value % ORDER;
  return remainder < 0n ? remainder + ORDER : remainder;
}

/** Inverse of 1 to n - 1 modulo the order; variable time. */
export function invert(value: bigint): bigint {
  return Point.Fn.inv(value);
}

/** 1 to `most`, uniform but for 2^-128, from 48 random bytes. */
export function randomScalar(random: RandomBytes, most = ORDER - 1n): bigint {
  const wide = random(WIDE_BYTES);
  if (wide.length !== WIDE_BYTES) throw new RangeError(`expected ${String(WIDE_BYTES)} random bytes`);
  return (toInteger(wide) % most) + 1n;
}

/** @throws Fault SM2_PUBLIC_KEY_INVALID unless `bytes` is 04 | x | y of a point on the curve */
export function parsePublicKey(bytes: Uint8Array): Sm2PublicKey {
  decode(bytes);
  return bytes as Sm2PublicKey;
}

/** @throws Fault SM2_SECRET_KEY_INVALID unless `bytes` is 32 bytes, 1 to n - 2 */
export function parseSecretKey(bytes: Uint8Array): Sm2SecretKey {
  secretScalar(bytes);
  return bytes as Sm2SecretKey;
}

/** @throws Fault SM2_SECRET_KEY_INVALID */
export function secretScalar(bytes: Uint8Array): bigint {
  const scalar = bytes.length === SCALAR_BYTES ? toInteger(bytes) : 0n;
  if (scalar < 1n || scalar > ORDER - 2n) throw new Fault("SM2_SECRET_KEY_INVALID");
  return scalar;
}

/** scalar * G, for a scalar from 1 to n - 1. */
export function multiplyBase(scalar: bigint): Coordinates & { readonly encoded: Sm2PublicKey } {
  const encoded = new Uint8Array(Point.BASE.multiply(scalar).toBytes(false)) as Uint8Array as Sm2PublicKey;
  return { ...coordinates(encoded), encoded };
}

/** scalar * point, for a scalar from 1 to n - 1. @throws Fault SM2_PUBLIC_KEY_INVALID */
export function multiply(scalar: bigint, point: Uint8Array): Coordinates {
  return coordinates(decode(point).multiply(scalar).toBytes(false));
}

/**
 * The x coordinate of a * G + b * point, for scalars from 0 to n - 1; undefined if the sum is infinity. Variable time.
 * @throws Fault SM2_PUBLIC_KEY_INVALID
 */
export function sumOfProducts(a: bigint, point: Uint8Array, b: bigint): bigint | undefined {
  const sum = Point.BASE.mulAddUnsafe(a, decode(point), b);
  return sum.is0() ? undefined : sum.toAffine().x;
}

function coordinates(encoded: Uint8Array): Coordinates {
  return { x: encoded.slice(1, 1 + SCALAR_BYTES), y: encoded.slice(1 + SCALAR_BYTES, PUBLIC_KEY_BYTES) };
}

function decode(bytes: Uint8Array): WeierstrassPoint<bigint> {
  if (bytes.length !== PUBLIC_KEY_BYTES || bytes[0] !== UNCOMPRESSED) throw new Fault("SM2_PUBLIC_KEY_INVALID");
  try {
    return Point.fromBytes(bytes);
  } catch (cause) {
    throw new Fault("SM2_PUBLIC_KEY_INVALID", {}, cause);
  }
}
