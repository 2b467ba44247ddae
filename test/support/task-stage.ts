/**
 * A platform under its constitution on a local chain, and a terminal at which people run the Hardhat tasks: in this process,
 * through Hardhat's own tasks, or as real processes.
 */
import { execFile, execFileSync } from "node:child_process";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

import { computeAddress, type JsonRpcProvider } from "ethers";
import hre from "hardhat";

import { toHex } from "../../protocol/encoding/bytes.ts";
import type { Deployment } from "../../relayer/chain/deployment.ts";
import { createProvider } from "../../relayer/chain/provider.ts";
import { createKeyStore } from "../../relayer/keys/key-store.ts";
import { startChain, type Chain } from "../../scripts/embedded/chain.ts";
import { freePort } from "../../scripts/embedded/ports.ts";
import { openCertificateAuthority } from "../../scripts/governance/certificate-authority.ts";
import { randomSource } from "../../scripts/governance/random-source.ts";
import { admitMembers, type Applicant } from "../../scripts/network/admit-members.ts";
import { deployPlatform, deploymentFileIn } from "../../scripts/network/deploy.ts";
import { parseCommand, wordsOf } from "../../scripts/tasks/command-line.ts";
import { commands } from "../../scripts/tasks/definitions.ts";

export interface Said {
  readonly success: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

export interface TaskStage {
  /** Where people stand: `keys/staff-1` ..., `authority`, `deployment/deployment.json`. */
  readonly directory: string;
  readonly deployment: Deployment;
  readonly provider: JsonRpcProvider;
  readonly chain: Chain;
  /** Addresses of the three. */
  readonly staff: readonly string[];
  /** Runs what stands after `npx hardhat`, in this process. */
  run(line: string): Promise<Said>;
  /** Like `run`, for what must succeed: its JSON. */
  json<T = Record<string, unknown>>(line: string): Promise<T>;
  /** Like `run`, for what must fail: the fault, from its JSON. */
  fault(
    line: string,
  ): Promise<{ readonly code: string; readonly reason: string | null; readonly values: Record<string, unknown> }>;
  /** Like `run`, as a process of its own, with more environment. */
  spawn(line: string, environment?: Readonly<Record<string, string>>): Promise<Said & { readonly code: number }>;
  /** Any other command, by the shell, in `directory`. */
  shell(line: string): string;
  blockNumber(): Promise<number>;
  /** Lets time pass on the chain. */
  pass(seconds: number): Promise<void>;
  /** Members admitted by the network's own script, faster than by tasks; their keys are in `keys/<name>`. */
  admit(...members: readonly Pick<Applicant, "name" | "kind">[]): Promise<void>;
  /** By the constitution, through the tasks: one operation. */
  setMembersDelay(seconds: number): Promise<void>;
  stop(): Promise<void>;
}

export const DAY = 86_400;
const ROOT = resolve(import.meta.dirname, "../..");
const silent = (): void => undefined;
const run = promisify(execFile);

/** @param membersDelay seconds; what the script that admits waits for in real time, so short where it is used */
export async function startTaskStage(membersDelay: number, { deploy = true } = {}): Promise<TaskStage> {
  const directory = await mkdtemp(join(tmpdir(), "riskveil-tasks-"));
  const chain = await startChain({ stateDir: join(directory, "chain"), port: await freePort(), log: silent });
  const key = (name: string): Promise<Uint8Array> =>
    createKeyStore(join(directory, "keys", name), randomSource).operatorKey();
  const staffKeys = [await key("staff-1"), await key("staff-2"), await key("staff-3")] as const;
  const [one, two, three] = staffKeys.map((each) => computeAddress(toHex(each)));
  const staff = [one ?? "", two ?? "", three ?? ""] as const;
  const outDir = join(directory, "deployment");
  const { rpcUrl, chainId } = chain;
  await mkdir(outDir, { recursive: true });
  const deployment = deploy
    ? await deployPlatform({ rpcUrl, chainId, outDir, staff, membersDelay, log: silent })
    : undefined;
  const provider = createProvider(rpcUrl, chainId);
  const before = { directory: process.cwd(), RISKVEIL_DEPLOYMENT: process.env["RISKVEIL_DEPLOYMENT"] };
  process.env["RISKVEIL_DEPLOYMENT"] = deploymentFileIn(outDir);
  process.chdir(directory);

  let turn: Promise<unknown> = Promise.resolve();

  /** One after the other: what is printed is caught by standing in for the process's streams. */
  function inProcess(line: string): Promise<Said> {
    const said = turn.then(() => runCaught(line));
    turn = said.catch(() => undefined);
    return said;
  }

  async function runCaught(line: string): Promise<Said> {
    const parsed = parseCommand(wordsOf(line), commands);
    if (parsed === undefined) throw new RangeError(`no such task: ${line}`);
    const written = { stdout: "", stderr: "" };
    const originals = { stdout: process.stdout.write, stderr: process.stderr.write };
    for (const stream of ["stdout", "stderr"] as const) {
      process[stream].write = (chunk: string | Uint8Array) => {
        written[stream] += typeof chunk === "string" ? chunk : Buffer.from(chunk).toString();
        return true;
      };
    }
    try {
      const result = (await hre.tasks.getTask([...parsed.command.id]).run(parsed.args)) as { success: boolean };
      return { success: result.success, ...written };
    } finally {
      process.stdout.write = originals.stdout;
      process.stderr.write = originals.stderr;
    }
  }

  const rpc = (method: string, params: unknown[]): Promise<unknown> =>
    provider.send(method, params) as Promise<unknown>;

  const stage: TaskStage = {
    directory,
    provider,
    chain,
    staff,
    get deployment() {
      if (deployment === undefined) throw new Error("not deployed by the stage");
      return deployment;
    },
    run: inProcess,
    async json<T>(line: string): Promise<T> {
      const { success, stdout, stderr } = await inProcess(`${line} --json`);
      if (!success) throw new Error(`${line}: ${stderr}`);
      return JSON.parse(stdout) as T;
    },
    async fault(line) {
      const { success, stdout, stderr } = await inProcess(`${line} --json`);
      if (success) throw new Error(`${line} was to fail: ${stdout}`);
      return (JSON.parse(stderr) as { error: Awaited<ReturnType<TaskStage["fault"]>> }).error;
    },
    async spawn(line, environment = {}) {
      const { CI: _, ...rest } = process.env;
      const hardhat = join(ROOT, "node_modules/hardhat/dist/src/cli.js");
      // Hardhat finds its project by the working directory.
      const options = { cwd: ROOT, env: { ...rest, ...environment, HARDHAT_DISABLE_TELEMETRY_PROMPT: "true" } };
      try {
        const { stdout, stderr } = await run(process.execPath, [hardhat, ...wordsOf(line)], options);
        return { success: true, code: 0, stdout, stderr };
      } catch (error) {
        const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
        return { success: false, code, stdout, stderr };
      }
    },
    shell: (line) => execFileSync("sh", ["-c", line], { cwd: directory, encoding: "utf8" }),
    blockNumber: () => provider.getBlockNumber(),
    async pass(seconds) {
      await rpc("evm_increaseTime", [seconds]);
      await rpc("evm_mine", []);
    },
    async admit(...members) {
      if (deployment === undefined) throw new Error("not deployed by the stage");
      const authority = await openCertificateAuthority(join(directory, "authority"));
      const applicants = members.map(async ({ name, kind }): Promise<Applicant> => {
        const store = createKeyStore(join(directory, "keys", name), randomSource);
        const [operatorKey, identityKey] = [await store.operatorKey(), await store.identityKey()];
        const endpoint = `https://peer.${name}.example`;
        const { publicKey } = identityKey;
        const certificate = await authority.certify({ name, organisation: name, publicKey, endpoint });
        return { name, kind, endpoint, operatorKey, identityKey, certificateDigest: toHex(certificate.digest) };
      });
      await admitMembers({ deployment, staffKeys, members: await Promise.all(applicants), log: silent });
    },
    async setMembersDelay(seconds) {
      const line = `parameter set members-delay ${seconds}s --keys keys/staff-1 --yes`;
      const { operation } = await stage.json<{ operation: { number: number } }>(line);
      await stage.pass(membersDelay + 1);
      await stage.json(`governance execute ${operation.number} --keys keys/staff-2 --yes`);
    },
    async stop() {
      process.chdir(before.directory);
      if (before.RISKVEIL_DEPLOYMENT === undefined) delete process.env["RISKVEIL_DEPLOYMENT"];
      else process.env["RISKVEIL_DEPLOYMENT"] = before.RISKVEIL_DEPLOYMENT;
      provider.destroy();
      await chain.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
  return stage;
}
