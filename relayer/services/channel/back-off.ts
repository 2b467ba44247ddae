/** How long a member is left alone after agreements with it came to nothing, or did not hold. */
import type { Fault } from "../../../protocol/errors/fault.ts";

const FIRST_S = 0.25;
const LONGEST_S = 15;
/** Failures that are so long over say nothing about the next one. */
const FORGOTTEN_S = 60;

export interface BackOff {
  /** Why the member is left alone now; undefined if it is not. @param at Unix seconds */
  reason(member: number, at: number): Fault | undefined;
  /** The first one in a row holds nothing up: a relayer that was restarted is worth a try at once. */
  failed(member: number, fault: Fault, at: number): void;
  succeeded(member: number): void;
}

interface Failures {
  readonly count: number;
  readonly until: number;
  readonly last: Fault;
}

export function createBackOff(): BackOff {
  const failures = new Map<number, Failures>();
  return {
    reason(member, at) {
      const known = failures.get(member);
      return known && at < known.until ? known.last : undefined;
    },
    failed(member, fault, at) {
      const known = failures.get(member);
      const count = known && at < known.until + FORGOTTEN_S ? known.count + 1 : 1;
      const pause = count === 1 ? 0 : Math.min(LONGEST_S, FIRST_S * 2 ** (count - 2));
      failures.set(member, { count, until: at + pause, last: fault });
    },
    succeeded: (member) => void failures.delete(member),
  };
}
