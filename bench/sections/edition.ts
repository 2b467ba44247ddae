/**
 * What an aggregator and a node that strips do for an edition of three contributors, on files: admit the contributions, merge
 * them, verify the merge and make strip shares, take the layer off.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { flatMemory, peakMemory, runAlone } from "../flat-memory.ts";
import type { Measurement, Section } from "../section.ts";
import type { EditionResult, EditionRun } from "./edition-run.ts";

/** Of each contributor. The merged tables have twice as many rows. */
const SIZES = [500, 2_000] as const;
const program = new URL("edition-run.ts", import.meta.url);

async function measure(subjects: number): Promise<EditionResult> {
  const directory = mkdtempSync(join(tmpdir(), "riskveil-bench-"));
  try {
    const run = (part: EditionRun["part"]): Promise<string> =>
      runAlone(program, { part, directory, subjects } satisfies EditionRun);
    await run("contribute");
    return JSON.parse(await run("merge")) as EditionResult;
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
      const { rows, admitMs, mergeMs, shareMs, stripMs } = result;
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
        peakMemory(name, result),
      );
    }
    const [small, large] = results;
    if (small && large) measurements.push(flatMemory("rows", small, large));
    return measurements;
  },
};
