/**
 * Ciphertexts as `paillier-bigint` has them: integers from 1 to n^2 - 1 without a factor in common with n. Bytes are
 * big-endian, always twice the length of n (768 for 3,072 bits), so that a ciphertext has one encoding.
 *
 * A ciphertext is malleable by design, and says nothing about who made it or what is in it: see `knowledge-proof.ts`.
 */
import { Fault } from "../errors/fault.ts";
import { bytesToInteger, integerToBytes, isUnit } from "./integer.ts";
import type { PaillierKey } from "./public-key.ts";

declare const ciphertextBrand: unique symbol;

/** A unit modulo n^2 that is not 1 or -1 modulo n. */
export type Ciphertext = bigint & { readonly [ciphertextBrand]: true };

export function ciphertextBytes(key: PaillierKey): number {
  return 2 * key.byteLength;
}

/**
 * Takes 0.6 ms at 3,072 bits: the greatest common divisor with n.
 * @throws Fault PAILLIER_CIPHERTEXT_OUT_OF_RANGE; PAILLIER_CIPHERTEXT_NOT_A_UNIT (who sends one knows a factor of n, or sent
 * a multiple of it); PAILLIER_CIPHERTEXT_BARE for (1 + n)^m and -(1 + n)^m, which everybody reads without a key
 */
export function parseCiphertext({ n, square }: PaillierKey, value: bigint): Ciphertext {
  if (value < 1n || value >= square.value) throw new Fault("PAILLIER_CIPHERTEXT_OUT_OF_RANGE");
  const residue = value % n;
  if (residue === 1n || residue === n - 1n) throw new Fault("PAILLIER_CIPHERTEXT_BARE");
  if (!isUnit(residue, n)) throw new Fault("PAILLIER_CIPHERTEXT_NOT_A_UNIT");
  return value as Ciphertext;
}

/** @throws Fault PAILLIER_CIPHERTEXT_LENGTH, and those of `parseCiphertext` */
export function decodeCiphertext(key: PaillierKey, bytes: Uint8Array): Ciphertext {
  const wanted = ciphertextBytes(key);
  if (bytes.length !== wanted) throw new Fault("PAILLIER_CIPHERTEXT_LENGTH", { bytes: bytes.length, wanted });
  return parseCiphertext(key, bytesToInteger(bytes));
}

export function encodeCiphertext(key: PaillierKey, ciphertext: Ciphertext): Uint8Array {
  return integerToBytes(ciphertext, ciphertextBytes(key));
}
