/** One party's relayer as a process of its own, which ends when this one does. */
import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";

import { Fault } from "../../protocol/errors/fault.ts";
import { identifyProcess, isSameProcess, stopProcess, type ProcessIdentity } from "../embedded/process-identity.ts";

export interface RelayerProcess {
  readonly name: string;
  readonly pid: number;
  /** Resolves when it is gone, wanted or not; says how ("code 1", "SIGKILL"). */
  readonly exited: Promise<string>;
  /** @throws Fault RELAYER_ENDED, RELAYER_NOT_READY */
  ready(signal: AbortSignal): Promise<void>;
  /** Asks it to end, and makes it after a while. Safe to call twice. */
  stop(): Promise<void>;
  /** Ends it without asking, as a crash would; for tests. */
  kill(): Promise<void>;
}

export interface RelayerProcessOptions {
  readonly name: string;
  /** All it is told, and nothing of our own environment that it would take for a setting. */
  readonly settings: Readonly<Record<string, string>>;
  readonly memberPort: number;
  readonly logFile: string;
  /** Names the process while it runs, for the next launcher. */
  readonly processFile: string;
}

const PROGRAM = resolve(import.meta.dirname, "../../relayer/main.ts");
/** Halves the time that loading the program takes from the second start on. */
const COMPILE_CACHE = resolve(import.meta.dirname, "../../node_modules/.cache/node-compile");
const READY_MS = 60_000;
const POLL_MS = 100;
const PATIENCE_MS = 20_000;
const PERSUASION = [
  { signal: "SIGTERM", patienceMs: 10_000 },
  { signal: "SIGKILL", patienceMs: 5_000 },
] as const;

/** Settings that a person may give for all relayers when starting the network. */
const HANDED_DOWN = ["PATH", "HOME", "TMPDIR", "TZ", "LANG", "REDIS_URL", "RISKVEIL_LOG_LEVEL", "RISKVEIL_SUITE"];

export function startRelayer(options: RelayerProcessOptions): RelayerProcess {
  mkdirSync(dirname(options.logFile), { recursive: true, mode: 0o700 });
  const output = openSync(options.logFile, "a", 0o600);
  const inherited = Object.fromEntries(
    HANDED_DOWN.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  );
  const child = spawn(process.execPath, [PROGRAM], {
    env: { ...inherited, NODE_COMPILE_CACHE: COMPILE_CACHE, ...options.settings },
    // The channel tells the relayer that we are gone, however that came about: it ends when the channel closes.
    stdio: ["ignore", output, output, "ipc"],
    // Its own process group: a Ctrl-C at the terminal is for us, who stop the parts in order.
    detached: true,
  });
  closeSync(output);
  if (child.pid !== undefined) writeFileSync(options.processFile, JSON.stringify(identifyProcess(child.pid) ?? {}));
  const exited = exitOf(child).then((how) => {
    rmSync(options.processFile, { force: true });
    return how;
  });
  let gone: string | undefined;
  void exited.then((how) => {
    gone = how;
  });
  let stopped: Promise<void> | undefined;

  async function ready(signal: AbortSignal): Promise<void> {
    const deadline = Date.now() + READY_MS;
    for (;;) {
      signal.throwIfAborted();
      if (gone !== undefined) throw new Fault("RELAYER_ENDED", { name: options.name, how: gone, log: options.logFile });
      if (await isReady(options.memberPort)) return;
      if (Date.now() > deadline) {
        throw new Fault("RELAYER_NOT_READY", { name: options.name, seconds: READY_MS / 1000, log: options.logFile });
      }
      await new Promise((done) => setTimeout(done, POLL_MS));
    }
  }

  return {
    name: options.name,
    pid: child.pid ?? 0,
    exited,
    ready,
    stop() {
      stopped ??= endAfter("SIGTERM", PATIENCE_MS);
      return stopped;
    },
    async kill() {
      child.kill("SIGKILL");
      await exited;
    },
  };

  async function endAfter(signal: NodeJS.Signals, patienceMs: number): Promise<void> {
    child.kill(signal);
    const impatience = setTimeout(() => child.kill("SIGKILL"), patienceMs);
    await exited;
    clearTimeout(impatience);
  }
}

/** Ends the relayer that a killed launcher left, if it has not ended yet; its ports are wanted. */
export async function stopLeftRelayer(processFile: string): Promise<void> {
  let left: ProcessIdentity;
  try {
    left = JSON.parse(readFileSync(processFile, "utf8")) as ProcessIdentity;
  } catch {
    return;
  }
  if (isSameProcess(left)) await stopProcess(left.pid, PERSUASION);
  rmSync(processFile, { force: true });
}

function exitOf(child: ChildProcess): Promise<string> {
  return new Promise((done) => {
    child.once("error", (error) => done(error.message));
    child.once("exit", (code, signal) => done(signal ?? `code ${String(code)}`));
  });
}

async function isReady(port: number): Promise<boolean> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(5_000) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}
