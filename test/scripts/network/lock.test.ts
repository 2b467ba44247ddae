import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";

import { Fault } from "../../../protocol/errors/fault.ts";
import { identifyProcess } from "../../../scripts/embedded/process-identity.ts";
import { takeLock } from "../../../scripts/network/lock.ts";

const MODULE = resolve(import.meta.dirname, "../../../scripts/network/lock.ts");

describe("the lock of a network's state directory", () => {
  let directory: string;
  let file: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "riskveil-lock-"));
    file = join(directory, "network.lock");
  });
  afterEach(() => {
    rmSync(directory, { recursive: true });
  });

  it("is taken, refused while its owner lives, and free again after release", () => {
    const lock = takeLock(file);
    const refused = catchFault(() => takeLock(file));
    expect(refused.code).to.equal("NETWORK_IN_USE");
    expect(refused.values).to.deep.equal({ directory, pid: process.pid });
    lock.release();
    lock.release();
    expect(readdirSync(directory)).to.deep.equal([]);
    takeLock(file).release();
  });

  it("is refused while another process holds it, and taken over once that was killed", async () => {
    const holder = spawn(
      process.execPath,
      [
        "-e",
        `import(${JSON.stringify(MODULE)}).then((m) => { m.takeLock(${JSON.stringify(file)}); console.log("held"); setInterval(() => {}, 1e6); })`,
      ],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    await new Promise((done) => holder.stdout.once("data", done));
    expect(catchFault(() => takeLock(file)).values["pid"]).to.equal(holder.pid);
    const ended = new Promise((done) => holder.once("exit", done));
    holder.kill("SIGKILL");
    await ended;
    expect(existsSync(file)).to.equal(true);
    takeLock(file).release();
  });

  it("is let go by a process that ends without releasing it", () => {
    const { status } = spawnSync(process.execPath, [
      "-e",
      `import(${JSON.stringify(MODULE)}).then((m) => { m.takeLock(${JSON.stringify(file)}); process.exit(7); })`,
    ]);
    expect(status).to.equal(7);
    expect(existsSync(file)).to.equal(false);
  });

  it("is taken over from a process whose pid is somebody else's by now", () => {
    writeFileSync(file, JSON.stringify({ pid: process.pid, started: "1" }));
    takeLock(file).release();
  });

  it("is taken over when a crash cut it off", () => {
    for (const content of ["", "{", '{"pid":']) {
      writeFileSync(file, content);
      takeLock(file).release();
    }
  });

  it("is not removed by one who lost it to another", () => {
    const lock = takeLock(file);
    const other = JSON.stringify({ ...identifyProcess(process.ppid) });
    writeFileSync(file, other);
    lock.release();
    expect(readFileSync(file, "utf8")).to.equal(other);
  });

  it("goes to exactly one of several who find the same stale lock at once", async () => {
    writeFileSync(file, JSON.stringify({ pid: 999_999_999, started: "1" }));
    const script = `import(${JSON.stringify(MODULE)}).then((m) => {
      try { m.takeLock(${JSON.stringify(file)}); console.log("held"); process.stdin.resume(); } catch (e) { console.log(e.code); }
    })`;
    // Whoever holds it keeps it until all have tried.
    const children = Array.from({ length: 6 }, () =>
      spawn(process.execPath, ["-e", script], { stdio: ["pipe", "pipe", "inherit"] }),
    );
    const outputs = await Promise.all(children.map(firstOutputOf));
    for (const child of children) child.stdin.end();
    expect(outputs.filter((text) => text.trim() === "held")).to.have.length(1);
    expect(outputs.filter((text) => text.trim() === "NETWORK_IN_USE")).to.have.length(5);
  });
});

function firstOutputOf({ stdout }: { readonly stdout: NodeJS.ReadableStream }): Promise<string> {
  return new Promise((done) => {
    stdout.once("data", (chunk: Buffer) => done(chunk.toString()));
    stdout.once("end", () => done(""));
  });
}

function catchFault(act: () => unknown): Fault {
  try {
    act();
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}
