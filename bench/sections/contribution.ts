/**
 * A firm's contribution to the consortium table: oblivious evaluation of all its subjects at three nodes, then eight masked
 * ciphertexts a row. The nodes' work is in the figures, since it is done by the same cores here.
 */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import type { Measurement, Section } from "../section.ts";
import type { ContributionResult, ContributionRun } from "./contribution-run.ts";

const SIZES = [2_500, 10_000] as const;
const MIB = 2 ** 20;
/** V8 collects late what it has room for, so its spaces grow with time, whatever the program does: it has room for so much. */
const HEAP = ["--max-semi-space-size=8", "--max-old-space-size=40"];

const program = fileURLToPath(new URL("contribution-run.ts", import.meta.url));

async function runAlone(run: ContributionRun): Promise<ContributionResult> {
  const { stdout } = await promisify(execFile)(process.execPath, [...HEAP, program, JSON.stringify(run)]);
  return JSON.parse(stdout) as ContributionResult;
}

export const contribution: Section = {
  name: "contribution",
  title: "Contributing to the consortium table, three nodes evaluating on the same machine",
  async run(say) {
    const results: ContributionResult[] = [];
    const measurements: Measurement[] = [];
    for (const subjects of SIZES) {
      say(`${subjects.toLocaleString("en-GB")} subjects`);
      const result = await runAlone({ subjects });
      results.push(result);
      const { evaluateMs, encryptMs, rows, peakBytes } = result;
      const name = `${subjects.toLocaleString("en-GB")} subjects`;
      measurements.push(
        {
          name: `${name}, elapsed`,
          value: (evaluateMs + encryptMs) / 1_000,
          unit: "s",
          ...(subjects === SIZES[1] ? { goal: { atMost: 120 } } : {}),
          note: `${rows.toLocaleString("en-GB")} rows with dummies; evaluation ${seconds(evaluateMs)} s, encryption ${seconds(encryptMs)} s, on one core`,
        },
        { name: `${name}, CPU a row`, value: result.cpuMs / rows, unit: "ms", note: "contributor and nodes together" },
        { name: `${name}, peak memory`, value: peakBytes / MIB, unit: "MiB" },
      );
    }
    const [small, large] = results;
    if (small && large) {
      measurements.push({
        name: "peak memory for four times the subjects",
        value: large.peakBytes / small.peakBytes,
        unit: "x",
        goal: { atMost: 1.05 },
        note: `${Math.round((large.peakBytes - small.peakBytes) / (large.rows - small.rows)).toLocaleString("en-GB")} bytes an added row of ${String(Math.round(large.tableBytes / large.rows))}`,
      });
    }
    return measurements;
  },
};

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(1);
}
