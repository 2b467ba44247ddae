/** The suites of `npm test`: which files, run by what. */
import { globSync } from "node:fs";

export interface Suite {
  readonly name: string;
  readonly command: readonly string[];
  readonly files: readonly string[];
}

const mocha = ["node_modules/mocha/bin/mocha.js", "--reporter", "./scripts/test/summary-reporter.ts"];

export interface SuiteOptions {
  /** Only tests whose name contains this. */
  readonly grep?: string | undefined;
}

/** Several relayers and a chain of their own for most of these files. */
const JOINT_COMPUTATION = ["nodes", "editions", "statistics", "picture"].map(
  (service) => `test/relayer/services/${service}/**/*.test.ts`,
);

/** All suites, the slowest first so that two running side by side end at about the same time. */
export function suites({ grep }: SuiteOptions = {}): Suite[] {
  const byName = grep === undefined ? [] : ["--grep", grep];
  const typeScript = (name: string, patterns: readonly string[], without: readonly string[] = []): Suite => {
    const left = new Set(globSync(without));
    const files = globSync(patterns)
      .filter((file) => !left.has(file))
      .sort();
    return { name, files, command: [...mocha, ...byName, ...files] };
  };
  const hardhat = (name: string, runner: "solidity" | "mocha", pattern: string): Suite => {
    const files = globSync(pattern).sort();
    return { name, files, command: ["scripts/test/hardhat-suite.ts", runner, grep ?? "", ...files] };
  };
  return [
    typeScript("e2e", ["test/e2e/**/*.test.ts"]),
    typeScript("computation", JOINT_COMPUTATION),
    typeScript("relayer", ["test/relayer/**/*.test.ts"], JOINT_COMPUTATION),
    typeScript("network", ["test/network/**/*.test.ts"]),
    hardhat("contracts", "mocha", "test/contracts/**/*.test.ts"),
    hardhat("solidity", "solidity", "test/**/*.t.sol"),
    typeScript("protocol", ["test/protocol/**/*.test.ts", "test/deploy/**/*.test.ts", "test/bench/**/*.test.ts"]),
    typeScript("tasks", ["test/tasks/**/*.test.ts"]),
    typeScript("scripts", ["test/scripts/**/*.test.ts", "test/*.test.ts"]),
  ];
}

/** Test files that no suite would run: a file in a new folder must not be forgotten in silence. */
export function filesOfNoSuite(all: readonly Suite[]): string[] {
  const taken = new Set(all.flatMap(({ files }) => files));
  return globSync(["test/**/*.test.ts", "test/**/*.t.sol"]).filter((file) => !taken.has(file));
}
