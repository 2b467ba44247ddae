/**
 * `npm run check`: format, lint, types, Solidity lint, import directions and freshness of the generated documents, side
 * by side. Warnings are errors. `npm run check -- lint types` runs only these.
 */
import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";

interface Part {
  readonly name: string;
  /** A script and its arguments, run by Node. */
  readonly command: readonly string[];
  /** The command that puts it right, if one does. */
  readonly remedy?: string;
}

/**
 * Files that have not changed since they were in order are not linted again. What a change elsewhere did to their types
 * is seen by the type check, which always looks at everything, and by CI, which keeps no cache.
 */
const cacheAt = (name: string): string[] =>
  process.env["CI"] === undefined
    ? ["--cache", "--cache-strategy", "content", "--cache-location", `cache/${name}`]
    : [];

/** The slowest first. */
const parts: readonly Part[] = [
  {
    name: "lint",
    command: ["node_modules/eslint/bin/eslint.js", "--max-warnings", "0", ...cacheAt("eslint"), "."],
    remedy: "npm run format",
  },
  {
    name: "format",
    command: ["node_modules/prettier/bin/prettier.cjs", "--check", "--log-level", "warn", ...cacheAt("prettier"), "."],
    remedy: "npm run format",
  },
  { name: "types", command: ["node_modules/typescript/bin/tsc", "--project", "."] },
  {
    name: "imports",
    command: [
      "node_modules/dependency-cruiser/bin/dependency-cruiser.mjs",
      ...["--config", ".dependency-cruiser.mjs", "--output-type", "err"],
      ...["contracts", "deploy", "protocol", "relayer", "scripts", "test", "bench"],
    ],
  },
  {
    name: "solidity",
    command: ["node_modules/solhint/solhint.js", "--disc", "--noPoster", "--max-warnings", "0", "contracts/**/*.sol"],
  },
  { name: "documents", command: ["scripts/docs/main.ts", "--check"], remedy: "npm run docs:generate" },
];

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !parts.some((part) => part.name === name));
if (unknown.length > 0) {
  console.error(`No check ${unknown.join(", ")}. There are: ${parts.map(({ name }) => name).join(", ")}`);
  process.exit(2);
}
const waiting = parts.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
const failed: string[] = [];
await Promise.all(Array.from({ length: Math.max(2, availableParallelism()) }, work));
if (failed.length > 0) console.log(`\nNot in order: ${failed.join(", ")}`);
process.exitCode = failed.length === 0 ? 0 : 1;

async function work(): Promise<void> {
  for (let part = waiting.shift(); part !== undefined; part = waiting.shift()) {
    const startedAt = Date.now();
    const { ok, output } = await run(part.command);
    const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
    console.log(`${ok ? "✔" : "✘"} ${part.name.padEnd(10)} ${seconds} s`);
    if (ok) continue;
    failed.push(part.name);
    console.log(output.trimEnd());
    if (part.remedy !== undefined) console.log(`  may be put right by: ${part.remedy}`);
  }
}

function run(command: readonly string[]): Promise<{ ok: boolean; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, command, { stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    const collect = (chunk: Buffer): void => {
      output += chunk.toString();
    };
    child.stdout.on("data", collect);
    child.stderr.on("data", collect);
    child.once("error", reject);
    child.once("close", (code) => resolve({ ok: code === 0, output }));
  });
}
