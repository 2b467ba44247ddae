/**
 * Dealing a threshold key (Damgard-Jurik 2001, section 4.1). Who runs this knows p, q and all shares: it belongs into a ceremony
 * (docs/guides/ceremony.md) and nowhere else. BigInt arithmetic on the secrets, not constant time: the machine runs nothing else.
 */
import { checkPrimeSync } from "node:crypto";

import type { RandomBytes } from "../encoding/bytes.ts";
import { Fault } from "../errors/fault.ts";
import { bitLength, factorial, inverse, isUnit, randomBelow } from "./integer.ts";
import { openKey } from "./public-key.ts";
import {
  checkDealing,
  checkKeyShare,
  MOST_SHARES,
  openThresholdKey,
  verificationBaseOf,
  type KeyShare,
  type ThresholdKey,
} from "./threshold-key.ts";

export interface DealParameters {
  /** Two different safe primes of equal length. */
  readonly p: bigint;
  readonly q: bigint;
  /** t of l. */
  readonly threshold: number;
  readonly shares: number;
  /** Shortest n that is dealt; 3,072 bits unless given. */
  readonly leastBits?: number;
}

export interface Dealing {
  readonly thresholdKey: ThresholdKey;
  /** For holders 1 to l. */
  readonly keyShares: readonly KeyShare[];
}

/**
 * Checks its own work: every share against its v_i, and all v_i against each other.
 * @throws Fault PAILLIER_PRIMES_UNFIT, PAILLIER_THRESHOLD_INVALID, PAILLIER_KEY_INVALID
 */
export function deal({ p, q, threshold, shares, leastBits }: DealParameters, random: RandomBytes): Dealing {
  if (!Number.isInteger(shares) || shares < 1 || shares > MOST_SHARES) {
    throw new Fault("PAILLIER_THRESHOLD_INVALID", { threshold, shares });
  }
  const n = p * q;
  const m = ((p - 1n) / 2n) * ((q - 1n) / 2n);
  const toOne = fit(p, q) ? inverse(m, n) : undefined;
  if (toOne === undefined) throw new Fault("PAILLIER_PRIMES_UNFIT");
  const key = openKey({ n, g: n + 1n }, leastBits);
  const base = verificationBaseOf(key);
  // Of order n m, or a proof would show equality in a smaller group only.
  const generates = [p, q, (p - 1n) / 2n, (q - 1n) / 2n].every(
    (prime) => key.square.power(base, (n * m) / prime) !== 1n,
  );
  if (!generates || !isUnit(base, n)) throw new Fault("PAILLIER_PRIMES_UNFIT");

  const order = n * m;
  const polynomial = [m * toOne, ...Array.from({ length: threshold - 1 }, () => randomBelow(order, random))];
  const keyShares = Array.from({ length: shares }, (_, position) => ({
    index: position + 1,
    value: polynomial.reduceRight((sum, coefficient) => (sum * BigInt(position + 1) + coefficient) % order, 0n),
  }));
  const delta = factorial(shares);
  const verificationKeys = keyShares.map(({ value }) => key.square.power(base, delta * value));
  const thresholdKey = openThresholdKey({ key, threshold, verificationKeys });
  for (const share of keyShares) checkKeyShare(thresholdKey, share);
  checkDealing(thresholdKey);
  return { thresholdKey, keyShares };
}

function fit(p: bigint, q: bigint): boolean {
  return p !== q && bitLength(p) === bitLength(q) && [p, q].every(isSafePrime);
}

function isSafePrime(p: bigint): boolean {
  return p > 5n && p % 4n === 3n && checkPrimeSync(p) && checkPrimeSync((p - 1n) / 2n);
}
