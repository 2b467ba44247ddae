/**
 * Runs one of Hardhat's test runners in this process, because only then are its counts to be had as numbers:
 *   node scripts/test/hardhat-suite.ts solidity|mocha GREP FILES...
 */
import { writeFileSync } from "node:fs";

import hre from "hardhat";

import { parseSummary } from "./summary.ts";

const [runner = "solidity", grep = "", ...testFiles] = process.argv.slice(2);
hre.config.test.mocha.reporter = "./scripts/test/summary-reporter.ts";

const outcome: unknown = await hre.tasks.getTask(["test", runner]).run({ testFiles, ...(grep === "" ? {} : { grep }) });

// Mocha's reporter has written its own summary; that of the Solidity runner comes in the task's result.
const file = process.env["RISKVEIL_TEST_SUMMARY"];
if (runner === "solidity" && file !== undefined) {
  const { value, error } = outcome as {
    value?: { summary: unknown };
    error?: { summary: unknown; failureOutput?: string };
  };
  const counts = (value ?? error)?.summary as { failureOutput?: string } | undefined;
  if (counts?.failureOutput !== undefined) console.log(counts.failureOutput);
  const summary = parseSummary(JSON.stringify(counts));
  if (summary !== undefined) writeFileSync(file, JSON.stringify(summary));
}
if ((outcome as { success?: boolean }).success !== true) process.exitCode = 1;
