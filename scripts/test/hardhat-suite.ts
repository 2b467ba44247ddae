/**
 * Runs one of Hardhat's test runners in this process, because only then are its counts to be had as numbers:
 *   node scripts/test/hardhat-suite.ts solidity|mocha GREP FILES...
 */
import { writeFileSync } from "node:fs";

import hre from "hardhat";

import { countStatuses } from "./summary.ts";

interface SolidityResult {
  readonly summary: { readonly failureOutput?: string };
  /** Hardhat 3.18 hands its own counts over before they are complete; these are. */
  readonly suiteResults: readonly {
    readonly testResults: readonly { readonly status: string; readonly name?: string }[];
  }[];
}

const [runner = "solidity", grep = "", ...testFiles] = process.argv.slice(2);
hre.config.test.mocha.reporter = "./scripts/test/summary-reporter.ts";

const outcome: unknown = await hre.tasks.getTask(["test", runner]).run({ testFiles, ...(grep === "" ? {} : { grep }) });

// Mocha's reporter has written its own summary; that of the Solidity runner comes in the task's result.
const file = process.env["RISKVEIL_TEST_SUMMARY"];
const { success, value, error } = outcome as { success?: boolean; value?: SolidityResult; error?: SolidityResult };
const result = value ?? error;
if (runner === "solidity" && file !== undefined && result !== undefined) {
  if (result.summary.failureOutput !== undefined) console.log(result.summary.failureOutput);
  writeFileSync(file, JSON.stringify(countStatuses(result.suiteResults)));
}
if (success !== true) process.exitCode = 1;
