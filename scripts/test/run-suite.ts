import { spawn } from "node:child_process";
import { mkdtempSync, existsSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { parseSummary, problemOf, type SuiteResult } from "./summary.ts";
import type { Suite } from "./suites.ts";

/** How long a process may take to leave after its last test, before it counts as one that left something open. */
const LEAVE_MS = 30_000;

export interface RunOptions {
  readonly filtered: boolean;
  readonly env: NodeJS.ProcessEnv;
  /** Gets the suite's output as it comes. */
  readonly write: (chunk: Uint8Array) => void;
  /** Stops the suite, for a Ctrl-C. */
  readonly signal: AbortSignal;
}

/** Runs one suite in a process of its own and says how it ended. */
export async function runSuite(suite: Suite, { filtered, env, write, signal }: RunOptions): Promise<SuiteResult> {
  // Without files a runner would pick its own: there is nothing of this suite to run.
  if (suite.files.length === 0) {
    const summary = { passed: 0, failed: 0, skipped: 0 };
    return { name: suite.name, summary, problem: problemOf(summary, { code: 0, signal: null, hung: false }, filtered) };
  }
  const directory = mkdtempSync(join(tmpdir(), "riskveil-test-"));
  const summaryFile = join(directory, "summary.json");
  const child = spawn(process.execPath, suite.command, {
    env: { ...env, RISKVEIL_TEST_SUMMARY: summaryFile },
    stdio: ["ignore", "pipe", "pipe"],
  });
  child.stdout.on("data", write);
  child.stderr.on("data", write);

  let hung = false;
  let endedAt: number | undefined;
  const watch = setInterval(() => {
    endedAt ??= existsSync(summaryFile) ? Date.now() : undefined;
    if (endedAt === undefined || Date.now() - endedAt < LEAVE_MS) return;
    hung = true;
    child.kill(Date.now() - endedAt < 2 * LEAVE_MS ? "SIGTERM" : "SIGKILL");
  }, 1000);
  const stop = () => child.kill("SIGTERM");
  signal.addEventListener("abort", stop);

  const exit = await new Promise<{ code: number | null; signal: string | null }>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, killed) => resolve({ code, signal: killed }));
  });
  clearInterval(watch);
  signal.removeEventListener("abort", stop);

  const summary = existsSync(summaryFile) ? parseSummary(readFileSync(summaryFile, "utf8")) : undefined;
  rmSync(directory, { recursive: true });
  return { name: suite.name, summary, problem: problemOf(summary, { ...exit, hung }, filtered) };
}
