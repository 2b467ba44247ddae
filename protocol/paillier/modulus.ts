/**
 * Powers modulo an odd number by OpenSSL: `crypto.createDiffieHellman(modulus).computeSecret(base)` is BN_mod_exp_mont with
 * the exponent marked secret. It was made for Diffie-Hellman, so what would be a bad key exchange it refuses; here is each
 * case that it refuses, and what becomes of it:
 *
 * | case                                  | OpenSSL                          | here                                    |
 * | ------------------------------------- | -------------------------------- | --------------------------------------- |
 * | even modulus                          | "failed to compute"              | PAILLIER_MODULUS_INVALID                |
 * | modulus below 512 or above 10,000 bit | "failed to compute"              | PAILLIER_MODULUS_INVALID                |
 * | modulus that is no safe prime         | `verifyError` 1 or 2             | expected: ours is n^2                   |
 * | base 0, 1                             | "too small"                      | 0 (1 for exponent 0), 1                 |
 * | base m - 1                            | "too large"                      | 1 or m - 1 by the exponent's parity     |
 * | base m and above, negative            | "too large", no encoding         | PAILLIER_BASE_OUT_OF_RANGE              |
 * | exponent 0                            | "failed to compute"              | 1                                       |
 * | exponent negative, above 65,536 bits  | no encoding, hours               | PAILLIER_EXPONENT_OUT_OF_RANGE          |
 * | result 0 (base is no unit), 1, m - 1  | "failed to compute", all alike   | told apart by one more power            |
 * | leading zeros of base and exponent    | ignored                          | never sent                              |
 * | leading zeros of the result           | padded to the modulus' length    | read as an integer of any length        |
 *
 * Constant time is the power itself, for exponents of the same number of 64-bit words: their values, not their lengths. Not
 * constant time: turning integers into bytes and back, `multiply`, and the special cases, which honest use meets with
 * negligible probability. OpenSSL's copy of the exponent is cleared after each power, our byte string too; the BigInt
 * cannot be.
 */
import { createDiffieHellman, type DiffieHellman } from "node:crypto";

import { Fault } from "../errors/fault.ts";
import { bitLength, byteLength, bytesToInteger, integerToBytes, isUnit } from "./integer.ts";

const LEAST_BITS = 512;
const MOST_BITS = 10_000;
/** Ten times what any step here needs: whatever is longer was not made by this program, and would hold up the thread. */
export const MOST_EXPONENT_BITS = 65_536;
/** DH_CHECK_P_NOT_PRIME and DH_CHECK_P_NOT_SAFE_PRIME of OpenSSL. Any other bit means that it cannot work with the modulus. */
const NOT_A_SAFE_PRIME = 3;
const ONE = Uint8Array.of(1);
const TWO = Uint8Array.of(2);

/** Costly to make (54 ms for 6,144 bits, in which OpenSSL looks whether it is prime): one for each modulus and thread. */
export interface Modulus {
  readonly value: bigint;
  readonly byteLength: number;
  /**
   * `base`^`exponent` modulo `value`, for a base of 0 to `value` - 1 and an exponent that is not negative.
   * @throws Fault PAILLIER_BASE_OUT_OF_RANGE, PAILLIER_EXPONENT_OUT_OF_RANGE
   */
  power(base: bigint, exponent: bigint): bigint;
  /** Product of any number of residues; of none 1. BigInt, not constant time. */
  multiply(...factors: readonly bigint[]): bigint;
}

/** @throws Fault PAILLIER_MODULUS_INVALID unless `value` is odd and has 512 to 10,000 bits */
export function createModulus(value: bigint): Modulus {
  const length = byteLength(value);
  const openssl = engine(value, length);

  function power(base: bigint, exponent: bigint): bigint {
    if (base < 0n || base >= value) throw new Fault("PAILLIER_BASE_OUT_OF_RANGE");
    if (exponent < 0n || bitLength(exponent) > MOST_EXPONENT_BITS) {
      throw new Fault("PAILLIER_EXPONENT_OUT_OF_RANGE", { most: MOST_EXPONENT_BITS });
    }
    if (exponent === 0n) return 1n;
    if (base <= 1n) return base;
    if (base === value - 1n) return exponent % 2n === 0n ? 1n : base;
    return computed(base, exponent) ?? refusedResult(base, exponent);
  }

  /** Undefined if OpenSSL refuses the result. */
  function computed(base: bigint, exponent: bigint): bigint | undefined {
    const secret = integerToBytes(exponent, byteLength(exponent));
    try {
      openssl.setPrivateKey(secret);
      return bytesToInteger(openssl.computeSecret(integerToBytes(base, byteLength(base))));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ERR_CRYPTO_OPERATION_FAILED") return undefined;
      throw error;
    } finally {
      secret.fill(0);
      openssl.setPrivateKey(ONE);
    }
  }

  /** The result is 0, 1 or -1. Times the base it is 0 again, the base or its negative: neither of these two is refused. */
  function refusedResult(base: bigint, exponent: bigint): bigint {
    const next = computed(base, exponent + 1n);
    if (next === base) return 1n;
    if (next === value - base) return value - 1n;
    if (next === undefined && !isUnit(base, value)) return 0n;
    throw new Error("OpenSSL computed no modular power");
  }

  return {
    value,
    byteLength: length,
    power,
    multiply: (...factors) => factors.reduce((product, factor) => (product * factor) % value, 1n),
  };
}

function engine(value: bigint, length: number): DiffieHellman {
  const bits = value > 0n ? bitLength(value) : 0;
  if (bits < LEAST_BITS || bits > MOST_BITS || value % 2n === 0n) {
    throw new Fault("PAILLIER_MODULUS_INVALID", { bits, least: LEAST_BITS, most: MOST_BITS });
  }
  const openssl = createDiffieHellman(integerToBytes(value, length), TWO);
  if ((openssl.verifyError & ~NOT_A_SAFE_PRIME) !== 0) {
    throw new Fault("PAILLIER_MODULUS_INVALID", { bits, least: LEAST_BITS, most: MOST_BITS });
  }
  return openssl;
}
