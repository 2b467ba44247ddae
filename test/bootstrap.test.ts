/**
 * Runs bootstrap.mjs in a directory that looks like a clone, with a program in npm's place that does what npm would do,
 * or fails as npm would.
 */
import { spawn } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";

interface Bootstrap {
  isInstalled(root: string): boolean;
  matchesLockFile(root: string): boolean;
  missingParts(root: string): string[];
  nativeFiles(platform?: string): Record<string, string>;
  explainFailure(output: string): string;
  areContractsBuilt(root: string): boolean;
  contractsFingerprint(root: string): string;
  installCommand(root: string, options: { supportedNode: boolean; npmScript?: string }): string[];
}

const REPOSITORY = join(import.meta.dirname, "..");
// Plain JavaScript without declarations; nothing else imports it.
const bootstrap = (await import(join(REPOSITORY, "bootstrap.mjs"))) as Bootstrap;
const works = "#!/bin/sh\nexit 0\n";

describe("bootstrap", () => {
  let root: string;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "riskveil-bootstrap-"));
    chmodSync(root, 0o755);
    cpSync(join(REPOSITORY, "bootstrap.mjs"), join(root, "bootstrap.mjs"));
    put("package.json", { dependencies: { left: "1.0.0" }, devDependencies: { node: "24.1.2" } });
    put("package-lock.json", lockFile("1.0.0"));
  });
  afterEach(() => {
    rmSync(root, { recursive: true, force: true });
  });

  function put(file: string, content: unknown, mode = 0o644): void {
    const at = join(root, file);
    mkdirSync(dirname(at), { recursive: true });
    writeFileSync(at, typeof content === "string" ? content : JSON.stringify(content), { mode });
  }

  function lockFile(version: string): object {
    return {
      packages: {
        "": {},
        "node_modules/left": { version, integrity: `sha512-${version}` },
        "node_modules/node": { version: "24.1.2", integrity: "sha512-n" },
        "node_modules/elsewhere": { version: "1.0.0", optional: true },
      },
    };
  }

  /** What a finished `npm ci` leaves. */
  function installByHand(): void {
    for (const name of ["left", "node"]) put(`node_modules/${name}/package.json`, "{}");
    for (const file of Object.values(bootstrap.nativeFiles())) put(file, works, 0o755);
    const { packages } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as {
      packages: Record<string, object>;
    };
    const present = Object.entries(packages).filter(([at]) => at !== "" && at !== "node_modules/elsewhere");
    put("node_modules/.package-lock.json", { packages: Object.fromEntries(present) });
  }

  /** A program in npm's place: counts its calls, then does `script`. `leave(file)` makes an executable that works. */
  function fakeNpm(script: string): string {
    put(
      "fake/npm-cli.js",
      `const fs = require("fs"), path = require("path");
       fs.appendFileSync(${JSON.stringify(join(root, "calls.txt"))}, process.argv.slice(2).join(" ") + "\\n");
       const leave = (file, content = ${JSON.stringify(works)}) => {
         fs.mkdirSync(path.dirname(file), { recursive: true });
         fs.writeFileSync(file, content, { mode: 0o755 });
       };
       const leaveAll = () => {
         for (const name of ["left", "node"]) leave("node_modules/" + name + "/package.json", "{}");
         for (const file of ${JSON.stringify(Object.values(bootstrap.nativeFiles()))}) leave(file);
       };
       ${script}`,
    );
    return join(root, "fake/npm-cli.js");
  }

  const calls = (): string[] =>
    existsSync(join(root, "calls.txt")) ? readFileSync(join(root, "calls.txt"), "utf8").trim().split("\n") : [];

  function start(
    npm: string,
    { program = process.execPath, ...account }: { uid?: number; gid?: number; program?: string } = {},
  ): Promise<{ code: number | null; said: string }> {
    return new Promise((done) => {
      const child = spawn(program, ["bootstrap.mjs", "--install-only"], {
        cwd: root,
        env: { ...process.env, npm_execpath: npm },
        stdio: ["ignore", "pipe", "pipe"],
        ...account,
      });
      let said = "";
      for (const stream of [child.stdout, child.stderr])
        stream.on("data", (chunk: Buffer) => (said += chunk.toString()));
      child.once("close", (code) => done({ code, said }));
    });
  }

  it("installs what is missing, once, and then has nothing to do or say", async () => {
    const npm = fakeNpm("leaveAll();");
    const first = await start(npm);
    expect(first.code, first.said).to.equal(0);
    expect(first.said)
      .to.match(/installing exactly package-lock\.json/)
      .and.match(/installed in \d+ s/);
    expect(bootstrap.isInstalled(root)).to.equal(true);
    const second = await start(npm);
    expect(second).to.deep.equal({ code: 0, said: "" });
    expect(calls()).to.have.length(1);
    expect(calls()[0]).to.match(/^ci --include=dev --include=optional/);
    expect(existsSync(join(root, ".bootstrap.lock"))).to.equal(false);
  });

  it("installs again when the lock file has changed", async () => {
    const npm = fakeNpm("leaveAll();");
    await start(npm);
    put("package-lock.json", lockFile("1.0.1"));
    expect(bootstrap.isInstalled(root)).to.equal(false);
    await start(npm);
    expect(calls()).to.have.length(2);
  });

  it("installs again when part of node_modules was deleted or came from another platform", async () => {
    const npm = fakeNpm("leaveAll();");
    await start(npm);
    rmSync(join(root, "node_modules/left"), { recursive: true });
    expect(bootstrap.missingParts(root)).to.deep.equal(["left"]);
    await start(npm);
    expect(calls()).to.have.length(2);
    put("node_modules/.riskveil-installed.json", { fingerprint: "of another platform" });
    await start(npm);
    expect(calls()).to.have.length(3);
  });

  it("starts an interrupted installation over", async () => {
    put("node_modules/left/package.json", "{}");
    expect(bootstrap.isInstalled(root)).to.equal(false);
    expect(bootstrap.matchesLockFile(root)).to.equal(false);
    const npm = fakeNpm("leaveAll();");
    expect((await start(npm)).code).to.equal(0);
    expect(calls()).to.have.length(1);
  });

  it("takes over what npm installed by hand, after trying the native parts", async () => {
    installByHand();
    const npm = fakeNpm("process.exit(1);");
    expect(await start(npm)).to.deep.equal({ code: 0, said: "" });
    expect(calls()).to.deep.equal([]);
    expect(bootstrap.isInstalled(root)).to.equal(true);
  });

  it("does not take over another version, or what does not run", async () => {
    installByHand();
    put("package-lock.json", lockFile("2.0.0"));
    expect(bootstrap.matchesLockFile(root)).to.equal(false);
    put("package-lock.json", lockFile("1.0.0"));
    expect(bootstrap.matchesLockFile(root)).to.equal(true);
    put(bootstrap.nativeFiles()["postgres"]!, "#!/bin/sh\nexit 127\n", 0o755);
    await start(fakeNpm("leaveAll();"));
    expect(calls()).to.have.length(1);
  });

  it("says which native part npm left out in silence", async () => {
    const { code, said } = await start(
      fakeNpm(`leaveAll(); fs.rmSync(${JSON.stringify(bootstrap.nativeFiles()["anvil"])});`),
    );
    expect(code).to.equal(1);
    expect(said).to.include("npm left out anvil").and.to.include("ignore-scripts");
    expect(bootstrap.isInstalled(root)).to.equal(false);
  });

  it("says which native part does not run", async () => {
    const { code, said } = await start(
      fakeNpm(
        `leaveAll(); leave(${JSON.stringify(bootstrap.nativeFiles()["postgres"])}, "#!/bin/sh\\necho libicu missing\\nexit 127\\n");`,
      ),
    );
    expect(code).to.equal(1);
    expect(said).to.include("postgres does not run").and.to.include("libicu missing");
  });

  it("says that no registry can be reached, with npm's last lines, and leaves no lock", async () => {
    const { code, said } = await start(fakeNpm('console.error("npm error code ENOTFOUND"); process.exit(1);'));
    expect(code).to.equal(1);
    expect(said).to.include("registry cannot be reached").and.to.include("| npm error code ENOTFOUND");
    expect(existsSync(join(root, ".bootstrap.lock"))).to.equal(false);
    expect(bootstrap.isInstalled(root)).to.equal(false);
  });

  it("says that an installation was interrupted", async () => {
    const { code, said } = await start(fakeNpm('process.kill(process.pid, "SIGTERM"); setTimeout(() => {}, 1e5);'));
    expect(code).to.equal(1);
    expect(said).to.include("interrupted");
  });

  it("installs once when two are started together", async () => {
    const npm = fakeNpm("setTimeout(leaveAll, 5000);");
    const results = await Promise.all([start(npm), start(npm), start(npm)]);
    expect(results.map(({ code }) => code)).to.deep.equal([0, 0, 0]);
    expect(calls()).to.have.length(1);
    expect(results.map(({ said }) => said).join("")).to.include("waiting for process");
  });

  it("takes over the lock of one that was killed", async () => {
    put(".bootstrap.lock", "999999999");
    expect((await start(fakeNpm("leaveAll();"))).code).to.equal(0);
  });

  it("says that the clone is not writable for this user", async () => {
    const account = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
    // Where this clone lies another user may not come, so neither to its Node.
    const program = join(root, "node");
    copyFileSync(process.execPath, program);
    chmodSync(root, 0o555);
    const { code, said } = await start(join(root, "none/npm-cli.js"), { ...account, program });
    chmodSync(root, 0o755);
    expect(code).to.equal(1);
    expect(said).to.include("cannot write").and.to.include("EACCES");
  });

  it("installs under the Node of package.json when this one is too old", () => {
    const command = bootstrap.installCommand(root, { supportedNode: false, npmScript: "/x/npm-cli.js" });
    expect(command.slice(0, 7)).to.deep.equal([
      process.execPath,
      "/x/npm-cli.js",
      "exec",
      "--yes",
      "--package=node@24.1.2",
      "--",
      "npm",
    ]);
    expect(command[7]).to.equal("ci");
    expect(bootstrap.installCommand(root, { supportedNode: true, npmScript: "/x/pnpm.cjs" }).slice(0, 2)).to.deep.equal(
      ["npm", "ci"],
    );
  });

  it("knows npm's ways to fail", () => {
    expect(bootstrap.explainFailure("npm error code ENOSPC")).to.include("disk is full");
    expect(bootstrap.explainFailure("npm error code EACCES mkdir")).to.include("may not write");
    expect(bootstrap.explainFailure("npm error network request to x failed")).to.include("registry cannot be reached");
    expect(bootstrap.explainFailure("npm error code E404")).to.include("does not have a package");
    expect(bootstrap.explainFailure("npm error code EINTEGRITY")).to.include("not the one");
    expect(bootstrap.explainFailure("npm error code EUSAGE")).to.include("do not agree");
    expect(bootstrap.explainFailure("something else")).to.equal("npm failed.");
  });

  it("builds the contracts again when a source, a Solidity test or the configuration has changed", () => {
    put("hardhat.config.ts", "export default {};");
    put("contracts/A.sol", "contract A {}");
    put("artifacts/contracts/A.json", "{}");
    put("types/ethers-contracts/index.ts", "");
    const stamp = () => put("cache/contracts-built.json", { fingerprint: bootstrap.contractsFingerprint(root) });
    stamp();
    expect(bootstrap.areContractsBuilt(root)).to.equal(true);
    put("contracts/A.sol", "contract A { uint256 x; }");
    expect(bootstrap.areContractsBuilt(root)).to.equal(false);
    stamp();
    put("test/deep/A.t.sol", "contract T {}");
    expect(bootstrap.areContractsBuilt(root)).to.equal(false);
    stamp();
    put("hardhat.config.ts", "export default { a: 1 };");
    expect(bootstrap.areContractsBuilt(root)).to.equal(false);
    stamp();
    rmSync(join(root, "types"), { recursive: true });
    expect(bootstrap.areContractsBuilt(root)).to.equal(false);
  });
});
