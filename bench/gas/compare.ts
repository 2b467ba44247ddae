import type { GasReport } from "./measure.ts";

/** What is measured may differ from what is stored by this much: signatures and digests hold a few zero bytes more or less. */
export const TOLERANCE = 0.01;

/** One line for each operation that is missing, new, or costs more than `TOLERANCE` more or less; none if all agree. */
export function compareGas(stored: GasReport, measured: GasReport): string[] {
  const operations = new Set([...Object.keys(stored), ...Object.keys(measured)]);
  return [...operations].flatMap((operation) => {
    const before = stored[operation];
    const now = measured[operation];
    if (before === undefined) return [`${operation}: new, ${now} gas`];
    if (now === undefined) return [`${operation}: no longer measured, was ${before} gas`];
    const change = (now - before) / before;
    return Math.abs(change) <= TOLERANCE
      ? []
      : [`${operation}: ${before} -> ${now} gas (${(change * 100).toFixed(1)}%)`];
  });
}
