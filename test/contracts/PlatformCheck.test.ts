/** What the check after a change sees: a version that breaks something is refused, and the one before goes on. */
import { expect } from "chai";
import { type BaseContract, encodeBytes32String, toBeHex } from "ethers";
import { describe, it } from "mocha";

import { Authority__factory } from "../../types/ethers-contracts/factories/governance/Authority__factory.ts";
import { Emergency__factory } from "../../types/ethers-contracts/factories/governance/Emergency__factory.ts";
import { SampleCheck__factory } from "../../types/ethers-contracts/factories/governance/SampleCheck__factory.ts";
import type { ChangeStruct } from "../../types/ethers-contracts/governance/IContractDirectory.ts";
import { changeTo, type ContractName, dependenciesOf, implementationOf, NAMES } from "./changes.ts";
import { connection, digest, type Platform } from "./platform.ts";
import { laneHead, type Opened, openedSession } from "./stages.ts";
import { loadFixture } from "./fixtures.ts";

const { ethers } = connection;

const PROXIES = {
  platformParameters: "parameters",
  memberRegistry: "members",
  points: "points",
  incentiveRules: "rules",
  datasetRegistry: "datasets",
  queryLedger: "ledger",
  algorithmNodes: "nodes",
  keyRounds: "rounds",
  consortiumTables: "tables",
  statisticsBoard: "board",
} as const;

/** The change is refused with this finding; the version before stands and works. */
async function expectRefused(platform: Opened, name: ContractName, change: ChangeStruct, finding: string) {
  const { directory, check, ledger, session, alpha, beta, betaData } = platform;
  const proxy = platform[PROXIES[name]];
  const before = await implementationOf(proxy);
  await expect(directory.change([change], check))
    .to.be.revertedWithCustomError(directory, "ChangeCheckFailed")
    .withArgs(await check.getAddress(), encodeBytes32String(finding));
  expect(await implementationOf(proxy)).to.equal(before);
  expect(await directory.versionOf(NAMES[name])).to.equal(1n);
  const head = await laneHead(platform, alpha.operator, { session, dataset: betaData, count: 3 });
  await ledger.connect(beta.operator).settle(session, betaData, [head]);
}

/** Where a contract keeps a word, found by its value. */
async function slotOf(contract: BaseContract, word: string): Promise<string> {
  for (let slot = 0n; slot < 30n; slot++) {
    if ((await ethers.provider.getStorage(contract, slot)) === word) return toBeHex(slot, 32);
  }
  throw new RangeError(`no such word: ${word}`);
}

