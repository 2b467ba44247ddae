/**
 * A local chain that keeps its ledger: anvil, with snapshots of our own. anvil's `--state-interval` rewrites one file in
 * place and a kill -9 can leave it empty; here a copy is written beside the last two (ledger-snapshots.ts) at most every
 * ten seconds, when asked, and at the end. After a crash the chain comes back from the newest good copy, and the relayers
 * re-send the signed transactions that are newer.
 *
 * A reload brings back blocks, transactions, receipts and logs, all with their hashes; the state at *old* blocks is not
 * kept (it is 6 times the size, and nothing of the platform asks for it).
 */
import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";

import { Fault, isFault } from "../../protocol/errors/fault.ts";
import { findAnvil } from "./anvil-binary.ts";
import { callRpc } from "./json-rpc.ts";
import { listSnapshots, readSnapshot } from "./ledger-snapshots.ts";
import { requireFreePort } from "./ports.ts";
import { commandLine, identifyProcess, isSameProcess, stopProcess, type ProcessIdentity } from "./process-identity.ts";
import { createSnapshotTaker } from "./snapshot-taker.ts";

export interface ChainOptions {
  /** Kept between runs: snapshots, the chain's log, who runs it. */
  readonly stateDir: string;
  readonly port: number;
  readonly log: (line: string) => void;
  /** Forgets the ledger first. */
  readonly fresh?: boolean;
  readonly chainId?: number;
  /** Between two snapshots while blocks come; 10 s unless given. */
  readonly snapshotEveryMs?: number;
}

export interface Chain {
  readonly rpcUrl: string;
  readonly chainId: number;
  readonly pid: number;
  /** Last block of the snapshot it started from; undefined for a new ledger. */
  readonly restoredBlock: number | undefined;
  /** Resolves when the process is gone, wanted or not. */
  readonly exited: Promise<void>;
  /** Writes the ledger to disk now. */
  snapshot(): Promise<void>;
  /** Takes a last snapshot and ends the process. Safe to call twice. */
  stop(): Promise<void>;
}

const HOST = "127.0.0.1";
const PERSUASION = [
  { signal: "SIGTERM", patienceMs: 5_000 },
  { signal: "SIGKILL", patienceMs: 5_000 },
] as const;

/** @throws Fault PORT_TAKEN, CHAIN_IN_USE, CHAIN_BINARY_MISSING, CHAIN_FAILED, LEDGER_UNREADABLE */
export async function startChain(options: ChainOptions): Promise<Chain> {
  const directory = resolve(options.stateDir);
  await mkdir(directory, { recursive: true });
  await takeOver(directory, options.log);
  if (options.fresh === true) await forgetLedger(directory);
  await requireFreePort(options.port, "the chain");
  await writeFile(ownerFile(directory), JSON.stringify(identifyProcess(process.pid)));
  try {
    const { child, restoredBlock } = await restore(directory, options);
    return keep(child, restoredBlock, directory, options);
  } catch (error) {
    await rm(ownerFile(directory), { force: true });
    throw error;
  }
}

function ownerFile(directory: string): string {
  return join(directory, "owner.json");
}

function processFile(directory: string): string {
  return join(directory, "anvil.json");
}

/** Named on anvil's command line, so that a process left behind is known as ours. */
function cacheDirectory(directory: string): string {
  return join(directory, "anvil-cache");
}

async function readIdentity(file: string): Promise<ProcessIdentity | undefined> {
  try {
    return JSON.parse(await readFile(file, "utf8")) as ProcessIdentity;
  } catch {
    return undefined;
  }
}

/** Stops the anvil of a run that was killed. @throws Fault CHAIN_IN_USE if that run is still there. */
async function takeOver(directory: string, log: (line: string) => void): Promise<void> {
  const owner = await readIdentity(ownerFile(directory));
  if (owner !== undefined && isSameProcess(owner)) throw new Fault("CHAIN_IN_USE", { directory, pid: owner.pid });
  const left = await readIdentity(processFile(directory));
  if (left !== undefined && isSameProcess(left) && commandLine(left.pid).includes(cacheDirectory(directory))) {
    log(`stopping the chain that an earlier run left (pid ${String(left.pid)})`);
    if (!(await stopProcess(left.pid, PERSUASION))) {
      throw new Fault("CHAIN_FAILED", { reason: `pid ${String(left.pid)} of an earlier run stays` });
    }
  }
  await rm(processFile(directory), { force: true });
}

async function forgetLedger(directory: string): Promise<void> {
  for (const name of await listSnapshots(directory)) await rm(join(directory, name), { force: true });
  await rm(cacheDirectory(directory), { recursive: true, force: true });
}

