/**
 * Tables are padded to m * 2^k entries, 4 <= m <= 7, at least 1,024: four sizes an octave, so that at most a fifth of a
 * large table is padding and a true count is known only to within a quarter. The same rule as DatasetRegistry.isCountClass.
 */
import { Fault } from "../errors/fault.ts";

export const SMALLEST_COUNT_CLASS = 1024;
/** 7 * 2^29, the largest class that a uint32 holds. */
export const LARGEST_COUNT_CLASS = 7 * 2 ** 29;

/** The smallest class that holds `count` entries. @throws Fault TABLE_SUBJECTS_TOO_MANY */
export function countClass(count: number): number {
  return classFrom(count, SMALLEST_COUNT_CLASS);
}

/** The same with another smallest class, itself m * 2^k. @throws Fault TABLE_SUBJECTS_TOO_MANY */
export function classFrom(count: number, least: number): number {
  if (!Number.isSafeInteger(count) || count < 0) throw new RangeError("a count is a non-negative integer");
  if (count > LARGEST_COUNT_CLASS) throw new Fault("TABLE_SUBJECTS_TOO_MANY", { count, limit: LARGEST_COUNT_CLASS });
  const held = Math.max(count, least);
  let unit = 1;
  while (7 * unit < held) unit *= 2;
  return Math.max(4, Math.ceil(held / unit)) * unit;
}

export function isCountClass(count: number): boolean {
  return isClassFrom(count, SMALLEST_COUNT_CLASS);
}

export function isClassFrom(count: number, least: number): boolean {
  return (
    Number.isSafeInteger(count) && count >= least && count <= LARGEST_COUNT_CLASS && classFrom(count, least) === count
  );
}
