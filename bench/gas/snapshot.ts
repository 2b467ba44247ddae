/**
 * The gas snapshot: `node bench/gas/snapshot.ts` measures and writes snapshots/gas.json; with `--check` it writes nothing
 * and exits 1 if any figure is missing, new, or more than one part in a hundred away from the file's.
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { parseArgs } from "node:util";

import { compareGas } from "./compare.ts";
import { type GasReport, measureGas } from "./measure.ts";

const FILE = resolve(import.meta.dirname, "../../snapshots/gas.json");

const { values } = parseArgs({ options: { check: { type: "boolean", default: false } } });
const measured = await measureGas();
for (const [operation, gas] of Object.entries(measured)) console.log(`${operation.padEnd(44)}${gas}`);

if (values.check) {
  const stored = JSON.parse(await readFile(FILE, "utf8")) as GasReport;
  const differences = compareGas(stored, measured);
  for (const line of differences) console.error(line);
  process.exitCode = differences.length === 0 ? 0 : 1;
} else {
  await mkdir(dirname(FILE), { recursive: true });
  await writeFile(FILE, `${JSON.stringify(measured, undefined, 2)}\n`);
}
