/**
 * Puts the platform on a chain: runs the Ignition module of `deploy/` with Ignition's own engine (no Hardhat start-up),
 * and writes the one deployment file that every relayer reads. Run again, it goes on where it was interrupted and does
 * nothing when the platform is there.
 */
import { randomBytes } from "node:crypto";
import { mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { isDeepStrictEqual } from "node:util";

import { deploy, DeploymentResultType } from "@nomicfoundation/ignition-core";
import { Wallet, type JsonRpcProvider } from "ethers";

import RiskVeil from "../../deploy/RiskVeil.ts";
import { toHex, type Hex } from "../../protocol/encoding/bytes.ts";
import { Fault, isFault } from "../../protocol/errors/fault.ts";
import { deploymentSchema, readDeployment, type Deployment } from "../../relayer/chain/deployment.ts";
import { createProvider, requireChain } from "../../relayer/chain/provider.ts";
import { Authority__factory } from "../../types/ethers-contracts/factories/governance/Authority__factory.ts";
import { fundOnLocalChain } from "./local-funds.ts";
import { artifactsIn, signingProvider } from "./ignition-provider.ts";
import { mendJournal } from "./mend-journal.ts";

export interface DeployOptions {
  readonly rpcUrl: string;
  readonly chainId: number;
  /** Holds `deployment.json` and, beside it, Ignition's journal. */
  readonly outDir: string;
  /** Accounts of three people of the Association, none of them the deployer. */
  readonly staff: readonly [string, string, string];
  /** Seconds in which two members can stop what the staff has proposed. */
  readonly membersDelay: number;
  /** What the members' delay can never be governed below; the delay itself unless given. */
  readonly leastDelay?: number;
  /** 32 bytes. A fresh one that keeps no role is made unless given; it needs funds except on a local chain. */
  readonly deployerKey?: Uint8Array;
  readonly log: (line: string) => void;
}

interface Preparation {
  readonly staff: readonly string[];
  readonly membersDelay: number;
  readonly leastDelay: number;
  readonly deployerKey: Hex;
  readonly instanceSalt: Hex;
}

const ARTIFACTS = resolve(import.meta.dirname, "../../artifacts");

export function deploymentFileIn(outDir: string): string {
  return join(outDir, "deployment.json");
}

/** @throws Fault CHAIN_UNREACHABLE, CHAIN_WRONG, CONTRACTS_NOT_BUILT, DEPLOYMENT_FAILED, STAFF_NOT_DISTINCT */
export async function deployPlatform(options: DeployOptions): Promise<Deployment> {
  if (new Set(options.staff.map((account) => account.toLowerCase())).size !== options.staff.length) {
    throw new Fault("STAFF_NOT_DISTINCT");
  }
  const provider = createProvider(options.rpcUrl, options.chainId);
  try {
    await requireChain(provider, options.chainId);
    const existing = await findDeployment(options);
    if (existing !== undefined && (await isComplete(provider, existing))) return existing;
    return await deployAnew(provider, options);
  } finally {
    provider.destroy();
  }
}

async function findDeployment(options: DeployOptions): Promise<Deployment | undefined> {
  try {
    const found = await readDeployment(deploymentFileIn(options.outDir));
    return found.chainId === options.chainId ? { ...found, rpcUrl: options.rpcUrl } : undefined;
  } catch (error) {
    if (isFault(error, "DEPLOYMENT_UNREADABLE")) return undefined;
    throw error;
  }
}

/** The contracts are on this chain, and the last step of all, the handing over of the roles, is done. */
async function isComplete(provider: JsonRpcProvider, found: Deployment): Promise<boolean> {
  if (!(await haveCode(provider, Object.values(found.addresses)))) return false;
  const authority = Authority__factory.connect(found.addresses.authority, provider);
  const [{ isMember }, renounced] = await Promise.all([
    authority.hasRole(await authority.ADMIN_ROLE(), found.addresses.constitution),
    authority.queryFilter(authority.filters.RoleRevoked(await authority.ADMIN_ROLE()), found.deployedAtBlock),
  ]);
  return isMember && renounced.length > 0;
}

async function haveCode(provider: JsonRpcProvider, addresses: readonly string[]): Promise<boolean> {
  const codes = await Promise.all(addresses.map((address) => provider.getCode(address)));
  return codes.every((code) => code !== "0x");
}

async function deployAnew(provider: JsonRpcProvider, options: DeployOptions): Promise<Deployment> {
  const journal = join(options.outDir, "ignition");
  await forgetJournalOfAnotherLedger(provider, journal, options.outDir);
  const preparation = await prepare(options);
  const deployer = new Wallet(preparation.deployerKey);
  await fundOnLocalChain(provider, [deployer.address]);
  // Before the first transaction: no event of the platform is older. A resumed run keeps the first answer.
  const deployedAtBlock = await firstBlock(provider, options.outDir);

  options.log("deploying the contracts");
  const ignitionProvider = signingProvider(provider, deployer, options.chainId);
  const isWhole = await mendJournal({
    ...{ provider, ignitionProvider, directory: journal },
    ...{ deployer: deployer.address, fromBlock: deployedAtBlock },
  });
  const beginAnew = async (): Promise<Deployment> => {
    options.log("the ledger has lost transactions of the interrupted deployment: beginning anew");
    await forgetJournal(options.outDir);
    return await deployAnew(provider, options);
  };
  if (!isWhole) return await beginAnew();
  const result = await deploy({
    config: { requiredConfirmations: 1, blockPollingInterval: 50, retryInterval: 50, maxRetries: 100 },
    provider: ignitionProvider,
    deploymentDir: journal,
    artifactResolver: artifactsIn(ARTIFACTS),
    ignitionModule: RiskVeil,
    deploymentParameters: {
      RiskVeil: {
        ...Object.fromEntries(preparation.staff.map((account, i) => [`staff${String(i + 1)}`, account])),
        membersDelay: preparation.membersDelay,
        leastDelay: preparation.leastDelay,
        instanceSalt: preparation.instanceSalt,
      },
    },
    accounts: [deployer.address],
  }).catch((error: unknown) => {
    if (!isRolledBack(error)) throw error;
    return undefined;
  });
  if (result === undefined) return await beginAnew();
  if (result.type !== DeploymentResultType.SUCCESSFUL_DEPLOYMENT) {
    throw new Fault("DEPLOYMENT_FAILED", { reason: JSON.stringify(result) });
  }
  const addresses = Object.fromEntries(
    Object.entries(RiskVeil.results).map(([name, future]) => [name, result.contracts[future.id]?.address]),
  );
  const deployment = deploymentSchema.parse({
    chainId: options.chainId,
    rpcUrl: options.rpcUrl,
    deployedAtBlock,
    addresses,
  });
  await writeDurably(deploymentFileIn(options.outDir), deployment, 0o644);
  // It held the deployer's key, which has no role any more.
  await rm(preparationFile(options.outDir), { force: true });
  options.log(`the contracts are deployed: ledger ${deployment.addresses.queryLedger}`);
  return deployment;
}

/** Ignition trusts its journal; on a ledger that lacks what the journal names (made anew, rolled back) it is worthless. */
async function forgetJournalOfAnotherLedger(provider: JsonRpcProvider, journal: string, outDir: string): Promise<void> {
  const text = await readFile(join(journal, "deployed_addresses.json"), "utf8").catch(() => "{}");
  const addresses = Object.values(JSON.parse(text) as Record<string, string>);
  const prepared = await readJson<Preparation>(preparationFile(outDir));
  if (prepared !== undefined && (await haveCode(provider, addresses))) return;
  await forgetJournal(outDir);
}

/** Nobody relies on what an unfinished deployment left on the chain. */
async function forgetJournal(outDir: string): Promise<void> {
  for (const path of [join(outDir, "ignition"), preparationFile(outDir), firstBlockFile(outDir)]) {
    await rm(path, { recursive: true, force: true });
  }
}

/** Ignition's INVALID_NONCE: the node counts fewer transactions of the deployer than the journal. */
function isRolledBack(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith("HHE10412");
}

function preparationFile(outDir: string): string {
  return join(outDir, "deployer.json");
}

function firstBlockFile(outDir: string): string {
  return join(outDir, "first-block.json");
}

/** What an interrupted run must find again: who deploys, for whom, with which salt. */
async function prepare(options: DeployOptions): Promise<Preparation> {
  const found = await readJson<Preparation>(preparationFile(options.outDir));
  const wanted = {
    staff: options.staff,
    membersDelay: options.membersDelay,
    leastDelay: options.leastDelay ?? options.membersDelay,
  };
  if (found !== undefined && isDeepStrictEqual({ ...found, ...wanted }, found)) return found;
  const prepared: Preparation = {
    ...wanted,
    deployerKey: toHex(options.deployerKey ?? randomBytes(32)),
    instanceSalt: toHex(randomBytes(32)),
  };
  await writeDurably(preparationFile(options.outDir), prepared, 0o600);
  return prepared;
}

async function firstBlock(provider: JsonRpcProvider, outDir: string): Promise<number> {
  const found = await readJson<number>(firstBlockFile(outDir));
  if (found !== undefined) return found;
  const next = (await provider.getBlockNumber()) + 1;
  await writeDurably(firstBlockFile(outDir), next, 0o644);
  return next;
}

async function readJson<T>(file: string): Promise<T | undefined> {
  try {
    return JSON.parse(await readFile(file, "utf8")) as T;
  } catch {
    return undefined;
  }
}

async function writeDurably(file: string, content: unknown, mode: number): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const temporary = `${file}.partial`;
  const handle = await open(temporary, "w", mode);
  try {
    await handle.writeFile(`${JSON.stringify(content, null, 2)}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, file);
}
