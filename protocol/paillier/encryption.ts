/**
 * Paillier encryption (Paillier 1999) with g = n + 1, and what can be done with ciphertexts without a key: add, multiply by a
 * constant, randomise anew. c = (1 + n)^m R modulo n^2 with R a random n-th power (`randomiser.ts`); (1 + n)^m is 1 + m n.
 *
 * - Whatever is computed from ciphertexts keeps their randomness: who knows the summands' knows the sum's. Randomise anew
 *   before a result leaves, unless it must be recomputable, as a release's is.
 * - A plaintext passes through BigInt arithmetic, which is not constant time.
 */
import { Fault } from "../errors/fault.ts";
import type { Ciphertext } from "./ciphertext.ts";
import type { PaillierKey } from "./public-key.ts";
import type { Randomiser } from "./randomiser.ts";

/**
 * `plaintext` is 0 to n - 1.
 * @throws Fault PAILLIER_PLAINTEXT_OUT_OF_RANGE, PAILLIER_KEY_DIFFERS if the randomiser is another key's,
 * PAILLIER_RANDOMISER_SPENT
 */
export function encrypt(key: PaillierKey, plaintext: bigint, randomiser: Randomiser): Ciphertext {
  return hide(key, embed(key, plaintext), randomiser);
}

/** An encryption of the sum modulo n. At least one ciphertext. */
export function add(key: PaillierKey, first: Ciphertext, ...others: readonly Ciphertext[]): Ciphertext {
  return key.square.multiply(first, ...others) as Ciphertext;
}

/** An encryption of the plaintext plus `constant`, 0 to n - 1. @throws Fault PAILLIER_PLAINTEXT_OUT_OF_RANGE */
export function addConstant(key: PaillierKey, ciphertext: Ciphertext, constant: bigint): Ciphertext {
  return key.square.multiply(ciphertext, embed(key, constant)) as Ciphertext;
}

/**
 * An encryption of the plaintext times `factor`, 1 to n - 1; to take the negative, n - 1. Not 0: that is no ciphertext but 1.
 * @throws Fault PAILLIER_FACTOR_OUT_OF_RANGE
 */
export function multiply(key: PaillierKey, ciphertext: Ciphertext, factor: bigint): Ciphertext {
  if (factor < 1n || factor >= key.n) throw new Fault("PAILLIER_FACTOR_OUT_OF_RANGE");
  return key.square.power(ciphertext, factor) as Ciphertext;
}

/**
 * The same plaintext, unlinkable to `ciphertext` for all who do not decrypt.
 * @throws Fault PAILLIER_KEY_DIFFERS, PAILLIER_RANDOMISER_SPENT
 */
export function rerandomise(key: PaillierKey, ciphertext: Ciphertext, randomiser: Randomiser): Ciphertext {
  return hide(key, ciphertext, randomiser);
}

/** (1 + n)^plaintext modulo n^2. @throws Fault PAILLIER_PLAINTEXT_OUT_OF_RANGE */
export function embed({ n }: PaillierKey, plaintext: bigint): bigint {
  if (plaintext < 0n || plaintext >= n) throw new Fault("PAILLIER_PLAINTEXT_OUT_OF_RANGE");
  return 1n + plaintext * n;
}

function hide(key: PaillierKey, value: bigint, randomiser: Randomiser): Ciphertext {
  if (randomiser.key.n !== key.n) throw new Fault("PAILLIER_KEY_DIFFERS");
  return key.square.multiply(value, randomiser.spend()) as Ciphertext;
}
