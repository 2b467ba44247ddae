import { hash } from "node:crypto";

import { concatBytes, uint } from "../encoding/bytes.ts";

/** SHA-512, 64 bytes. */
export function sha512(message: Uint8Array): Uint8Array {
  const digest = hash("sha512", message, "buffer");
  return new Uint8Array(digest.buffer, digest.byteOffset, digest.byteLength);
}

const OUTPUT_BYTES = 64;
const BLOCK_BYTES = 128;

/**
 * expand_message_xmd of RFC 9380 section 5.3.1 with SHA-512 and 64 bytes of output, which is one block of it: what both
 * hash-to-group and hash-to-scalar of ristretto255-SHA512 take.
 *
 * @throws RangeError if `dst` is empty or longer than 255 bytes (all tags here are constants of a few dozen bytes).
 */
export function expandMessage(message: Uint8Array, dst: Uint8Array): Uint8Array {
  if (dst.length === 0 || dst.length > 255) throw new RangeError("a domain separation tag has 1 to 255 bytes");
  const tag = concatBytes(dst, uint(dst.length, 1));
  const first = sha512(concatBytes(new Uint8Array(BLOCK_BYTES), message, uint(OUTPUT_BYTES, 2), uint(0, 1), tag));
  return sha512(concatBytes(first, uint(1, 1), tag));
}
