/**
 * What sums on ciphertexts have in common, whatever they rest on: anybody encrypts, anybody adds, t of the holders decrypt and each
 * proves its part. Two schemes stand behind it (docs/decisions/0019): ElGamal in the exponent for sums about people, many and
 * small, and Paillier for statistics, few and large. Those use them through their own modules, in batches and packed; through
 * this interface both are held to the same laws, and measured side by side.
 *
 * Ciphertexts and shares are bytes of the scheme's own encoding. Plaintexts are integers from 0.
 */
import type { RandomBytes } from "../encoding/bytes.ts";
import type { FaultCode } from "../errors/catalogue.ts";

/** A share with whose it claims to be. */
export interface GivenShare {
  readonly index: number;
  readonly bytes: Uint8Array;
}

export interface RefusedShare {
  readonly index: number;
  readonly code: FaultCode;
}

export interface Decryption {
  readonly plaintext: bigint;
  /** Shares that were left out, named whether or not they were needed. */
  readonly refused: readonly RefusedShare[];
}

export interface ShareHolder {
  /** From 1. */
  readonly index: number;
  /** Its part of the decryption with a proof, for this ciphertext and this context only. */
  share(ciphertext: Uint8Array, context: Uint8Array, random: RandomBytes): Uint8Array;
}

export interface AdditiveScheme {
  readonly name: string;
  /** Plaintexts and sums stay below it. */
  readonly limit: bigint;
  readonly threshold: number;
  /** @throws Fault, the scheme's, for a plaintext that is out of range */
  encrypt(plaintext: bigint, random: RandomBytes): Uint8Array;
  /** An encryption of the sum; keeps the summands' randomness. @throws Fault, the scheme's, for bytes that are no ciphertext */
  add(first: Uint8Array, ...others: readonly Uint8Array[]): Uint8Array;
  /** The same plaintext, unlinkable to `ciphertext` for all who do not decrypt. */
  rerandomise(ciphertext: Uint8Array, random: RandomBytes): Uint8Array;
  /**
   * From the first t right shares, one of each holder.
   * @throws Fault PARTIALS_TOO_FEW with how many are missing and whose were refused; AGGREGATE_SUM_UNDECODABLE for a sum beyond
   * the limit
   */
  combine(ciphertext: Uint8Array, context: Uint8Array, shares: readonly GivenShare[]): Decryption;
}
