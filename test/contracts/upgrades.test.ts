/** Changes rehearsed while business goes on: sessions are open, points are locked, a settlement is half done. */
import { expect } from "chai";
import { describe, it } from "mocha";

import { changeTo, type ContractName, implementationOf, NAMES } from "./changes.ts";
import { callOf, enact, foundedCouncil } from "./governance.ts";
import { connection, DAY, digest, newIdentityKey, POINT, possession, Scope, SessionStatus } from "./platform.ts";
import { laneHead, leaves, type Opened, openedSession } from "./stages.ts";
import { loadFixture } from "./fixtures.ts";

const { ethers, networkHelpers } = connection;
const { time } = networkHelpers;

/**
 * Alpha has an open session of which 10 evaluations at beta are settled and one batch is anchored; it has signed vouchers up
 * to 25 that beta holds, and a fork; gamma has not settled at all; a second session is closed. Beta has two keys, the
 * second presented only.
 */
async function midSettlement() {
  const platform = await loadFixture(openedSession);
  const { ledger, members, session, alpha, beta, betaData, gammaData, gamma, expiresAt } = platform;
  const sign = async (dataset: string, count: number, transcript = "transcript") =>
    laneHead(platform, alpha.operator, { session, dataset, count, transcript: digest(transcript) });
  await ledger.connect(beta.operator).settle(session, betaData, [await sign(betaData, 10)]);
  await ledger.connect(alpha.operator).anchor(session, 0, leaves(16));
  const key = newIdentityKey();
  await members.connect(beta.operator).presentKey(key.x, key.y, await possession(platform, beta.operator.address, key));
  const vouchers = {
    beta: await sign(betaData, 25),
    gamma: await sign(gammaData, 5),
    fork: await sign(gammaData, 5, "another"),
  };
  return { ...platform, vouchers, gamma, expiresAt };
}

type Stage = Awaited<ReturnType<typeof midSettlement>>;

/** All that a reader can be told about the stage, by the names of the functions that tell it. */
async function readings({ ledger, members, datasets, points, parameters, rules, ...stage }: Opened) {
  const { session, betaData, gammaData, alpha, beta } = stage;
  const [start, end] = await parameters.epochBounds(1);
  return {
    session: await ledger.getSession(session),
    settlesUntil: await ledger.settlesUntil(session),
    allotments: [await ledger.getAllotment(session, betaData), await ledger.getAllotment(session, gammaData)],
    lane: await ledger.getLane(session, betaData, 0),
    salt: await ledger.instanceSalt(),
    domain: await ledger.eip712Domain(),
    members: await Promise.all([1, 2, 3, 4, 5].map(async (id) => members.getMember(id))),
    operator: await members.getOperator(alpha.operator),
    keys: [await members.getKey(beta.id, 0), await members.getKey(beta.id, 1), await members.keyCount(beta.id)],
    counts: [await members.memberCount(), await members.admittedCount(), await datasets.datasetCount()],
    dataset: await datasets.getDataset(betaData),
    commitment: await datasets.latestCommitment(betaData),
    category: await datasets.getCategory((await datasets.catalogue())[0] as string),
    supply: await points.totalSupply(),
    balances: await Promise.all([1, 2, 3, 4, 5].map(async (id) => points.pointsOf(id))),
    held: [await points.balanceOf(ledger), await points.balanceOf(await rules.pool())],
    epoch: [await parameters.currentEpoch(), start, end],
    price: await rules.priceOf(betaData),
    rules: await ledger.incentiveRules(),
  };
}

/** Everything that was begun before goes on to its end; ends with no point made or lost. */
async function finish(platform: Stage): Promise<void> {
  const { ledger, points, rules, session, alpha, beta, gamma, betaData, gammaData, vouchers, settlesUntil } = platform;
  const supply = await points.totalSupply();
  await ledger.connect(beta.operator).settle(session, betaData, [vouchers.beta]);
  expect((await ledger.getAllotment(session, betaData)).settled).to.equal(25n);
  await ledger.connect(gamma.operator).settle(session, gammaData, [vouchers.gamma]);
  await ledger.connect(alpha.operator).anchor(session, 1, leaves(16));
  await ledger.proveFork(session, gammaData, vouchers.gamma, vouchers.fork);
  await time.increaseTo(settlesUntil + 10 * DAY);
  await ledger.closeSession(session);
  const { status, paid } = await ledger.getSession(session);
  expect([status, paid]).to.deep.equal([BigInt(SessionStatus.Closed), 30n * POINT]);
  expect(await points.totalSupply()).to.equal(supply);
  expect(await points.balanceOf(ledger)).to.equal(0n);
  // The pool: its share of 30, and the forfeited rest of 50.
  expect(await points.balanceOf(await rules.pool())).to.equal(56n * POINT);
}

const NEXT: Record<ContractName, string> = {
  platformParameters: "PlatformParameters",
  memberRegistry: "MemberRegistryV2",
  points: "Points",
  incentiveRules: "IncentiveRules",
  datasetRegistry: "DatasetRegistry",
  queryLedger: "QueryLedgerV2",
  algorithmNodes: "AlgorithmNodes",
  keyRounds: "KeyRounds",
  consortiumTables: "ConsortiumTables",
  statisticsBoard: "StatisticsBoard",
};

