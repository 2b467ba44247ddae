/**
 * Integers modulo the order of ristretto255, zero included, 32 bytes little-endian: shares, coefficients, values.
 * Arithmetic is constant time (libsodium). Operands are reduced: made by these functions or checked by `decodeResidue`.
 */
import { Fault } from "../errors/fault.ts";
import { left, load, out, right, SIZE, take, wasm, wiped } from "./compiled-sodium.ts";
import type { Residue, Scalar } from "./group.ts";
import { ristretto255 } from "./ristretto255.ts";

export const ZERO = new Uint8Array(SIZE) as Residue;
export const ONE = residueOf(1);

/** The array given, checked; not a copy. Zero passes. @throws Fault SCALAR_INVALID if not 32 bytes below the order. */
export function decodeResidue(bytes: Uint8Array): Residue {
  if (!ristretto255.isReduced(bytes)) throw new Fault("SCALAR_INVALID");
  return bytes as Residue;
}

/** @throws RangeError if `value` is not an integer from 0 to 2^53 - 1. */
export function residueOf(value: number): Residue {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError("not an integer from 0 to 2^53 - 1");
  const bytes = new Uint8Array(SIZE);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value), true);
  return bytes as Residue;
}

export function addResidues(a: Residue, b: Residue): Residue {
  return arithmetic(wasm._crypto_core_ristretto255_scalar_add, a, b);
}

export function subtractResidues(a: Residue, b: Residue): Residue {
  return arithmetic(wasm._crypto_core_ristretto255_scalar_sub, a, b);
}

export function multiplyResidues(a: Residue, b: Residue): Residue {
  return arithmetic(wasm._crypto_core_ristretto255_scalar_mul, a, b);
}

/** Sum of a[i] * b[i]; zero for empty lists. */
export function innerProduct(a: readonly Residue[], b: readonly Residue[]): Residue {
  if (a.length !== b.length) throw new RangeError("lists of one length");
  return a.reduce((total, each, index) => addResidues(total, multiplyResidues(each, b[index] ?? ZERO)), ZERO);
}

/** @throws Fault SCALAR_INVALID for zero. */
export function invertResidue(a: Residue): Scalar {
  return ristretto255.invert(requireScalar(a));
}

/** @throws Fault SCALAR_INVALID for zero. */
export function requireScalar(a: Residue): Scalar {
  return ristretto255.decodeScalar(a);
}

function arithmetic(operation: (out: number, a: number, b: number) => void, a: Residue, b: Residue): Residue {
  return wiped(() => {
    load(left, a);
    load(right, b);
    operation(out, left, right);
    return take(out) as Residue;
  });
}
