/** Thread side of the OPRF pool: one task at a time, answers in order. */
import { randomBytes } from "node:crypto";
import { parentPort } from "node:worker_threads";

import { runTask, type Task } from "./tasks.ts";

parentPort?.on("message", ({ id, task }: { id: number; task: Task }) => {
  try {
    parentPort?.postMessage({ id, result: runTask(task, (length) => new Uint8Array(randomBytes(length))) });
  } catch (error) {
    parentPort?.postMessage({ id, error: error instanceof Error ? error.message : String(error) });
  }
});
