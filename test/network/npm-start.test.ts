/**
 * The demo network as a person runs it: as a process with signals, ports, a lock and a state directory that outlives it.
 * The tests build on each other, in order, on one small network.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import { expect } from "chai";
import { after, before, describe, it } from "mocha";

import { listSnapshots } from "../../scripts/embedded/ledger-snapshots.ts";
import { freePort } from "../../scripts/embedded/ports.ts";
import { forgetPostgres } from "../../scripts/embedded/postgres.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const READY = "Ctrl-C stops everything";

interface Run {
  readonly child: ChildProcess;
  /** All that it printed so far. */
  output(): string;
  readonly ended: Promise<number | string | null>;
}

describe("npm start", function () {
  this.timeout(1_200_000);
  let stateDir: string;
  let base: number;
  const runs: Run[] = [];

  before(async () => {
    stateDir = mkdtempSync(join(tmpdir(), "riskveil-start-"));
    base = await freeBase();
  });
  after(async () => {
    for (const { child } of runs) child.kill("SIGKILL");
    await until(() => processesOf(stateDir).every(({ what }) => what !== "relayer"));
    for (const { pid } of processesOf(stateDir)) process.kill(pid, "SIGKILL");
    await forgetPostgres(join(stateDir, "postgres"), () => undefined);
    rmSync(stateDir, { recursive: true, force: true });
  });

  function start(...args: string[]): Run {
    const all = ["--state-dir", stateDir, "--port-base", String(base), "--subjects", "60", ...args];
    const child = spawn(process.execPath, ["scripts/network/main.ts", ...all], {
      cwd: ROOT,
      env: { ...process.env, LC_ALL: "C" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
    }
    const ended = new Promise<number | string | null>((done) => {
      child.once("close", (code, signal) => done(signal ?? code));
    });
    const run = { child, output: () => output, ended };
    runs.push(run);
    return run;
  }

  async function ready(run: Run): Promise<void> {
    let over = false;
    void run.ended.then(() => (over = true));
    await until(() => over || run.output().includes(READY));
    if (over) throw new Error(`it ended:\n${run.output()}`);
  }

  /** The lock and every process, gone. */
  async function nothingLeft(): Promise<void> {
    await until(() => processesOf(stateDir).length === 0);
    expect(existsSync(join(stateDir, "network.lock"))).to.equal(false);
    expect(existsSync(join(stateDir, "chain", "owner.json"))).to.equal(false);
  }

  it("--once asks for details and for sums, verifies the evidence of hit and miss, and leaves nothing running", async () => {
    const run = start("--once", "--fresh");
    expect(await run.ended, run.output()).to.equal(0);
    expect(run.output().match(/^ +VERIFIED$/gm)).to.have.length(2);
    // And of the sums, of both investors.
    expect(run.output().match(/^ +Investor \d, \d+ checks: VERIFIED /gm)).to.have.length(2);
    expect(readdirSync(join(stateDir, "evidence")).filter((name) => name.endsWith(".json"))).to.have.length(4);
    await nothingLeft();
  });

  it("comes back with what it had, and refuses a second launcher and foreign ports while it lives", async () => {
    const first = start();
    await ready(first);
    expect(first.output()).to.include("back with what it had").and.to.include("there already");

    const second = start("--once");
    expect(await second.ended).to.equal(1);
    expect(second.output()).to.include("NETWORK_IN_USE").and.to.include(`process ${first.child.pid}`);

    const elsewhere = mkdtempSync(join(tmpdir(), "riskveil-elsewhere-"));
    const third = start("--once", "--state-dir", elsewhere);
    expect(await third.ended).to.equal(1);
    expect(third.output()).to.include("NETWORK_PORTS_TAKEN");
    expect(third.output()).to.include(`${base + 1} for the member API of alpha (RISKVEIL_ALPHA_MEMBER_PORT)`);
    rmSync(elsewhere, { recursive: true });

    first.child.kill("SIGINT");
    expect(await first.ended, first.output()).to.equal(0);
    await nothingLeft();
  });

  it("ends its relayers even when it is killed, and the next start takes over, also from a cut-off ledger copy", async () => {
    const killed = start();
    await ready(killed);
    killed.child.kill("SIGKILL");
    await killed.ended;
    await until(() => processesOf(stateDir).every(({ what }) => what !== "relayer"));
    // The copy before is that of the last orderly stop: the relayers send again what is newer.
    const chain = join(stateDir, "chain");
    const [newest = "", older] = await listSnapshots(chain);
    expect(older).to.be.a("string");
    truncateSync(join(chain, newest), 100);

    const next = start("--once");
    expect(await next.ended, next.output()).to.equal(0);
    expect(next.output().match(/^ +VERIFIED$/gm)).to.have.length(2);
    await nothingLeft();
  });

  it("stops in order when it is interrupted while it comes up", async () => {
    const run = start();
    await until(() => run.output().includes("Chain (anvil)"));
    run.child.kill("SIGTERM");
    expect(await run.ended, run.output()).to.equal(130);
    await nothingLeft();
  });

  it("says what is wrong with an option", async () => {
    const run = start("--once", "--port-base", "80");
    expect(await run.ended).to.equal(1);
    expect(run.output()).to.include("NETWORK_OPTION_INVALID").and.to.include("--port-base");
  });
});

/** A base with all its ports free, a moment ago. */
async function freeBase(): Promise<number> {
  for (;;) {
    const candidate = Math.min(await freePort(), 60_000);
    const free = await Promise.all(Array.from({ length: 22 }, (_, offset) => isFree(candidate + offset)));
    if (free.every(Boolean)) return candidate;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((done) => {
    const server = createServer();
    server.once("error", () => done(false));
    server.listen(port, "127.0.0.1", () => server.close(() => done(true)));
  });
}

/** No loop outlives its test: what never comes is an error. */
async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; !holds(); tries++) {
    if (tries > 6_000) throw new Error("waited in vain");
    await pause(100);
  }
}

/** Linux only: elsewhere there is no way to see the environment of a process, and nothing is found. */
function processesOf(stateDir: string): { pid: number; what: "relayer" | "other" }[] {
  if (!existsSync("/proc/self/environ")) return [];
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((name) => {
      const command = read(`/proc/${name}/cmdline`);
      const isRelayer = command.includes("relayer/main.ts") && read(`/proc/${name}/environ`).includes(stateDir);
      if (!isRelayer && !command.includes(stateDir)) return [];
      return [{ pid: Number(name), what: isRelayer ? ("relayer" as const) : ("other" as const) }];
    });
}

/** Empty for a process that has ended meanwhile or is a zombie. */
function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
