/**
 * HMAC (GB/T 15852.2-2012, RFC 2104) and HKDF (RFC 5869) over SM3 (GB/T 32905-2016), by OpenSSL through node:crypto.
 * SM3 itself is `sm3` in `encoding/digest.ts`; SM4 with HMAC-SM3 is `sealed-table/sm4-hmacsm3.ts`.
 */
import { createHmac, hkdfSync } from "node:crypto";

export const SM3_BYTES = 32;

/** 32 bytes over the concatenated parts. Fields of variable length must be length-prefixed by the caller. */
export function hmacSm3(key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array {
  const hmac = createHmac("sm3", key);
  for (const part of parts) hmac.update(part);
  return new Uint8Array(hmac.digest());
}

/** Extract and expand; `length` is at most 255 * 32 bytes. @throws RangeError for a longer one */
export function hkdfSm3(secret: Uint8Array, salt: Uint8Array, info: Uint8Array, length: number): Uint8Array {
  return new Uint8Array(hkdfSync("sm3", secret, salt, info, length));
}
