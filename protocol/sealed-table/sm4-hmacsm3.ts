/**
 * SM4-CTR (GB/T 32907-2016) with HMAC-SM3 (GB/T 15852.2, GM/T 0042), encrypt-then-MAC. The 48-byte key is an SM4 key
 * (16 B) and a MAC key (32 B), two disjoint parts of one HKDF-SM3 output. The counter starts at zero because each key
 * meets one plaintext (see aes256gcm.ts). The MAC is truncated to 16 bytes, the strength of the cipher, and covers
 * length(aad) | aad | ciphertext.
 */
import { createCipheriv, createDecipheriv, createHmac } from "node:crypto";

import { bytesEqual, concatBytes, uint } from "../encoding/bytes.ts";
import { MAC_BYTES, type OneTimeAead } from "./aead.ts";

const CIPHER_KEY_BYTES = 16;
const COUNTER = new Uint8Array(16);

export const sm4HmacSm3: OneTimeAead = {
  keyBytes: CIPHER_KEY_BYTES + 32,

  seal(key, plaintext, aad) {
    const cipher = createCipheriv("sm4-ctr", key.subarray(0, CIPHER_KEY_BYTES), COUNTER);
    const ciphertext = concatBytes(cipher.update(plaintext), cipher.final());
    return concatBytes(ciphertext, mac(key, ciphertext, aad));
  },

  open(key, sealed, aad) {
    if (sealed.length < MAC_BYTES) return undefined;
    const ciphertext = sealed.subarray(0, sealed.length - MAC_BYTES);
    if (!bytesEqual(mac(key, ciphertext, aad), sealed.subarray(ciphertext.length))) return undefined;
    const decipher = createDecipheriv("sm4-ctr", key.subarray(0, CIPHER_KEY_BYTES), COUNTER);
    return concatBytes(decipher.update(ciphertext), decipher.final());
  },
};

function mac(key: Uint8Array, ciphertext: Uint8Array, aad: Uint8Array): Uint8Array {
  const hmac = createHmac("sm3", key.subarray(CIPHER_KEY_BYTES));
  hmac.update(uint(aad.length, 4)).update(aad).update(ciphertext);
  return new Uint8Array(hmac.digest().subarray(0, MAC_BYTES));
}
