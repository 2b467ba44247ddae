/**
 * Thread side of {createStepRunner}: one step, given at the start. It begins when this module has been evaluated: a thread that is
 * ended in the middle of that takes the process with it (Node 24).
 */
import { randomBytes } from "node:crypto";
import { parentPort, workerData } from "node:worker_threads";

import { isFault } from "../../protocol/errors/fault.ts";
import { runStep } from "./run-step.ts";
import type { Step, StepReply } from "./steps.ts";

function reply(step: Step): StepReply {
  try {
    return { result: runStep(step, (length) => new Uint8Array(randomBytes(length))) };
  } catch (error) {
    if (isFault(error)) return { fault: { code: error.code, values: error.values } };
    return { failure: error instanceof Error ? error.message : String(error) };
  }
}

setImmediate(() => {
  parentPort?.postMessage(reply(workerData as Step));
});
