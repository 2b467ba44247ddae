/**
 * `npm test`: every suite, one more at a time than there are processors since they wait a lot (three at most), one total.
 *   npm test -- protocol relayer      only these suites
 *   npm test -- --grep "a name"       only tests whose name contains this
 * The last line of the output is `N passed, N failed` over all runners.
 */
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";

import { runSuite } from "./run-suite.ts";
import { filesOfNoSuite, suites, type Suite } from "./suites.ts";
import { failureLines, summaryLine, total, type SuiteResult } from "./summary.ts";

const { values, positionals } = parseArgs({ allowPositionals: true, options: { grep: { type: "string" } } });
const all = suites({ grep: values.grep });
const unknown = positionals.filter((name) => !all.some((suite) => suite.name === name));
if (unknown.length > 0) {
  console.error(`No suite ${unknown.join(", ")}. There are: ${all.map(({ name }) => name).join(", ")}`);
  process.exit(2);
}
const chosen = all.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
const filtered = values.grep !== undefined;

const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => stop.abort());

const startedAt = Date.now();
const results: SuiteResult[] = forgotten(all);
const waiting = [...chosen];
const running = new Set<string>();
let speaking: string | undefined;
await Promise.all(Array.from({ length: Math.min(3, availableParallelism() + 1) }, work));
report();

/** Hardhat's two runners would compile the same contracts at once: never both. */
function mayRun({ name }: Suite): boolean {
  const partner = { contracts: "solidity", solidity: "contracts" }[name];
  return partner === undefined || !running.has(partner);
}

async function work(): Promise<void> {
  for (;;) {
    const suite = waiting.find(mayRun);
    if (suite === undefined || stop.signal.aborted) return;
    waiting.splice(waiting.indexOf(suite), 1);
    running.add(suite.name);
    await runAndTell(suite);
    running.delete(suite.name);
  }
}

async function runAndTell(suite: Suite): Promise<void> {
  // One suite speaks as it goes; another beside it is heard when it has ended, so that lines do not mix.
  const held: Uint8Array[] = [];
  const write = (chunk: Uint8Array): void => {
    speaking ??= suite.name;
    if (speaking !== suite.name) {
      held.push(chunk);
      return;
    }
    for (const earlier of held.splice(0)) process.stdout.write(earlier);
    process.stdout.write(chunk);
  };
  write(Buffer.from(`\n=== ${suite.name} (${suite.files.length} files) ===\n`));
  results.push(await runSuite(suite, { filtered, env: process.env, write, signal: stop.signal }));
  for (const chunk of held) process.stdout.write(chunk);
  if (speaking === suite.name) speaking = undefined;
}

function forgotten(allSuites: readonly Suite[]): SuiteResult[] {
  const files = filesOfNoSuite(allSuites);
  if (files.length === 0) return [];
  return [{ name: "suites", summary: undefined, problem: `no suite runs ${files.join(", ")}` }];
}

function report(): void {
  console.log(`\n=== all suites, ${Math.round((Date.now() - startedAt) / 1000)} s ===`);
  for (const { name, summary, problem } of results) {
    const counts = summary === undefined ? "no result" : summaryLine(summary);
    const skipped = summary !== undefined && summary.skipped > 0 ? `, ${summary.skipped} skipped` : "";
    console.log(`${name.padEnd(10)} ${counts}${skipped}${problem === undefined ? "" : `   PROBLEM: ${problem}`}`);
  }
  for (const line of failureLines(results)) console.log(line);
  const sum = total(results, filtered);
  const failed = sum.failed + (stop.signal.aborted ? 1 : 0);
  if (stop.signal.aborted) console.log("interrupted");
  process.exitCode = failed === 0 ? 0 : 1;
  console.log(summaryLine({ ...sum, failed }));
}
