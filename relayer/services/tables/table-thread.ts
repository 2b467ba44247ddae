/** A thread for the long work on tables, so that the relayer's event loop stays free for its peers. */
import { Worker } from "node:worker_threads";

import { Fault } from "../../../protocol/errors/fault.ts";
import type { TableReply, TableRequest, TableTask, TableTaskResult } from "./table-tasks.ts";

export interface TableThread {
  /** @throws the Fault of the task, or SEALING_FAILED if the thread died. */
  run(task: TableTask): Promise<TableTaskResult>;
  /** Ends the thread, whatever it does. */
  close(): Promise<void>;
}

interface Waiting {
  readonly resolve: (result: TableTaskResult) => void;
  readonly reject: (error: Error) => void;
}

/**
 * What a thread makes is garbage as soon as it is in its file. Left to itself V8 lets the space for such grow to 48 MB over
 * a large table, for nothing.
 */
const YOUNG_GENERATION_MB = 6;

export function createTableThread(): TableThread {
  const worker = new Worker(new URL("./table-worker.ts", import.meta.url), {
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
  });
  const waiting = new Map<number, Waiting>();
  let sequence = 0;
  let ended: Fault | undefined;

  function end(reason: string): void {
    ended ??= new Fault("SEALING_FAILED", { reason });
    for (const task of waiting.values()) task.reject(ended);
    waiting.clear();
  }

  worker.on("message", (reply: TableReply) => {
    const task = waiting.get(reply.id);
    waiting.delete(reply.id);
    if (!task) return;
    if ("result" in reply) task.resolve(reply.result);
    else if ("fault" in reply) task.reject(new Fault(reply.fault.code, reply.fault.values));
    else task.reject(new Fault("SEALING_FAILED", { reason: reply.failure }));
  });
  worker.on("error", (error: unknown) => {
    end(error instanceof Error ? error.name : "error");
  });
  worker.on("exit", () => {
    end("exit");
  });

  return {
    run: (task) =>
      new Promise((resolve, reject) => {
        if (ended) {
          reject(ended);
          return;
        }
        const id = sequence++;
        waiting.set(id, { resolve, reject });
        worker.postMessage({ id, task } satisfies TableRequest);
      }),
    async close() {
      await worker.terminate();
    },
  };
}

/** Runs one task on a thread of its own. */
export async function runTableTask(task: TableTask): Promise<TableTaskResult> {
  const thread = createTableThread();
  try {
    return await thread.run(task);
  } finally {
    await thread.close();
  }
}
