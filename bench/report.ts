import { readFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg, release, totalmem, type } from "node:os";

import { goalMet, type Measurement, type Section } from "./section.ts";

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  /** Average of runnable processes over the last minute, before the run: above 0.5 a core, read figures with care. */
  readonly load: number;
  readonly versions: Readonly<Record<string, string>>;
}

const SHOWN_PACKAGES = [
  "libsodium-wrappers-sumo",
  "@noble/curves",
  "@noble/hashes",
  "paillier-bigint",
  "ethers",
  "bullmq",
  "hardhat",
  "solc",
];

export function readMachine(): Machine {
  const lock = JSON.parse(readFileSync(new URL("../package-lock.json", import.meta.url), "utf8")) as {
    packages: Record<string, { version?: string }>;
  };
  const packages = SHOWN_PACKAGES.flatMap((name) => {
    const version = lock.packages[`node_modules/${name}`]?.version;
    return version === undefined ? [] : [[name, version] as const];
  });
  return {
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()} ${process.arch}`,
    load: loadavg()[0] ?? 0,
    versions: {
      node: process.versions.node,
      v8: process.versions.v8,
      openssl: process.versions.openssl,
      ...Object.fromEntries(packages),
    },
  };
}

export function showMachine(machine: Machine): string {
  const versions = Object.entries(machine.versions).map(([name, version]) => `${name} ${version}`);
  return [
    `${machine.cpu}, ${String(machine.cores)} cores, ${String(machine.memoryGiB)} GiB, ${machine.system}, load ${machine.load.toFixed(2)}`,
    versions.join(", "),
  ].join("\n");
}

/** A section's figures as a table of text: name, value, goal, mark. */
export function showSection(section: Section, measurements: readonly Measurement[]): string {
  const rows = measurements.map((each) => [each.name, `${figure(each.value)} ${each.unit}`, goal(each), mark(each)]);
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row, index) => {
    const cells = row.map((cell, column) =>
      column === 1 ? cell.padStart(widths[1] ?? 0) : cell.padEnd(widths[column] ?? 0),
    );
    const note = measurements[index]?.note;
    return `  ${cells.join("  ").trimEnd()}${note === undefined ? "" : `\n      ${note}`}`;
  });
  return [`\n${section.title} (${section.name})`, ...lines].join("\n");
}

function figure(value: number): string {
  if (!Number.isFinite(value)) return "-";
  const digits = Math.abs(value) >= 100 || Number.isInteger(value) ? 0 : Math.abs(value) >= 10 ? 1 : 3;
  return value.toLocaleString("en-GB", { maximumFractionDigits: digits });
}

function goal(measurement: Measurement): string {
  if (measurement.goal === undefined) return "";
  return "atLeast" in measurement.goal
    ? `>= ${figure(measurement.goal.atLeast)}`
    : `<= ${figure(measurement.goal.atMost)}`;
}

function mark(measurement: Measurement): string {
  const met = goalMet(measurement);
  return met === undefined ? "" : met ? "✓" : "✗ missed";
}
