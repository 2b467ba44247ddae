/**
 * Plain Paillier decryption by one who has the whole secret, in the form of `paillier-bigint` (`lambda`, `mu`). The platform
 * has no such party: this is for the ceremony's own check before the secret is destroyed, and to compare with other
 * implementations. The last step is BigInt arithmetic on the plaintext, so not constant time; the power by lambda is.
 */
import { Fault } from "../errors/fault.ts";
import type { Ciphertext } from "./ciphertext.ts";
import { inverse, leastCommonMultiple } from "./integer.ts";
import type { PaillierKey } from "./public-key.ts";

/** What `paillier-bigint`'s PrivateKey is made of. */
export interface SecretKeyNumbers {
  /** lcm(p - 1, q - 1), or a multiple of it. */
  readonly lambda: bigint;
  /** Its inverse modulo n. */
  readonly mu: bigint;
}

/** @throws Fault PAILLIER_KEY_INVALID if p q has a factor in common with (p - 1)(q - 1): such a key does not decrypt */
export function secretKeyOf(p: bigint, q: bigint): SecretKeyNumbers {
  const lambda = leastCommonMultiple(p - 1n, q - 1n);
  const mu = p === q ? undefined : inverse(lambda, p * q);
  if (mu === undefined) throw new Fault("PAILLIER_KEY_INVALID", { bits: 0, least: 0 });
  return { lambda, mu };
}

/** The plaintext, 0 to n - 1. */
export function decrypt(key: PaillierKey, { lambda, mu }: SecretKeyNumbers, ciphertext: Ciphertext): bigint {
  return (logarithm(key, key.square.power(ciphertext, lambda)) * mu) % key.n;
}

/** m of (1 + n)^m modulo n^2, which is 1 + m n; for what is 1 modulo n. Exact: a remainder means that it is not. */
export function logarithm({ n }: PaillierKey, power: bigint): bigint {
  if (power % n !== 1n) throw new Fault("PAILLIER_NOT_A_PLAINTEXT");
  return (power - 1n) / n;
}
