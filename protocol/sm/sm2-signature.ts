/**
 * SM2 signatures (GB/T 32918.2-2016) with SM3: e = SM3(Z_A | M), Z_A = SM3(bits of id | id | a | b | G | public key). The
 * message is always hashed with Z_A: without, signatures can be forged and moved between keys. Issues to know:
 *
 * - The nonce is hedged: HKDF-SM3 over secret key, fresh random bytes and e. Repeated randomness (a cloned machine) repeats a
 *   nonce only for one and the same message. A nonce used for two messages gives the secret key away.
 * - s runs to n - 1: there is no low-s rule, and there is no second valid s for one r and message.
 * - `verify` answers false to whatever is not a signature, and never throws. It is variable time; its inputs are public.
 * - Signing is hardened, not constant time: see `sm2-curve.ts`. 1 + d is inverted behind a random factor.
 * - `crypto.sign("sm3", ...)` of Node with an SM2 key is another scheme (plain ECDSA, or an empty user id): not used.
 */
import { concatBytes, uint, utf8, type RandomBytes } from "../encoding/bytes.ts";
import { sm3 } from "../encoding/digest.ts";
import { Fault } from "../errors/fault.ts";
import { hkdfSm3 } from "./hmac-sm3.ts";
import {
  ENCODED_PARAMETERS,
  invert,
  multiplyBase,
  ORDER,
  parsePublicKey,
  randomScalar,
  reduce,
  SCALAR_BYTES,
  secretScalar,
  sumOfProducts,
  toBytes,
  toInteger,
  type Sm2KeyPair,
  type Sm2PublicKey,
  type Sm2SecretKey,
} from "./sm2-curve.ts";

export const SIGNATURE_BYTES = 64;
/** What both parties use where none is agreed (GM/T 0009 section 10): 16 bytes of ASCII. */
export const DEFAULT_USER_ID: Uint8Array = utf8("1234567812345678");
/** The length in bits takes two bytes of Z_A. */
const USER_ID_MAXIMUM = 8191;
const HEDGE_BYTES = 32;
const WIDE_BYTES = 48;
const NONCE_LABEL = utf8("riskveil/sm2-nonce");

declare const signatureBrand: unique symbol;

/** 64 bytes, r | s. */
export type Sm2Signature = Uint8Array & { readonly [signatureBrand]: true };

/** Z_A, 32 bytes. @throws Fault SM2_USER_ID_INVALID, SM2_PUBLIC_KEY_INVALID */
export function identityDigest(publicKey: Uint8Array, userId: Uint8Array = DEFAULT_USER_ID): Uint8Array {
  if (userId.length > USER_ID_MAXIMUM) throw new Fault("SM2_USER_ID_INVALID", { bytes: userId.length });
  const point = parsePublicKey(publicKey).subarray(1);
  return sm3(uint(userId.length * 8, 2), userId, ENCODED_PARAMETERS, point);
}

/** SM3(Z_A | M), 32 bytes. @throws Fault SM2_USER_ID_INVALID, SM2_PUBLIC_KEY_INVALID */
export function messageDigest(publicKey: Uint8Array, message: Uint8Array, userId?: Uint8Array): Uint8Array {
  return sm3(identityDigest(publicKey, userId), message);
}

/**
 * Signs `message` with 32 random bytes as hedge. The public key must be the secret key's own (`sm2-key.ts`).
 * @throws Fault SM2_SECRET_KEY_INVALID, SM2_PUBLIC_KEY_INVALID, SM2_USER_ID_INVALID
 */
export function sign(key: Sm2KeyPair, message: Uint8Array, random: RandomBytes, userId?: Uint8Array): Sm2Signature {
  const e = messageDigest(key.publicKey, message, userId);
  const hedge = random(HEDGE_BYTES);
  if (hedge.length !== HEDGE_BYTES) throw new RangeError(`expected ${String(HEDGE_BYTES)} random bytes`);
  const secret = concatBytes(key.secretKey, hedge);
  try {
    for (let attempt = 0; ; attempt++) {
      const stream = hkdfSm3(secret, NONCE_LABEL, concatBytes(e, uint(attempt, 4)), 2 * WIDE_BYTES);
      const nonce = randomScalar(() => stream.subarray(0, WIDE_BYTES));
      const blind = randomScalar(() => stream.subarray(WIDE_BYTES));
      stream.fill(0);
      const signature = signDigest(key.secretKey, e, nonce, blind);
      // Another nonce is needed with a chance of 2^-255.
      if (signature) return signature;
    }
  } finally {
    secret.fill(0);
  }
}

/**
 * The equations alone: r = e + x(nonce * G), s = (nonce - r * d) / (1 + d); undefined for a nonce that gives r = 0,
 * r + nonce = n or s = 0. For known answers; everything else calls `sign`, which chooses the nonce.
 */
export function signDigest(
  secretKey: Sm2SecretKey,
  digest: Uint8Array,
  nonce: bigint,
  blind = 1n,
): Sm2Signature | undefined {
  const d = secretScalar(secretKey);
  const r = reduce(toInteger(digest) + toInteger(multiplyBase(nonce).x));
  if (r === 0n || r + nonce === ORDER) return undefined;
  const inverse = reduce(blind * invert(reduce((1n + d) * blind)));
  const s = reduce(inverse * reduce(nonce - r * d));
  return s === 0n ? undefined : (concatBytes(toBytes(r), toBytes(s)) as Sm2Signature);
}

/** Whether `signature` (r | s) is `publicKey`'s for `message` under `userId`. False for anything malformed. */
export function verify(
  publicKey: Sm2PublicKey,
  message: Uint8Array,
  signature: Uint8Array,
  userId?: Uint8Array,
): boolean {
  if (signature.length !== SIGNATURE_BYTES) return false;
  const r = toInteger(signature.subarray(0, SCALAR_BYTES));
  const s = toInteger(signature.subarray(SCALAR_BYTES));
  if (r < 1n || r >= ORDER || s < 1n || s >= ORDER) return false;
  const t = reduce(r + s);
  if (t === 0n) return false;
  try {
    const x = sumOfProducts(s, publicKey, t);
    return x !== undefined && reduce(toInteger(messageDigest(publicKey, message, userId)) + x) === r;
  } catch (error) {
    // A key off the curve or an id too long: nobody's signature.
    if (error instanceof Fault) return false;
    throw error;
  }
}
