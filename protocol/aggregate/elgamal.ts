/**
 * Additive ElGamal over ristretto255: (R, C) = (r G, r Y + m) for a point m, here m = value * G + mask. Sums of
 * ciphertexts encrypt sums of points. Semantically secure under DDH; malleable by design, so whoever accepts a ciphertext
 * from somebody wants a proof that its author knows r (`knowledge-proof.ts`): without one it may be another's, shifted.
 */
import type { Element, Point, Residue } from "../group/group.ts";
import { addPoints, combine, multiplyGenerator, requireElement } from "../group/points.ts";
import { residueOf } from "../group/residues.ts";

export interface Ciphertext {
  /** R. */
  readonly ephemeral: Element;
  /** C. */
  readonly body: Point;
}

/** The key of rows that are to be merged: nobody decrypts under it, as the nodes strip Z first and then answer under Y. */
export function contributionKey(queryKey: Element, layerKey: Element): Element {
  return requireElement(addPoints(queryKey, layerKey));
}

/** `value` is an integer from 0; constant time in `randomness`, and in the value but for the case of 0 (`points.ts`). */
export function encrypt(key: Element, value: number, mask: Point, randomness: Residue): Ciphertext {
  return {
    ephemeral: requireElement(multiplyGenerator(randomness)),
    body: combine({ generator: residueOf(value), products: [[randomness, key]], addends: [mask] }),
  };
}

/** The sum of `terms` with fresh randomness; an encryption of the identity if there are none. */
export function sumRerandomised(key: Element, terms: readonly Ciphertext[], randomness: Residue): Ciphertext {
  return {
    ephemeral: requireElement(combine({ generator: randomness, addends: terms.map(({ ephemeral }) => ephemeral) })),
    body: combine({ products: [[randomness, key]], addends: terms.map(({ body }) => body) }),
  };
}
