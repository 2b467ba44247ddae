/**
 * Runs the steps of an edition, each on a thread of its own, one after another: a step takes minutes of a core, which
 * peers' requests do not wait for, and what it leaves in memory is given back with its thread.
 */
import { Worker } from "node:worker_threads";

import { Fault } from "../../protocol/errors/fault.ts";
import type { Step, StepReply, StepResult } from "./steps.ts";

export interface StepRunner {
  /** @throws the Fault of the step, or EDITION_STEP_FAILED if its thread died */
  run<S extends Step>(step: S): Promise<StepResult<S>>;
  /** Ends the step that runs, whatever it does; those that wait fail. */
  close(): Promise<void>;
}

/** As for sealing: what a step makes is garbage as soon as it is in its file. */
const YOUNG_GENERATION_MB = 6;

export function createStepRunner(): StepRunner {
  let before: Promise<unknown> = Promise.resolve();
  let running: Worker | undefined;
  let closed = false;

  async function runNow<S extends Step>(step: S): Promise<StepResult<S>> {
    if (closed) throw new Fault("EDITION_STEP_FAILED", { reason: "the relayer stops" });
    const worker = new Worker(new URL("./worker.ts", import.meta.url), {
      workerData: step,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
    });
    running = worker;
    try {
      const reply = await new Promise<StepReply>((resolve) => {
        worker.on("message", resolve);
        worker.on("error", (error: unknown) => {
          resolve({ failure: error instanceof Error ? error.name : "error" });
        });
        worker.on("exit", () => {
          resolve({ failure: "exit" });
        });
      });
      if ("result" in reply) return reply.result as StepResult<S>;
      if ("fault" in reply) throw new Fault(reply.fault.code, reply.fault.values);
      throw new Fault("EDITION_STEP_FAILED", { reason: reply.failure });
    } finally {
      running = undefined;
      await worker.terminate();
    }
  }

  return {
    async run(step) {
      const mine = before.then(() => runNow(step));
      before = mine.catch(() => undefined);
      return await mine;
    },
    async close() {
      closed = true;
      await running?.terminate();
      await before;
    },
  };
}
