/**
 * Mocha's "spec" output for people, and beside it the counts for `npm test` and what failed, written to the file that
 * RISKVEIL_TEST_SUMMARY names when the run has ended.
 */
import { writeFileSync } from "node:fs";

import Mocha from "mocha";

import { failureText, type Summary } from "./summary.ts";

class SummaryReporter extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options);
    const file = process.env["RISKVEIL_TEST_SUMMARY"];
    const failed: string[] = [];
    runner.on("fail", (test: Mocha.Runnable, error: unknown) => {
      failed.push(failureText(test.fullTitle(), error instanceof Error ? error.message : String(error)));
    });
    runner.once("end", () => {
      const { passes, failures, pending } = runner.stats ?? { passes: 0, failures: 1, pending: 0 };
      const summary: Summary = { passed: passes, failed: failures, skipped: pending, failures: failed };
      if (file !== undefined) writeFileSync(file, JSON.stringify(summary));
    });
  }
}

// Mocha loads a reporter with require() and takes what it gets: this is what an ES module hands to require().
export { SummaryReporter as "module.exports" };
