/** The machine: what the platform needs of it, whatever the configuration says. */
import { execFile } from "node:child_process";
import { existsSync, statfsSync } from "node:fs";
import { availableParallelism, freemem, totalmem } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

import { isFault } from "../../protocol/errors/fault.ts";
import { findAnvil } from "../embedded/anvil-binary.ts";
import { serverAccount } from "../embedded/postgres-account.ts";
import { findBinaries } from "../embedded/postgres-binaries.ts";
import { identifyProcess } from "../embedded/process-identity.ts";
import { planPorts, requirePortsFree } from "../network/port-plan.ts";
import { ok, problem, warning, type Finding } from "./finding.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const MEMORY_NEEDED = 3e9;
const DISK_NEEDED = 2e9;

export async function examineMachine(): Promise<Finding[]> {
  return [
    node(),
    cores(),
    disk(),
    await runs("Chain program (anvil)", () => findAnvil()),
    await runs("Database (PostgreSQL)", () => findBinaries(serverAccount()).postgres),
    contracts(),
    await ports(),
    processes(),
  ];
}

function node(): Finding {
  const { node: version } = process.versions;
  const wanted = `${process.platform} ${process.arch}, Node ${version}`;
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major > 22 || (major === 22 && minor >= 18)) return ok("Node", wanted);
  return problem("Node", wanted, "Run it through npm, which takes the Node of node_modules.");
}

function cores(): Finding {
  const found = `${availableParallelism()} cores, ${gigabytes(freemem())} of ${gigabytes(totalmem())} GB memory free`;
  if (totalmem() >= MEMORY_NEEDED) return ok("Cores and memory", found);
  return warning("Cores and memory", found, "Five relayers, a database and a chain want 3 GB.");
}

function disk(): Finding {
  const { bavail, bsize } = statfsSync(ROOT);
  const found = `${gigabytes(bavail * bsize)} GB free at ${ROOT}`;
  return bavail * bsize >= DISK_NEEDED ? ok("Disk", found) : problem("Disk", found, "Free 2 GB.");
}

async function runs(what: string, find: () => string): Promise<Finding> {
  try {
    const { stdout } = await promisify(execFile)(find(), ["--version"]);
    return ok(what, stdout.split("\n")[0] ?? "");
  } catch (error) {
    const [found, remedy] = isFault(error)
      ? [error.title("en"), error.remedy("en")]
      : [String(error), "Delete node_modules and start again."];
    return problem(what, found, remedy);
  }
}

function contracts(): Finding {
  const built = existsSync(join(ROOT, "artifacts/contracts/query/QueryLedger.sol/QueryLedger.json"));
  return built ? ok("Contracts", "built") : problem("Contracts", "not built", "node bootstrap.mjs");
}

async function ports(): Promise<Finding> {
  try {
    const plan = planPorts(process.env);
    await requirePortsFree(plan);
    return ok("Ports", `free: member APIs from ${plan.member.association}, chain ${plan.chain}`);
  } catch (error) {
    if (!isFault(error)) throw error;
    // It is also what a running network looks like.
    return warning("Ports", error.title("en"), error.remedy("en"));
  }
}

function processes(): Finding {
  return identifyProcess(process.pid) === undefined
    ? problem("Processes", "cannot be told apart", "Mount /proc, or install ps (procps).")
    : ok("Processes", "can be told apart");
}

function gigabytes(bytes: number): string {
  return (bytes / 1e9).toFixed(1);
}
