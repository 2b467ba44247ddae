/** A small seeded generator (sfc32, PractRand-clean) so that sample data are the same everywhere. Not for secrets. */
export interface Prng {
  /** Integer from 0 to bound - 1. */
  below(bound: number): number;
  /** True with probability p. */
  chance(p: number): boolean;
  pick<T>(items: readonly T[]): T;
  /** An item, chosen by its weight. */
  weighted<T>(items: readonly (readonly [item: T, weight: number])[]): T;
}

export function createPrng(seed: number): Prng {
  let [a, b, c, counter] = [seed | 0, 0x9e3779b9, 0x243f6a88, 1];

  function next(): number {
    const t = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + t) | 0;
    return (t >>> 0) / 2 ** 32;
  }

  // The state is thin at first: let the seed spread.
  for (let i = 0; i < 16; i += 1) next();

  const below = (bound: number): number => Math.floor(next() * bound);
  const pick = <T>(items: readonly T[]): T => {
    const item = items[below(items.length)];
    if (item === undefined) throw new RangeError("nothing to pick from");
    return item;
  };
  return {
    below,
    pick,
    chance: (p) => next() < p,
    weighted(items) {
      const total = items.reduce((sum, [, weight]) => sum + weight, 0);
      let left = next() * total;
      for (const [item, weight] of items) {
        left -= weight;
        if (left < 0) return item;
      }
      return pick(items)[0];
    },
  };
}
