/** Programs in processes of their own, so that a peak of memory is one run's, and how it grows with the size of what they do. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import type { Measurement } from "./section.ts";

const MIB = 2 ** 20;
/** V8 collects late what it has room for, so its spaces grow with time, whatever the program does: it has room for so much. */
const HEAP = ["--max-semi-space-size=8", "--max-old-space-size=40"];

/** What the program at `url` prints for `run`, which it gets as JSON in its argument. */
export async function runAlone(url: URL, run: unknown): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [...HEAP, fileURLToPath(url), JSON.stringify(run)]);
  return stdout;
}

export interface Peak {
  readonly rows: number;
  readonly peakBytes: number;
}

export function peakMemory(name: string, { peakBytes }: Peak): Measurement {
  return { name: `${name}, peak memory`, value: peakBytes / MIB, unit: "MiB" };
}

/** @param of what there is four times as much of in `large` */
export function flatMemory(of: string, small: Peak, large: Peak): Measurement {
  const added = Math.round((large.peakBytes - small.peakBytes) / (large.rows - small.rows));
  return {
    ...{ name: `peak memory for four times the ${of}`, value: large.peakBytes / small.peakBytes, unit: "x" },
    ...{ goal: { atMost: 1.05 }, note: `${added.toLocaleString("en-GB")} bytes an added row` },
  };
}
