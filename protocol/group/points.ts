/**
 * ristretto255 as the whole group: operands and results may be the identity, 32 zero bytes (RFC 9496 section 4.3), and
 * scalars may be zero. For sums of ciphertexts, commitments and shares; where RFC 9497 wants an element, `ristretto255.ts`
 * refuses the identity. Sums stay in the WASM heap until they are complete.
 *
 * Operands are checked wherever they are used: Fault ELEMENT_NOT_CANONICAL with the operand's index. Constant time as
 * `ristretto255.ts`, but for the copy of a few bytes when a product is the identity.
 */
import { Fault } from "../errors/fault.ts";
import { clear, left, load, move, out, right, SIZE, sum, take, wasm, wiped } from "./compiled-sodium.ts";
import type { Element, Point, Residue } from "./group.ts";

export const POINT_BYTES = SIZE;

export const IDENTITY = new Uint8Array(SIZE) as Point;

/** The array given, checked; not a copy. @throws Fault ELEMENT_NOT_CANONICAL */
export function decodePoint(bytes: Uint8Array, index = 0): Point {
  if (bytes.length !== SIZE) throw new Fault("ELEMENT_NOT_CANONICAL", { index });
  load(left, bytes);
  if (wasm._crypto_core_ristretto255_is_valid_point(left) !== 1) throw new Fault("ELEMENT_NOT_CANONICAL", { index });
  return bytes as Point;
}

export function isIdentity(point: Point): boolean {
  return point.every((byte) => byte === 0);
}

/** @throws Fault ELEMENT_IDENTITY if the point is the identity. */
export function requireElement(point: Point, index = 0): Element {
  if (isIdentity(point)) throw new Fault("ELEMENT_IDENTITY", { index });
  return point as Element;
}

export function addPoints(a: Point, b: Point): Point {
  return wiped(() => {
    load(sum, a);
    accumulate(b, 1);
    return take(sum) as Point;
  });
}

export function subtractPoints(a: Point, b: Point): Point {
  return wiped(() => {
    load(left, a);
    load(right, b);
    if (wasm._crypto_core_ristretto255_sub(out, left, right) !== 0) refuse([a, b]);
    return take(out) as Point;
  });
}

export function negatePoint(a: Point): Point {
  return subtractPoints(IDENTITY, a);
}

/** The identity for no points. */
export function sumPoints(points: readonly Point[]): Point {
  return wiped(() => {
    clear(sum);
    for (const [index, point] of points.entries()) accumulate(point, index);
    return take(sum) as Point;
  });
}

export function multiplyPoint(scalar: Residue, point: Point): Point {
  return wiped(() => {
    multiplyInto(scalar, point, 0);
    return take(out) as Point;
  });
}

/** scalar * G. */
export function multiplyGenerator(scalar: Residue): Point {
  return wiped(() => {
    multiplyGeneratorInto(scalar);
    return take(out) as Point;
  });
}

export interface Combination {
  /** Times the generator; absent for none. */
  readonly generator?: Residue;
  readonly products?: readonly (readonly [Residue, Point])[];
  readonly addends?: readonly Point[];
}

/** generator * G + the sum of the products + the sum of the addends. */
export function combine({ generator, products = [], addends = [] }: Combination): Point {
  return wiped(() => {
    clear(sum);
    if (generator) {
      multiplyGeneratorInto(generator);
      move(sum, out);
    }
    for (const [index, [scalar, point]] of products.entries()) {
      multiplyInto(scalar, point, index);
      wasm._crypto_core_ristretto255_add(sum, sum, out);
    }
    for (const [index, point] of addends.entries()) accumulate(point, products.length + index);
    return take(sum) as Point;
  });
}

/** sum += point. The sum was written by the library or is refused here with the point. */
function accumulate(point: Point, index: number): void {
  load(right, point);
  if (wasm._crypto_core_ristretto255_add(sum, sum, right) === 0) return;
  decodePoint(point, index);
  refuse([take(sum)]);
}

/** out = scalar * point. libsodium refuses a malformed operand and an identity result alike. */
function multiplyInto(scalar: Residue, point: Point, index: number): void {
  load(left, scalar);
  if (point.length !== SIZE) throw new Fault("ELEMENT_NOT_CANONICAL", { index });
  load(right, point);
  if (wasm._crypto_scalarmult_ristretto255(out, left, right) === 0) return;
  decodePoint(point, index);
  clear(out);
}

function multiplyGeneratorInto(scalar: Residue): void {
  load(left, scalar);
  // Refuses only an identity result.
  if (wasm._crypto_scalarmult_ristretto255_base(out, left) !== 0) clear(out);
}

function refuse(operands: readonly Uint8Array[]): never {
  for (const [index, operand] of operands.entries()) decodePoint(operand, index);
  throw new Fault("ELEMENT_NOT_CANONICAL", { index: 0 });
}