describe("PlatformCheck refuses a version", () => {
  it("that moved the members", async () => {
    const platform = await loadFixture(openedSession);
    // With every slot moved the registry knows no rules any more, either: that is what is looked at first.
    await expectRefused(
      platform,
      "memberRegistry",
      await changeTo(platform, "memberRegistry", "ShiftedMembers"),
      "WIRING",
    );
  });

  it("that moved the datasets", async () => {
    const platform = await loadFixture(openedSession);
    const change = await changeTo(platform, "datasetRegistry", "ShiftedDatasets");
    await expectRefused(platform, "datasetRegistry", change, "WIRING");
  });

  it("that mints points", async () => {
    const platform = await loadFixture(openedSession);
    const initialization = ["initializeV2", platform.outsider.address, 1] as const;
    await expectRefused(
      platform,
      "points",
      await changeTo(platform, "points", "MintingPoints", { initialization }),
      "POINTS",
    );
  });

  it("that moves points", async () => {
    const platform = await loadFixture(openedSession);
    const { members, alpha, beta, ledger, rules } = platform;
    const [from, to] = [await members.vaultOf(alpha.id), await members.vaultOf(beta.id)];
    for (const [taken, given] of [
      [from, to],
      [await ledger.getAddress(), platform.outsider.address],
      [from, await rules.pool()],
    ] as const) {
      const initialization = ["initializeByTaking", taken, given, 1] as const;
      const change = await changeTo(platform, "points", "MintingPoints", { initialization });
      await expect(platform.directory.change([change], platform.check))
        .to.be.revertedWithCustomError(platform.directory, "ChangeCheckFailed")
        .withArgs(await platform.check.getAddress(), encodeBytes32String("POINTS"));
    }
  });

  it("that asks another authority, or another clock", async () => {
    const platform = await loadFixture(openedSession);
    const { admin, authority } = platform;
    const another = await new Authority__factory(admin).deploy(admin);
    const [, ...rest] = dependenciesOf(platform, "queryLedger");
    const dependencies = [another, ...rest];
    await expectRefused(
      platform,
      "queryLedger",
      await changeTo(platform, "queryLedger", "QueryLedgerV2", { dependencies }),
      "WIRING",
    );
    const clock = await new Emergency__factory(admin).deploy(authority);
    await expect(
      platform.directory.change(
        [await changeTo(platform, "points", "Points", { dependencies: [authority, clock, platform.members] })],
        platform.check,
      ),
    ).to.be.revertedWithCustomError(platform.directory, "ChangeCheckFailed");
  });

  it("that has another instance salt", async () => {
    const platform = await loadFixture(openedSession);
    const { authority, emergency } = platform;
    const change = await changeTo(platform, "queryLedger", "ForgetfulLedger", {
      dependencies: [authority, emergency, "1"],
      initialization: ["initializeV2", digest("another salt")],
    });
    await expectRefused(platform, "queryLedger", change, "LEDGER");
  });

  it("that has another voucher domain", async () => {
    const platform = await loadFixture(openedSession);
    const { authority, emergency } = platform;
    const change = await changeTo(platform, "queryLedger", "ForgetfulLedger", {
      dependencies: [authority, emergency, "2"],
    });
    await expectRefused(platform, "queryLedger", change, "LEDGER");
  });

  it("that loses the last member, the last dataset or the last node, or changes a parameter in passing", async () => {
    const platform = await loadFixture(openedSession);
    const { directory, check, parameters, members, datasets, rules, nodes, alpha } = platform;
    await nodes.connect(alpha.operator).register();
    const word = (value: bigint): string => toBeHex(value, 32);
    // The registry keeps the count of members beside the address of the rules, the parameters two durations and the term of records together.
    const counted = (count: bigint) => async () => word((count << 160n) | BigInt(await rules.getAddress()));
    const durations = (window: bigint) => async () => word((60n << 64n) | (604_800n << 32n) | window);
    for (const [name, artifact, contract, before, after, finding] of [
      ["memberRegistry", "ScribblingMembers", members, counted(5n), counted(4n), "MEMBERS"],
      ["datasetRegistry", "ScribblingDatasets", datasets, async () => word(4n), async () => word(3n), "DATASETS"],
      ["platformParameters", "ScribblingParameters", parameters, durations(86_400n), durations(60n), "PARAMETERS"],
      ["algorithmNodes", "ScribblingNodes", nodes, async () => word(1n), async () => word(0n), "COMPUTATION"],
    ] as const) {
      const slot = await slotOf(contract, await before());
      const initialization = ["scribble", slot, await after()] as const;
      await expect(directory.change([await changeTo(platform, name, artifact, { initialization })], check))
        .to.be.revertedWithCustomError(directory, "ChangeCheckFailed")
        .withArgs(await check.getAddress(), encodeBytes32String(finding));
    }
  });

  it("that answers nothing, with that version's own error", async () => {
    const platform = await loadFixture(openedSession);
    const { directory, check, authority, emergency, members } = platform;
    const change = await changeTo(platform, "memberRegistry", "ForgetfulLedger", {
      dependencies: [authority, emergency, "1"],
    });
    const { interface: abi } = await ethers.getContractFactory("ForgetfulLedger");
    await expect(directory.change([change], check))
      .to.be.revertedWithCustomError({ interface: abi }, "Unanswered")
      .withArgs(members.interface.getFunction("memberCount").selector);
    expect(await directory.versionOf(NAMES.memberRegistry)).to.equal(1n);
  });

  it("in a pair of which only the other is good: all or nothing", async () => {
    const platform = await loadFixture(openedSession);
    const { directory, check, ledger } = platform;
    const before = await implementationOf(ledger);
    const pair = [
      await changeTo(platform, "queryLedger", "QueryLedgerV2"),
      await changeTo(platform, "memberRegistry", "ShiftedMembers"),
    ];
    await expect(directory.change(pair, check)).to.be.revertedWithCustomError(directory, "ChangeCheckFailed");
    expect(await implementationOf(ledger)).to.equal(before);
    expect(await directory.versionOf(NAMES.queryLedger)).to.equal(1n);
  });
});

