import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { type Artifact, deploy, DeploymentResultType } from "@nomicfoundation/ignition-core";
import { expect } from "chai";
import { type BaseContract, hexlify, randomBytes } from "ethers";
import { artifacts, network } from "hardhat";
import { describe, it } from "mocha";

import RiskVeil from "../../deploy/RiskVeil.ts";
import {
  A,
  B,
  C,
  type Connection,
  connection,
  deployPlatform,
  digest,
  Kind,
  POINT,
  type Platform,
} from "./platform.ts";
import { deployedPlatform } from "./stages.ts";

const { ethers, networkHelpers } = connection;

/** EIP-170. */
const LARGEST_CODE = 24_576;

function contractsOf(platform: Platform): Record<string, BaseContract> {
  const { authority, emergency, parameters, members, datasets, points, rules, ledger, anchors } = platform;
  return { authority, emergency, parameters, members, datasets, points, rules, ledger, anchors };
}

/** Roles read from the authority: futures without a transaction. */
const STATIC_CALLS = 5;

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
    deploymentParameters: { RiskVeil: { associationAdmin: signers[1]?.address ?? "", instanceSalt } },
    accounts: signers.map(({ address }) => address),
  });
}

async function expectRejection(running: Promise<unknown>): Promise<void> {
  let failed = false;
  await running.catch(() => {
    failed = true;
  });
  expect(failed).to.equal(true);
}

