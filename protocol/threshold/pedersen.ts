/**
 * Pedersen's verifiable secret sharing (CRYPTO 1991): a pair of polynomials (f, f') is committed as f_k G + f'_k H, which
 * hides f perfectly; a share is the pair of values (f(j), f'(j)). Binding as long as nobody knows log_G H, which is why
 * H is hashed to the group under a domain of its own.
 */
import { bytesEqual, concatBytes, utf8 } from "../encoding/bytes.ts";
import type { Element, Point, Residue } from "../group/group.ts";
import { combine, requireElement } from "../group/points.ts";
import { decodeResidue } from "../group/residues.ts";
import { ristretto255 } from "../group/ristretto255.ts";
import { committedValueAt, valueAt, type Polynomial } from "./shamir.ts";

export const PEDERSEN_GENERATOR: Element = ristretto255.hashToElement(
  utf8("second generator"),
  utf8("riskveil/threshold/1/pedersen-generator"),
);

export interface SharePair {
  readonly value: Residue;
  readonly blinding: Residue;
}

export const SHARE_PAIR_BYTES = 64;

export function commitPair(value: Residue, blinding: Residue): Point {
  return combine({ generator: value, products: [[blinding, PEDERSEN_GENERATOR]] });
}

/** @throws Fault ELEMENT_IDENTITY with a chance of 2^-252 a coefficient. */
export function commitPolynomials(secret: Polynomial, blinding: Polynomial): Element[] {
  return secret.map((coefficient, power) =>
    requireElement(commitPair(coefficient, blinding[power] ?? coefficient), power),
  );
}

export function sharePairAt(secret: Polynomial, blinding: Polynomial, index: number): SharePair {
  return { value: valueAt(secret, index), blinding: valueAt(blinding, index) };
}

export function sharePairFits(commitments: readonly Point[], index: number, share: SharePair): boolean {
  return bytesEqual(commitPair(share.value, share.blinding), committedValueAt(commitments, index));
}

/** value (32) | blinding (32): what a dealer encrypts to a receiver, and reveals when that one complains. */
export function encodeSharePair(share: SharePair): Uint8Array {
  return concatBytes(share.value, share.blinding);
}

/** @throws Fault SCALAR_INVALID */
export function decodeSharePair(bytes: Uint8Array): SharePair {
  return { value: decodeResidue(bytes.slice(0, 32)), blinding: decodeResidue(bytes.slice(32)) };
}
