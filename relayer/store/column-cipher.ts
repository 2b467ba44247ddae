/**
 * Encryption of single columns at rest: SM4-CTR (GB/T 32907) under HMAC-SM3 (GB/T 32905, RFC 2104), encrypt-then-MAC, with
 * the column's context authenticated beside it. Keys live outside the database (key-store.ts).
 *
 * Sealed form: version (1 byte, 1) | IV (16) | ciphertext | MAC (32). A random 16-byte IV is the counter's start: two of n
 * values share counter blocks with a chance of about n^2 * blocks / 2^128.
 */
import { createCipheriv, createDecipheriv, createHmac, createSecretKey, type KeyObject } from "node:crypto";

import { bytesEqual, concatBytes, lengthPrefixed, utf8, type RandomBytes } from "../../protocol/encoding/bytes.ts";
import { Fault } from "../../protocol/errors/fault.ts";
import type { ColumnKeys } from "../keys/key-store.ts";

export interface ColumnCipher {
  /** `context` names table, column and row; a sealed value moved to another place does not open. */
  seal(plaintext: string | Uint8Array, context: string): Uint8Array;
  /** @throws Fault COLUMN_NOT_AUTHENTIC */
  open(sealed: Uint8Array, context: string): Uint8Array;
  /** Blind index for equality search: 32 bytes, equal for equal value and context, unguessable without the key. */
  index(value: string, context: string): Uint8Array;
}

const VERSION = 1;
const IV_BYTES = 16;
const MAC_BYTES = 32;

export function createColumnCipher(raw: ColumnKeys, random: RandomBytes): ColumnCipher {
  // Key objects made once: handing raw bytes to node:crypto makes one at every call, which costs more than the cipher.
  const keys = {
    encryption: createSecretKey(raw.encryption),
    authentication: createSecretKey(raw.authentication),
    index: createSecretKey(raw.index),
  };
  const mac = (iv: Uint8Array, ciphertext: Uint8Array, context: string): Uint8Array =>
    hmacSm3(
      keys.authentication,
      lengthPrefixed(utf8("riskveil/column"), Uint8Array.of(VERSION), utf8(context), iv, ciphertext),
    );
  return {
    seal(plaintext, context) {
      const iv = random(IV_BYTES);
      const cipher = createCipheriv("sm4-ctr", keys.encryption, iv);
      const bytes = typeof plaintext === "string" ? utf8(plaintext) : plaintext;
      const ciphertext = concatBytes(cipher.update(bytes), cipher.final());
      return concatBytes(Uint8Array.of(VERSION), iv, ciphertext, mac(iv, ciphertext, context));
    },
    open(sealed, context) {
      const iv = sealed.subarray(1, 1 + IV_BYTES);
      const ciphertext = sealed.subarray(1 + IV_BYTES, Math.max(1 + IV_BYTES, sealed.length - MAC_BYTES));
      const authentic =
        sealed.length >= 1 + IV_BYTES + MAC_BYTES &&
        sealed[0] === VERSION &&
        bytesEqual(sealed.subarray(sealed.length - MAC_BYTES), mac(iv, ciphertext, context));
      if (!authentic) throw new Fault("COLUMN_NOT_AUTHENTIC");
      const decipher = createDecipheriv("sm4-ctr", keys.encryption, iv);
      return concatBytes(decipher.update(ciphertext), decipher.final());
    },
    index: (value, context) => hmacSm3(keys.index, lengthPrefixed(utf8("riskveil/index"), utf8(context), utf8(value))),
  };
}

function hmacSm3(key: KeyObject, message: Uint8Array): Uint8Array {
  return new Uint8Array(createHmac("sm3", key).update(message).digest());
}
