import { concatBytes, uint } from "../encoding/bytes.ts";
import { sm3 } from "../encoding/digest.ts";
import { SM3_BYTES } from "./hmac-sm3.ts";

/** KDF of GB/T 32918.4 section 5.4.3: SM3(z | 1) | SM3(z | 2) | ..., counters of 4 bytes, cut to `length` bytes. */
export function sm2Kdf(z: Uint8Array, length: number): Uint8Array {
  const blocks = Array.from({ length: Math.ceil(length / SM3_BYTES) }, (_, index) => sm3(z, uint(index + 1, 4)));
  return concatBytes(...blocks).slice(0, length);
}
