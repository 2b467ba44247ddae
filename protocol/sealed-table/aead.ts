export const MAC_BYTES = 16;

/** Authenticated encryption under a key that is used for one plaintext only. */
export interface OneTimeAead {
  readonly keyBytes: number;
  /** @returns ciphertext (as long as the plaintext) | mac (16 B). */
  seal(key: Uint8Array, plaintext: Uint8Array, aad: Uint8Array): Uint8Array;
  /** @returns the plaintext, or undefined if anything was altered. */
  open(key: Uint8Array, sealed: Uint8Array, aad: Uint8Array): Uint8Array | undefined;
}
