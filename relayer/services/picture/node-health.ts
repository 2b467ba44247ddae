/**
 * Which algorithm nodes did not answer of late. Each paid request that is lost costs one of the few lanes of a session, so
 * a node that was silent is left alone for a while, longer each time, unless its answer to an old request says that it is back.
 */
export interface NodeHealth {
  failed(node: number): void;
  answered(node: number): void;
  /** Whether it may be asked something new. */
  usable(node: number): boolean;
}

const FIRST_MS = 5_000;
const LONGEST_MS = 300_000;

export function createNodeHealth(clock: () => Date): NodeHealth {
  const silent = new Map<number, { readonly failures: number; readonly until: number }>();
  return {
    failed(node) {
      const failures = (silent.get(node)?.failures ?? 0) + 1;
      const pause = Math.min(LONGEST_MS, FIRST_MS * 2 ** (failures - 1));
      silent.set(node, { failures, until: clock().getTime() + pause });
    },
    answered: (node) => void silent.delete(node),
    usable: (node) => (silent.get(node)?.until ?? 0) <= clock().getTime(),
  };
}
