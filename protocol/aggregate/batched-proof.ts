/**
 * One short proof about many exponents: that the prover knows x_i with A_i = x_i G and B_i = x_i K for every i (or of the
 * A_i alone). The statements are added up under weights w_i hashed from all of them, and one Schnorr proof (CRYPTO 1989;
 * with B: Chaum, Pedersen, CRYPTO 1992) is made for the sum, with the Fiat-Shamir hash. A statement that is false leaves
 * the sum false but for a chance of 2^-252 a try; batching as in Gennaro et al., "Batching Schnorr Identification Scheme"
 * (ASIACRYPT 2004).
 *
 * The prover knows the x_i, so its sums cost one multiplication in all; the verifier pays one for each A_i and B_i. Proofs
 * are 64 bytes: challenge | response. Verification is variable time, all of it public.
 */
import { bytesEqual, concatBytes, uint, utf8, type RandomBytes } from "../encoding/bytes.ts";
import { sha512 } from "../group/expand-message.ts";
import type { Element, Point, Residue, Scalar } from "../group/group.ts";
import { combine, IDENTITY, multiplyGenerator, multiplyPoint } from "../group/points.ts";
import { addResidues, multiplyResidues, ZERO } from "../group/residues.ts";
import { ristretto255 } from "../group/ristretto255.ts";

const WEIGHT_DOMAIN = utf8("riskveil/aggregate/1/weight");
const CHALLENGE_DOMAIN = utf8("riskveil/aggregate/1/challenge");
export const BATCHED_PROOF_BYTES = 64;

/** The weight of each statement. `statement` fixes all A_i and B_i, by a root over them or by themselves. */
function createWeights(statement: Uint8Array): (index: number) => Scalar {
  const seed = sha512(statement);
  return (index) => ristretto255.hashToScalar(concatBytes(seed, uint(index, 6)), WEIGHT_DOMAIN);
}

export interface ExponentSum {
  /** `index` says which statement's it is; the next one's if it is left out. */
  add(exponent: Residue, index?: number): void;
  total(): Residue;
}

/** The prover's side: the weighted sum of the exponents. */
export function sumExponents(statement: Uint8Array): ExponentSum {
  const weight = createWeights(statement);
  let sum: Residue = ZERO;
  let next = 0;
  return {
    add(exponent, index = next) {
      sum = addResidues(sum, multiplyResidues(weight(index), exponent));
      next = index + 1;
    },
    total: () => sum,
  };
}

export interface PointSum {
  /** A_i and, where the proof is about a second base, B_i. */
  add(a: Point, b?: Point): void;
  total(): { readonly a: Point; readonly b: Point };
}

/** The verifier's side. */
export function sumPointsOf(statement: Uint8Array): PointSum {
  const weight = createWeights(statement);
  let a: Point = IDENTITY;
  let b: Point = IDENTITY;
  let next = 0;
  return {
    add(nextA, nextB) {
      const w = weight(next++);
      a = combine({ products: [[w, nextA]], addends: [a] });
      if (nextB) b = combine({ products: [[w, nextB]], addends: [b] });
    },
    total: () => ({ a, b }),
  };
}

/** `second` is K, absent in a proof of the A_i alone. `exponent` is the weighted sum. */
export function proveExponent(
  statement: Uint8Array,
  exponent: Residue,
  second: Element | undefined,
  random: RandomBytes,
): Uint8Array {
  const nonce = ristretto255.randomScalar(random);
  const a = multiplyGenerator(exponent);
  const b = second ? multiplyPoint(exponent, second) : IDENTITY;
  const c = challenge(statement, a, b, multiplyGenerator(nonce), second ? multiplyPoint(nonce, second) : IDENTITY);
  const response = ristretto255.subtractProduct(nonce, c, exponent);
  nonce.fill(0);
  return concatBytes(c, response);
}

/** Never throws for malformed proofs. */
export function exponentProofHolds(
  statement: Uint8Array,
  { a, b }: { readonly a: Point; readonly b: Point },
  second: Element | undefined,
  proof: Uint8Array,
): boolean {
  if (proof.length !== BATCHED_PROOF_BYTES) return false;
  const [c, response] = [proof.slice(0, 32), proof.slice(32)];
  if (!ristretto255.isReduced(c) || !ristretto255.isReduced(response)) return false;
  const [challenged, answered] = [c as Residue, response as Residue];
  const t1 = combine({ generator: answered, products: [[challenged, a]] });
  const t2 = second
    ? combine({
        products: [
          [answered, second],
          [challenged, b],
        ],
      })
    : IDENTITY;
  return bytesEqual(challenge(statement, a, b, t1, t2), c);
}

function challenge(statement: Uint8Array, ...points: readonly Point[]): Scalar {
  return ristretto255.hashToScalar(concatBytes(sha512(statement), ...points), CHALLENGE_DOMAIN);
}
