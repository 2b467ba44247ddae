/** A key that several nodes share, dealt by hand: how it was made is not what is measured. */
import type { RandomBytes } from "../protocol/encoding/bytes.ts";
import { requireScalar } from "../protocol/group/residues.ts";
import { ristretto255 } from "../protocol/group/ristretto255.ts";
import type { KeyShare, PublicKeySet } from "../protocol/threshold/key-set.ts";
import { randomPolynomial, valueAt } from "../protocol/threshold/shamir.ts";

export interface DealtKey {
  readonly keys: PublicKeySet;
  readonly shares: readonly KeyShare[];
}

export function dealtKey(threshold: number, nodes: number, random: RandomBytes): DealtKey {
  const polynomial = randomPolynomial(threshold, random);
  const shares = Array.from({ length: nodes }, (_, at): KeyShare => ({
    index: at + 1,
    secret: requireScalar(valueAt(polynomial, at + 1)),
  }));
  const publicShares = shares.map(({ secret }) => ristretto255.multiplyBase(secret));
  const publicKey = ristretto255.multiplyBase(requireScalar(valueAt(polynomial, 0)));
  return { keys: { threshold, nodes, publicKey, publicShares }, shares };
}
