/**
 * One at a time for each key, in the order of asking, before a database connection is taken: whoever floods one session
 * waits in line there, and does not hold the connections that everybody else's requests need.
 */
import { Fault } from "../../../protocol/errors/fault.ts";

export interface Turns {
  /** @throws Fault RATE_LIMITED when too many wait for this key already; then `work` has not run. */
  take<T>(key: string, work: () => Promise<T>): Promise<T>;
}

/** A session has 16 lanes with one request in flight each; the rest is room for repetitions. */
const WAITING_PER_KEY = 64;
const RETRY_SECONDS = 1;

export function createTurns(waitingPerKey = WAITING_PER_KEY): Turns {
  const queues = new Map<string, { waiting: number; last: Promise<unknown> }>();
  return {
    async take(key, work) {
      const queue = queues.get(key) ?? { waiting: 0, last: Promise.resolve() };
      if (queue.waiting > waitingPerKey) throw new Fault("RATE_LIMITED", { seconds: RETRY_SECONDS });
      queues.set(key, queue);
      queue.waiting += 1;
      const turn = queue.last.then(work);
      // The next one's turn comes however this one ends.
      queue.last = turn.catch(() => undefined);
      try {
        return await turn;
      } finally {
        queue.waiting -= 1;
        if (queue.waiting === 0) queues.delete(key);
      }
    },
  };
}
