import { setImmediate as breathe } from "node:timers/promises";

import type { Steps } from "../../../protocol/statistics/steps.ts";

/** Runs the steps one by one and lets other requests in between: none of them takes much longer than 100 ms. */
export async function breathing<T>(steps: Steps<T>): Promise<T> {
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
    await breathe();
  }
}
