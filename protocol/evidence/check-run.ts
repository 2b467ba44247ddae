/**
 * Runs named checks one after another and writes down what each gave. A check whose input comes from a failed one is
 * skipped; nothing that a check throws gets out, because what it computes with was written by somebody else.
 */
import type { Hex } from "../encoding/bytes.ts";
import type { ChainFacts, LedgerFacts } from "./chain-facts.ts";
import type { Reason } from "./reasons.ts";
import type { Check, CheckName } from "./report.ts";

/** Thrown by a check: this is what is wrong. */
class Mismatch extends Error {
  readonly reason: Reason;

  constructor(reason: Reason) {
    super(reason);
    this.reason = reason;
  }
}

/** Thrown in place of whatever a chain read failed with. */
class ChainUnreadable extends Error {}

export function requireThat(condition: boolean, reason: Reason): asserts condition {
  if (!condition) throw new Mismatch(reason);
}

/** `value`, or the check fails with `reason`. */
export function requireKnown<T>(value: T | undefined, reason: Reason): T {
  if (value === undefined) throw new Mismatch(reason);
  return value;
}

/** What `compute` gives, or the check fails with `reason` where it throws. */
export function requireComputed<T>(compute: () => T, reason: Reason): T {
  try {
    return compute();
  } catch {
    throw new Mismatch(reason);
  }
}

type Known<N extends readonly unknown[]> = { [K in keyof N]: Exclude<N[K], undefined> };

export interface CheckRun<F extends LedgerFacts = ChainFacts> {
  readonly made: readonly Check[];
  /** Facts whose failed reads are told apart from failed checks. */
  readonly chain: F;
  /** @returns what `body` gives, made into an object; undefined if the check is not ok or one of `needs` is undefined. */
  check<const N extends readonly unknown[], T>(
    name: CheckName,
    needs: N,
    body: (...needs: Known<N>) => T | Promise<T>,
  ): Promise<T | undefined>;
  /** The same run, writing checks about one dataset, or one service of a node. */
  about(dataset: Hex): CheckRun<F>;
}

export function createCheckRun<F extends LedgerFacts>(facts: F): CheckRun<F> {
  return runInto([], guarded(facts));
}

function runInto<F extends LedgerFacts>(made: Check[], chain: F, dataset?: Hex): CheckRun<F> {
  const write = (name: CheckName, status: Check["status"], reason?: Reason): void => {
    made.push({ name, status, ...(dataset && { dataset }), ...(reason && { reason }) });
  };
  return {
    made,
    chain,
    about: (other) => runInto(made, chain, other),
    async check(name, needs, body) {
      if (needs.includes(undefined)) {
        write(name, "skipped", "NOT_CHECKED");
        return undefined;
      }
      try {
        const value = await body(...(needs as Known<typeof needs>));
        write(name, "ok");
        return value;
      } catch (error) {
        if (error instanceof ChainUnreadable) write(name, "unread", "CHAIN_UNREADABLE");
        else write(name, "failed", error instanceof Mismatch ? error.reason : "CHECK_BROKE_OFF");
        return undefined;
      }
    },
  };
}

/** The facts are plain objects: what is a function reads, what is none was given by the reader. */
function guarded<F extends LedgerFacts>(facts: F): F {
  const guard = (read: (...of: readonly unknown[]) => Promise<unknown>) => {
    return async (...of: readonly unknown[]): Promise<unknown> => {
      try {
        return await read.apply(facts, [...of]);
      } catch (cause) {
        throw new ChainUnreadable("chain", { cause });
      }
    };
  };
  const members = Object.entries(facts).map(([name, member]) => [
    name,
    typeof member === "function" ? guard(member as Parameters<typeof guard>[0]) : (member as unknown),
  ]);
  return Object.fromEntries(members) as F;
}
