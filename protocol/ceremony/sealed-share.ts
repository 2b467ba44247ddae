/**
 * A key share on its way from the dealer to its holder, in one file: SM2 encryption (GB/T 32918.4) to the holder's key of
 *
 *   lp("riskveil/ceremony/share/1", ceremony, threshold key, index (2), share)
 *
 * so that a share of another ceremony or holder is recognised when it is opened. The record holds a salted digest of the
 * sealed bytes, so that the dealer cannot say later that it sent something else. SM2 encryption does not say who encrypted:
 * the record's signature does.
 */
import { z } from "zod";

import {
  bytesEqual,
  fromBase64Url,
  fromHex,
  lengthPrefixed,
  toBase64Url,
  uint,
  utf8,
  type RandomBytes,
} from "../encoding/bytes.ts";
import { saltedDigest, sm3 } from "../encoding/digest.ts";
import { Fault } from "../errors/fault.ts";
import { bytesToInteger, integerToBytes } from "../paillier/integer.ts";
import { checkKeyShare, MOST_SHARES, type KeyShare, type ThresholdKey } from "../paillier/threshold-key.ts";
import type { Sm2PublicKey, Sm2SecretKey } from "../sm/sm2-curve.ts";
import { decrypt, encrypt } from "../sm/sm2-encryption.ts";

const DOMAIN = utf8("riskveil/ceremony/share/1");
const DIGEST_DOMAIN = "riskveil/ceremony/sealed-share";

export const sealedShareSchema = z.strictObject({
  format: z.literal("riskveil/sealed-share/1"),
  /** The ceremony's id, 0x and 64 hex digits. */
  ceremony: z.string().regex(/^0x[0-9a-f]{64}$/),
  index: z.int().min(1).max(MOST_SHARES),
  /** base64url. */
  sealed: z.string().max(20_000),
});

export type SealedShare = z.infer<typeof sealedShareSchema>;

export function sealShare(
  ceremony: Uint8Array,
  threshold: ThresholdKey,
  share: KeyShare,
  holder: Sm2PublicKey,
  random: RandomBytes,
): Uint8Array {
  const message = lengthPrefixed(...heading(ceremony, threshold, share.index), shareBytes(threshold, share));
  try {
    return encrypt(holder, message, random);
  } finally {
    message.fill(0);
  }
}

/** What the record says of a sealed share, 32 bytes, with SM3. */
export function sealedDigest(salt: Uint8Array, sealed: Uint8Array): Uint8Array {
  return saltedDigest(DIGEST_DOMAIN, salt, [sealed], sm3);
}

/** @throws Fault CEREMONY_SEALED_SHARE_INVALID for bytes that are not base64url */
export function sealedBytes({ sealed }: SealedShare): Uint8Array {
  try {
    return fromBase64Url(sealed);
  } catch (cause) {
    throw new Fault("CEREMONY_SEALED_SHARE_INVALID", {}, cause);
  }
}

export function toSealedShare(ceremony: string, index: number, sealed: Uint8Array): SealedShare {
  return { format: "riskveil/sealed-share/1", ceremony, index, sealed: toBase64Url(sealed) };
}

/**
 * The share, checked against its verification key.
 * @throws Fault CEREMONY_SEALED_SHARE_INVALID if it is of another ceremony, key or holder; SM2_CIPHERTEXT_INVALID;
 * PAILLIER_KEY_SHARE_INVALID
 */
export function openShare(threshold: ThresholdKey, share: SealedShare, secretKey: Sm2SecretKey): KeyShare {
  const message = decrypt(secretKey, sealedBytes(share));
  try {
    const length = 2 * threshold.key.byteLength;
    const value = message.slice(-length);
    const expected = lengthPrefixed(...heading(fromHex(share.ceremony), threshold, share.index), value);
    if (value.length !== length || !bytesEqual(expected, message)) throw new Fault("CEREMONY_SEALED_SHARE_INVALID");
    const opened = { index: share.index, value: bytesToInteger(value) };
    checkKeyShare(threshold, opened);
    return opened;
  } finally {
    message.fill(0);
  }
}

function heading(ceremony: Uint8Array, { digest }: ThresholdKey, index: number): readonly Uint8Array[] {
  return [DOMAIN, ceremony, digest, uint(index, 2)];
}

function shareBytes({ key }: ThresholdKey, { value }: KeyShare): Uint8Array {
  return integerToBytes(value, 2 * key.byteLength);
}
