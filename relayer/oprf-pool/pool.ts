/**
 * Runs OPRF tasks: small ones here, where a message to another thread would cost more than the work, large ones on a
 * worker thread, so that a batch of thousands does not hold up anybody's single query.
 */
import { Worker } from "node:worker_threads";

import type { RandomBytes } from "../../protocol/encoding/bytes.ts";
import { runTask, taskSize, type Task, type TaskResult } from "./tasks.ts";

/** Up to this many elements (about 10 ms of work) a task runs on the caller's thread. */
const INLINE_ELEMENTS = 32;

export interface OprfPool {
  run<T extends Task>(task: T): Promise<TaskResult<T>>;
  close(): Promise<void>;
}

interface Waiting {
  readonly resolve: (result: never) => void;
  readonly reject: (error: Error) => void;
}

export function createOprfPool(random: RandomBytes): OprfPool {
  const waiting = new Map<number, Waiting>();
  let worker: Worker | undefined;
  let sequence = 0;

  function start(): Worker {
    const started = new Worker(new URL("./worker.ts", import.meta.url));
    started.unref();
    started.on("message", ({ id, result, error }: { id: number; result: never; error?: string }) => {
      const task = waiting.get(id);
      waiting.delete(id);
      if (error === undefined) task?.resolve(result);
      else task?.reject(new Error(error));
    });
    // A thread that dies fails what it held; the next task gets a new one.
    started.on("error", failAll);
    started.on("exit", () => {
      if (worker === started) worker = undefined;
      failAll(new Error("the OPRF thread ended"));
    });
    return started;
  }

  function failAll(error: unknown): void {
    const reason = error instanceof Error ? error : new Error("the OPRF thread failed");
    for (const task of waiting.values()) task.reject(reason);
    waiting.clear();
  }

  async function run<T extends Task>(task: T): Promise<TaskResult<T>> {
    if (taskSize(task) <= INLINE_ELEMENTS) return runTask(task, random);
    worker ??= start();
    const id = sequence++;
    const target = worker;
    return new Promise<TaskResult<T>>((resolve, reject) => {
      waiting.set(id, { resolve: resolve, reject });
      target.postMessage({ id, task });
    });
  }

  return {
    run,
    close: async () => {
      await worker?.terminate();
    },
  };
}
