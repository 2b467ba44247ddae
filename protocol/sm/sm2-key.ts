/** SM2 key pairs (GB/T 32918.1 section 6). The constraints on keys are in `sm2-curve.ts`. */
import type { RandomBytes } from "../encoding/bytes.ts";
import { Fault } from "../errors/fault.ts";
import {
  multiplyBase,
  ORDER,
  parseSecretKey,
  randomScalar,
  secretScalar,
  toBytes,
  type Sm2KeyPair,
  type Sm2PublicKey,
  type Sm2SecretKey,
} from "./sm2-curve.ts";

/** A fresh pair from 48 random bytes. */
export function generateKeyPair(random: RandomBytes): Sm2KeyPair {
  return keyPairOf(toBytes(randomScalar(random, ORDER - 2n)));
}

/** @throws Fault SM2_SECRET_KEY_INVALID unless `secret` is 32 bytes, 1 to n - 2 */
export function keyPairOf(secret: Uint8Array): Sm2KeyPair {
  const secretKey = parseSecretKey(secret);
  return { secretKey, publicKey: publicKeyOf(secretKey) };
}

export function publicKeyOf(secretKey: Sm2SecretKey): Sm2PublicKey {
  return multiplyBase(secretScalar(secretKey)).encoded;
}

/** The pair of a secret and a public key that came together. @throws Fault SM2_SECRET_KEY_INVALID if they do not belong together */
export function matchingKeyPair(secret: Uint8Array, publicKey: Uint8Array): Sm2KeyPair {
  const pair = keyPairOf(secret);
  if (Buffer.compare(pair.publicKey, publicKey) !== 0) throw new Fault("SM2_SECRET_KEY_INVALID");
  return pair;
}
