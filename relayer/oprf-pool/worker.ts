/** Thread side of the OPRF pool: one task at a time, answers in order. */
import { randomBytes } from "node:crypto";
import { parentPort } from "node:worker_threads";

import type { FaultCode } from "../../protocol/errors/catalogue.ts";
import { isFault, type FaultValues } from "../../protocol/errors/fault.ts";
import { runTask, type Task } from "./tasks.ts";

/** What a task threw: an error loses its class on the way between threads. */
export interface TaskFailure {
  readonly message: string;
  /** Of a Fault. */
  readonly code?: FaultCode;
  readonly values?: FaultValues;
}

export interface Reply {
  readonly id: number;
  readonly result?: unknown;
  readonly failure?: TaskFailure;
}

parentPort?.on("message", ({ id, task }: { id: number; task: Task }) => {
  parentPort?.postMessage(reply(id, task));
});

function reply(id: number, task: Task): Reply {
  try {
    return { id, result: runTask(task, (length) => new Uint8Array(randomBytes(length))) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { id, failure: isFault(error) ? { message, code: error.code, values: error.values } : { message } };
  }
}
