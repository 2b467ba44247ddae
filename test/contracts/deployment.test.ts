import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { type Artifact, deploy, DeploymentResultType, FutureType } from "@nomicfoundation/ignition-core";
import { expect } from "chai";
import { FunctionFragment, hexlify, randomBytes } from "ethers";
import hre, { artifacts, network } from "hardhat";
import { describe, it } from "mocha";

import RiskVeil from "../../deploy/RiskVeil.ts";
import { rolesOf } from "../../deploy/roles.ts";
import {
  A,
  B,
  C,
  type Connection,
  connection,
  deployConstitution,
  Kind,
  LEAST_DELAY,
  MEMBERS_DELAY,
  Scope,
  type Signer,
} from "./platform.ts";
import { contractsOf } from "./powers.ts";
import { ROLES } from "./restricted.behavior.ts";
import { deployedPlatform } from "./stages.ts";
import { deployedConstitution, loadFixture } from "./fixtures.ts";

/** EIP-170. */
const LARGEST_CODE = 24_576;

/** Futures without a transaction: roles read from the authority, calls encoded, proxies taken for what is behind them. */
const NOT_SENT = new Set([
  FutureType.STATIC_CALL,
  FutureType.ENCODE_FUNCTION_CALL,
  FutureType.NAMED_ARTIFACT_CONTRACT_AT,
]);

/**
 * Runs the module on a journal in `directory`; after `sends` transactions the chain can no longer be reached. (Not within
 * `eth_sendTransaction` itself: of a transaction that may or may not have left, Ignition wants to be told its hash.)
 */
async function runWithJournal(chain: Connection, directory: string, instanceSalt: string, sends = Infinity) {
  const signers = await chain.ethers.getSigners();
  let left = sends;
  return deploy({
    config: { requiredConfirmations: 1, blockPollingInterval: 1, retryInterval: 1, maxRetries: 1 },
    provider: {
      request: async (request): Promise<unknown> => {
        if (request.method === "eth_sendTransaction") left -= 1;
        if (request.method === "eth_estimateGas" && left <= 0) throw new Error("connection refused");
        return chain.provider.request(request);
      },
    },
    deploymentDir: directory,
    artifactResolver: {
      loadArtifact: async (name) => artifacts.readArtifact(name) as Promise<Artifact>,
      getBuildInfo: async () => undefined,
    },
    ignitionModule: RiskVeil,
    deploymentParameters: { RiskVeil: { ...people(signers), ...delays, instanceSalt } },
    accounts: signers.map(({ address }) => address),
  });
}

const delays = { membersDelay: MEMBERS_DELAY, leastDelay: LEAST_DELAY };

function people(signers: readonly Signer[]) {
  const [, , staff1, staff2, staff3] = signers as [Signer, Signer, Signer, Signer, Signer];
  return { staff1: staff1.address, staff2: staff2.address, staff3: staff3.address };
}

async function expectRejection(running: Promise<unknown>): Promise<void> {
  let failed = false;
  await running.catch(() => {
    failed = true;
  });
  expect(failed).to.equal(true);
}

