/** What one runner, or all of them together, came to. */
export interface Summary {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** Name and reason of each failed test: `failureText`. */
  readonly failures?: readonly string[];
}

/** How a suite ended: its counts if it wrote any, and what went wrong beside its tests. */
export interface SuiteResult {
  readonly name: string;
  readonly summary: Summary | undefined;
  /** Why the suite counts as failed even if no test of it did; undefined when all is well. */
  readonly problem: string | undefined;
}

/** Reads the counts a runner wrote, and the names beside them. Anything but three whole numbers is no summary. */
export function parseSummary(text: string): Summary | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const { passed, failed, skipped, failures } = value as Record<string, unknown>;
  if (!isCount(passed) || !isCount(failed) || !isCount(skipped)) return undefined;
  return { passed, failed, skipped, ...(Array.isArray(failures) ? { failures: failures.map(String) } : {}) };
}

/** Of a reason in many lines (what a process printed, say) its end is what tells. */
const LAST_LINES = 30;

/** A failed test: its name, and the reason in the same line or, of one in many lines, its last ones below it. */
export function failureText(name: string, reason: string): string {
  const lines = reason.trim().split("\n");
  if (lines.length === 1) return `${name}: ${lines[0] ?? ""}`;
  return [`${name}:`, ...lines.slice(-LAST_LINES)].join("\n");
}

/** What failed, suite by suite, for the end of the output: a reader of its last lines sees what it was. */
export function failureLines(results: readonly SuiteResult[]): string[] {
  return results.flatMap(({ name, summary, problem }) =>
    [...(summary?.failures ?? []), ...(problem === undefined ? [] : [problem])].flatMap((failure) => {
      const [first = "", ...more] = failure.split("\n");
      return [`FAILED ${name}: ${first}`, ...more.map((line) => `  | ${line}`)];
    }),
  );
}

/** Counts Hardhat's Solidity results; a status that is not known counts as failed. */
export function countStatuses(
  suites: readonly { readonly testResults: readonly { readonly status: string; readonly name?: string }[] }[],
): Summary {
  const tests = suites.flatMap(({ testResults }) => testResults);
  const passed = tests.filter(({ status }) => status === "Success").length;
  const skipped = tests.filter(({ status }) => status === "Skipped").length;
  const failures = tests
    .filter(({ status }) => status !== "Success" && status !== "Skipped")
    .map(({ name = "a test", status }) => failureText(name, status));
  return { passed, skipped, failed: failures.length, ...(failures.length > 0 ? { failures } : {}) };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/**
 * What is wrong with a suite beside its failed tests. A suite that ran nothing proves nothing, so it fails, unless the
 * person asked for tests by name (`filtered`): then a suite may have none of that name.
 */
export function problemOf(
  summary: Summary | undefined,
  exit: { code: number | null; signal: string | null; hung: boolean },
  filtered: boolean,
): string | undefined {
  if (exit.hung) return "ended its tests but not its process: a test left something open";
  if (summary === undefined) return `ended (${exit.signal ?? `code ${exit.code}`}) without a result`;
  if (summary.passed + summary.failed === 0 && !filtered) return "ran no test";
  if (summary.failed === 0 && exit.code !== 0)
    return `ended with ${exit.signal ?? `code ${exit.code}`} though no test failed`;
  return undefined;
}

/** The total. A suite with a problem of its own counts as one failed test more, so that "0 failed" means what it says. */
export function total(results: readonly SuiteResult[], filtered = false): Summary {
  const sum = { passed: 0, failed: 0, skipped: 0 };
  for (const { summary, problem } of results) {
    sum.passed += summary?.passed ?? 0;
    sum.failed += (summary?.failed ?? 0) + (problem === undefined ? 0 : 1);
    sum.skipped += summary?.skipped ?? 0;
  }
  if (filtered && sum.passed + sum.failed === 0) sum.failed = 1;
  return sum;
}

/** The last line of `npm test`. */
export function summaryLine({ passed, failed }: Summary): string {
  return `${passed} passed, ${failed} failed`;
}
