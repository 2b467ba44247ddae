/**
 * Mocha's "spec" output for people, and beside it the counts for `npm test`, written to the file that
 * RISKVEIL_TEST_SUMMARY names when the run has ended.
 */
import { writeFileSync } from "node:fs";

import Mocha from "mocha";

import type { Summary } from "./summary.ts";

class SummaryReporter extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options);
    const file = process.env["RISKVEIL_TEST_SUMMARY"];
    runner.once("end", () => {
      const { passes, failures, pending } = runner.stats ?? { passes: 0, failures: 1, pending: 0 };
      const summary: Summary = { passed: passes, failed: failures, skipped: pending };
      if (file !== undefined) writeFileSync(file, JSON.stringify(summary));
    });
  }
}

// Mocha loads a reporter with require() and takes what it gets: this is what an ES module hands to require().
export { SummaryReporter as "module.exports" };
