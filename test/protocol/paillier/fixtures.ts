import type { RandomBytes } from "../../../protocol/encoding/bytes.ts";
import type { Ciphertext } from "../../../protocol/paillier/ciphertext.ts";
import { deal, type Dealing } from "../../../protocol/paillier/deal.ts";
import { encrypt } from "../../../protocol/paillier/encryption.ts";
import type { PaillierKey } from "../../../protocol/paillier/public-key.ts";
import { freshRandomiser } from "../../../protocol/paillier/randomiser.ts";
import { secretKeyOf, type SecretKeyNumbers } from "../../../protocol/paillier/secret-key.ts";
import { random } from "../oprf/fixtures.ts";
import { PRIMES_1024, PRIMES_3072, PRIMES_512, type Primes } from "./safe-primes.ts";

export { bytes, expectFault, faultOf, hex, random } from "../oprf/fixtures.ts";
export { flipBit } from "../sm/fixtures.ts";

/** Cases of what is compared with another way to compute it: a few hundred, thousands in the deep tests. */
export function agreementCases(usual: number): number {
  const asked = process.env["RISKVEIL_AGREEMENT_CASES"];
  return asked === undefined ? usual : Math.max(usual, Number(asked));
}

/** For thousands of cases at some 10 ms. */
export const DEEP_TIMEOUT = 600_000;

export interface TestKey extends Dealing {
  readonly key: PaillierKey;
  readonly secret: SecretKeyNumbers;
}

export function dealt(primes: Primes, threshold: number, shares: number): TestKey {
  const dealing = deal({ ...primes, threshold, shares, leastBits: 512 }, random);
  return { ...dealing, key: dealing.thresholdKey.key, secret: secretKeyOf(primes.p, primes.q) };
}

/** 3 of 5, n of 512 bits. */
export const small: TestKey = dealt(PRIMES_512, 3, 5);
/** 2 of 3, n of 1,024 bits. */
export const medium: TestKey = dealt(PRIMES_1024, 2, 3);

let full: TestKey | undefined;

/** 3 of 5, n of 3,072 bits: dealt when a test first asks, in a second. */
export function large(): TestKey {
  full ??= dealt(PRIMES_3072, 3, 5);
  return full;
}

export function encrypted(key: PaillierKey, plaintext: bigint): Ciphertext {
  return encrypt(key, plaintext, freshRandomiser(key, "half-exponent", random));
}

/** The textbook way, to compare with. */
export function plainPower(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n % modulus;
  for (const bit of exponent.toString(2)) {
    result = (result * result) % modulus;
    if (bit === "1") result = (result * base) % modulus;
  }
  return result;
}

/** Gives zeros, as a broken generator may. */
export const zeros: RandomBytes = (length) => new Uint8Array(length);
