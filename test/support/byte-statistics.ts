/** How likely bytes are if they were random: Pearson's chi-square over byte values, position by position. */

/**
 * The least p-value over the positions of a block, times the number of positions (Bonferroni); to 1e-6. The first and the last
 * byte are left out: of a ristretto255 element the first is even and the last below 128.
 * @param width bytes of a block
 */
export function uniformity(bytes: Uint8Array, width: number): number {
  let least = 1;
  for (let position = 1; position < width - 1; position += 1) {
    const counts = new Array<number>(16).fill(0);
    let total = 0;
    for (let at = position; at < bytes.length; at += width) {
      const bin = (bytes[at] ?? 0) >> 4;
      counts[bin] = (counts[bin] ?? 0) + 1;
      total += 1;
    }
    const expected = total / counts.length;
    const statistic = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    least = Math.min(least, tail(statistic, counts.length - 1));
  }
  return least * (width - 2);
}

/** P(chi-square with k degrees of freedom > x), by the Wilson-Hilferty approximation. */
function tail(x: number, k: number): number {
  const z = ((x / k) ** (1 / 3) - (1 - 2 / (9 * k))) / Math.sqrt(2 / (9 * k));
  return 0.5 * complementaryError(z / Math.SQRT2);
}

/** Abramowitz and Stegun 7.1.26, to 1.5e-7. */
function complementaryError(z: number): number {
  const t = 1 / (1 + 0.3275911 * Math.abs(z));
  const poly = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  const value = poly * Math.exp(-z * z);
  return z >= 0 ? value : 2 - value;
}
