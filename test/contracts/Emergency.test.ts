import { expect } from "chai";
import { describe, it } from "mocha";

import { connection, digest, Kind } from "./platform.ts";
import { shouldBehaveLikeRestricted, shouldRespectFreeze } from "./restricted.behavior.ts";
import { deployedPlatform, laneHead, leaves, openedSession, publication } from "./stages.ts";

const { networkHelpers } = connection;
const { time } = networkHelpers;

describe("Emergency", () => {
  shouldBehaveLikeRestricted([
    {
      name: "freeze",
      role: "GUARDIAN_ROLE",
      call: ({ emergency }, as) => emergency.connect(as).freeze(digest("drill")),
    },
  ]);

  it("runs with block time while live", async () => {
    const { emergency } = await networkHelpers.loadFixture(deployedPlatform);
    await networkHelpers.mine();
    expect(await emergency.time()).to.equal(await time.latest());
    expect(await emergency.frozen()).to.equal(false);
    await emergency.requireNotFrozen();
  });

  it("stands still while frozen and goes on from there", async () => {
    const { emergency, admin } = await networkHelpers.loadFixture(deployedPlatform);
    const frozenAt = (await time.latest()) + 100;
    await time.setNextBlockTimestamp(frozenAt);
    await expect(emergency.freeze(digest("incident")))
      .to.emit(emergency, "PlatformFrozen")
      .withArgs(admin.address, digest("incident"), frozenAt);
    await time.increase(5000);
    expect(await emergency.time()).to.equal(frozenAt);
    await expect(emergency.requireNotFrozen())
      .to.be.revertedWithCustomError(emergency, "EmergencyPlatformFrozen")
      .withArgs(frozenAt);

    await time.setNextBlockTimestamp(frozenAt + 9000);
    await expect(emergency.unfreeze()).to.emit(emergency, "PlatformUnfrozen").withArgs(admin.address, frozenAt, 9000);
    await time.increaseTo(frozenAt + 9060);
    expect(await emergency.time()).to.equal(frozenAt + 60);
  });

  it("adds up several freezes", async () => {
    const { emergency } = await networkHelpers.loadFixture(deployedPlatform);
    const start = (await time.latest()) + 10;
    for (const [freezeAt, unfreezeAt] of [
      [0, 100],
      [150, 1150],
    ] as const) {
      await time.setNextBlockTimestamp(start + freezeAt);
      await emergency.freeze(digest("drill"));
      await time.setNextBlockTimestamp(start + unfreezeAt);
      await emergency.unfreeze();
    }
    expect(await emergency.time()).to.equal(start + 50);
  });

  it("refuses to freeze twice and to unfreeze what is live", async () => {
    const { emergency } = await networkHelpers.loadFixture(deployedPlatform);
    await expect(emergency.unfreeze()).to.be.revertedWithCustomError(emergency, "EmergencyNotFrozen");
    await emergency.freeze(digest("drill"));
    await expect(emergency.freeze(digest("drill"))).to.be.revertedWithCustomError(emergency, "EmergencyPlatformFrozen");
  });

  it("lets a guardian freeze but not lift the freeze", async () => {
    const { emergency, authority, accounts } = await networkHelpers.loadFixture(deployedPlatform);
    const guardian = accounts[9]!;
    await authority.grantRole(await authority.GUARDIAN_ROLE(), guardian, 0);
    await emergency.connect(guardian).freeze(digest("drill"));
    await expect(emergency.connect(guardian).unfreeze()).to.be.revertedWithCustomError(
      emergency,
      "AccessManagedUnauthorized",
    );
    await emergency.unfreeze();
  });

  it("leaves roles changeable while frozen, so that who can unfreeze can be repaired", async () => {
    const { emergency, authority, accounts } = await networkHelpers.loadFixture(deployedPlatform);
    await emergency.freeze(digest("drill"));
    const successor = accounts[9]!;
    await authority.grantRole(await authority.ASSOCIATION_ROLE(), successor, 0);
    await emergency.connect(successor).unfreeze();
    expect(await emergency.frozen()).to.equal(false);
  });

  it("holds every deadline while frozen", async () => {
    const platform = await networkHelpers.loadFixture(openedSession);
    const { emergency, ledger, session, beta, betaData, alpha, settlesUntil } = platform;
    const voucher = await laneHead(platform, alpha.operator, { session, dataset: betaData, count: 3 });
    const frozenAt = settlesUntil - 10;
    await time.setNextBlockTimestamp(frozenAt);
    await emergency.freeze(digest("incident"));
    await time.setNextBlockTimestamp(frozenAt + 1_000_000);
    await emergency.unfreeze();
    await time.setNextBlockTimestamp(settlesUntil + 1_000_000);
    await ledger.connect(beta.operator).settle(session, betaData, [voucher]);
    expect((await ledger.getAllotment(session, betaData)).settled).to.equal(3n);
    await time.setNextBlockTimestamp(settlesUntil + 1_000_001);
    await ledger.closeSession(session);
  });

  describe("stops every write", () => {
    const head = { lane: 0, count: 1, transcript: digest("t"), signature: "0x" };
    shouldRespectFreeze([
      { name: "apply_", call: ({ members }, as) => members.connect(as).apply_(Kind.Bank, "x", "y", digest("c")) },
      { name: "admit", call: ({ members }, as) => members.connect(as).admit(1) },
      { name: "suspend", call: ({ members }, as) => members.connect(as).suspend(1, digest("r")) },
      { name: "reinstate", call: ({ members }, as) => members.connect(as).reinstate(1) },
      { name: "exit", call: ({ members }, as) => members.connect(as).exit(1) },
      { name: "setEndpoint", call: ({ members }, as) => members.connect(as).setEndpoint("x") },
      { name: "nominateOperator", call: ({ members }, as) => members.connect(as).nominateOperator(as) },
      { name: "acceptNomination", call: ({ members }, as) => members.connect(as).acceptNomination(1) },
      { name: "retireOperator", call: ({ members }, as) => members.connect(as).retireOperator(as) },
      { name: "setIncentiveRules", call: ({ members, rules }, as) => members.connect(as).setIncentiveRules(rules) },
      {
        name: "defineCategory",
        call: ({ datasets }, as) => datasets.connect(as).defineCategory(digest("Z"), Kind.Bank, true, "Z"),
      },
      { name: "registerDataset", call: ({ datasets }, as) => datasets.connect(as).registerDataset(digest("l"), []) },
      {
        name: "publish",
        call: ({ datasets, betaData }, as) => datasets.connect(as).publish(betaData, publication("x")),
      },
      {
        name: "fileNilReport",
        call: ({ datasets, betaData }, as) => datasets.connect(as).fileNilReport(betaData, 1, digest("n")),
      },
      {
        name: "withdraw",
        call: ({ datasets, betaData }, as) => datasets.connect(as).withdraw(betaData, 1, 1, digest("r")),
      },
      {
        name: "recordKeyDestruction",
        call: ({ datasets, betaData }, as) => datasets.connect(as).recordKeyDestruction(betaData, 1, digest("a")),
      },
      { name: "setEpochLength", call: ({ parameters }, as) => parameters.connect(as).setEpochLength(3600) },
      { name: "setSettlementWindow", call: ({ parameters }, as) => parameters.connect(as).setSettlementWindow(3600) },
      {
        name: "setMaximumSessionDuration",
        call: ({ parameters }, as) => parameters.connect(as).setMaximumSessionDuration(3600),
      },
      { name: "setRecordExpiry", call: ({ parameters }, as) => parameters.connect(as).setRecordExpiry(36) },
      {
        name: "switchExistingCustomers",
        call: ({ parameters }, as) => parameters.connect(as).switchExistingCustomers(true),
      },
      { name: "anchorAudit", call: ({ anchors }, as) => anchors.connect(as).anchorAudit(0, digest("a")) },
      { name: "setPrice", call: ({ rules, betaData }, as) => rules.connect(as).setPrice(betaData, 1) },
      { name: "setRates", call: ({ rules }, as) => rules.connect(as).setRates(1, 1, 1, 1) },
      { name: "onAdmitted", call: ({ rules }, as) => rules.connect(as).onAdmitted(1) },
      {
        name: "onPublished",
        call: ({ rules, betaData }, as) => rules.connect(as).onPublished(1, betaData, 1, 1, 1024),
      },
      { name: "mint", call: ({ points }, as) => points.connect(as).mint(as, 1) },
      { name: "move", call: ({ points }, as) => points.connect(as).move(as, as, 0) },
      { name: "openSession", call: ({ ledger }, as) => ledger.connect(as).openSession(1, [], [], 0) },
      {
        name: "settle",
        call: ({ ledger, session, betaData }, as) => ledger.connect(as).settle(session, betaData, [head]),
      },
      { name: "anchor", call: ({ ledger, session }, as) => ledger.connect(as).anchor(session, 0, leaves(16)) },
      {
        name: "proveFork",
        call: ({ ledger, session, betaData }, as) => ledger.connect(as).proveFork(session, betaData, head, head),
      },
      { name: "closeSession", call: ({ ledger, session }, as) => ledger.connect(as).closeSession(session) },
    ]);
  });
});
