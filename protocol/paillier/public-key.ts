/**
 * Paillier public keys (Paillier 1999) with g = n + 1, in the form of `paillier-bigint`: an object with `n` and `g`, which in
 * JSON are strings of decimal digits, because JSON has no integers of this size. n = p q of two primes of equal length.
 *
 * - `paillier-bigint` makes keys with a random g unless told otherwise; those are refused: g^m would cost a second power.
 * - Nobody but the maker of a key can see that n is the product of two primes. A key is taken from a signed record
 *   (`protocol/ceremony`), never from a message.
 * - 3,072 bits are 128 bits of security (NIST SP 800-57 part 1, table 2). Shorter keys are for tests and rehearsals.
 */
import { lengthPrefixed, utf8 } from "../encoding/bytes.ts";
import { keccak256 } from "../encoding/digest.ts";
import { Fault } from "../errors/fault.ts";
import { bitLength, integerToBytes } from "./integer.ts";
import { createModulus, type Modulus } from "./modulus.ts";

export const KEY_BITS = 3072;
/** A modulus n^2 of more is refused by OpenSSL. */
const MOST_BITS = 5000;
const DOMAIN = utf8("riskveil/paillier/key");

/** What `paillier-bigint`'s PublicKey has, too. */
export interface PublicKeyNumbers {
  readonly n: bigint;
  readonly g: bigint;
}

/** Decimal digits, without sign or leading zero. */
export interface PublicKeyJson {
  readonly n: string;
  readonly g: string;
}

/** A key with what is computed once for it. Not to be sent to another thread: send its numbers, and open them there. */
export interface PaillierKey extends PublicKeyNumbers {
  readonly bits: number;
  /** Of n. */
  readonly byteLength: number;
  /** n^2. */
  readonly square: Modulus;
  /** 32 bytes that stand for the key in transcripts: keccak-256 over n. Unsalted: the key is public and not guessable. */
  readonly digest: Uint8Array;
}

/** @throws Fault PAILLIER_KEY_INVALID unless n is odd and has `leastBits` to 5,000 bits, and g = n + 1 */
export function openKey({ n, g }: PublicKeyNumbers, leastBits = KEY_BITS): PaillierKey {
  const bits = n > 0n ? bitLength(n) : 0;
  if (bits < leastBits || bits > MOST_BITS || n % 2n === 0n || g !== n + 1n) {
    throw new Fault("PAILLIER_KEY_INVALID", { bits, least: leastBits });
  }
  const length = Math.ceil(bits / 8);
  const digest = keccak256(lengthPrefixed(DOMAIN, integerToBytes(n, length)));
  return { n, g, bits, byteLength: length, square: createModulus(n * n), digest };
}

/** @throws Fault PAILLIER_KEY_INVALID for any text but canonical decimal digits */
export function publicKeyFromJson({ n, g }: PublicKeyJson): PublicKeyNumbers {
  return { n: decimal(n), g: decimal(g) };
}

export function publicKeyToJson({ n, g }: PublicKeyNumbers): PublicKeyJson {
  return { n: n.toString(), g: g.toString() };
}

/** @throws Fault PAILLIER_KEY_INVALID */
export function decimal(text: string): bigint {
  // Twice the digits of the longest key: parsing takes more than linear time.
  if (text.length > MOST_BITS || !/^(?:0|[1-9][0-9]*)$/.test(text)) {
    throw new Fault("PAILLIER_KEY_INVALID", { bits: 0, least: KEY_BITS });
  }
  return BigInt(text);
}
