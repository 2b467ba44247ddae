/**
 * Keeps a reserve of randomisers for Paillier encryption full, by a worker thread. What makes each of them be used once is in
 * `protocol/paillier/reserve.ts`; here, what the thread sends goes through the reserve to whoever waits for it.
 */
import { Worker } from "node:worker_threads";

import type { PaillierKey } from "../../protocol/paillier/public-key.ts";
import type { Randomisation, Randomiser } from "../../protocol/paillier/randomiser.ts";
import { createReserve } from "../../protocol/paillier/reserve.ts";
import type { RandomiserTask, RandomiserReply } from "./worker.ts";

/** Powers the thread makes between two looks at its orders: some 100 ms. */
const BATCH = 8;

export interface RandomiserPool {
  /** How many are ready. */
  readonly size: number;
  /** One that is ready, or the next that is made. Rejects if the thread fails or the pool is closed. */
  take(): Promise<Randomiser>;
  /** Ends the thread and forgets what is ready: nothing is kept for a next start. */
  close(): Promise<void>;
}

export interface RandomiserPoolOptions {
  /** Most that are kept ready, 768 bytes each. */
  readonly capacity: number;
  readonly way: Randomisation;
}

interface Waiting {
  readonly resolve: (randomiser: Randomiser) => void;
  readonly reject: (error: Error) => void;
}

/** Starts to fill at once. */
export function createRandomiserPool(key: PaillierKey, { capacity, way }: RandomiserPoolOptions): RandomiserPool {
  const reserve = createReserve(key, capacity);
  const waiting: Waiting[] = [];
  let worker: Worker | undefined;
  let ordered = 0;
  let closed = false;

  function start(): Worker {
    const started = new Worker(new URL("./worker.ts", import.meta.url));
    started.unref();
    started.on("message", ({ powers, failure }: RandomiserReply) => {
      if (worker !== started) return;
      if (failure === undefined) receive(powers);
      else end(started, new Error(failure));
    });
    started.on("error", (error) => end(started, error));
    started.on("exit", () => end(started, new Error("the thread that makes randomisers ended")));
    return started;
  }

  function receive(powers: readonly bigint[]): void {
    ordered -= powers.length;
    try {
      for (const power of powers) {
        reserve.put(power);
        serve();
      }
      order();
    } catch (error) {
      // The source repeats itself: nothing that came from it may be used.
      reserve.clear();
      end(worker, error);
    }
  }

  function serve(): void {
    const next = waiting[0];
    const ready = next && reserve.take();
    if (ready === undefined) return;
    waiting.shift();
    next?.resolve(ready);
  }

  /** The next take starts another thread; one that fails again and again is told to whoever waits. */
  function end(ended: Worker | undefined, error: unknown): void {
    if (ended === undefined || worker !== ended) return;
    worker = undefined;
    ordered = 0;
    void ended.terminate();
    const reason = error instanceof Error ? error : new Error("the thread that makes randomisers failed");
    for (const { reject } of waiting.splice(0)) reject(reason);
  }

  function order(): void {
    const wanted = waiting.length + reserve.room - ordered;
    if (closed || wanted <= 0 || ordered > 0) return;
    const count = Math.min(wanted, BATCH);
    worker ??= start();
    ordered = count;
    worker.postMessage({ n: key.n, bits: key.bits, way, count } satisfies RandomiserTask);
  }

  order();
  return {
    get size() {
      return reserve.size;
    },
    async take() {
      if (closed) throw new Error("the pool of randomisers is closed");
      const ready = reserve.take();
      if (ready !== undefined) {
        order();
        return ready;
      }
      return new Promise<Randomiser>((resolve, reject) => {
        waiting.push({ resolve, reject });
        order();
      });
    },
    async close() {
      closed = true;
      reserve.clear();
      const ending = worker;
      end(ending, new Error("the pool of randomisers is closed"));
      await ending?.terminate();
    },
  };
}
