/** Lagrange interpolation over the integers (Shoup 2000, section 2.3): times Delta = l! every coefficient is an integer. */

/**
 * Delta times the coefficient of the value at `index`, for the value at `at` of the polynomial through the values at `indices`
 * (among them `index`): Delta * product of (at - j) / (index - j) over the other j. All of them 0 to l, `delta` = l!.
 */
export function lagrange(delta: bigint, indices: readonly number[], index: number, at: number): bigint {
  const others = indices.filter((each) => each !== index).map(BigInt);
  const numerator = others.reduce((product, j) => product * (BigInt(at) - j), delta);
  return numerator / others.reduce((product, j) => product * (BigInt(index) - j), 1n);
}
