import { expect } from "chai";
import { describe, it } from "mocha";

import { connection, DAY, digest, Kind, Scope } from "./platform.ts";
import { shouldBehaveLikeRestricted } from "./restricted.behavior.ts";
import { deployedPlatform, laneHead, openedSession, publishedDatasets } from "./stages.ts";
import { loadFixture } from "./fixtures.ts";

const { networkHelpers } = connection;
const { time } = networkHelpers;

const HOUR = 3600;
const WEEK = 7 * DAY;

describe("Emergency", () => {
  shouldBehaveLikeRestricted([
    {
      name: "freeze",
      role: "GUARDIAN_ROLE",
      call: ({ emergency }, as) => emergency.connect(as).freeze(Scope.Everything, HOUR, digest("drill")),
    },
    {
      name: "unfreeze",
      role: "RESTART_ROLE",
      call: async ({ emergency }, as) => {
        if (!(await emergency.frozen())) await emergency.freeze(Scope.Data, HOUR, digest("drill"));
        return emergency.connect(as).unfreeze();
      },
    },
    {
      name: "prolong",
      role: "RESTART_ROLE",
      call: async ({ emergency }, as) => {
        if (!(await emergency.frozen())) await emergency.freeze(Scope.Data, HOUR, digest("drill"));
        return emergency.connect(as).prolong(HOUR);
      },
    },
    {
      name: "beginExit",
      role: "ASSOCIATION_ROLE",
      call: ({ emergency }, as) => emergency.connect(as).beginExit(digest("order")),
    },
    {
      name: "openDisposal",
      role: "DISPOSAL_ROLE",
      call: async ({ emergency }, as) => {
        if (!(await emergency.exiting())) await emergency.beginExit(digest("order"));
        return emergency.connect(as).openDisposal(digest("plan"));
      },
    },
  ]);

  it("runs with block time while live", async () => {
    const { emergency } = await loadFixture(deployedPlatform);
    await networkHelpers.mine();
    expect(await emergency.time()).to.equal(await time.latest());
    expect(await emergency.frozen()).to.equal(false);
    expect([await emergency.frozenScope(), await emergency.frozenUntil()]).to.deep.equal([0n, 0n]);
    await emergency.requireNotFrozen(Scope.Everything);
  });

  it("stands still while frozen and goes on from there", async () => {
    const { emergency, admin } = await loadFixture(deployedPlatform);
    const frozenAt = (await time.latest()) + 100;
    await time.setNextBlockTimestamp(frozenAt);
    await expect(emergency.freeze(Scope.Everything, DAY, digest("incident")))
      .to.emit(emergency, "PlatformFrozen")
      .withArgs(admin.address, Scope.Everything, frozenAt + DAY, digest("incident"), frozenAt);
    await time.increase(5000);
    expect(await emergency.time()).to.equal(frozenAt);
    expect([await emergency.frozenScope(), await emergency.frozenUntil()]).to.deep.equal([
      BigInt(Scope.Everything),
      BigInt(frozenAt + DAY),
    ]);
    await expect(emergency.requireNotFrozen(Scope.Data))
      .to.be.revertedWithCustomError(emergency, "EmergencyPlatformFrozen")
      .withArgs(frozenAt);

    await time.setNextBlockTimestamp(frozenAt + 9000);
    await expect(emergency.unfreeze()).to.emit(emergency, "PlatformUnfrozen").withArgs(admin.address, frozenAt, 9000);
    await time.increaseTo(frozenAt + 9060);
    expect(await emergency.time()).to.equal(frozenAt + 60);
    expect([await emergency.frozenScope(), await emergency.frozenUntil()]).to.deep.equal([0n, 0n]);
  });

  it("adds up several freezes", async () => {
    const { emergency } = await loadFixture(deployedPlatform);
    const start = (await time.latest()) + 10;
    for (const [freezeAt, unfreezeAt] of [
      [0, 100],
      [150, 1150],
    ] as const) {
      await time.setNextBlockTimestamp(start + freezeAt);
      await emergency.freeze(Scope.Everything, HOUR, digest("drill"));
      await time.setNextBlockTimestamp(start + unfreezeAt);
      await emergency.unfreeze();
    }
    expect(await emergency.time()).to.equal(start + 50);
    expect(await emergency.freezeCount()).to.equal(2n);
  });

  it("goes on past the announced end until somebody lifts it", async () => {
    const { emergency } = await loadFixture(deployedPlatform);
    await emergency.freeze(Scope.Everything, HOUR, digest("drill"));
    await time.increase(2 * HOUR);
    expect(await emergency.frozen()).to.equal(true);
    await expect(emergency.requireNotFrozen(Scope.Rules)).to.be.revertedWithCustomError(
      emergency,
      "EmergencyPlatformFrozen",
    );
  });

  it("refuses to freeze twice, and to lift or prolong what is live", async () => {
    const { emergency } = await loadFixture(deployedPlatform);
    for (const call of [async () => emergency.unfreeze(), async () => emergency.prolong(HOUR)]) {
      await expect(call()).to.be.revertedWithCustomError(emergency, "EmergencyNotFrozen");
    }
    await emergency.freeze(Scope.Everything, HOUR, digest("drill"));
    await expect(emergency.freeze(Scope.Everything, HOUR, digest("drill")))
      .to.be.revertedWithCustomError(emergency, "EmergencyScopeFrozen")
      .withArgs(Scope.Everything);
  });

  it("takes parts that there are, for an hour to a week", async () => {
    const { emergency } = await loadFixture(deployedPlatform);
    for (const scope of [0, 16, 31, 255]) {
      await expect(emergency.freeze(scope, HOUR, digest("drill")))
        .to.be.revertedWithCustomError(emergency, "EmergencyScopeInvalid")
        .withArgs(scope);
    }
    for (const seconds of [0, HOUR - 1, WEEK + 1]) {
      await expect(emergency.freeze(Scope.Data, seconds, digest("drill")))
        .to.be.revertedWithCustomError(emergency, "EmergencyDurationInvalid")
        .withArgs(seconds, HOUR, WEEK);
    }
    await emergency.freeze(Scope.Data, WEEK, digest("drill"));
    await expect(emergency.prolong(HOUR - 1))
      .to.be.revertedWithCustomError(emergency, "EmergencyDurationInvalid")
      .withArgs(HOUR - 1, HOUR, WEEK);
  });

  describe("a freeze of one part", () => {
    it("stops that part and the clock of all, and leaves the others open", async () => {
      const platform = await loadFixture(openedSession);
      const { emergency, members, parameters, ledger, session, alpha, betaData, beta } = platform;
      await emergency.freeze(Scope.Queries, HOUR, digest("incident"));
      const stopped = await emergency.time();
      await time.increase(WEEK);
      const head = await laneHead(platform, alpha.operator, { session, dataset: betaData, count: 3 });
      await expect(ledger.connect(beta.operator).settle(session, betaData, [head]))
        .to.be.revertedWithCustomError(emergency, "EmergencyPlatformFrozen")
        .withArgs(stopped);
      await members.connect(alpha.operator).setEndpoint("https://moved.example");
      await parameters.setSettlementWindow(HOUR);
      expect(await emergency.time()).to.equal(stopped);
      expect(await parameters.currentEpoch()).to.equal(1n);
    });

    it("of the rules stops what would move points, though not what moves none", async () => {
      const platform = await loadFixture(openedSession);
      const { emergency, ledger, session, alpha, betaData, beta, spare, members } = platform;
      await emergency.freeze(Scope.Rules, HOUR, digest("incident"));
      const head = await laneHead(platform, alpha.operator, { session, dataset: betaData, count: 3 });
      await expect(ledger.connect(beta.operator).settle(session, betaData, [head])).to.be.revertedWithCustomError(
        emergency,
        "EmergencyPlatformFrozen",
      );
      await members.connect(spare).apply_(Kind.Bank, "epsilon", "https://epsilon.example");
    });

    it("is widened by a guardian, whose announcement does not count: the end stays", async () => {
      const { emergency, admin } = await loadFixture(deployedPlatform);
      await emergency.freeze(Scope.Data, HOUR, digest("incident"));
      const until = await emergency.frozenUntil();
      await expect(emergency.freeze(Scope.Data, WEEK, digest("again")))
        .to.be.revertedWithCustomError(emergency, "EmergencyScopeFrozen")
        .withArgs(Scope.Data);
      await expect(emergency.freeze(Scope.Queries | Scope.Data, WEEK, digest("wider")))
        .to.emit(emergency, "FreezeExtended")
        .withArgs(admin.address, Scope.Queries | Scope.Data, until);
      expect(await emergency.frozenUntil()).to.equal(until);
      expect(await emergency.freezeCount()).to.equal(1n);
    });

    it("is prolonged from now on, the clock standing all the while", async () => {
      const { emergency, admin } = await loadFixture(deployedPlatform);
      await emergency.freeze(Scope.Data, HOUR, digest("incident"));
      const stopped = await emergency.time();
      const now = (await time.latest()) + 2 * HOUR;
      await time.setNextBlockTimestamp(now);
      await expect(emergency.prolong(DAY))
        .to.emit(emergency, "FreezeExtended")
        .withArgs(admin.address, Scope.Data, now + DAY);
      expect(await emergency.time()).to.equal(stopped);
    });
  });

  it("lets a guardian freeze but not lift the freeze", async () => {
    const { emergency, authority, accounts } = await loadFixture(deployedPlatform);
    const guardian = accounts[9]!;
    await authority.grantRole(await authority.GUARDIAN_ROLE(), guardian, 0);
    await emergency.connect(guardian).freeze(Scope.Everything, HOUR, digest("drill"));
    for (const call of [
      async () => emergency.connect(guardian).unfreeze(),
      async () => emergency.connect(guardian).prolong(HOUR),
    ]) {
      await expect(call())
        .to.be.revertedWithCustomError(emergency, "AccessManagedUnauthorized")
        .withArgs(guardian.address);
    }
    await emergency.unfreeze();
  });

  it("leaves roles changeable while frozen, so that who can unfreeze can be repaired", async () => {
    const { emergency, authority, accounts } = await loadFixture(deployedPlatform);
    await emergency.freeze(Scope.Everything, HOUR, digest("drill"));
    const successor = accounts[9]!;
    await authority.grantRole(await authority.RESTART_ROLE(), successor, 0);
    await emergency.connect(successor).unfreeze();
    expect(await emergency.frozen()).to.equal(false);
  });

  it("holds every deadline while frozen", async () => {
    const platform = await loadFixture(openedSession);
    const { emergency, ledger, session, beta, betaData, alpha, settlesUntil } = platform;
    const voucher = await laneHead(platform, alpha.operator, { session, dataset: betaData, count: 3 });
    const frozenAt = settlesUntil - 10;
    await time.setNextBlockTimestamp(frozenAt);
    await emergency.freeze(Scope.Membership, HOUR, digest("incident"));
    await time.setNextBlockTimestamp(frozenAt + 1_000_000);
    await emergency.unfreeze();
    await time.setNextBlockTimestamp(settlesUntil + 1_000_000);
    await ledger.connect(beta.operator).settle(session, betaData, [voucher]);
    expect((await ledger.getAllotment(session, betaData)).settled).to.equal(3n);
    await time.setNextBlockTimestamp(settlesUntil + 1_000_001);
    await ledger.closeSession(session);
  });

  describe("an exit", () => {
    it("freezes everything for good, from a live platform", async () => {
      const { emergency } = await loadFixture(deployedPlatform);
      const moment = (await time.latest()) + 100;
      await time.setNextBlockTimestamp(moment);
      await expect(emergency.beginExit(digest("order")))
        .to.emit(emergency, "ExitBegun")
        .withArgs(digest("order"), moment);
      expect(await emergency.exiting()).to.equal(true);
      expect([await emergency.frozenScope(), await emergency.frozenUntil()]).to.deep.equal([
        BigInt(Scope.Everything),
        0n,
      ]);
      await time.increase(400 * DAY);
      for (const call of [
        async () => emergency.unfreeze(),
        async () => emergency.prolong(HOUR),
        async () => emergency.beginExit(digest("again")),
      ]) {
        await expect(call()).to.be.revertedWithCustomError(emergency, "EmergencyExiting");
      }
      await expect(emergency.freeze(Scope.Data, HOUR, digest("x")))
        .to.be.revertedWithCustomError(emergency, "EmergencyScopeFrozen")
        .withArgs(Scope.Everything);
      expect(await emergency.time()).to.equal(moment);
    });

    it("begun during a freeze of one part keeps its clock and takes all parts", async () => {
      const { emergency } = await loadFixture(deployedPlatform);
      await emergency.freeze(Scope.Data, HOUR, digest("incident"));
      const stopped = await emergency.time();
      await time.increase(HOUR);
      await expect(emergency.beginExit(digest("order")))
        .to.emit(emergency, "ExitBegun")
        .withArgs(digest("order"), stopped);
      expect(await emergency.time()).to.equal(stopped);
      expect(await emergency.frozenScope()).to.equal(Scope.Everything);
      expect(await emergency.frozenUntil()).to.equal(0n);
      expect(await emergency.freezeCount()).to.equal(1n);
    });

    it("opens the disposal only once it has begun", async () => {
      const { emergency, authority, admin } = await loadFixture(deployedPlatform);
      await authority.grantRole(await authority.DISPOSAL_ROLE(), admin, 0);
      await expect(emergency.openDisposal(digest("plan"))).to.be.revertedWithCustomError(
        emergency,
        "EmergencyNotExiting",
      );
      await emergency.beginExit(digest("order"));
      await expect(emergency.requireDisposable(Scope.Data)).to.be.revertedWithCustomError(
        emergency,
        "EmergencyPlatformFrozen",
      );
      await expect(emergency.openDisposal(digest("plan")))
        .to.emit(emergency, "DisposalOpened")
        .withArgs(digest("plan"));
      expect(await emergency.disposing()).to.equal(true);
      await emergency.requireDisposable(Scope.Data);
    });

    it("ends in holders disposing of their data while everything else stands still", async () => {
      const platform = await loadFixture(publishedDatasets);
      const { emergency, authority, admin, datasets, beta, betaData, parameters } = platform;
      await authority.grantRole(await authority.DISPOSAL_ROLE(), admin, 0);
      const [, end] = await parameters.epochBounds(1);
      await time.increaseTo(end);
      await emergency.beginExit(digest("order"));
      const holder = datasets.connect(beta.operator);
      const withdraw = async () => holder.withdraw(betaData, 1, 1, digest("exit"));
      await expect(withdraw()).to.be.revertedWithCustomError(emergency, "EmergencyPlatformFrozen");
      await emergency.openDisposal(digest("plan"));
      await withdraw();
      await holder.recordKeyDestruction(betaData, 1, digest("destroyed"));
      await expect(holder.fileNilReport(betaData, 2, digest("nil"))).to.be.revertedWithCustomError(
        emergency,
        "EmergencyPlatformFrozen",
      );
    });
  });
});
