/**
 * Machines are noisy: frequencies move, neighbours steal. So what is compared is run in turn, round after round, each
 * round gives its own ratios, and the median over rounds counts.
 */

export interface Contestant {
  readonly name: string;
  /** Work items one call of `run` does. */
  readonly items: number;
  readonly run: () => void;
}

export interface Rounds {
  /** Median thread CPU time of one item, in microseconds. */
  itemMicros(name: string): number;
  /** Items a second and core, by that time. */
  perSecond(name: string): number;
  /** Median over rounds of how many times as fast `a` was as `b` in the same round. */
  ratio(a: string, b: string): number;
}

/**
 * The kernel accounts CPU time to a thread by ticks of up to 4 ms, so each turn repeats its work until it lasts this
 * much longer than a tick.
 */
const TURN_MS = 60;

/** Runs each contestant to warm up and to see how long it takes, then once a round, starting with another one each round. */
export function interleave(
  contestants: readonly Contestant[],
  rounds: number,
  say: (progress: string) => void,
): Rounds {
  const entries = contestants.map((contestant) => ({
    ...contestant,
    repeats: repeatsFor(contestant),
    micros: [] as number[],
  }));
  for (let round = 0; round < rounds; round += 1) {
    say(`round ${String(round + 1)} of ${String(rounds)}`);
    const first = round % entries.length;
    for (const { run, items, repeats, micros } of [...entries.slice(first), ...entries.slice(0, first)]) {
      const time = threadMicros(() => {
        for (let repeat = 0; repeat < repeats; repeat += 1) run();
      });
      micros.push(time / (items * repeats));
    }
  }
  const times = (name: string): readonly number[] => {
    const found = entries.find((entry) => entry.name === name);
    if (!found) throw new RangeError(`no contestant ${name}`);
    return found.micros;
  };
  return {
    itemMicros: (name) => median(times(name)),
    perSecond: (name) => 1e6 / median(times(name)),
    ratio: (a, b) => median(times(a).map((time, round) => (times(b)[round] ?? NaN) / time)),
  };
}

function repeatsFor({ run }: Contestant): number {
  run();
  const start = performance.now();
  let runs = 0;
  do {
    run();
    runs += 1;
  } while (performance.now() - start < TURN_MS);
  return runs;
}

/** CPU time of this thread, so that a pause for another process is not counted. Other threads of this process are not either. */
export function threadMicros(work: () => void): number {
  const start = process.threadCpuUsage();
  work();
  const used = process.threadCpuUsage(start);
  return used.user + used.system;
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** Linear between neighbours; NaN if there are no values. */
export function quantile(values: readonly number[], fraction: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const position = (sorted.length - 1) * fraction;
  const below = sorted[Math.floor(position)] ?? NaN;
  const above = sorted[Math.ceil(position)] ?? NaN;
  return below + (above - below) * (position - Math.floor(position));
}
