/**
 * ristretto255 (RFC 9496) by libsodium compiled to WebAssembly (`compiled-sodium.ts`), as a prime-order group without its
 * identity. Operations whose result or operand may be the identity are in `points.ts`, scalars that may be zero in `residues.ts`.
 *
 * Constant time (as libsodium is, as far as WebAssembly engines keep it): multiplication, inversion, reduction and
 * scalar arithmetic, and the comparison in `decodeScalar`. Not constant time: which fault is thrown, and anything that depends
 * on lengths. Not wiped: what libsodium leaves on its own WASM stack until the next calls overwrite it, and arrays returned to the caller.
 */
import { timingSafeEqual } from "node:crypto";

import type { RandomBytes } from "../encoding/bytes.ts";
import { Fault } from "../errors/fault.ts";
import {
  clear,
  left,
  load,
  loadWide,
  move,
  out,
  right,
  SIZE,
  sum,
  take,
  wasm,
  WIDE,
  wiped,
} from "./compiled-sodium.ts";
import { expandMessage } from "./expand-message.ts";
import type { Element, PrimeOrderGroup, Residue, Scalar } from "./group.ts";

const IDENTITY = new Uint8Array(SIZE);

function isZero(bytes: Uint8Array): boolean {
  return timingSafeEqual(bytes, IDENTITY);
}

function decodeElement(bytes: Uint8Array, index = 0): Element {
  if (bytes.length !== SIZE) throw new Fault("ELEMENT_NOT_CANONICAL", { index });
  if (isZero(bytes)) throw new Fault("ELEMENT_IDENTITY", { index });
  load(left, bytes);
  if (wasm._crypto_core_ristretto255_is_valid_point(left) !== 1) throw new Fault("ELEMENT_NOT_CANONICAL", { index });
  return bytes as Element;
}

/** Modulo the order; `wide` has 64 bytes, little-endian. */
function reduce(wide: Uint8Array): Scalar {
  return wiped(() => {
    loadWide(wide);
    wasm._crypto_core_ristretto255_scalar_reduce(out, left);
    return take(out) as Scalar;
  });
}

function isReduced(bytes: Uint8Array): boolean {
  if (bytes.length !== SIZE) return false;
  const wide = new Uint8Array(WIDE);
  wide.set(bytes);
  const reduced = reduce(wide);
  const same = timingSafeEqual(reduced, bytes);
  wide.fill(0);
  reduced.fill(0);
  return same;
}

function decodeScalar(bytes: Uint8Array): Scalar {
  if (!isReduced(bytes) || isZero(bytes)) throw new Fault("SCALAR_INVALID");
  return bytes as Scalar;
}

/** out = (scalar in slot `left`) * element. libsodium refuses a malformed operand and an identity result alike. */
function multiplyLoaded(element: Element, index: number): void {
  if (element.length !== SIZE) throw new Fault("ELEMENT_NOT_CANONICAL", { index });
  load(right, element);
  if (wasm._crypto_scalarmult_ristretto255(out, left, right) === 0) return;
  decodeElement(element, index);
  throw new Fault("SCALAR_INVALID");
}

function multiplyEach(scalar: Scalar, elements: readonly Element[]): Element[] {
  return wiped(() => {
    load(left, scalar);
    return elements.map((element, index) => {
      multiplyLoaded(element, index);
      return take(out) as Element;
    });
  });
}

function multiply(scalar: Scalar, element: Element): Element {
  return wiped(() => {
    load(left, scalar);
    multiplyLoaded(element, 0);
    return take(out) as Element;
  });
}

function multiplyBase(scalar: Scalar): Element {
  return wiped(() => {
    load(left, scalar);
    if (wasm._crypto_scalarmult_ristretto255_base(out, left) !== 0) throw new Fault("SCALAR_INVALID");
    return take(out) as Element;
  });
}

function add(a: Element, b: Element): Element {
  return wiped(() => {
    load(left, a);
    load(right, b);
    if (wasm._crypto_core_ristretto255_add(out, left, right) !== 0) {
      decodeElement(a, 0);
      decodeElement(b, 1);
    }
    const result = take(out);
    if (isZero(result)) throw new Fault("ELEMENT_IDENTITY", { index: 0 });
    return result as Element;
  });
}

function linearCombination(scalars: readonly Scalar[], elements: readonly Element[]): Element {
  if (scalars.length !== elements.length || scalars.length === 0)
    throw new RangeError("lists of one length, not empty");
  return wiped(() => {
    // The sum stays in the heap as an encoding; the identity (all zeros) is a valid start.
    clear(sum);
    for (const [index, element] of elements.entries()) {
      load(left, scalars[index] ?? IDENTITY);
      multiplyLoaded(element, index);
      if (index === 0) move(sum, out);
      else wasm._crypto_core_ristretto255_add(sum, sum, out);
    }
    const result = take(sum);
    if (isZero(result)) throw new Fault("ELEMENT_IDENTITY", { index: 0 });
    return result as Element;
  });
}

function invert(scalar: Scalar): Scalar {
  return wiped(() => {
    load(left, scalar);
    if (wasm._crypto_core_ristretto255_scalar_invert(out, left) !== 0) throw new Fault("SCALAR_INVALID");
    return take(out) as Scalar;
  });
}

function subtractProduct(a: Residue, b: Residue, c: Residue): Residue {
  return wiped(() => {
    load(left, b);
    load(right, c);
    wasm._crypto_core_ristretto255_scalar_mul(out, left, right);
    load(left, a);
    wasm._crypto_core_ristretto255_scalar_sub(sum, left, out);
    return take(sum) as Residue;
  });
}

function randomScalar(random: RandomBytes): Scalar {
  const wide = random(WIDE);
  const scalar = reduce(wide);
  wide.fill(0);
  // Chance 2^-252 with a sound source: drawing again would hide a broken one.
  if (isZero(scalar)) throw new Fault("SCALAR_INVALID");
  return scalar;
}

function hashToElement(message: Uint8Array, dst: Uint8Array): Element {
  return wiped(() => {
    const uniform = expandMessage(message, dst);
    loadWide(uniform);
    uniform.fill(0);
    wasm._crypto_core_ristretto255_from_hash(out, left);
    const element = take(out);
    if (isZero(element)) throw new Fault("ELEMENT_IDENTITY", { index: 0 });
    return element as Element;
  });
}

export const ristretto255: PrimeOrderGroup = {
  elementBytes: SIZE,
  scalarBytes: SIZE,
  decodeElement,
  decodeScalar,
  isReduced,
  randomScalar,
  hashToElement,
  hashToScalar: (message, dst) => reduce(expandMessage(message, dst)),
  multiply,
  multiplyEach,
  multiplyBase,
  add,
  linearCombination,
  invert,
  subtractProduct,
};