describe("deployment", () => {
  it("leaves every role with those that are named for it, and with nobody else", async () => {
    const platform = await loadFixture(deployedConstitution);
    const { authority, staff, deployer } = platform;
    const holders = new Map<string, Set<string>>();
    for (const event of await authority.queryFilter("*" as never)) {
      const { fragment, args } = event as unknown as { fragment?: { name: string }; args: [bigint, string] };
      const [role, account] = args;
      if (fragment?.name !== "RoleGranted" && fragment?.name !== "RoleRevoked") continue;
      const key = String(role);
      if (!holders.has(key)) holders.set(key, new Set());
      if (fragment.name === "RoleGranted") holders.get(key)?.add(account);
      else holders.get(key)?.delete(account);
    }
    const named = async (...contracts: { getAddress(): Promise<string> }[]) =>
      new Set(await Promise.all(contracts.map(async (contract) => contract.getAddress())));
    const { constitution, dutyDesk, council, directory, exitPlan, rules, ledger, members, datasets } = platform;
    const people_ = new Set(staff.map(({ address }) => address));
    expect(Object.fromEntries(holders)).to.deep.equal({
      [String(await authority.ADMIN_ROLE())]: await named(constitution),
      [String(await authority.ASSOCIATION_ROLE())]: await named(constitution),
      [String(await authority.RULES_ROLE())]: await named(rules, ledger),
      [String(await authority.REGISTRY_ROLE())]: await named(members, datasets),
      [String(await authority.GUARDIAN_ROLE())]: people_,
      [String(await authority.STAFF_ROLE())]: people_,
      [String(await authority.DUTY_ROLE())]: await named(dutyDesk),
      [String(await authority.RESTART_ROLE())]: await named(dutyDesk, council),
      [String(await authority.CHANGE_ROLE())]: await named(directory),
      [String(await authority.DISPOSAL_ROLE())]: await named(exitPlan),
    });
    for (const role of ROLES) {
      expect((await authority.hasRole(role, deployer))[0], `deployer as ${role}`).to.equal(false);
    }
  });

  it("opens every function to the role that deploy/roles.ts names, and all others to the constitution alone", async () => {
    const platform = await loadFixture(deployedConstitution);
    const { authority } = platform;
    const contracts = contractsOf(platform);
    const expected = new Map<string, bigint>();
    for (const { target, role, selectors } of rolesOf()) {
      const id = await authority[`${role}_ROLE`]();
      for (const selector of selectors) expected.set(`${target} ${selector}`, id);
    }
    for (const [name, contract] of Object.entries(contracts)) {
      const address = await contract.getAddress();
      expect(await authority.isTargetClosed(address), name).to.equal(false);
      for (const fragment of contract.interface.fragments) {
        if (!FunctionFragment.isFragment(fragment)) continue;
        const role = await authority.getTargetFunctionRole(address, fragment.selector);
        const wanted = expected.get(`${name} ${fragment.selector}`) ?? 0n;
        expect(role, `${name}.${fragment.name}`).to.equal(wanted);
        expected.delete(`${name} ${fragment.selector}`);
      }
    }
    expect([...expected.keys()]).to.deep.equal([]);
  });

  it("sets the delays that it was given, within their bounds", async () => {
    const { constitution, dutyDesk } = await loadFixture(deployedConstitution);
    expect([await constitution.getMinDelay(), await dutyDesk.getMinDelay()]).to.deep.equal([BigInt(MEMBERS_DELAY), 0n]);
  });

  it("defines the categories A, B and C", async () => {
    const { datasets } = await loadFixture(deployedPlatform);
    const facts = async (category: string) => {
      const { owners, mandatory } = await datasets.getCategory(category);
      return [Number(owners), mandatory];
    };
    expect(await facts(A)).to.deep.equal([1 << Kind.Association, true]);
    expect(await facts(B)).to.deep.equal([1 << Kind.SecuritiesFirm, true]);
    expect(await facts(C)).to.deep.equal([1 << Kind.SecuritiesFirm, false]);
    expect(await datasets.catalogue()).to.deep.equal([A, B, C]);
  });

  it("gives points to nobody and tells every contract the same authority, clock and rules", async () => {
    const platform = await loadFixture(deployedPlatform);
    const { authority, emergency, parameters, members, datasets, points, rules, ledger } = platform;
    expect(await points.totalSupply()).to.equal(0n);
    const { council, directory, exitPlan, records } = platform;
    const stopping = [parameters, members, datasets, points, rules, ledger];
    for (const contract of [...stopping, emergency, council, directory, exitPlan, records]) {
      expect(await contract.authority()).to.equal(await authority.getAddress());
    }
    for (const contract of stopping) expect(await contract.emergency()).to.equal(await emergency.getAddress());
    expect(await Promise.all(stopping.map(async (contract) => contract.freezeScope()))).to.deep.equal(
      [Scope.Rules, Scope.Membership, Scope.Data, Scope.Rules, Scope.Rules, Scope.Queries].map(BigInt),
    );
    for (const contract of [members, datasets, ledger]) {
      expect(await contract.incentiveRules()).to.equal(await rules.getAddress());
    }
  });

  it("keeps every contract within EIP-170, and its creation within EIP-3860", async function () {
    // What coverage measures is larger than what is deployed.
    if (hre.globalOptions.coverage) this.skip();
    const names = [...(await artifacts.getAllFullyQualifiedNames())].filter((name) => name.startsWith("contracts/"));
    let contracts = 0;
    for (const name of names) {
      const { bytecode, deployedBytecode } = await artifacts.readArtifact(name);
      if (bytecode === "0x") continue;
      contracts += 1;
      expect((deployedBytecode.length - 2) / 2, name).to.be.within(1, LARGEST_CODE);
      expect((bytecode.length - 2) / 2, name).to.be.within(1, 2 * LARGEST_CODE);
    }
    expect(contracts).to.be.at.least(Object.keys(contractsOf(await loadFixture(deployedConstitution))).length);
  });

  for (const [story, change, failure] of [
    ["of whom one is the deployer", { staff1: 0 }, "AuthorityStaffAndAdmin"],
    ["of whom two are one", { staff1: 3 }, "AuthorityStaffAlready"],
  ] as const) {
    it(`fails, with an admin left, for a staff ${story}`, async () => {
      const chain = await network.create();
      const signers = await chain.ethers.getSigners();
      const staff = { ...people(signers), staff1: signers[change.staff1]?.address ?? "" };
      const parameters = { RiskVeil: { ...staff, ...delays, instanceSalt: hexlify(randomBytes(32)) } };
      let said: unknown;
      try {
        await chain.ignition.deploy(RiskVeil, { parameters });
      } catch (error) {
        said = error;
      }
      expect(String(said)).to.contain("Grant_staff_staff").and.to.contain(failure);
      await chain.close();
    });
  }

  it("resumes where it was interrupted, and does nothing when it is run again", async () => {
    const chain = await network.create();
    const directory = await mkdtemp(join(tmpdir(), "riskveil-ignition-"));
    try {
      const instanceSalt = hexlify(randomBytes(32));
      for (const sends of [3, 20, 45]) {
        await expectRejection(runWithJournal(chain, directory, instanceSalt, sends));
      }
      const finished = await runWithJournal(chain, directory, instanceSalt);
      const height = await chain.ethers.provider.getBlockNumber();
      const again = await runWithJournal(chain, directory, instanceSalt);
      expect(finished.type).to.equal(DeploymentResultType.SUCCESSFUL_DEPLOYMENT);
      expect(again).to.deep.equal(finished);
      expect(await chain.ethers.provider.getBlockNumber()).to.equal(height);
      // One contract creation or call each, none twice.
      expect(height).to.equal([...RiskVeil.futures].filter(({ type }) => !NOT_SENT.has(type)).length);
    } finally {
      await rm(directory, { recursive: true });
      await chain.close();
    }
  });

  it("gives each instance a salt of its own, even with the same parameters", async () => {
    const salt = randomBytes(32);
    const first = await deployConstitution(connection, salt);
    const second = await deployConstitution(connection, salt);
    expect(await first.ledger.instanceSalt()).not.to.equal(await second.ledger.instanceSalt());
  });
});
