/**
 * Sealing a dataset into its table and tree files as the relayer does: subjects streamed to a worker thread, padded,
 * filled up with dummies, ordered, hashed, written. Not in it: reading records from the database, and the chain.
 */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import type { Measurement, Section } from "../section.ts";
import type { PublishResult, PublishRun } from "./publish-run.ts";

const SIZES = [10_000, 100_000] as const;
const PAYLOAD_BYTES = 1024;
const MIB = 2 ** 20;
/**
 * V8 lets the space for short-lived objects grow with time, whatever the program does, up to 48 MB; in a relayer that runs
 * for weeks it is there long since. Held at half of that the larger table shows what it needs itself.
 */
const YOUNG_GENERATION = "--max-semi-space-size=8";

const program = fileURLToPath(new URL("publish-run.ts", import.meta.url));

async function runAlone(run: PublishRun): Promise<PublishResult> {
  const { stdout } = await promisify(execFile)(process.execPath, [YOUNG_GENERATION, program, JSON.stringify(run)]);
  return JSON.parse(stdout) as PublishResult;
}

export const publish: Section = {
  name: "publish",
  title: "Publishing: sealing a table",
  async run(say) {
    const measurements: Measurement[] = [];
    const results: PublishResult[] = [];
    for (const subjects of SIZES) {
      say(`${subjects.toLocaleString("en-GB")} subjects`);
      const result = await runAlone({ subjects, suite: 1, payloadBytes: PAYLOAD_BYTES });
      results.push(result);
      measurements.push(...figures(subjects, result));
    }
    const [small, large] = results;
    if (small && large) {
      const added = large.entries - small.entries;
      measurements.push({
        name: "peak memory for ten times the subjects",
        value: large.peakBytes / small.peakBytes,
        unit: "x",
        // 24 bytes each, while the tags are ordered, are 2.7 MB; the rest is garbage not collected yet.
        goal: { atMost: 1.25 },
        note: `${figureOf((large.peakBytes - small.peakBytes) / added)} bytes an added entry of ${figureOf(large.tableBytes / large.entries)}`,
      });
    }
    say("SM4 with HMAC-SM3");
    const national = await runAlone({ subjects: SIZES[0], suite: 2, payloadBytes: PAYLOAD_BYTES });
    measurements.push({
      name: `${SIZES[0].toLocaleString("en-GB")} subjects with SM4 and HMAC-SM3, CPU a subject`,
      value: national.cpuMs / SIZES[0],
      unit: "ms",
      goal: { atMost: 0.5 },
    });
    return measurements;
  },
};

function figureOf(value: number): string {
  return Math.round(value).toLocaleString("en-GB");
}

function figures(subjects: number, result: PublishResult): Measurement[] {
  const name = `${subjects.toLocaleString("en-GB")} subjects`;
  return [
    {
      name: `${name}, CPU a subject`,
      value: result.cpuMs / subjects,
      unit: "ms",
      goal: { atMost: 0.5 },
      note: `all threads together, start of the worker and ${(result.entries - subjects).toLocaleString("en-GB")} dummies included`,
    },
    { name: `${name}, elapsed with one worker`, value: result.wallMs / 1000, unit: "s" },
    { name: `${name}, peak memory`, value: result.peakBytes / MIB, unit: "MiB" },
    {
      name: `${name}, bytes an entry beyond its payload`,
      value: result.tableBytes / result.entries - PAYLOAD_BYTES,
      unit: "B",
      goal: { atMost: 48 },
      note: `of the file; payload ${String(PAYLOAD_BYTES)} bytes; its tree, not sent, takes ${(result.treeBytes / result.entries).toFixed(0)} more on disk`,
    },
  ];
}
