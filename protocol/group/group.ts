import type { RandomBytes } from "../encoding/bytes.ts";

declare const kind: unique symbol;

/** Integer from 1 to the group order minus 1, 32 bytes little-endian for ristretto255. A key or a blind: secret. */
export type Scalar = Uint8Array & { readonly [kind]: "scalar" };

/** As a scalar, but possibly zero: a share, a coefficient, a value. */
export type Residue = Uint8Array & { readonly [kind]: "scalar" | "residue" };

/** Canonical encoding of a group element other than the identity, 32 bytes for ristretto255. */
export type Element = Uint8Array & { readonly [kind]: "element" };

/** As an element, but possibly the identity, which ristretto255 encodes as 32 zero bytes: a sum, a ciphertext's part. */
export type Point = Uint8Array & { readonly [kind]: "element" | "point" };

/**
 * A prime-order group as RFC 9497 section 2.1 wants it, with the scalar arithmetic that a DLEQ proof needs.
 *
 * Operations throw Fault ELEMENT_NOT_CANONICAL or ELEMENT_IDENTITY on such an operand, and SCALAR_INVALID when a product
 * is the identity, which among valid operands only a zero scalar brings about.
 */
export interface PrimeOrderGroup {
  readonly elementBytes: number;
  readonly scalarBytes: number;

  decodeElement(bytes: Uint8Array, index?: number): Element;
  /** Refuses zero: neither a key nor a blind may be zero. */
  decodeScalar(bytes: Uint8Array): Scalar;
  /** As `decodeScalar`, but zero passes: for scalars of a proof. */
  isReduced(bytes: Uint8Array): boolean;

  randomScalar(random: RandomBytes): Scalar;
  /** RFC 9497 HashToGroup, `dst` being the whole domain separation tag (at most 255 bytes). */
  hashToElement(message: Uint8Array, dst: Uint8Array): Element;
  /** RFC 9497 HashToScalar; zero with negligible probability. */
  hashToScalar(message: Uint8Array, dst: Uint8Array): Scalar;

  multiply(scalar: Scalar, element: Element): Element;
  /** One scalar times many elements. */
  multiplyEach(scalar: Scalar, elements: readonly Element[]): Element[];
  multiplyBase(scalar: Scalar): Element;
  add(a: Element, b: Element): Element;
  /** Sum of scalars[i] * elements[i]; both lists of one length, at least 1. */
  linearCombination(scalars: readonly Scalar[], elements: readonly Element[]): Element;

  invert(scalar: Scalar): Scalar;
  /** a - b * c modulo the order; may be zero. */
  subtractProduct(a: Residue, b: Residue, c: Residue): Residue;
}
