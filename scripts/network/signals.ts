/** Ctrl-C and its relatives: the first asks for an orderly stop, a second one ends at once. */
export interface Interruption {
  readonly signal: AbortSignal;
  /** What it was. */
  readonly by: () => string;
}

const PARENT_CHECK_MS = 2_000;

export function interruption(): Interruption {
  const controller = new AbortController();
  let first = "";
  const on = (reason: string): void => {
    if (first !== "") {
      // Exit handlers still end the chain, the database and the lock; relayers end when our channel closes.
      process.exit(130);
    }
    first = reason;
    controller.abort();
  };
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(name, () => on(name));
  // A terminal that is gone must not turn the stop into a crash.
  process.stdout.on("error", () => undefined);
  process.stderr.on("error", () => undefined);
  watchNpm(() => on("npm ended"));
  return { signal: controller.signal, by: () => first };
}

/** npm hands signals on, but not the one that kills it. */
function watchNpm(ended: () => void): void {
  if (process.env["npm_lifecycle_event"] === undefined) return;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    ended();
  }, PARENT_CHECK_MS);
  timer.unref();
}
