/**
 * Judging a whole collection takes seconds (15 ms a proof). It is written as a generator that yields between its steps: who has a
 * thread of its own runs it through, who serves others lets them in between.
 */
export type Steps<T> = Generator<undefined, T, undefined>;

/** Runs all steps at once. */
export function finish<T>(steps: Steps<T>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
  }
}
