/**
 * A PostgreSQL server of our own, from the programs that npm brought: nothing to install, nothing to configure. It works
 * as root and not, wherever the clone lies (postgres-account.ts), listens on the loopback interface only, and is stopped
 * with the program that started it. When that program was killed, the next one stops what it left and takes over.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { createHmac, randomBytes } from "node:crypto";
import { closeSync, mkdtempSync, openSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import pg from "pg";

import { Fault, isFault } from "../../protocol/errors/fault.ts";
import { as, serverAccount } from "./postgres-account.ts";
import { findBinaries, type Binaries } from "./postgres-binaries.ts";
import {
  ADMIN,
  existingCluster,
  lastLine,
  openCluster,
  removeCluster,
  serverEnvironment,
  type Cluster,
} from "./postgres-cluster.ts";
import { freePort, requireFreePort } from "./ports.ts";
import { commandLine, identifyProcess, isSameProcess, stopProcess, type ProcessIdentity } from "./process-identity.ts";

export interface Postgres {
  readonly port: number;
  readonly adminUrl: string;
  /** A database with a role of its own that may enter no other; made if missing. Resolves to its URL. */
  createDatabase(name: string, options?: { template?: string; role?: string }): Promise<string>;
  dropDatabase(name: string): Promise<void>;
  /** Fast shutdown. Safe to call twice. */
  stop(): Promise<void>;
}

export interface PostgresOptions {
  /** Kept between runs. Holds `postgres.json` and the log, and the data where the server's account can reach it. */
  readonly dataDir: string;
  /** A free one is chosen unless given. */
  readonly port?: number;
  readonly log: (line: string) => void;
  /** False for tests: fast, and worthless after a crash of the machine. */
  readonly durable?: boolean;
}

/** @throws Fault PORT_TAKEN, POSTGRES_IN_USE, POSTGRES_FAILED, POSTGRES_BINARIES_MISSING, POSTGRES_UNREACHABLE, ... */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  const account = serverAccount();
  await takeOver(options);
  if (options.port !== undefined) await requireFreePort(options.port, "PostgreSQL");
  const binaries = findBinaries(account);
  const cluster = await openCluster(options.dataDir, account, binaries);
  writeFileSync(join(options.dataDir, "owner.json"), JSON.stringify(identifyProcess(process.pid)));
  const release = (): void => {
    rmSync(join(options.dataDir, "owner.json"), { force: true });
  };
  try {
    const { child, port } = await launch(cluster, binaries, options);
    options.log(`PostgreSQL listens on 127.0.0.1:${String(port)}`);
    return handle(cluster, child, port, release);
  } catch (error) {
    release();
    throw error;
  }
}

/** A server for tests: no fsync, and gone after `stop`. */
export async function startTemporaryPostgres(log: (line: string) => void = () => undefined): Promise<Postgres> {
  await clearAbandoned(log);
  const dataDir = mkdtempSync(join(tmpdir(), TEMPORARY));
  const server = await startPostgres({ dataDir, log, durable: false });
  return {
    ...server,
    async stop() {
      await server.stop();
      removeCluster(dataDir);
    },
  };
}

/** Stops what a killed run left and removes everything: the network starts from nothing. */
export async function forgetPostgres(dataDir: string, log: (line: string) => void): Promise<void> {
  await takeOver({ dataDir, log });
  removeCluster(dataDir);
}

const TEMPORARY = "riskveil-test-postgres-";

/** Servers of test runs that were killed. */
async function clearAbandoned(log: (line: string) => void): Promise<void> {
  for (const name of readdirSync(tmpdir()).filter((entry) => entry.startsWith(TEMPORARY))) {
    const dataDir = join(tmpdir(), name);
    // No owner yet: another test run is starting right now.
    if (readOwner(dataDir) === undefined) continue;
    try {
      await forgetPostgres(dataDir, log);
    } catch (error) {
      if (!isFault(error, "POSTGRES_IN_USE")) log(`cannot clear ${name}`);
    }
  }
}

function readOwner(dataDir: string): ProcessIdentity | undefined {
  try {
    return JSON.parse(readFileSync(join(dataDir, "owner.json"), "utf8")) as ProcessIdentity;
  } catch {
    return undefined;
  }
}

/** Stops the server of a run that is gone. @throws Fault POSTGRES_IN_USE when that run is still there. */
async function takeOver({ dataDir, log }: Pick<PostgresOptions, "dataDir" | "log">): Promise<void> {
  const owner = readOwner(dataDir);
  if (owner !== undefined && isSameProcess(owner)) {
    throw new Fault("POSTGRES_IN_USE", { directory: resolve(dataDir), pid: owner.pid });
  }
  const cluster = existingCluster(dataDir, serverAccount());
  if (cluster === undefined) return;
  const pidFile = join(cluster.directory, "postmaster.pid");
  let pid: number;
  try {
    pid = Number(readFileSync(pidFile, "utf8").split("\n")[0]);
  } catch {
    return;
  }
  if (commandLine(pid).includes(cluster.directory)) {
    log(`stopping the PostgreSQL that an earlier run left (pid ${String(pid)})`);
    if (!(await stopProcess(pid, PERSUASION)))
      throw new Fault("POSTGRES_FAILED", { reason: `pid ${String(pid)} stays` });
  }
  // What is left after a kill -9 of the server names a pid that may belong to somebody else by now.
  rmSync(pidFile, { force: true });
}

