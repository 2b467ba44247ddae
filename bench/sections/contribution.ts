/**
 * A firm's contribution to the consortium table: oblivious evaluation of all its subjects at three nodes, then eight masked
 * ciphertexts a row. The nodes' work is in the figures, since it is done by the same cores here.
 */

import { flatMemory, peakMemory, runAlone } from "../flat-memory.ts";
import type { Measurement, Section } from "../section.ts";
import type { ContributionResult, ContributionRun } from "./contribution-run.ts";

const SIZES = [2_500, 10_000] as const;
const program = new URL("contribution-run.ts", import.meta.url);

export const contribution: Section = {
  name: "contribution",
  title: "Contributing to the consortium table, three nodes evaluating on the same machine",
  async run(say) {
    const results: ContributionResult[] = [];
    const measurements: Measurement[] = [];
    for (const subjects of SIZES) {
      say(`${subjects.toLocaleString("en-GB")} subjects`);
      const run: ContributionRun = { subjects };
      const result = JSON.parse(await runAlone(program, run)) as ContributionResult;
      results.push(result);
      const { evaluateMs, encryptMs, rows } = result;
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
        peakMemory(name, result),
      );
    }
    const [small, large] = results;
    if (small && large) measurements.push(flatMemory("subjects", small, large));
    return measurements;
  },
};

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(1);
}
