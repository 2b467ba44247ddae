import { expect } from "chai";
import { encodeBytes32String, toBeHex, ZeroHash } from "ethers";
import { describe, it } from "mocha";

import { CollectionStatus, nextBlockAt, words } from "./computation.ts";
import { loadFixture } from "./fixtures.ts";
import { admit, Capability, connection, DAY, digest, Kind, Status } from "./platform.ts";
import { type Call, shouldBehaveLikeRestricted } from "./restricted.behavior.ts";
import { admittedMembers } from "./stages.ts";
import {
  CLIENTS,
  closedCollection,
  contribute,
  definedStatistic,
  KEY,
  KEY_DIGEST,
  openedCollection,
  PERIOD,
  pretendContributors,
  RECORD,
  statistic,
} from "./statistics.ts";

const { networkHelpers } = connection;
const { time } = networkHelpers;
const UNKNOWN = encodeBytes32String("UNKNOWN");
const REASON = encodeBytes32String("NEVER_ARRIVED");
const ANSWER = digest("answer");
const SET = digest("set of contributions");
const YEAR = 366 * DAY;

/** The shared behaviour knows no statistics: what is missing is made first, once. */
const prepared =
  (call: Call): Call =>
  async (platform, as) => {
    const { board, alpha, beta, gamma } = platform;
    if ((await board.currentKey()) === ZeroHash) {
      await board.setKey(KEY_DIGEST, RECORD, KEY);
      await board.defineStatistic(CLIENTS, statistic());
      const closesAt = (await time.latest()) + DAY;
      await board.openCollection(CLIENTS, PERIOD, closesAt);
      for (const party of [alpha, beta, gamma]) await contribute(platform, party);
      await time.increaseTo(closesAt);
    }
    return call(platform, as);
  };

