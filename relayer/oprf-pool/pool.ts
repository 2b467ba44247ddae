/**
 * Runs OPRF tasks: small ones here, where a message to another thread would cost more than the work, large ones on a
 * worker thread, so that a batch of thousands does not hold up anybody's single query.
 */
import { Worker } from "node:worker_threads";

import type { RandomBytes } from "../../protocol/encoding/bytes.ts";
import { Fault } from "../../protocol/errors/fault.ts";
import { runTask, taskSize, type Task, type TaskResult } from "./tasks.ts";
import type { Reply, TaskFailure } from "./worker.ts";

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

/** A thread with the tasks it holds: when it dies, those fail, and none that went to the thread after it. */
interface Thread {
  readonly worker: Worker;
  readonly waiting: Map<number, Waiting>;
}

export function createOprfPool(random: RandomBytes): OprfPool {
  let thread: Thread | undefined;
  let sequence = 0;

  function start(): Thread {
    const worker = new Worker(new URL("./worker.ts", import.meta.url));
    const started: Thread = { worker, waiting: new Map() };
    worker.unref();
    worker.on("message", ({ id, result, failure }: Reply) => {
      const task = started.waiting.get(id);
      started.waiting.delete(id);
      if (failure === undefined) task?.resolve(result as never);
      else task?.reject(errorOf(failure));
    });
    // A thread that dies fails what it held; from its error on, which comes before its end, the next task gets a new one.
    worker.on("error", (error) => end(started, error));
    worker.on("exit", () => end(started, new Error("the OPRF thread ended")));
    return started;
  }

  function end(ended: Thread, error: unknown): void {
    if (thread === ended) thread = undefined;
    const reason = error instanceof Error ? error : new Error("the OPRF thread failed");
    for (const task of ended.waiting.values()) task.reject(reason);
    ended.waiting.clear();
  }

  async function run<T extends Task>(task: T): Promise<TaskResult<T>> {
    if (taskSize(task) <= INLINE_ELEMENTS) return runTask(task, random);
    thread ??= start();
    const id = sequence++;
    const { worker, waiting } = thread;
    return new Promise<TaskResult<T>>((resolve, reject) => {
      worker.postMessage({ id, task });
      waiting.set(id, { resolve, reject });
    });
  }

  return {
    run,
    close: async () => {
      await thread?.worker.terminate();
    },
  };
}

function errorOf({ code, values, message }: TaskFailure): Error {
  return code === undefined ? new Error(message) : new Fault(code, values);
}
