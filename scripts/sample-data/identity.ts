/**
 * Identity numbers that pass every check of form and can belong to nobody: the region code is a real province followed by
 * 9999, and GB/T 2260 assigns no prefecture 99 anywhere, so no authority ever issued such a number. Whoever sees 119999...
 * in a file, a log or a screenshot knows that it is sample data.
 */
import type { Prng } from "./prng.ts";

const PROVINCES = [
  "11",
  "12",
  "13",
  "21",
  "31",
  "32",
  "33",
  "34",
  "35",
  "36",
  "37",
  "41",
  "42",
  "43",
  "44",
  "50",
  "51",
  "53",
  "61",
];
const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const CHECK = "10X98765432";

/** Makes numbers of adults born from 1950 to 2002, no two alike. */
export function createIdentities(prng: Prng): () => string {
  const taken = new Set<string>();
  return () => {
    for (;;) {
      const number = draw(prng);
      if (taken.has(number)) continue;
      taken.add(number);
      return number;
    }
  };
}

function draw(prng: Prng): string {
  const month = 1 + prng.below(12);
  const birth = `${String(1950 + prng.below(53))}${pad(month, 2)}${pad(1 + prng.below(28), 2)}`;
  const digits = `${prng.pick(PROVINCES)}9999${birth}${pad(1 + prng.below(995), 3)}`;
  const sum = WEIGHTS.reduce((total, weight, i) => total + weight * Number(digits[i]), 0);
  return digits + (CHECK[sum % 11] ?? "");
}

function pad(value: number, width: number): string {
  return String(value).padStart(width, "0");
}
