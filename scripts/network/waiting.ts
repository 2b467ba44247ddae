import { setTimeout as pause } from "node:timers/promises";

import { Fault } from "../../protocol/errors/fault.ts";

export interface Waiting {
  /** Who is waited for, and for what: for the message when it does not come. */
  readonly name: string;
  readonly work: string;
  readonly seconds: number;
  readonly signal: AbortSignal;
}

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 500;

/** Seconds for work on so many subjects of each member: a hundredth of one for each on top, on a core that all share. */
export function patience(seconds: number, subjects: number): number {
  return seconds + Math.ceil(subjects / 100);
}

/** Asks again, ever less often, until there is an answer. @throws Fault WORK_UNFINISHED after the time. */
export async function until<T>(
  { name, work, seconds, signal }: Waiting,
  ask: () => Promise<T | undefined>,
): Promise<T> {
  const deadline = performance.now() + seconds * 1000;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 1.5)) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > deadline) throw new Fault("WORK_UNFINISHED", { name, work, seconds });
    await pause(pauseMs, undefined, { signal });
  }
}
