/**
 * What an aggregator and a node that strips do for an edition of three contributors, on files: admit the contributions, merge
 * them, verify the merge and make strip shares, take the layer off.
 */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import type { Measurement, Section } from "../section.ts";
import type { EditionResult, EditionRun } from "./edition-run.ts";

/** Of each contributor. The merged tables have twice as many rows. */
const SIZES = [500, 2_000] as const;
const MIB = 2 ** 20;
/** V8 collects late what it has room for, so its spaces grow with time, whatever the program does: it has room for so much. */
const HEAP = ["--max-semi-space-size=8", "--max-old-space-size=40"];

const program = fileURLToPath(new URL("edition-run.ts", import.meta.url));

async function runAlone(run: EditionRun): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [...HEAP, program, JSON.stringify(run)]);
  return stdout;
}

async function measure(subjects: number): Promise<EditionResult> {
  const directory = mkdtempSync(join(tmpdir(), "riskveil-bench-"));
  try {
    await runAlone({ part: "contribute", directory, subjects });
    return JSON.parse(await runAlone({ part: "merge", directory, subjects })) as EditionResult;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

export const edition: Section = {
  name: "edition",
  title: "An edition of the consortium table, three contributors: merging and stripping",
  async run(say) {
    const results: EditionResult[] = [];
    const measurements: Measurement[] = [];
    for (const subjects of SIZES) {
      say(`${subjects.toLocaleString("en-GB")} subjects a contributor`);
      const result = await measure(subjects);
      results.push(result);
      const { rows, admitMs, mergeMs, shareMs, stripMs, peakBytes } = result;
      const name = `${rows.toLocaleString("en-GB")} merged rows`;
      measurements.push(
        { name: `${name}, admit the contributions`, value: admitMs / rows, unit: "ms/row" },
        { name: `${name}, merge`, value: mergeMs / rows, unit: "ms/row" },
        {
          name: `${name}, verify and make shares`,
          value: shareMs / rows,
          unit: "ms/row",
          note: "at each of the t nodes",
        },
        {
          ...{ name: `${name}, verify one node's shares and strip`, value: stripMs / rows, unit: "ms/row" },
          note: "two nodes, one of them this one",
        },
        { name: `${name}, peak memory`, value: peakBytes / MIB, unit: "MiB" },
      );
    }
    const [small, large] = results;
    if (small && large) {
      measurements.push({
        name: "peak memory for four times the rows",
        value: large.peakBytes / small.peakBytes,
        unit: "x",
        goal: { atMost: 1.05 },
        note: `${Math.round((large.peakBytes - small.peakBytes) / (large.rows - small.rows)).toLocaleString("en-GB")} bytes an added row`,
      });
    }
    return measurements;
  },
};
