/** The tasks as real processes, as people start them: exit codes, streams, the keystore, a deployment that was killed. */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import { expect } from "chai";
import { after, before, describe, it } from "mocha";

import { toHex } from "../../protocol/encoding/bytes.ts";
import { createKeyStore } from "../../relayer/keys/key-store.ts";
import { randomSource } from "../../scripts/governance/random-source.ts";
import { startTaskStage, type TaskStage } from "../support/task-stage.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const HARDHAT = join(ROOT, "node_modules/hardhat/dist/src/cli.js");

describe("tasks as processes", () => {
  let stage: TaskStage;
  let home: string;
  let out: string;
  let deployment: Record<string, string>;

  before(async () => {
    stage = await startTaskStage(1, { deploy: false });
    home = mkdtempSync(join(tmpdir(), "riskveil-home-"));
    out = join(stage.directory, "deployment");
    // Hardhat keeps its keystore below the user's configuration directory: not this user's.
    deployment = { XDG_CONFIG_HOME: home, RISKVEIL_DEPLOYMENT: join(out, "deployment.json"), LANG: "C", LC_ALL: "" };
  });

  after(async () => {
    rmSync(home, { recursive: true, force: true });
    await stage.stop();
  });

  const deployLine = (): string =>
    `deploy --staff ${stage.staff.join(",")} --delay 3d --least-delay 1d --out ${out} --rpc ${stage.chain.rpcUrl}`;

  it("a deployment says first what it would do", async () => {
    const { success, stdout } = await stage.run(deployLine());
    expect(success, stdout).equal(true);
    expect(stdout).match(/members' delay +3 days[\s\S]*Nothing was sent/);
    expect(await stage.blockNumber()).equal(0);
  });

  /** As if it had been killed after sending a transaction, while writing down its hash; and with a nonce taken for nothing. */
  function loseLastHash(): void {
    const file = join(out, "ignition", "journal.jsonl");
    const lines = readFileSync(file, "utf8").split("\n").slice(1);
    const entries = lines.map((line) => JSON.parse(line) as { type: string; futureId?: string });
    const last = entries.findLastIndex(({ type }) => type === "TRANSACTION_SEND");
    const kept = lines.filter((_, i) => i < last || entries[i]?.futureId !== entries[last]?.futureId);
    expect(kept.length).below(lines.length);
    writeFileSync(file, `\n${kept.join("\n")}\n${lines[last]?.slice(0, 30) ?? ""}`);
  }

  it("killed in the middle it goes on, and once more it changes nothing", async function () {
    this.timeout(360_000);
    const child = spawn(process.execPath, [HARDHAT, ...deployLine().split(" "), "--yes"], {
      cwd: ROOT,
      env: { ...process.env, ...deployment },
      stdio: "ignore",
    });
    const ended = new Promise<void>((done) => child.once("exit", () => done()));
    while ((await stage.blockNumber()) < 5 && child.exitCode === null) await new Promise((done) => setTimeout(done, 5));
    child.kill("SIGKILL");
    await ended;
    loseLastHash();

    const resumed = await stage.spawn(`${deployLine()} --yes --json`, deployment);
    expect(resumed.success, resumed.stderr).equal(true);
    expect(JSON.parse(resumed.stdout)).include({ deployed: true, changed: true });
    const [block, file] = [await stage.blockNumber(), readFileSync(join(out, "deployment.json"), "utf8")];

    const again = await stage.json<{ changed: boolean }>(`${deployLine()} --yes`);
    expect(again.changed).equal(false);
    expect(await stage.blockNumber()).equal(block);
    expect(readFileSync(join(out, "deployment.json"), "utf8")).equal(file);
  });

  it("answer programs on standard output, with exit code 0", async () => {
    const { code, stdout } = await stage.spawn("staff list --json", deployment);
    expect(code).equal(0);
    const staff = (JSON.parse(stdout) as { name: string; account: string }[]).map(({ account }) => account);
    expect(staff).deep.equal(stage.staff.map((account) => account.toLowerCase()));
  });

  it("fail on standard error in the reader's language, with exit code 1", async () => {
    const { code, stdout, stderr } = await stage.spawn("member show nobody", { ...deployment, LANG: "zh_CN.UTF-8" });
    expect([code, stdout]).deep.equal([1, ""]);
    expect(stderr).match(/^MEMBER_UNKNOWN: 不存在成员 nobody/);
  });

  it("sign with a key of Hardhat's keystore", async () => {
    const key = toHex(await createKeyStore("keys/lambda", randomSource).operatorKey());
    const kept = await typed(["keystore", "set", "--dev", "RISKVEIL_OPERATOR_KEY"], key);
    expect(kept.code, kept.said).equal(0);
    const line = "member apply lambda --kind SecuritiesFirm --endpoint https://peer.lambda.example --yes";
    const applied = await stage.spawn(`${line} --json`, deployment);
    expect(applied.code, applied.stderr).equal(0);
    expect((await stage.json<{ name: string }>("member show lambda")).name).equal("lambda");
    const missing = await stage.spawn("member suspend lambda", deployment);
    expect([missing.code, missing.stderr.split(":")[0]]).deep.equal([1, "KEY_NOT_IN_KEYSTORE"]);
  });

  /** A process at whose prompt something is typed. */
  async function typed(args: readonly string[], answer: string): Promise<{ code: number | null; said: string }> {
    const { CI: _, ...environment } = process.env;
    const child = spawn(process.execPath, [HARDHAT, ...args], {
      cwd: ROOT,
      env: { ...environment, ...deployment },
      stdio: ["pipe", "pipe", "pipe"],
    });
    let said = "";
    const collect = (chunk: Buffer): void => void (said += chunk.toString());
    child.stdout.on("data", collect);
    child.stderr.on("data", collect);
    child.stdin.end(`${answer}\n`);
    return await new Promise((done) => child.once("close", (code) => done({ code, said })));
  }
});
