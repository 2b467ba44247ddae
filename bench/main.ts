/**
 * What performance claims rest on: `npm run bench`, or `npm run bench -- --only oprf`. Prints machine, versions and a
 * table, writes bench/results/latest.json. Exits 1 if a section fails to run; a missed goal is marked, and is an error
 * only with --strict, as other machines and other loads are slower.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";

import { readMachine, showMachine, showSection } from "./report.ts";
import { goalMet, type Measurement, type Section } from "./section.ts";
import { additive } from "./sections/additive.ts";
import { channel } from "./sections/channel.ts";
import { contribution } from "./sections/contribution.ts";
import { edition } from "./sections/edition.ts";
import { oprf } from "./sections/oprf.ts";
import { paillier } from "./sections/paillier.ts";
import { picture } from "./sections/picture.ts";
import { publish } from "./sections/publish.ts";
import { query } from "./sections/query.ts";

const SECTIONS: readonly Section[] = [
  oprf,
  channel,
  paillier,
  additive,
  publish,
  contribution,
  edition,
  query,
  picture,
];

const RESULTS = new URL("results/", import.meta.url);

const { values } = parseArgs({
  options: {
    only: { type: "string", multiple: true, default: [] },
    strict: { type: "boolean", default: false },
    list: { type: "boolean", default: false },
  },
});

const unknown = values.only.filter((name) => !SECTIONS.some((section) => section.name === name));
if (values.list || unknown.length > 0) {
  for (const name of unknown) console.error(`no section named ${name}`);
  for (const section of SECTIONS) console.log(`${section.name.padEnd(12)}${section.title}`);
  process.exit(unknown.length > 0 ? 2 : 0);
}

const machine = readMachine();
console.log(showMachine(machine));
const results: { name: string; title: string; measurements: readonly Measurement[] }[] = [];
const failures: string[] = [];
for (const section of SECTIONS) {
  if (values.only.length > 0 && !values.only.includes(section.name)) continue;
  try {
    const measurements = await section.run((progress) => sayOnOneLine(`${section.name}: ${progress}`));
    sayOnOneLine("");
    console.log(showSection(section, measurements));
    results.push({ name: section.name, title: section.title, measurements });
  } catch (error) {
    sayOnOneLine("");
    console.error(`\n${section.title} (${section.name}) failed:`, error);
    failures.push(section.name);
  }
}

mkdirSync(RESULTS, { recursive: true });
const file = new URL("latest.json", RESULTS);
writeFileSync(file, `${JSON.stringify({ at: new Date().toISOString(), machine, sections: results }, null, 2)}\n`);

const withGoal = results.flatMap(({ measurements }) => measurements).filter(({ goal }) => goal !== undefined);
const met = withGoal.filter(goalMet).length;
console.log(`\n${String(met)} of ${String(withGoal.length)} goals met; figures in bench/results/latest.json`);
if (failures.length > 0 || (values.strict && met < withGoal.length)) process.exitCode = 1;

function sayOnOneLine(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`);
}
