/**
 * SM2 signatures off chain, twice and independently, for the tests to compare the contracts with: written here after
 * GB/T 32918.2-2016 over the curve arithmetic of noble, and `sm-crypto-v2` with its own copy of everything.
 */
import { createHash } from "node:crypto";

import { weierstrass } from "@noble/curves/abstract/weierstrass.js";
import { getBytes, toBeHex } from "ethers";
import { sm2 } from "sm-crypto-v2";

/** GB/T 32918.5-2017, the recommended curve. */
export const CURVE = {
  p: 0xfffffffeffffffffffffffffffffffffffffffff00000000ffffffffffffffffn,
  n: 0xfffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123n,
  h: 1n,
  a: 0xfffffffeffffffffffffffffffffffffffffffff00000000fffffffffffffffcn,
  b: 0x28e9fa9e9d9f5e344d5a9e4bcf6509a7f39789f515ab8f92ddbcbd414d940e93n,
  Gx: 0x32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7n,
  Gy: 0xbc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0n,
};
export const Point = weierstrass(CURVE);
export type Point = InstanceType<typeof Point>;
const { p, n } = CURVE;

/** The id to use where no other was agreed. */
export const DEFAULT_ID = "1234567812345678";

/** Everything that a verification takes: the digest e, the signature (r, s) and the public key (x, y), all 256-bit numbers. */
export interface Case {
  readonly e: bigint;
  readonly r: bigint;
  readonly s: bigint;
  readonly x: bigint;
  readonly y: bigint;
}

export const word = (value: bigint): string => toBeHex(value, 32);
export const mod = (value: bigint, by = n): bigint => ((value % by) + by) % by;
export const inverse = (value: bigint, by = n): bigint => power(value, by - 2n, by);
export const sm3 = (data: Uint8Array): Uint8Array => createHash("sm3").update(data).digest();
export const asNumber = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).toString("hex")}`);

/** base ^ exponent mod `by`. */
export function power(base: bigint, exponent: bigint, by: bigint): bigint {
  let result = 1n;
  for (let square = mod(base, by); exponent > 0n; exponent >>= 1n, square = (square * square) % by) {
    if (exponent & 1n) result = (result * square) % by;
  }
  return result;
}

/** The y of a point with this x, the even one; undefined if there is none. p = 3 mod 4. */
export function liftX(x: bigint): bigint | undefined {
  const square = mod(x ** 3n + CURVE.a * x + CURVE.b, p);
  const y = power(square, (p + 1n) / 4n, p);
  if (mod(y * y, p) !== square) return undefined;
  return y % 2n === 0n ? y : p - y;
}

/** k * P for any integer k. */
export function multiply(point: Point, k: bigint): Point {
  return mod(k) === 0n ? Point.ZERO : point.multiplyUnsafe(mod(k));
}

/** s * G + t * P. */
export const combine = (s: bigint, t: bigint, point: Point): Point => multiply(Point.BASE, s).add(multiply(point, t));

/** Z_A, section 5.5. */
export function zA(id: Uint8Array, x: bigint, y: bigint): Uint8Array {
  const numbers = [CURVE.a, CURVE.b, CURVE.Gx, CURVE.Gy, x, y].map((value) => getBytes(word(value)));
  return sm3(Buffer.concat([Buffer.from([(id.length * 8) >> 8, (id.length * 8) & 255]), id, ...numbers]));
}

/** e = SM3(Z_A || message) for the default id. */
export function digestOf(message: Uint8Array, { x, y }: { x: bigint; y: bigint }): bigint {
  return asNumber(sm3(Buffer.concat([zA(Buffer.from(DEFAULT_ID), x, y), message])));
}

/** Section 6, with the random number given; undefined where the standard says to take another one. */
export function sign(e: bigint, d: bigint, k: bigint): { r: bigint; s: bigint } | undefined {
  const r = mod(e + multiply(Point.BASE, k).toAffine().x);
  if (r === 0n || r + k === n) return undefined;
  const s = mod(inverse(1n + d) * (k - r * d));
  return s === 0n ? undefined : { r, s };
}

/** Section 7. */
export function verify({ e, r, s, x, y }: Case): boolean {
  if (r < 1n || r >= n || s < 1n || s >= n) return false;
  if (x >= p || y >= p || mod(y * y - x ** 3n - CURVE.a * x - CURVE.b, p) !== 0n) return false;
  const t = mod(r + s);
  if (t === 0n) return false;
  const sum = combine(s, t, Point.fromAffine({ x, y }));
  return !sum.is0() && mod(e + sum.toAffine().x) === r;
}

const hex = (value: bigint): string => word(value).slice(2);
const publicHex = (x: bigint, y: bigint): string => `04${hex(x)}${hex(y)}`;

/** The other library's verdict. It throws on keys off the curve and on s = 0, and does not look whether r is zero. */
export function verifyElsewhere({ e, r, s, x, y }: Case): boolean {
  try {
    return r !== 0n && sm2.doVerifySignature(getBytes(word(e)), hex(r) + hex(s), publicHex(x, y), { hash: false });
  } catch {
    return false;
  }
}

/** A signature over the message by the other library, which computes Z_A and e itself; the default id. */
export function signElsewhere(message: Uint8Array, d: bigint): { r: bigint; s: bigint } {
  const signature = sm2.doSignature(message, hex(d), { hash: true });
  return { r: BigInt(`0x${signature.slice(0, 64)}`), s: BigInt(`0x${signature.slice(64)}`) };
}

/**
 * A case in which everything but the ranges is right, for any s, t and public key k * G: r = t - s, and e is chosen to fit.
 * Only who may choose e can do this; it is what makes the edges reachable.
 */
export function forge(s: bigint, t: bigint, point: Point): Case {
  const r = mod(t - s);
  return { e: mod(r - combine(s, t, point).toAffine().x), r, s, ...point.toAffine() };
}