describe("deployment", () => {
  it("leaves the deployer with no role", async () => {
    const { authority, deployer, admin } = await networkHelpers.loadFixture(deployedPlatform);
    for (const role of [0, 1, 2, 3, 4]) {
      expect((await authority.hasRole(role, deployer))[0], `role ${role}`).to.equal(false);
    }
    for (const role of [0, 1, 4]) expect((await authority.hasRole(role, admin))[0], `role ${role}`).to.equal(true);
    for (const role of [2, 3]) expect((await authority.hasRole(role, admin))[0], `role ${role}`).to.equal(false);
  });

  it("leaves the deployer unable to govern anything", async () => {
    const platform = await networkHelpers.loadFixture(deployedPlatform);
    const { deployer, authority, emergency, parameters, members, datasets, points, rules, ledger } = platform;
    await members.connect(platform.accounts[0] ?? null).apply_(Kind.Bank, "delta", "http://127.0.0.1:1", digest("d"));
    const vault = await members.vaultOf(1);
    const governed = [
      async () => members.connect(deployer).admit(1),
      async () => members.connect(deployer).suspend(1, digest("x")),
      async () => members.connect(deployer).reinstate(1),
      async () => members.connect(deployer).exit(1),
      async () => members.connect(deployer).setIncentiveRules(rules),
      async () => datasets.connect(deployer).setIncentiveRules(rules),
      async () => ledger.connect(deployer).setIncentiveRules(rules),
      async () => datasets.connect(deployer).defineCategory(digest("Z"), Kind.Bank, false, "Z"),
      async () => parameters.connect(deployer).setEpochLength(3600),
      async () => parameters.connect(deployer).setSettlementWindow(3600),
      async () => parameters.connect(deployer).setMaximumSessionDuration(3600),
      async () => parameters.connect(deployer).switchExistingCustomers(true),
      async () => rules.connect(deployer).setPrice(digest("Z"), 1),
      async () => rules.connect(deployer).setRates(1, 1, 1, 1),
      async () => rules.connect(deployer).onAdmitted(1),
      async () => rules.connect(deployer).onPublished(1, digest("Z"), 1, 1, 1024),
      async () => points.connect(deployer).mint(deployer, POINT),
      async () => points.connect(deployer).move(vault, deployer, POINT),
      async () => emergency.connect(deployer).freeze(digest("x")),
      async () => emergency.connect(deployer).unfreeze(),
    ];
    for (const [index, call] of governed.entries()) {
      await expect(call(), `call ${index}`).to.be.revertedWithCustomError(members, "AccessManagedUnauthorized");
    }
    const administrative = [
      async () => authority.connect(deployer).grantRole(0, deployer, 0),
      async () => authority.connect(deployer).grantRole(1, deployer, 0),
      async () => authority.connect(deployer).revokeRole(0, platform.admin),
      async () => authority.connect(deployer).setTargetFunctionRole(members, ["0x12345678"], 1),
      async () => authority.connect(deployer).setTargetClosed(members, true),
      async () => authority.connect(deployer).setRoleAdmin(1, 1),
      async () => authority.connect(deployer).updateAuthority(members, deployer),
      async () => authority.connect(deployer).labelRole(1, "x"),
    ];
    for (const [index, call] of administrative.entries()) {
      await expect(call(), `administrative call ${index}`).to.be.revertedWithCustomError(
        authority,
        "AccessManagerUnauthorizedAccount",
      );
    }
    await expect(members.connect(deployer).setAuthority(deployer)).to.be.revertedWithCustomError(
      members,
      "AccessManagedUnauthorized",
    );
  });

  it("defines the categories A, B and C", async () => {
    const { datasets } = await networkHelpers.loadFixture(deployedPlatform);
    const facts = async (category: string) => {
      const { ownerKind, mandatory } = await datasets.getCategory(category);
      return [Number(ownerKind), mandatory];
    };
    expect(await facts(A)).to.deep.equal([Kind.Association, true]);
    expect(await facts(B)).to.deep.equal([Kind.SecuritiesFirm, true]);
    expect(await facts(C)).to.deep.equal([Kind.SecuritiesFirm, false]);
  });

  it("gives points to nobody and tells every contract the same authority, clock and rules", async () => {
    const platform = await networkHelpers.loadFixture(deployedPlatform);
    const { authority, emergency, parameters, members, datasets, points, rules, ledger, anchors } = platform;
    expect(await points.totalSupply()).to.equal(0n);
    for (const contract of [emergency, parameters, members, datasets, points, rules, ledger]) {
      expect(await contract.authority()).to.equal(await authority.getAddress());
    }
    for (const contract of [parameters, members, datasets, points, rules, ledger, anchors]) {
      expect(await contract.emergency()).to.equal(await emergency.getAddress());
    }
    for (const contract of [members, datasets, ledger]) {
      expect(await contract.incentiveRules()).to.equal(await rules.getAddress());
    }
  });

  it("keeps every contract within EIP-170", async () => {
    const platform = await networkHelpers.loadFixture(deployedPlatform);
    for (const [name, contract] of Object.entries(contractsOf(platform))) {
      const code = await ethers.provider.getCode(await contract.getAddress());
      expect((code.length - 2) / 2, name).to.be.within(1, LARGEST_CODE);
    }
  });

  it("fails in its last step, and keeps an admin, when the association's admin is the deployer", async () => {
    const chain = await network.create();
    const [deployer] = await chain.ethers.getSigners();
    const associationAdmin = deployer?.address ?? "";
    const parameters = { RiskVeil: { associationAdmin, instanceSalt: hexlify(randomBytes(32)) } };
    let failure: unknown;
    try {
      await chain.ignition.deploy(RiskVeil, { parameters });
    } catch (error) {
      failure = error;
    }
    expect(String(failure)).to.contain("Renounce_admin").and.to.contain("AuthorityLastAdmin");
    await chain.close();
  });

  it("resumes where it was interrupted, and does nothing when it is run again", async () => {
    const chain = await network.create();
    const directory = await mkdtemp(join(tmpdir(), "riskveil-ignition-"));
    try {
      const instanceSalt = hexlify(randomBytes(32));
      for (const sends of [3, 7, 11]) {
        await expectRejection(runWithJournal(chain, directory, instanceSalt, sends));
      }
      const finished = await runWithJournal(chain, directory, instanceSalt);
      const height = await chain.ethers.provider.getBlockNumber();
      const again = await runWithJournal(chain, directory, instanceSalt);
      expect(finished.type).to.equal(DeploymentResultType.SUCCESSFUL_DEPLOYMENT);
      expect(again).to.deep.equal(finished);
      expect(await chain.ethers.provider.getBlockNumber()).to.equal(height);
      // One contract creation or call each, none twice.
      expect(height).to.equal(RiskVeil.futures.size - STATIC_CALLS);
    } finally {
      await rm(directory, { recursive: true });
      await chain.close();
    }
  });

  it("gives each instance a salt of its own, even with the same parameters", async () => {
    const salt = randomBytes(32);
    const first = await deployPlatform(connection, salt);
    const second = await deployPlatform(connection, salt);
    expect(await first.ledger.instanceSalt()).not.to.equal(await second.ledger.instanceSalt());
  });
});
