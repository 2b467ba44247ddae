import type { RandomBytes } from "../encoding/bytes.ts";
import type { Element, Scalar } from "../group/group.ts";

declare const kind: unique symbol;

/** DLEQ proof, two scalars c || s, 64 bytes for ristretto255. Not validated by its type: `verifyProof` judges it. */
export type Proof = Uint8Array & { readonly [kind]: "proof" };

export interface KeyPair {
  readonly secretKey: Scalar;
  readonly publicKey: Element;
}

export interface Blinding {
  readonly blind: Scalar;
  readonly blindedElement: Element;
}

/**
 * A verifiable oblivious pseudorandom function, RFC 9497 VOPRF (mode 0x01). The suite is a seam: the group and the hash
 * behind it may change, the callers do not.
 *
 * Elements and scalars are checked again wherever they enter a computation, whatever their static type says:
 * Fault ELEMENT_NOT_CANONICAL, ELEMENT_IDENTITY or SCALAR_INVALID. Inputs are at most 65,535 bytes (OPRF_INPUT_INVALID).
 */
export interface OprfSuite {
  /** RFC 9497 identifier, e.g. `ristretto255-SHA512`. */
  readonly name: string;
  readonly elementBytes: number;
  readonly scalarBytes: number;
  readonly proofBytes: number;
  readonly outputBytes: number;

  generateKeyPair(random: RandomBytes): KeyPair;
  /** RFC 9497 section 3.2.1. `seed` is 32 bytes with full entropy. */
  deriveKeyPair(seed: Uint8Array, info: Uint8Array): KeyPair;
  publicKeyOf(secretKey: Scalar): Element;
  /** Uniform in 1..order-1, from 64 random bytes reduced modulo the order. */
  randomScalar(random: RandomBytes): Scalar;

  /** The client's first step: blind * hashToGroup(input). Never use one blind for two queries that may be compared. */
  blind(input: Uint8Array, blind: Scalar): Element;

  /** The input as an element of the group: what `blind` multiplies. */
  hashToGroup(input: Uint8Array): Element;

  /** The array given, checked; not a copy. */
  decodeElement(bytes: Uint8Array): Element;
  /** One or more elements, one after another, copied. @throws Fault ELEMENTS_LENGTH if there is none or a part of one is left. */
  decodeElements(concatenated: Uint8Array): Element[];
  /** The array given, checked; not a copy. */
  decodeScalar(bytes: Uint8Array): Scalar;

  /** The server's step, with one DLEQ proof over the whole batch (1 to 65,535 elements, else ELEMENTS_LENGTH). */
  blindEvaluate(
    key: KeyPair,
    blinded: readonly Element[],
    random: RandomBytes,
  ): { readonly evaluated: Element[]; readonly proof: Proof };
  /** The server's step alone; for parties that prove the key in another way. */
  evaluateWithoutProof(secretKey: Scalar, blinded: readonly Element[]): Element[];

  /** True if `evaluated` is `blinded` times the secret key of `publicKey`, in order. Never throws on malformed content. */
  verifyProof(
    publicKey: Uint8Array,
    blinded: readonly Uint8Array[],
    evaluated: readonly Uint8Array[],
    proof: Uint8Array,
  ): boolean;

  /** The client's last step, 64 bytes for ristretto255-SHA512. The caller has verified the proof before. */
  finalize(input: Uint8Array, blind: Scalar, evaluatedElement: Element): Uint8Array;
  /** The same of an element that was evaluated without a blind. */
  finalizeUnblinded(input: Uint8Array, evaluatedElement: Element): Uint8Array;
  /** What `finalize` gives, computed by the holder of the key (for sealing a table). */
  evaluate(secretKey: Scalar, input: Uint8Array): Uint8Array;
}
