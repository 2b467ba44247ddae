/**
 * A cluster's directory and what is remembered about it. `postgres.json` is written last and atomically: a cluster it does
 * not name was never finished and is cleared away.
 */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join, resolve } from "node:path";

import { Fault } from "../../protocol/errors/fault.ts";
import { as, canEnter, reachableDirectory, type Account } from "./postgres-account.ts";
import type { Binaries } from "./postgres-binaries.ts";

export interface Cluster {
  /** PostgreSQL's data directory. */
  readonly directory: string;
  readonly password: string;
  /** Who the server must run as: whoever owns the directory. */
  readonly account: Account | undefined;
}

interface Remembered {
  /** Absent when the clusters lie in the data directory itself, so that a clone can be moved. */
  readonly root?: string;
  readonly cluster: string;
  readonly password: string;
}

export const ADMIN = "postgres";

/** The cluster of this data directory: the one that is there, or a new one. */
export async function openCluster(dataDir: string, account: Account | undefined, binaries: Binaries): Promise<Cluster> {
  const home = resolve(dataDir);
  mkdirSync(home, { recursive: true, mode: 0o711 });
  const known = existingCluster(home, account);
  if (known !== undefined) return known;
  const root = clusterRoot(home, account);
  for (const name of readdirSync(root)) {
    if (name.startsWith("cluster-")) rmSync(join(root, name), { recursive: true, force: true });
  }
  const name = `cluster-${randomBytes(6).toString("hex")}`;
  const password = randomBytes(24).toString("base64url");
  await initialise(join(root, name), password, account, binaries);
  const remembered: Remembered = { ...(root === home ? {} : { root }), cluster: name, password };
  const file = join(home, "postgres.json");
  writeFileSync(`${file}.new`, JSON.stringify(remembered), { mode: 0o600, flush: true });
  renameSync(`${file}.new`, file);
  return { directory: join(root, name), password, account };
}

/** The cluster that `postgres.json` names, if it is still there. */
export function existingCluster(dataDir: string, account: Account | undefined): Cluster | undefined {
  const home = resolve(dataDir);
  const remembered = recall(home);
  if (remembered === undefined) return undefined;
  const directory = join(remembered.root ?? home, remembered.cluster);
  if (!existsSync(join(directory, "PG_VERSION"))) return undefined;
  return { directory, password: remembered.password, account: ownerOf(directory, account) };
}

/** Forgets a stopped cluster, wherever it lies. */
export function removeCluster(dataDir: string): void {
  const home = resolve(dataDir);
  const root = recall(home)?.root;
  if (root !== undefined) rmSync(root, { recursive: true, force: true });
  rmSync(home, { recursive: true, force: true });
}

function recall(home: string): Remembered | undefined {
  try {
    return JSON.parse(readFileSync(join(home, "postgres.json"), "utf8")) as Remembered;
  } catch {
    return undefined;
  }
}

/** A network first started by a user and then by root goes on under the user. */
function ownerOf(directory: string, account: Account | undefined): Account | undefined {
  const { uid, gid } = statSync(directory);
  return account === undefined || uid === 0 ? account : { name: String(uid), uid, gid };
}

function clusterRoot(home: string, account: Account | undefined): string {
  if (account === undefined) return home;
  chmodSync(home, 0o711);
  return canEnter(home, account) ? home : reachableDirectory(`data|${home}`, account);
}

async function initialise(
  directory: string,
  password: string,
  account: Account | undefined,
  binaries: Binaries,
): Promise<void> {
  mkdirSync(directory, { mode: 0o700 });
  // Beside the data, not in it: initdb wants an empty directory.
  const passwordFile = `${directory}.password`;
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (account !== undefined) {
    chownSync(directory, account.uid, account.gid);
    chownSync(passwordFile, account.uid, account.gid);
  }
  const options = [
    `--pgdata=${directory}`,
    `--username=${ADMIN}`,
    `--pwfile=${passwordFile}`,
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    // The machine's locales differ; PostgreSQL's own one sorts the same everywhere.
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--no-sync",
  ];
  try {
    const child = spawn(binaries.initdb, options, {
      cwd: "/",
      env: serverEnvironment(),
      stdio: ["ignore", "pipe", "pipe"],
      ...as(account),
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => (output += text));
    }
    const code = await new Promise<number | null>((done, fail) => child.once("error", fail).once("close", done));
    if (code !== 0) throw new Fault("POSTGRES_FAILED", { reason: lastLine(output) });
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

/** Nothing of the caller's PG* variables or locale may reach the server. */
export function serverEnvironment(): NodeJS.ProcessEnv {
  return { PATH: process.env["PATH"] ?? "/usr/bin:/bin", LC_ALL: "C", TZ: "UTC" };
}

export function lastLine(output: string): string {
  return output.trim().split("\n").at(-1) ?? "";
}
