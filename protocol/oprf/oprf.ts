/**
 * The oblivious pseudorandom function of the platform: RFC 9497, suite ristretto255-SHA512, VOPRF mode (0x01) with batched
 * DLEQ proofs. A holder evaluates blinded elements under its epoch key and proves that the key is the committed one; it
 * learns nothing about the input. Issues to know:
 *
 * - The server learns nothing, but the client can test one guess per evaluation: evaluations are paid and limited elsewhere.
 * - An evaluated element whose proof was not verified may be under any key; `finalize` does not verify.
 * - Each evaluation is a static Diffie-Hellman answer; q of them cost about log2(q)/2 bits (RFC 9497 section 7.2.3).
 * - Constant time in the secrets: key, blind, proof nonce (libsodium, see `group/ristretto255.ts`). Variable time: hashing in the
 *   input's length, validity of elements, proof verification: the first is padded into blocks of 128 bytes, the others are public.
 * - Operands in the WASM heap are wiped after use. Keys and blinds in JavaScript arrays are the caller's to wipe, and a
 *   moving garbage collector may have kept copies.
 */
import { sha512 } from "../group/expand-message.ts";
import { ristretto255 } from "../group/ristretto255.ts";
import type { OprfSuite } from "./suite.ts";
import { createVoprf } from "./voprf.ts";

export type { Element, Scalar } from "../group/group.ts";
export type { Blinding, KeyPair, OprfSuite, Proof } from "./suite.ts";

export const ristretto255Sha512: OprfSuite = createVoprf({
  name: "ristretto255-SHA512",
  group: ristretto255,
  hash: sha512,
  outputBytes: 64,
});