/** PostgreSQL's fast shutdown, immediate shutdown, and the end. */
const PERSUASION = [
  { signal: "SIGINT", patienceMs: 20_000 },
  { signal: "SIGQUIT", patienceMs: 10_000 },
  { signal: "SIGKILL", patienceMs: 5_000 },
] as const;

function settings(port: number, durable: boolean): string[] {
  const chosen: Record<string, string | number> = {
    listen_addresses: "127.0.0.1",
    port,
    unix_socket_directories: "",
    max_connections: 300,
    password_encryption: "scram-sha-256",
    // A statement or a parameter may hold a person's data: neither is ever logged.
    log_statement: "none",
    log_min_error_statement: "panic",
    log_parameter_max_length_on_error: 0,
    log_error_verbosity: "terse",
    dynamic_shared_memory_type: process.platform === "linux" ? "mmap" : "posix",
    jit: "off",
    ...(durable ? {} : { fsync: "off", synchronous_commit: "off", full_page_writes: "off" }),
  };
  return Object.entries(chosen).flatMap(([name, value]) => ["-c", `${name}=${String(value)}`]);
}

async function launch(
  cluster: Cluster,
  binaries: Binaries,
  { dataDir, port: wanted, durable = true }: PostgresOptions,
): Promise<{ child: ChildProcess; port: number }> {
  const logFile = join(dataDir, "postgres.log");
  for (let attempt = 1; ; attempt++) {
    const port = wanted ?? (await freePort());
    const output = openSync(logFile, "w", 0o600);
    const child = spawn(binaries.postgres, ["-D", cluster.directory, ...settings(port, durable)], {
      cwd: "/",
      env: serverEnvironment(),
      stdio: ["ignore", output, output],
      // Its own process group: a Ctrl-C at the terminal is for us, who stop the server after those who use it.
      detached: true,
      ...as(cluster.account),
    });
    closeSync(output);
    if (await becomesReady(child, adminUrl(cluster, port))) return { child, port };
    const said = readFileSync(logFile, "utf8");
    const taken = said.includes("could not bind");
    if (taken && wanted !== undefined) throw new Fault("PORT_TAKEN", { port, service: "PostgreSQL" });
    if (!taken || attempt === 5) throw new Fault("POSTGRES_FAILED", { reason: lastLine(said) });
  }
}

/** True once it answers; false if it ended instead. */
async function becomesReady(child: ChildProcess, url: string): Promise<boolean> {
  let ended = false;
  child.once("error", () => (ended = true)).once("exit", () => (ended = true));
  for (;;) {
    if (ended) return false;
    const client = new pg.Client({ connectionString: url });
    client.on("error", () => undefined);
    try {
      await client.connect();
      await client.end();
      return !ended;
    } catch {
      await new Promise((done) => setTimeout(done, 50));
    }
  }
}

function adminUrl(cluster: Cluster, port: number): string {
  return `postgres://${ADMIN}:${cluster.password}@127.0.0.1:${String(port)}/postgres`;
}

function handle(cluster: Cluster, child: ChildProcess, port: number, release: () => void): Postgres {
  const url = adminUrl(cluster, port);
  const killOnExit = (): void => {
    child.kill("SIGINT");
  };
  process.once("exit", killOnExit);
  child.unref();
  let stopped: Promise<void> | undefined;

  async function administer<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
    const client = new pg.Client({ connectionString: url });
    client.on("error", () => undefined);
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  }

  return {
    port,
    adminUrl: url,
    createDatabase: (name, { template, role = name } = {}) =>
      administer(async (client) => {
        const [database, owner] = [client.escapeIdentifier(name), client.escapeIdentifier(role)];
        // Derived, so that it need not be remembered for each database.
        const password = createHmac("sha256", cluster.password).update(`role|${role}`).digest("base64url");
        const roles = await client.query("select 1 from pg_roles where rolname = $1", [role]);
        if (roles.rowCount === 0) await client.query(`create role ${owner} login`);
        await client.query(`alter role ${owner} password ${client.escapeLiteral(password)}`);
        const databases = await client.query("select 1 from pg_database where datname = $1", [name]);
        if (databases.rowCount === 0) {
          const from = template === undefined ? "" : ` template ${client.escapeIdentifier(template)}`;
          await client.query(`create database ${database} owner ${owner}${from}`);
        }
        await client.query(`revoke connect on database ${database} from public`);
        return `postgres://${encodeURIComponent(role)}:${password}@127.0.0.1:${String(port)}/${encodeURIComponent(name)}`;
      }),
    dropDatabase: (name) =>
      administer(async (client) => {
        await client.query(`drop database if exists ${client.escapeIdentifier(name)} with (force)`);
      }),
    stop() {
      stopped ??= (async () => {
        process.off("exit", killOnExit);
        const exit = new Promise<void>((done) => {
          if (child.exitCode !== null || child.signalCode !== null) done();
          else
            child.once("exit", () => {
              done();
            });
        });
        child.ref();
        if (child.pid !== undefined) await stopProcess(child.pid, PERSUASION);
        await exit;
        release();
      })();
      return stopped;
    },
  };
}

/** A name that no other test database has. */
export function temporaryName(prefix: string): string {
  return `${prefix}_${randomBytes(6).toString("hex")}`;
}
