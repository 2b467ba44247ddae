/**
 * Keys from the shared x coordinate (32 bytes): HKDF-SM3, salted with the transcript at that moment, one label for each use. So
 * a key is for one agreement, one direction and one purpose, and equal only if both parties saw the same messages.
 */
import { lengthPrefixed, utf8 } from "../encoding/bytes.ts";
import { hkdfSm3, hmacSm3, SM3_BYTES } from "../sm/hmac-sm3.ts";
import { PROTOCOL, type Transcript } from "./transcript.ts";

declare const keyBrand: unique symbol;

/** 32 bytes for HMAC-SM3. */
export type MacKey = Uint8Array & { readonly [keyBrand]: true };

export interface ConfirmationKeys {
  readonly answer: MacKey;
  readonly confirmation: MacKey;
  readonly acceptance: MacKey;
}

/** One key a direction: a message sent back to its sender never verifies. */
export interface SessionKeys {
  readonly request: MacKey;
  readonly response: MacKey;
}

export function confirmationKeys(shared: Uint8Array, opening: Transcript): ConfirmationKeys {
  return {
    answer: derive(shared, opening, "answer"),
    confirmation: derive(shared, opening, "confirmation"),
    acceptance: derive(shared, opening, "acceptance"),
  };
}

export function sessionKeys(shared: Uint8Array, final: Transcript): SessionKeys {
  return { request: derive(shared, final, "request"), response: derive(shared, final, "response") };
}

/** HMAC-SM3 over the transcript and what was added since, 32 bytes. */
export function confirm(key: MacKey, transcript: Transcript, ...fields: readonly Uint8Array[]): Uint8Array {
  return hmacSm3(key, lengthPrefixed(transcript, ...fields));
}

function derive(shared: Uint8Array, transcript: Transcript, use: string): MacKey {
  return hkdfSm3(shared, transcript, utf8(`${PROTOCOL}/${use}`), SM3_BYTES) as MacKey;
}
