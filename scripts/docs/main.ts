/**
 * `npm run docs:generate`: the reference pages that are made from the program itself. With --check nothing is written;
 * a page that is missing or not as it would be written fails.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

import { format } from "prettier";

import { pages } from "./pages.ts";

const check = process.argv.includes("--check");
const stale: string[] = [];

for (const { file, content } of pages()) {
  const wanted = await format(content, { filepath: file, printWidth: 120 });
  if (wanted === currentContent(file)) continue;
  stale.push(file);
  if (check) continue;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, wanted);
}

if (check && stale.length > 0) {
  console.error(`Not as the program would write them: ${stale.join(", ")}`);
  process.exitCode = 1;
} else if (!check) console.log(stale.length === 0 ? "All pages are fresh." : `Written: ${stale.join(", ")}`);

function currentContent(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
