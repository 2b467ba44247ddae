/**
 * Runs named checks one after another and writes down what each gave. A check whose input comes from a failed one is
 * skipped; nothing that a check throws gets out, because what it computes with was written by somebody else.
 */
import type { Hex } from "../encoding/bytes.ts";
import type { ChainFacts } from "./chain-facts.ts";
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

export interface CheckRun {
  readonly made: readonly Check[];
  /** Facts whose failed reads are told apart from failed checks. */
  readonly chain: ChainFacts;
  /** @returns what `body` gives, made into an object; undefined if the check is not ok or one of `needs` is undefined. */
  check<const N extends readonly unknown[], T>(
    name: CheckName,
    needs: N,
    body: (...needs: Known<N>) => T | Promise<T>,
  ): Promise<T | undefined>;
  /** The same run, writing checks about one dataset. */
  about(dataset: Hex): CheckRun;
}

export function createCheckRun(facts: ChainFacts): CheckRun {
  return runInto([], guarded(facts));
}

function runInto(made: Check[], chain: ChainFacts, dataset?: Hex): CheckRun {
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

function guarded(facts: ChainFacts): ChainFacts {
  const read = async <T>(promise: () => Promise<T>): Promise<T> => {
    try {
      return await promise();
    } catch (cause) {
      throw new ChainUnreadable("chain", { cause });
    }
  };
  return {
    contracts: facts.contracts,
    chainId: () => read(() => facts.chainId()),
    instanceSalt: () => read(() => facts.instanceSalt()),
    session: (session) => read(() => facts.session(session)),
    allotment: (session, dataset) => read(() => facts.allotment(session, dataset)),
    dataset: (dataset) => read(() => facts.dataset(dataset)),
    commitment: (dataset, epoch, revision) => read(() => facts.commitment(dataset, epoch, revision)),
    wasOperatorOf: (member, account, moment) => read(() => facts.wasOperatorOf(member, account, moment)),
    leavesAnchoredAt: (transactionHash, logIndex) => read(() => facts.leavesAnchoredAt(transactionHash, logIndex)),
    publications: (dataset, since, until) => read(() => facts.publications(dataset, since, until)),
  };
}
