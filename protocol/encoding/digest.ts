/**
 * Every digest that leaves a relayer or reaches the chain is H(domain, 32-byte salt, length-prefixed fields): a bare
 * digest of a document, a record or a file could be matched by guessing.
 */
import { createHash } from "node:crypto";

import { keccak_256 } from "@noble/hashes/sha3.js";

import { concatBytes, lengthPrefixed, utf8 } from "./bytes.ts";

export const SALT_BYTES = 32;

export function keccak256(...parts: readonly Uint8Array[]): Uint8Array {
  return keccak_256(parts.length === 1 && parts[0] ? parts[0] : concatBytes(...parts));
}

export function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return new Uint8Array(hash.digest());
}

/** SM3 (GB/T 32905-2016), 32 bytes. */
export function sm3(...parts: readonly Uint8Array[]): Uint8Array {
  const hash = createHash("sm3");
  for (const part of parts) hash.update(part);
  return new Uint8Array(hash.digest());
}

export type DigestFunction = (...parts: readonly Uint8Array[]) => Uint8Array;

/**
 * H(domain, salt, fields) with keccak-256 (what the EVM can recompute) unless another hash is given.
 * @throws RangeError if the salt is not 32 bytes.
 */
export function saltedDigest(
  domain: string,
  salt: Uint8Array,
  fields: readonly Uint8Array[],
  hash: DigestFunction = keccak256,
): Uint8Array {
  if (salt.length !== SALT_BYTES) throw new RangeError(`salt must be ${String(SALT_BYTES)} bytes`);
  return hash(lengthPrefixed(utf8(domain), salt, ...fields));
}