describe("SampleCheck", () => {
  /** Asks, beside what is always asked, for the open session, its lane, an operator and a key. */
  async function sampleCheck(platform: Opened) {
    const { admin, check, ledger, members, session, alpha, betaData } = platform;
    const ask = async (contract: Platform["ledger"] | Platform["members"], name: string, ...parameters: unknown[]) => ({
      target: await contract.getAddress(),
      question: contract.interface.encodeFunctionData(name as never, parameters as never),
    });
    return new SampleCheck__factory(admin).deploy(check, [
      await ask(ledger, "getSession", session),
      await ask(ledger, "getAllotment", session, betaData),
      await ask(members, "getOperator", alpha.operator.address),
      await ask(members, "getKey", alpha.id, 0),
      // An error is an answer, too.
      await ask(members, "getKey", alpha.id, 1),
    ]);
  }

  it("sees the sessions that PlatformCheck cannot: a ledger that lost them is refused", async () => {
    const platform = await loadFixture(openedSession);
    const { directory, check, authority, emergency, ledger } = platform;
    const salt = await ledger.instanceSalt();
    const change = await changeTo(platform, "queryLedger", "ForgetfulLedger", {
      dependencies: [authority, emergency, "1"],
      initialization: ["initializeV2", salt],
    });
    await directory.change.staticCall([change], check);
    const samples = await sampleCheck(platform);
    await expect(directory.change([change], samples))
      .to.be.revertedWithCustomError(directory, "ChangeCheckFailed")
      .withArgs(await samples.getAddress(), encodeBytes32String("SAMPLES"));
    await directory.change([await changeTo(platform, "queryLedger", "QueryLedgerV2")], samples);
  });

  it("passes on what the check within it finds", async () => {
    const platform = await loadFixture(openedSession);
    const { directory, outsider } = platform;
    const samples = await sampleCheck(platform);
    const initialization = ["initializeV2", outsider.address, 1] as const;
    await expect(directory.change([await changeTo(platform, "points", "MintingPoints", { initialization })], samples))
      .to.be.revertedWithCustomError(directory, "ChangeCheckFailed")
      .withArgs(await samples.getAddress(), encodeBytes32String("POINTS"));
  });

  it("shows what it asks, and asks only what can answer", async () => {
    const platform = await loadFixture(openedSession);
    const { admin, check, outsider, ledger, session } = platform;
    const samples = await sampleCheck(platform);
    const asked = await samples.samples();
    expect(asked).to.have.length(5);
    expect(asked[0]?.question).to.equal(ledger.interface.encodeFunctionData("getSession", [session]));
    await expect(new SampleCheck__factory(admin).deploy(check, [{ target: outsider, question: "0x" }]))
      .to.be.revertedWithCustomError(samples, "SampleTargetInvalid")
      .withArgs(outsider.address);
  });

  it("leaves a way back from a version that answers nothing: a check that does not ask it", async () => {
    const platform = await loadFixture(openedSession);
    const { directory, check, authority, emergency, members } = platform;
    const before = await implementationOf(members);
    const nothing = await ethers.deployContract("FixedCheck", [encodeBytes32String("")]);
    const change = await changeTo(platform, "memberRegistry", "ForgetfulLedger", {
      dependencies: [authority, emergency, "1"],
    });
    await directory.change([change], await nothing.getAddress());
    const { interface: abi } = await ethers.getContractFactory("ForgetfulLedger");
    await expect(directory.takeBack(NAMES.memberRegistry, check)).to.be.revertedWithCustomError(
      { interface: abi },
      "Unanswered",
    );
    await directory.takeBack(NAMES.memberRegistry, await nothing.getAddress());
    expect(await implementationOf(members)).to.equal(before);
  });
});
