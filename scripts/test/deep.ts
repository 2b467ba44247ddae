/**
 * `npm run test:deep`: what is too slow for every save. Solidity fuzzing and invariants 80 times as long, the property
 * tests of the protocol 20 times as long, ten times as many SM2 signatures put to three verifiers and threshold decryptions
 * compared with plain ones, and the coverage of the contracts. Ends with `N passed, N failed` as `npm test`.
 */
import { rmSync } from "node:fs";

import { runSuite } from "./run-suite.ts";
import { suites } from "./suites.ts";
import { failureLines, summaryLine, total, type SuiteResult } from "./summary.ts";

const deeper = {
  solidity: { RISKVEIL_FUZZ_RUNS: "20000" },
  protocol: { RISKVEIL_PROPERTY_RUNS: "2000", RISKVEIL_AGREEMENT_CASES: "3000" },
};

const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => stop.abort());
const results: SuiteResult[] = [];
const all = suites();

for (const [name, settings] of Object.entries(deeper)) {
  for (const suite of all.filter((candidate) => candidate.name === name)) {
    await run({ ...suite, name: `${name}, long` }, settings);
  }
}
const AGREEMENT = ["test/contracts/crypto/SM2.three-ways.test.ts", "test/contracts/crypto/SM2.agreement.test.ts"];
for (const suite of all.filter(({ name }) => name === "contracts")) {
  const command = [...suite.command.filter((part) => !suite.files.includes(part)), ...AGREEMENT];
  const settings = { RISKVEIL_AGREEMENT_CASES: "1000" };
  await run({ ...suite, files: AGREEMENT, command, name: "SM2, a thousand signatures" }, settings);
}
rmSync("coverage", { recursive: true, force: true });
// What is built for coverage deploys nowhere: without its stamp bootstrap builds the contracts again, before anything else.
rmSync("cache/contracts-built.json", { force: true });
for (const suite of all.filter(({ name }) => name === "contracts" || name === "solidity")) {
  // Instrumented contracts use more gas than the snapshot says.
  const measured = (file: string): boolean => file !== "test/contracts/gas.test.ts";
  const [files, command] = [suite.files.filter(measured), suite.command.filter(measured)];
  await run({ ...suite, files, command, name: `${suite.name}, coverage` }, { HARDHAT_COVERAGE: "true" });
}

console.log("\n=== deep ===");
for (const { name, problem } of results) console.log(`${name}: ${problem ?? "in order"}`);
for (const line of failureLines(results)) console.log(line);
const sum = total(results);
process.exitCode = sum.failed === 0 && !stop.signal.aborted ? 0 : 1;
console.log(summaryLine(sum));

async function run(suite: (typeof all)[number], settings: Readonly<Record<string, string>>): Promise<void> {
  if (stop.signal.aborted) return;
  const write = (chunk: Uint8Array): void => void process.stdout.write(chunk);
  console.log(`\n=== ${suite.name} ===`);
  const env = { ...process.env, ...settings };
  results.push(await runSuite(suite, { filtered: false, env, write, signal: stop.signal }));
}
