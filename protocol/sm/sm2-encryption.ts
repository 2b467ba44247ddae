/**
 * SM2 public key encryption (GB/T 32918.4-2016): C1 | C3 | C2 with C1 = 04 | x | y (65 B), C3 = SM3(x2 | M | y2) (32 B) and
 * C2 = M xor KDF(x2 | y2). The older order C1 | C2 | C3 is not accepted. Issues to know:
 *
 * - C1 off the curve is refused before the secret key touches it (invalid-curve attack).
 * - Everything wrong with a ciphertext is one fault, so that an answer tells nothing about which check failed.
 * - A message has at least one byte: for an empty one the standard's "t is all zero" never ends.
 * - C3 authenticates the ciphertext, not its sender.
 * - Hardened against timing, not constant time: see `sm2-curve.ts`. C3 is compared in constant time.
 */
import { bytesEqual, concatBytes, type RandomBytes } from "../encoding/bytes.ts";
import { sm3 } from "../encoding/digest.ts";
import { Fault, isFault } from "../errors/fault.ts";
import { SM3_BYTES } from "./hmac-sm3.ts";
import {
  multiply,
  multiplyBase,
  PUBLIC_KEY_BYTES,
  randomScalar,
  secretScalar,
  type Coordinates,
  type Sm2PublicKey,
  type Sm2SecretKey,
} from "./sm2-curve.ts";
import { sm2Kdf } from "./sm2-kdf.ts";

/** What a ciphertext has more than its message. */
export const CIPHERTEXT_OVERHEAD = PUBLIC_KEY_BYTES + SM3_BYTES;

/**
 * `message` of at least one byte for the owner of `publicKey`: 97 bytes more, from 48 random bytes.
 * @throws Fault SM2_MESSAGE_EMPTY, SM2_PUBLIC_KEY_INVALID
 */
export function encrypt(publicKey: Sm2PublicKey, message: Uint8Array, random: RandomBytes): Uint8Array {
  if (message.length === 0) throw new Fault("SM2_MESSAGE_EMPTY");
  for (;;) {
    const k = randomScalar(random);
    const shared = multiply(k, publicKey);
    const mask = maskOf(shared, message.length);
    // A mask of zeros would send the message in clear: likely for no message of more than a few bytes.
    if (mask) return concatBytes(multiplyBase(k).encoded, check(shared, message), xor(message, mask));
  }
}

/** @throws Fault SM2_CIPHERTEXT_INVALID, SM2_SECRET_KEY_INVALID */
export function decrypt(secretKey: Sm2SecretKey, ciphertext: Uint8Array): Uint8Array {
  const d = secretScalar(secretKey);
  if (ciphertext.length <= CIPHERTEXT_OVERHEAD) throw new Fault("SM2_CIPHERTEXT_INVALID");
  const shared = sharedPoint(d, ciphertext.subarray(0, PUBLIC_KEY_BYTES));
  const masked = ciphertext.subarray(CIPHERTEXT_OVERHEAD);
  const mask = maskOf(shared, masked.length);
  const message = xor(masked, mask ?? new Uint8Array(masked.length));
  const authentic = bytesEqual(check(shared, message), ciphertext.subarray(PUBLIC_KEY_BYTES, CIPHERTEXT_OVERHEAD));
  if (!authentic || !mask) throw new Fault("SM2_CIPHERTEXT_INVALID");
  return message;
}

function sharedPoint(d: bigint, point: Uint8Array): Coordinates {
  try {
    return multiply(d, point);
  } catch (cause) {
    if (isFault(cause, "SM2_PUBLIC_KEY_INVALID")) throw new Fault("SM2_CIPHERTEXT_INVALID", {}, cause);
    throw cause;
  }
}

function maskOf({ x, y }: Coordinates, length: number): Uint8Array | undefined {
  const mask = sm2Kdf(concatBytes(x, y), length);
  return mask.some((byte) => byte !== 0) ? mask : undefined;
}

function check({ x, y }: Coordinates, message: Uint8Array): Uint8Array {
  return sm3(x, message, y);
}

function xor(a: Uint8Array, b: Uint8Array): Uint8Array {
  return a.map((byte, index) => byte ^ (b[index] ?? 0));
}
