/**
 * AES-256-GCM (NIST SP 800-38D), 128-bit tag, all-zero nonce. GCM fails if a key meets one nonce twice; here each key
 * meets one plaintext, because it is derived from 16 random bytes drawn at that sealing (two of them collide with
 * probability 2^-128 per pair), so a constant nonce is sound and an entry need not carry one.
 *
 * GCM does not commit to its key. Nothing rests on that: the entry's place (its tag) fixes the evaluation, and the
 * evaluation with the rev fixes the key.
 */
import { createCipheriv, createDecipheriv } from "node:crypto";

import { concatBytes } from "../encoding/bytes.ts";
import { MAC_BYTES, type OneTimeAead } from "./aead.ts";

const NONCE = new Uint8Array(12);

export const aes256Gcm: OneTimeAead = {
  keyBytes: 32,

  seal(key, plaintext, aad) {
    const cipher = createCipheriv("aes-256-gcm", key, NONCE, { authTagLength: MAC_BYTES });
    cipher.setAAD(aad);
    const ciphertext = cipher.update(plaintext);
    return concatBytes(ciphertext, cipher.final(), cipher.getAuthTag());
  },

  open(key, sealed, aad) {
    if (sealed.length < MAC_BYTES) return undefined;
    const decipher = createDecipheriv("aes-256-gcm", key, NONCE, { authTagLength: MAC_BYTES });
    decipher.setAAD(aad);
    decipher.setAuthTag(sealed.subarray(sealed.length - MAC_BYTES));
    const plaintext = decipher.update(sealed.subarray(0, sealed.length - MAC_BYTES));
    try {
      return concatBytes(plaintext, decipher.final());
    } catch {
      return undefined;
    }
  },
};