/** Starts from the newest copy that is whole, an older one if anvil refuses it, from nothing if there never was any. */
async function restore(
  directory: string,
  options: ChainOptions,
): Promise<{ child: ChildProcess; restoredBlock: number | undefined }> {
  const names = await listSnapshots(directory);
  if (names.length === 0) return { child: await launch(directory, options, undefined), restoredBlock: undefined };
  const stateFile = join(directory, "loading.json");
  for (const name of names) {
    const snapshot = await readSnapshot(directory, name);
    if (snapshot === undefined) {
      options.log(`the ledger copy ${name} is damaged: trying the one before`);
      await rm(join(directory, name), { force: true });
      continue;
    }
    try {
      await writeFile(stateFile, await promisify(gunzip)(snapshot.state), { mode: 0o600 });
      const child = await launch(directory, options, stateFile);
      const head = Number(await callRpc(rpcUrlOf(options.port), "eth_blockNumber"));
      if (head === snapshot.block) {
        options.log(`the ledger is back as of block ${String(head)}`);
        return { child, restoredBlock: head };
      }
      options.log(`the ledger copy ${name} loads as block ${String(head)} and not ${String(snapshot.block)}`);
      if (child.pid !== undefined) await stopProcess(child.pid, PERSUASION);
    } catch (error) {
      // It is not the copy's fault.
      if (isFault(error, "PORT_TAKEN")) throw error;
      options.log(`the ledger copy ${name} does not load: trying the one before (${String(error)})`);
    } finally {
      await rm(stateFile, { force: true });
    }
  }
  throw new Fault("LEDGER_UNREADABLE", { directory });
}

function rpcUrlOf(port: number): string {
  return `http://${HOST}:${String(port)}`;
}

async function launch(directory: string, options: ChainOptions, stateFile: string | undefined): Promise<ChildProcess> {
  const chosen = [
    ["--host", HOST],
    ["--port", String(options.port)],
    ["--chain-id", String(chainIdOf(options))],
    ["--hardfork", "cancun"],
    ["--accounts", "0"],
    // States of old blocks stay in memory for the last few only, and none goes to disk.
    ["--prune-history", "256"],
    ["--cache-path", cacheDirectory(directory)],
    ["--quiet"],
    ...(stateFile === undefined ? [] : [["--load-state", stateFile]]),
  ].flat();
  const logFile = join(directory, "anvil.log");
  const output = openSync(logFile, "w", 0o600);
  // Its own process group: a Ctrl-C at the terminal is for us, who take a last snapshot first.
  const child = spawn(findAnvil(), chosen, { stdio: ["ignore", output, output], detached: true });
  closeSync(output);
  // Before anything else: if we are killed now, the next run must know this process as ours.
  if (child.pid !== undefined) {
    await writeFile(processFile(directory), JSON.stringify(identifyProcess(child.pid) ?? {}));
  }
  if (!(await becomesReady(child, rpcUrlOf(options.port)))) {
    const said = (await readFile(logFile, "utf8")).trim().split("\n")[0] ?? "";
    if (said.includes("Address already in use")) {
      throw new Fault("PORT_TAKEN", { port: options.port, service: "the chain" });
    }
    throw new Fault("CHAIN_FAILED", { reason: said });
  }
  return child;
}

function chainIdOf(options: ChainOptions): number {
  return options.chainId ?? 31337;
}

/** True once it answers; false if it ended instead. */
async function becomesReady(child: ChildProcess, url: string): Promise<boolean> {
  let ended = false;
  child.once("error", () => (ended = true)).once("exit", () => (ended = true));
  for (;;) {
    if (ended) return false;
    try {
      await callRpc(url, "eth_chainId");
      return !ended;
    } catch {
      await new Promise((done) => setTimeout(done, 25));
    }
  }
}

function keep(child: ChildProcess, restoredBlock: number | undefined, directory: string, options: ChainOptions): Chain {
  const url = rpcUrlOf(options.port);
  const snapshots = createSnapshotTaker(url, directory, restoredBlock);
  const everyMs = options.snapshotEveryMs ?? 10_000;
  let stopped: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;

  const killOnExit = (): void => {
    child.kill("SIGTERM");
  };
  process.once("exit", killOnExit);
  child.unref();
  const exited = new Promise<void>((done) => {
    if (child.exitCode !== null || child.signalCode !== null) done();
    else
      child.once("exit", () => {
        done();
      });
  });
  void exited.then(() => {
    clearTimeout(timer);
    if (stopped === undefined) options.log("the chain's process ended by itself");
  });

  function schedule(afterMs: number): void {
    timer = setTimeout(() => {
      const began = performance.now();
      snapshots
        .takeIfAdvanced()
        .catch((error: unknown) => {
          options.log(`cannot copy the ledger: ${String(error)}`);
        })
        .finally(() => {
          // A large ledger stalls the chain while it is copied: never more than a twentieth of the time.
          if (stopped === undefined) schedule(Math.max(everyMs, 20 * (performance.now() - began)));
        });
    }, afterMs);
    timer.unref();
  }
  schedule(everyMs);

  return {
    rpcUrl: url,
    chainId: chainIdOf(options),
    pid: child.pid ?? 0,
    restoredBlock,
    exited,
    snapshot: () => snapshots.take(),
    stop() {
      stopped ??= (async () => {
        clearTimeout(timer);
        if (child.exitCode === null && child.signalCode === null) {
          await snapshots.take().catch((error: unknown) => {
            options.log(`cannot copy the ledger at the end: ${String(error)}`);
          });
        }
        process.off("exit", killOnExit);
        child.ref();
        if (child.pid !== undefined) await stopProcess(child.pid, PERSUASION);
        await exited;
        await rm(processFile(directory), { force: true });
        await rm(ownerFile(directory), { force: true });
      })();
      return stopped;
    },
  };
}