describe("StatisticsBoard", () => {
  shouldBehaveLikeRestricted([
    {
      name: "setKey",
      role: "ASSOCIATION_ROLE",
      call: ({ board }, as) => board.connect(as).setKey(KEY_DIGEST, RECORD, KEY),
    },
    {
      name: "defineStatistic",
      role: "ASSOCIATION_ROLE",
      call: ({ board }, as) => board.connect(as).defineStatistic(CLIENTS, statistic()),
    },
    {
      name: "retireStatistic",
      role: "ASSOCIATION_ROLE",
      call: prepared(({ board }, as) => board.connect(as).retireStatistic(CLIENTS)),
    },
    {
      name: "openCollection",
      role: "DUTY_ROLE",
      call: prepared(async ({ board }, as) =>
        board.connect(as).openCollection(CLIENTS, PERIOD + 1, (await time.latest()) + DAY),
      ),
    },
    {
      name: "strike",
      role: "DUTY_ROLE",
      call: prepared(({ board, alpha }, as) => board.connect(as).strike(CLIENTS, PERIOD, alpha.id, REASON)),
    },
    {
      name: "release",
      role: "DUTY_ROLE",
      call: prepared(({ board }, as) => board.connect(as).release(CLIENTS, PERIOD, SET, ANSWER)),
    },
    {
      name: "abandon",
      role: "DUTY_ROLE",
      call: prepared(({ board }, as) => board.connect(as).abandon(CLIENTS, PERIOD, REASON)),
    },
  ]);

  it("knows nothing at first, and is set up once", async () => {
    const { board, alpha } = await loadFixture(admittedMembers);
    expect([await board.currentKey(), await board.keyOf(KEY_DIGEST)]).to.deep.equal([ZeroHash, "0x"]);
    expect(await board.statistics()).to.deep.equal([]);
    expect((await board.getStatistic(CLIENTS)).leastContributors).to.equal(0);
    expect((await board.getCollection(CLIENTS, PERIOD)).status).to.equal(CollectionStatus.None);
    expect(await board.contributionOf(CLIENTS, PERIOD, alpha.id)).to.equal(ZeroHash);
    await expect(board.initialize()).to.be.revertedWithCustomError(board, "InvalidInitialization");
  });

  describe("keys", () => {
    it("are of a ceremony each, set once, and the newest is used", async () => {
      const { board } = await loadFixture(admittedMembers);
      await expect(board.setKey(KEY_DIGEST, RECORD, KEY))
        .to.emit(board, "StatisticsKeySet")
        .withArgs(KEY_DIGEST, RECORD, KEY);
      await board.setKey(digest("next"), RECORD, words("next"));
      expect([await board.currentKey(), await board.keyOf(KEY_DIGEST)]).to.deep.equal([digest("next"), KEY]);
      await expect(board.setKey(KEY_DIGEST, RECORD, KEY)).to.be.revertedWithCustomError(board, "StatisticsKeyInvalid");
    });

    it("have a digest, a record, and 1 to 16,384 bytes", async () => {
      const { board } = await loadFixture(admittedMembers);
      const long = `0x${"01".repeat(16_384)}`;
      for (const [key, record, bytes] of [
        [ZeroHash, RECORD, KEY],
        [KEY_DIGEST, ZeroHash, KEY],
        [KEY_DIGEST, RECORD, "0x"],
        [KEY_DIGEST, RECORD, `${long}01`],
      ] as const) {
        await expect(board.setKey(key, record, bytes)).to.be.revertedWithCustomError(board, "StatisticsKeyInvalid");
      }
      await board.setKey(KEY_DIGEST, RECORD, long);
    });
  });

  describe("statistics", () => {
    it("are defined once and never altered", async () => {
      const { board } = await loadFixture(admittedMembers);
      const terms = statistic({ leastContributors: 4096 });
      await expect(board.defineStatistic(CLIENTS, terms))
        .to.emit(board, "StatisticDefined")
        .withArgs(CLIENTS, Object.values(terms));
      expect(await board.getStatistic(CLIENTS)).to.deep.equal([digest("definition"), digest("layout"), 4096n, false]);
      expect(await board.statistics()).to.deep.equal([CLIENTS]);
      await expect(board.defineStatistic(CLIENTS, statistic()))
        .to.be.revertedWithCustomError(board, "StatisticAlreadyDefined")
        .withArgs(CLIENTS);
    });

    it("have a name, a definition, a layout, a k of 3 to 4,096, and begin in use", async () => {
      const { board } = await loadFixture(admittedMembers);
      const wrong = [
        [ZeroHash, {}],
        [CLIENTS, { definitionDigest: ZeroHash }],
        [CLIENTS, { layoutDigest: ZeroHash }],
        [CLIENTS, { leastContributors: 0 }],
        [CLIENTS, { leastContributors: 2 }],
        [CLIENTS, { leastContributors: 4097 }],
        [CLIENTS, { retired: true }],
      ] as const;
      for (const [name, changes] of wrong) {
        await expect(board.defineStatistic(name, statistic(changes)))
          .to.be.revertedWithCustomError(board, "StatisticInvalid")
          .withArgs(name);
      }
    });

    it("number 1,024 at most", async () => {
      const { board } = await loadFixture(definedStatistic);
      // Behind AccessManaged's slot, the current key and the keys: the length of the list.
      await networkHelpers.setStorageAt(await board.getAddress(), 3, toBeHex(1024, 32));
      expect(await board.statistics()).to.have.length(1024);
      await expect(board.defineStatistic(UNKNOWN, statistic()))
        .to.be.revertedWithCustomError(board, "StatisticCatalogueFull")
        .withArgs(1024);
    });

    it("are retired once, for what opens from then on", async () => {
      const platform = await loadFixture(openedCollection);
      const { board, alpha, closesAt } = platform;
      await expect(board.retireStatistic(CLIENTS)).to.emit(board, "StatisticRetired").withArgs(CLIENTS);
      expect((await board.getStatistic(CLIENTS)).retired).to.equal(true);
      for (const call of [
        async () => board.retireStatistic(CLIENTS),
        async () => board.openCollection(CLIENTS, PERIOD + 1, closesAt),
      ]) {
        await expect(call()).to.be.revertedWithCustomError(board, "StatisticIsRetired").withArgs(CLIENTS);
      }
      for (const call of [
        async () => board.retireStatistic(UNKNOWN),
        async () => board.openCollection(UNKNOWN, PERIOD, closesAt),
      ]) {
        await expect(call()).to.be.revertedWithCustomError(board, "StatisticUnknown").withArgs(UNKNOWN);
      }
      await contribute(platform, alpha);
    });
  });

  describe("opening", () => {
    it("happens once for a statistic and period, under the key of that day", async () => {
      const { board, closesAt } = await loadFixture(openedCollection);
      await expect(board.openCollection(CLIENTS, PERIOD, closesAt))
        .to.be.revertedWithCustomError(board, "CollectionAlreadyOpened")
        .withArgs(CLIENTS, PERIOD);
      await board.setKey(digest("next"), RECORD, words("next"));
      await expect(board.openCollection(CLIENTS, PERIOD + 1, closesAt))
        .to.emit(board, "CollectionOpened")
        .withArgs(CLIENTS, PERIOD + 1, digest("next"), closesAt);
      const { status, closesAt: until, keyDigest } = await board.getCollection(CLIENTS, PERIOD);
      expect([status, until, keyDigest]).to.deep.equal([BigInt(CollectionStatus.Open), BigInt(closesAt), KEY_DIGEST]);
    });

    it("needs a key", async () => {
      const { board } = await loadFixture(admittedMembers);
      await board.defineStatistic(CLIENTS, statistic());
      const closesAt = (await time.latest()) + DAY;
      await expect(board.openCollection(CLIENTS, PERIOD, closesAt)).to.be.revertedWithCustomError(
        board,
        "StatisticsKeyMissing",
      );
    });

    it("lasts a second to 366 days", async () => {
      const { board } = await loadFixture(definedStatistic);
      const moment = (await time.latest()) + 100;
      for (const closesAt of [0, moment, moment + YEAR + 1]) {
        await nextBlockAt(moment);
        const snapshot = await networkHelpers.takeSnapshot();
        await expect(board.openCollection(CLIENTS, PERIOD, closesAt))
          .to.be.revertedWithCustomError(board, "CollectionWindowInvalid")
          .withArgs(closesAt, moment + 1, moment + YEAR);
        await snapshot.restore();
      }
      await nextBlockAt(moment);
      await board.openCollection(CLIENTS, PERIOD, moment + 1);
      await nextBlockAt(moment + 1);
      await board.openCollection(CLIENTS, PERIOD + 1, moment + 1 + YEAR);
    });
  });

  describe("contributions", () => {
    it("stand until a later one of the same member replaces them", async () => {
      const platform = await loadFixture(openedCollection);
      const { board, alpha, beta } = platform;
      await expect(contribute(platform, alpha, "first"))
        .to.emit(board, "StatisticContributed")
        .withArgs(CLIENTS, PERIOD, alpha.id, digest("first"));
      await contribute(platform, beta);
      await expect(contribute(platform, alpha, "second"))
        .to.emit(board, "StatisticContributionReplaced")
        .withArgs(CLIENTS, PERIOD, alpha.id, digest("second"));
      await expect(contribute(platform, alpha, "second"))
        .to.be.revertedWithCustomError(board, "StatisticContributionRepeated")
        .withArgs(CLIENTS, PERIOD, alpha.id);
      expect(await board.contributionOf(CLIENTS, PERIOD, alpha.id)).to.equal(digest("second"));
      expect(await board.contributorsOf(CLIENTS, PERIOD)).to.deep.equal([alpha.id, beta.id]);
      expect((await board.getCollection(CLIENTS, PERIOD)).contributors).to.equal(2);
    });

    it("end with the second in which the collection does", async () => {
      const platform = await loadFixture(openedCollection);
      const { board, alpha, closesAt } = platform;
      await nextBlockAt(closesAt - 1);
      await contribute(platform, alpha);
      expect((await board.getCollection(CLIENTS, PERIOD)).status).to.equal(CollectionStatus.Open);
      await nextBlockAt(closesAt);
      await expect(contribute(platform, platform.beta))
        .to.be.revertedWithCustomError(board, "CollectionClosed")
        .withArgs(CLIENTS, PERIOD, closesAt);
      await networkHelpers.mine();
      expect((await board.getCollection(CLIENTS, PERIOD)).status).to.equal(CollectionStatus.Closed);
    });

    it("come from active members that may publish, to a collection that there is, and say something", async () => {
      const platform = await loadFixture(openedCollection);
      const { board, members, alpha, spare, outsider } = platform;
      await expect(board.connect(alpha.operator).contribute(CLIENTS, PERIOD + 1, digest("x")))
        .to.be.revertedWithCustomError(board, "CollectionWrong")
        .withArgs(CLIENTS, PERIOD + 1, CollectionStatus.None, CollectionStatus.Open);
      await expect(board.connect(alpha.operator).contribute(CLIENTS, PERIOD, ZeroHash)).to.be.revertedWithCustomError(
        board,
        "StatisticDigestInvalid",
      );
      await members.connect(spare).apply_(Kind.NodeOperator, "node", "https://a.example");
      const node = await admit(platform, spare);
      await expect(board.connect(spare).contribute(CLIENTS, PERIOD, digest("x")))
        .to.be.revertedWithCustomError(members, "MemberNotEntitled")
        .withArgs(node, Kind.NodeOperator, Capability.Publish);
      await expect(board.connect(outsider).contribute(CLIENTS, PERIOD, digest("x")))
        .to.be.revertedWithCustomError(members, "OperatorUnknown")
        .withArgs(outsider.address);
      await members.suspend(alpha.id, digest("reason"));
      await expect(contribute(platform, alpha))
        .to.be.revertedWithCustomError(members, "MemberNotActive")
        .withArgs(alpha.id, Status.Suspended);
    });

    it("number 4,096 at most; those who are in may still replace theirs", async () => {
      const platform = await loadFixture(openedCollection);
      const { board, alpha, beta } = platform;
      await contribute(platform, alpha);
      await pretendContributors(platform, 4096n);
      await expect(contribute(platform, beta))
        .to.be.revertedWithCustomError(board, "CollectionFull")
        .withArgs(CLIENTS, PERIOD, 4096);
      await contribute(platform, alpha, "another");
    });
  });

  describe("striking", () => {
    it("takes a contribution out, once, with its reason", async () => {
      const { board, alpha, bank } = await loadFixture(closedCollection);
      await expect(board.strike(CLIENTS, PERIOD, alpha.id, ZeroHash)).to.be.revertedWithCustomError(
        board,
        "StatisticReasonEmpty",
      );
      await expect(board.strike(CLIENTS, PERIOD, alpha.id, REASON))
        .to.emit(board, "StatisticContributionStruck")
        .withArgs(CLIENTS, PERIOD, alpha.id, REASON);
      expect(await board.contributionOf(CLIENTS, PERIOD, alpha.id)).to.equal(ZeroHash);
      expect((await board.getCollection(CLIENTS, PERIOD)).contributors).to.equal(2);
      expect(await board.contributorsOf(CLIENTS, PERIOD)).to.have.length(3);
      for (const { id } of [alpha, bank]) {
        await expect(board.strike(CLIENTS, PERIOD, id, REASON))
          .to.be.revertedWithCustomError(board, "StatisticContributionUnknown")
          .withArgs(CLIENTS, PERIOD, id);
      }
    });
  });

  describe("release", () => {
    it("happens once, ever", async () => {
      const { board, alpha, emergency } = await loadFixture(closedCollection);
      await expect(board.release(CLIENTS, PERIOD, SET, ANSWER))
        .to.emit(board, "StatisticReleased")
        .withArgs(CLIENTS, PERIOD, SET, ANSWER);
      const { status, releasedAt, contributionsDigest, answerDigest } = await board.getCollection(CLIENTS, PERIOD);
      expect([status, releasedAt, contributionsDigest, answerDigest]).to.deep.equal([
        BigInt(CollectionStatus.Released),
        await emergency.time(),
        SET,
        ANSWER,
      ]);
      for (const [call, expected] of [
        [async () => board.release(CLIENTS, PERIOD, SET, digest("another")), CollectionStatus.Closed],
        [async () => board.strike(CLIENTS, PERIOD, alpha.id, REASON), CollectionStatus.Closed],
        [async () => board.abandon(CLIENTS, PERIOD, REASON), CollectionStatus.Open],
      ] as const) {
        await expect(call())
          .to.be.revertedWithCustomError(board, "CollectionWrong")
          .withArgs(CLIENTS, PERIOD, CollectionStatus.Released, expected);
      }
      await expect(board.openCollection(CLIENTS, PERIOD, (await time.latest()) + DAY))
        .to.be.revertedWithCustomError(board, "CollectionAlreadyOpened")
        .withArgs(CLIENTS, PERIOD);
    });

    it("and striking wait for the close, to the second", async () => {
      const platform = await loadFixture(openedCollection);
      const { board, alpha, closesAt } = platform;
      for (const party of [alpha, platform.beta, platform.gamma]) await contribute(platform, party);
      await nextBlockAt(closesAt - 2);
      await expect(board.strike(CLIENTS, PERIOD, alpha.id, REASON))
        .to.be.revertedWithCustomError(board, "CollectionNotClosed")
        .withArgs(CLIENTS, PERIOD, closesAt);
      await nextBlockAt(closesAt - 1);
      await expect(board.release(CLIENTS, PERIOD, SET, ANSWER))
        .to.be.revertedWithCustomError(board, "CollectionNotClosed")
        .withArgs(CLIENTS, PERIOD, closesAt);
      await nextBlockAt(closesAt);
      await board.release(CLIENTS, PERIOD, SET, ANSWER);
    });

    it("needs k contributors after all that was struck, and digests", async () => {
      const { board, alpha } = await loadFixture(closedCollection);
      for (const [set, answer] of [
        [ZeroHash, ANSWER],
        [SET, ZeroHash],
      ] as const) {
        await expect(board.release(CLIENTS, PERIOD, set, answer)).to.be.revertedWithCustomError(
          board,
          "StatisticDigestInvalid",
        );
      }
      await board.strike(CLIENTS, PERIOD, alpha.id, REASON);
      await expect(board.release(CLIENTS, PERIOD, SET, ANSWER))
        .to.be.revertedWithCustomError(board, "StatisticContributorsTooFew")
        .withArgs(CLIENTS, PERIOD, 2, 3);
    });
  });

  it("a collection is given up at any time before its release, for a reason, for good", async () => {
    const platform = await loadFixture(openedCollection);
    const { board, alpha, closesAt } = platform;
    await expect(board.abandon(CLIENTS, PERIOD, ZeroHash)).to.be.revertedWithCustomError(board, "StatisticReasonEmpty");
    await expect(board.abandon(CLIENTS, PERIOD, REASON))
      .to.emit(board, "CollectionAbandoned")
      .withArgs(CLIENTS, PERIOD, REASON);
    await expect(contribute(platform, alpha))
      .to.be.revertedWithCustomError(board, "CollectionWrong")
      .withArgs(CLIENTS, PERIOD, CollectionStatus.Abandoned, CollectionStatus.Open);
    await time.increaseTo(closesAt);
    expect((await board.getCollection(CLIENTS, PERIOD)).status).to.equal(CollectionStatus.Abandoned);
    await expect(board.release(CLIENTS, PERIOD, SET, ANSWER))
      .to.be.revertedWithCustomError(board, "CollectionWrong")
      .withArgs(CLIENTS, PERIOD, CollectionStatus.Abandoned, CollectionStatus.Closed);
  });
});
