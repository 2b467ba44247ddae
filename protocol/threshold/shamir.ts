/**
 * Shamir's secret sharing (CACM 1979) over the scalars of ristretto255, and the same polynomials in the exponent
 * (Feldman, FOCS 1987). A polynomial of degree t - 1 has t coefficients, the secret first; share i is its value at i.
 */
import type { RandomBytes } from "../encoding/bytes.ts";
import type { Point, Residue } from "../group/group.ts";
import { combine, IDENTITY } from "../group/points.ts";
import {
  addResidues,
  innerProduct,
  invertResidue,
  multiplyResidues,
  ONE,
  residueOf,
  subtractResidues,
  ZERO,
} from "../group/residues.ts";
import { ristretto255 } from "../group/ristretto255.ts";
import { MOST_NODES, requireIndices } from "./parameters.ts";

/** Coefficients, the secret first. Secret throughout. */
export type Polynomial = readonly Residue[];

/** Of degree `threshold` - 1 with that secret, or a random one. */
export function randomPolynomial(threshold: number, random: RandomBytes, secret?: Residue): Polynomial {
  return Array.from({ length: threshold }, (_, power) =>
    power === 0 && secret ? secret : ristretto255.randomScalar(random),
  );
}

export function valueAt(polynomial: Polynomial, index: number): Residue {
  const x = residueOf(index);
  return polynomial.reduceRight((value, coefficient) => addResidues(multiplyResidues(value, x), coefficient), ZERO);
}

/** The committed polynomial's value at `index`, in the exponent: sum of index^k * commitments[k]. */
export function committedValueAt(commitments: readonly Point[], index: number): Point {
  const x = residueOf(index);
  return commitments.reduceRight<Point>(
    (value, commitment) => combine({ products: [[x, value]], addends: [commitment] }),
    IDENTITY,
  );
}

/**
 * Lagrange coefficients: the value at `at` (0: the secret) is their inner product with the values at `indices`.
 * @throws Fault THRESHOLD_INDICES_INVALID unless the indices are distinct, 1 to 255.
 */
export function lagrangeCoefficients(indices: readonly number[], at = 0): Residue[] {
  requireIndices(indices, MOST_NODES);
  const x = residueOf(at);
  return indices.map((own) => {
    let [numerator, denominator]: [Residue, Residue] = [ONE, ONE];
    for (const other of indices) {
      if (other === own) continue;
      numerator = multiplyResidues(numerator, subtractResidues(x, residueOf(other)));
      denominator = multiplyResidues(denominator, subtractResidues(residueOf(own), residueOf(other)));
    }
    return multiplyResidues(numerator, invertResidue(denominator));
  });
}

/** @throws Fault THRESHOLD_INDICES_INVALID */
export function interpolate(indices: readonly number[], values: readonly Residue[], at = 0): Residue {
  return innerProduct(lagrangeCoefficients(indices, at), values);
}

/** As `interpolate`, in the exponent. */
export function interpolatePoints(indices: readonly number[], values: readonly Point[], at = 0): Point {
  const coefficients = lagrangeCoefficients(indices, at);
  return combine({
    products: coefficients.map((coefficient, position) => [coefficient, values[position] ?? IDENTITY]),
  });
}