describe("a change with open sessions and locked points", () => {
  for (const [name, artifact] of Object.entries(NEXT) as [ContractName, string][]) {
    for (const frozen of [false, true]) {
      it(`of ${name}, ${frozen ? "frozen" : "live"}, loses nothing, and what was begun goes on`, async () => {
        const platform = await loadFixture(midSettlement);
        const { directory, check, emergency } = platform;
        const before = await readings(platform);
        if (frozen) await emergency.freeze(Scope.Everything, 3600, digest("change"));
        await directory.change([await changeTo(platform, name, artifact)], check);
        expect(await readings(platform)).to.deep.equal(before);
        if (frozen) await emergency.unfreeze();
        await finish(platform);
      });
    }
  }

  it("of all ten at once loses nothing", async () => {
    const platform = await loadFixture(midSettlement);
    const { directory, check } = platform;
    const before = await readings(platform);
    const changes = [];
    for (const [name, artifact] of Object.entries(NEXT)) {
      changes.push(await changeTo(platform, name as ContractName, artifact));
    }
    await directory.change(changes, check);
    expect(await readings(platform)).to.deep.equal(before);
    await finish(platform);
  });

  it("adds a function and storage, used and taken back without a trace in what was there", async () => {
    const platform = await loadFixture(midSettlement);
    const { directory, check, ledger, members, beta, session } = platform;
    const before = await readings(platform);
    await directory.change(
      [
        await changeTo(platform, "queryLedger", "QueryLedgerV2", { initialization: ["initializeV2", 77] }),
        await changeTo(platform, "memberRegistry", "MemberRegistryV2"),
      ],
      check,
    );
    const ledgerV2 = await ethers.getContractAt("QueryLedgerV2", await ledger.getAddress());
    const membersV2 = await ethers.getContractAt("MemberRegistryV2", await members.getAddress(), beta.operator);
    await ledgerV2.getFunction("remarkOn")(session, digest("remark"));
    await membersV2.getFunction("setPostalAddress")("1 Financial Street");
    expect(await ledgerV2.getFunction("since")()).to.equal(77n);
    expect(await ledgerV2.getFunction("remarkOf")(session)).to.equal(digest("remark"));
    expect(await membersV2.getFunction("postalAddressOf")(beta.id)).to.equal("1 Financial Street");
    expect(await readings(platform)).to.deep.equal(before);
    await directory.takeBack(NAMES.queryLedger, check);
    expect(await readings(platform)).to.deep.equal(before);
    await finish(platform);
  });

  it("goes the whole way through the constitution: proposed, waited for, checked, in force", async () => {
    const platform = await loadFixture(foundedCouncil);
    const { directory, check, ledger, staff } = platform;
    const change = await changeTo(platform, "queryLedger", "QueryLedgerV2");
    const call = callOf(directory, "change", [[change], await check.getAddress()]);
    for (const person of staff) {
      await expect(directory.connect(person).change([change], check))
        .to.be.revertedWithCustomError(directory, "AccessManagedUnauthorized")
        .withArgs(person.address);
    }
    await expect(enact(platform, call)).to.emit(directory, "ChangePassed");
    expect(await implementationOf(ledger)).to.equal(change.implementation);
  });
});

describe("implementations and proxies", () => {
  const implementations = async ({ members, datasets, ledger, points, rules, parameters }: Opened) =>
    Promise.all(
      [members, datasets, ledger, points, rules, parameters].map(async (proxy) =>
        proxy.attach(await implementationOf(proxy)),
      ),
    );

  it("are set up once: no proxy a second time, no implementation at all", async () => {
    const platform = await loadFixture(openedSession);
    const { members, datasets, ledger, points, rules, parameters } = platform;
    for (const contract of [
      ...[members, datasets, ledger, points, rules, parameters],
      ...(await implementations(platform)),
    ]) {
      const call = contract.interface.getFunction("initialize")?.inputs.length === 1 ? [digest("salt")] : [];
      await expect(contract.getFunction("initialize")(...call)).to.be.revertedWithCustomError(
        contract,
        "InvalidInitialization",
      );
    }
  });

  it("refuse every write to an implementation itself", async () => {
    const platform = await loadFixture(openedSession);
    const { members, datasets, ledger, outsider, alpha, beta, betaData, session } = platform;
    const at = async <T extends Opened["members"] | Opened["datasets"] | Opened["ledger"]>(proxy: T) =>
      proxy.attach(await implementationOf(proxy)) as T;
    const [bareMembers, bareDatasets, bareLedger] = [await at(members), await at(datasets), await at(ledger)];
    for (const call of [
      async () => bareMembers.connect(outsider).apply_(3, "squatter", "https://squatter.example"),
      async () => bareMembers.connect(alpha.operator).setEndpoint("https://moved.example"),
      async () => bareDatasets.connect(beta.operator).registerDataset(digest("l"), [digest("c")]),
      async () => bareDatasets.connect(beta.operator).withdraw(betaData, 1, 1, digest("r")),
      async () => bareLedger.connect(alpha.operator).anchor(session, 0, leaves(16)),
      async () => bareLedger.closeSession(session),
    ]) {
      await expect(call()).to.be.revertedWithCustomError(members, "UUPSUnauthorizedCallContext");
    }
  });

  it("cannot be made to change an implementation that is called by itself", async () => {
    const platform = await loadFixture(openedSession);
    const [first] = await implementations(platform);
    const { implementation } = await changeTo(platform, "memberRegistry", "MemberRegistryV2");
    await expect(first?.getFunction("upgradeToAndCall")(implementation, "0x")).to.be.revertedWithCustomError(
      platform.members,
      "UUPSUnauthorizedCallContext",
    );
  });

  it("keep the authority that they were built with, whatever the authority says", async () => {
    const platform = await loadFixture(openedSession);
    const { authority, outsider, emergency } = platform;
    for (const proxy of [platform.members, platform.points, platform.ledger]) {
      for (const change of [
        async () => proxy.setAuthority(outsider),
        async () => authority.updateAuthority(proxy, emergency),
      ]) {
        await expect(change())
          .to.be.revertedWithCustomError(proxy, "AuthorityFixed")
          .withArgs(await authority.getAddress());
      }
    }
  });
});
