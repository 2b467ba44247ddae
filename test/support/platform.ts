/**
 * A local chain with the platform deployed and members admitted: an Association and as many firms as asked for. A test
 * file makes one, in `before`, and stops it in `after`.
 */
import { randomBytes } from "node:crypto";
import { cp, mkdtemp, rm, truncate } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { NonceManager, Wallet, type JsonRpcProvider } from "ethers";
import { after } from "mocha";

import { fromHex, toHex } from "../../protocol/encoding/bytes.ts";
import { connectContracts, type PlatformContracts } from "../../relayer/chain/contracts.ts";
import type { Deployment } from "../../relayer/chain/deployment.ts";
import { createOperatorKey, type OperatorKey } from "../../relayer/chain/operator-key.ts";
import { createProvider } from "../../relayer/chain/provider.ts";
import { startChain, type Chain } from "../../scripts/embedded/chain.ts";
import { listSnapshots } from "../../scripts/embedded/ledger-snapshots.ts";
import { freePort } from "../../scripts/embedded/ports.ts";
import { createAssociation } from "../../scripts/governance/association.ts";
import { admitMembers, type Applicant } from "../../scripts/network/admit-members.ts";
import { awaitReceipt } from "../../scripts/network/await-receipt.ts";
import { deployPlatform } from "../../scripts/network/deploy.ts";
import { applicant, newStaff, TEST_DELAY, type Staff } from "./staff.ts";

export interface TestMember {
  readonly id: number;
  readonly name: string;
  readonly privateKey: Uint8Array;
  readonly operator: OperatorKey;
}

export interface TestPlatform {
  readonly deployment: Deployment;
  readonly provider: JsonRpcProvider;
  /** For reading. */
  readonly contracts: PlatformContracts;
  readonly association: TestMember;
  readonly firms: readonly TestMember[];
  /** The platform's contracts as the Association's staff has them called: by the desk whose business it is. */
  readonly governance: PlatformContracts;
  /** The contracts as `member`'s operator calls them, beside any outbox. */
  actingAs(member: TestMember): PlatformContracts;
  /** Waits until what an ethers contract sent is mined. @throws Fault */
  mined(sending: Promise<{ readonly hash: string }>): Promise<void>;
  /** Adds another member, admitted: a firm unless said; `given` for one with keys and an endpoint of its own. */
  admit(name: string, given?: Partial<Applicant>): Promise<TestMember>;
  /** Writes the ledger to disk as it is. */
  snapshot(): Promise<void>;
  /** kill -9, then a start from the newest good copy; `damageNewest` truncates that one first. */
  crash(options?: { readonly damageNewest?: boolean }): Promise<void>;
  /** kill -9 without a start. */
  kill(): Promise<void>;
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** A test says itself when the ledger is copied. */
const NEVER_MS = 3_600_000;
const silent = (): void => undefined;

/** A ledger with the platform on it and nobody admitted yet: deployed once a mocha process, copied for each file. */
interface DeployedLedger {
  readonly directory: string;
  readonly deployment: Deployment;
  readonly staff: Staff;
}
let deployed: Promise<DeployedLedger> | undefined;

async function deployOnce(): Promise<DeployedLedger> {
  const directory = await mkdtemp(join(tmpdir(), "riskveil-deployed-"));
  const chain = await startChain({
    ...{ stateDir: join(directory, "chain"), port: await freePort() },
    ...{ log: silent, snapshotEveryMs: NEVER_MS },
  });
  try {
    const staff = newStaff();
    const deployment = await deployPlatform({
      ...{ rpcUrl: chain.rpcUrl, chainId: chain.chainId, outDir: join(directory, "platform") },
      ...{ staff: staff.accounts, membersDelay: TEST_DELAY, log: silent },
    });
    await chain.snapshot();
    return { directory, deployment, staff };
  } finally {
    await chain.stop();
  }
}

// Outside any describe: mocha runs it once, after all files.
after(async () => {
  if (deployed !== undefined) await rm((await deployed).directory, { recursive: true, force: true });
});

/** @param given what the Association has of its own */
export async function startTestPlatform(firmCount = 1, given: Partial<Applicant> = {}): Promise<TestPlatform> {
  deployed ??= deployOnce();
  const { directory: original, deployment: found, staff } = await deployed;
  const directory = await mkdtemp(join(tmpdir(), "riskveil-platform-"));
  const stateDir = join(directory, "chain");
  await cp(join(original, "chain"), stateDir, { recursive: true });
  const port = await freePort();
  let chain: Chain = await startChain({ stateDir, port, log: silent, snapshotEveryMs: NEVER_MS });
  const deployment = { ...found, rpcUrl: chain.rpcUrl };
  const provider = createProvider(chain.rpcUrl, chain.chainId);
  const { runner } = await createAssociation({ deployment, provider, staffKeys: staff.keys });

  async function admit(name: string, given: Partial<Applicant> = {}): Promise<TestMember> {
    const privateKey = given.operatorKey ?? new Uint8Array(randomBytes(32));
    const endpoint = `http://127.0.0.1:1/${name}`;
    const members = [applicant({ kind: "SecuritiesFirm", endpoint, ...given, name, operatorKey: privateKey })];
    const ids = await admitMembers({ deployment, staffKeys: staff.keys, members, log: silent });
    return { id: ids.get(name) ?? 0, name, privateKey, operator: createOperatorKey(privateKey) };
  }

  async function kill(): Promise<void> {
    process.kill(chain.pid, "SIGKILL");
    await chain.exited;
    await chain.stop();
  }

  async function restart(): Promise<void> {
    chain = await startChain({ stateDir, port, log: silent, snapshotEveryMs: NEVER_MS });
  }

  const association = await admit("association", { ...given, kind: "Association" });
  const firms: TestMember[] = [];
  for (let i = 0; i < firmCount; i++) firms.push(await admit(`firm-${String(i + 1)}`));
  await chain.snapshot();

  return {
    deployment,
    provider,
    contracts: connectContracts(deployment.addresses, provider),
    association,
    firms,
    governance: connectContracts(deployment.addresses, runner),
    actingAs: ({ privateKey }) =>
      connectContracts(deployment.addresses, new NonceManager(new Wallet(toHex(privateKey), provider))),
    async mined(sending) {
      await awaitReceipt(provider, sending);
    },
    admit,
    snapshot: () => chain.snapshot(),
    async crash({ damageNewest = false } = {}) {
      await kill();
      const [newest] = await listSnapshots(stateDir);
      if (damageNewest && newest !== undefined) await truncate(join(stateDir, newest), 100);
      await restart();
    },
    kill,
    restart,
    async stop() {
      provider.destroy();
      await chain.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** A bytes32 of ASCII text, as categories and labels are. */
export function label(text: string): string {
  return toHex(fromHex(`0x${Buffer.from(text, "ascii").toString("hex").padEnd(64, "0")}`, 32));
}
