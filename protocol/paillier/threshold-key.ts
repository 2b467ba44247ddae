/**
 * The public half of a threshold Paillier key (Damgard-Jurik 2001, section 4.1, with s = 1, after Shoup 2000): any t of l share
 * holders decrypt together, fewer learn nothing. For n = p q with p = 2p' + 1, q = 2q' + 1 all prime and m = p' q', the secret
 * d is 0 modulo m and 1 modulo n, and holder i has s_i = f(i) of a polynomial f over Z_nm of degree t - 1 with f(0) = d.
 *
 * - v, to which holders are bound by v_i = v^(Delta s_i), must generate the squares modulo n^2, a cyclic group of order n m. It is
 *   the square of a hash of n: nobody can have chosen it, and it is no generator with probability about 4 / sqrt(n).
 * - `checkDealing` finds a dealer's mistake from public values alone: shares that lie on no such polynomial would decrypt to
 *   different values by different holders.
 * - Proven for holders that are corrupted from the start, fewer than t of them, in the random oracle model (Damgard-Jurik 2001).
 * - What `checkDealing` cannot find: that n is no product of two safe primes, and that somebody kept p and q.
 */
import { lengthPrefixed, uint, utf8 } from "../encoding/bytes.ts";
import { sha256 } from "../encoding/digest.ts";
import { Fault } from "../errors/fault.ts";
import { factorial, hashToInteger, integerToBytes, isUnit } from "./integer.ts";
import { lagrange } from "./lagrange.ts";
import type { PaillierKey } from "./public-key.ts";

/** Delta = 32! has 118 bits. */
export const MOST_SHARES = 32;
const DOMAIN = utf8("riskveil/paillier/threshold-key/1");

export interface ThresholdKeyParts {
  readonly key: PaillierKey;
  /** t, at least 2: one holder alone decrypts nothing. */
  readonly threshold: number;
  /** v_1 to v_l. */
  readonly verificationKeys: readonly bigint[];
}

export interface ThresholdKey extends ThresholdKeyParts {
  /** l, t to 32. */
  readonly shares: number;
  /** l! */
  readonly delta: bigint;
  /** v. */
  readonly verificationBase: bigint;
  /** 32 bytes over n, t, l, v and all v_i. */
  readonly digest: Uint8Array;
}

/** What holder `index` of 1 to l keeps secret: s_i, 0 to n m - 1. */
export interface KeyShare {
  readonly index: number;
  readonly value: bigint;
}

/** @throws Fault PAILLIER_THRESHOLD_INVALID, PAILLIER_VERIFICATION_KEY_INVALID */
export function openThresholdKey({ key, threshold, verificationKeys }: ThresholdKeyParts): ThresholdKey {
  const shares = verificationKeys.length;
  if (!Number.isInteger(threshold) || threshold < 2 || shares < threshold || shares > MOST_SHARES) {
    throw new Fault("PAILLIER_THRESHOLD_INVALID", { threshold, shares });
  }
  for (const [position, each] of verificationKeys.entries()) {
    const sound = each > 1n && each < key.square.value - 1n && isUnit(each, key.n);
    if (!sound) throw new Fault("PAILLIER_VERIFICATION_KEY_INVALID", { index: position + 1 });
  }
  const base = verificationBaseOf(key);
  const encoded = [base, ...verificationKeys].map((each) => integerToBytes(each, 2 * key.byteLength));
  const digest = sha256(lengthPrefixed(DOMAIN, key.digest, uint(threshold, 2), uint(shares, 2), ...encoded));
  return { key, threshold, verificationKeys, shares, delta: factorial(shares), verificationBase: base, digest };
}

/** The square of a hash of n, modulo n^2. */
export function verificationBaseOf(key: PaillierKey): bigint {
  const { value, multiply } = key.square;
  const root = hashToInteger(value, "riskveil/paillier/v", integerToBytes(key.n, key.byteLength));
  return multiply(root, root);
}

/**
 * Whether all v_i belong to one polynomial of degree t - 1 and no less, and its value at 0 takes v to the residue 1 modulo n.
 * @throws Fault PAILLIER_VERIFICATION_KEY_INVALID for the first that does not fit to those before it: t where fewer than t
 * holders would suffice, 0 for the secret's
 */
export function checkDealing(threshold: ThresholdKey): void {
  const { threshold: t, shares } = threshold;
  if (fits(threshold, t - 1, t)) throw new Fault("PAILLIER_VERIFICATION_KEY_INVALID", { index: t });
  for (let at = t + 1; at <= shares; at++) {
    if (!fits(threshold, t, at)) throw new Fault("PAILLIER_VERIFICATION_KEY_INVALID", { index: at });
  }
  const { positive, negative } = interpolated(threshold, t, 0);
  if ((positive - negative) % threshold.key.n !== 0n) {
    throw new Fault("PAILLIER_VERIFICATION_KEY_INVALID", { index: 0 });
  }
}

/** Whether v_`at` is what the first `count` verification keys give for it. */
function fits(threshold: ThresholdKey, count: number, at: number): boolean {
  const { key, delta, verificationKeys } = threshold;
  const { positive, negative } = interpolated(threshold, count, at);
  return positive === key.square.multiply(key.square.power(verificationKeys[at - 1] ?? 0n, delta), negative);
}

/** The first `count` verification keys to their coefficients for `at`: those with a positive one multiplied, those with a negative. */
function interpolated(
  { key: { square }, delta, verificationKeys }: ThresholdKey,
  count: number,
  at: number,
): { readonly positive: bigint; readonly negative: bigint } {
  const indices = Array.from({ length: count }, (_, position) => position + 1);
  const product = { positive: 1n, negative: 1n };
  for (const index of indices) {
    const coefficient = lagrange(delta, indices, index, at);
    const side = coefficient < 0n ? "negative" : "positive";
    const power = square.power(verificationKeys[index - 1] ?? 0n, coefficient < 0n ? -coefficient : coefficient);
    product[side] = square.multiply(product[side], power);
  }
  return product;
}

/** Whether the share is the one that v_i was made of. @throws Fault PAILLIER_KEY_SHARE_INVALID */
export function checkKeyShare(threshold: ThresholdKey, { index, value }: KeyShare): void {
  const { key, delta, verificationBase, verificationKeys } = threshold;
  const expected = Number.isInteger(index) ? verificationKeys[index - 1] : undefined;
  const inRange = value >= 0n && value < key.square.value;
  if (expected === undefined || !inRange || key.square.power(verificationBase, delta * value) !== expected) {
    throw new Fault("PAILLIER_KEY_SHARE_INVALID", { index });
  }
}
