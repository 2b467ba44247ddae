import { expect } from "chai";
import { encodeBytes32String, ZeroHash } from "ethers";
import { describe, it } from "mocha";

import {
  activeNodes,
  ALL_PURPOSES,
  begunRound,
  EMPTY,
  endOf,
  goTo,
  idsOf,
  LAYER_AND_LOCATOR,
  makeKeys,
  type Party,
  Phase,
  PHASE_SECONDS,
  phaseOf,
  postAll,
  timeOut,
  words,
} from "./computation.ts";
import { loadFixture } from "./fixtures.ts";
import { connection, digest, Scope, Status } from "./platform.ts";
import { type Call, shouldBehaveLikeRestricted } from "./restricted.behavior.ts";
import { admittedMembers } from "./stages.ts";

const { networkHelpers } = connection;
const { time } = networkHelpers;
const MAXIMUM = 24 * 1024;
const REASON = encodeBytes32String("NODES_GONE");

describe("KeyRounds", () => {
  const begin: Call = async ({ nodes, rounds, association, alpha, beta }, as) => {
    for (const { id, operator } of [association, alpha, beta]) {
      if (await nodes.isActiveNode(id)) continue;
      await nodes.connect(operator).register();
      await nodes.activate(id);
    }
    return rounds.connect(as).begin(ALL_PURPOSES, 2, idsOf([association, alpha, beta]), 0, PHASE_SECONDS);
  };
  const callOff: Call = async (platform, as) => {
    const { rounds, spare } = platform;
    if (as === spare) await begin(platform, as);
    return rounds.connect(as).callOff(1, REASON);
  };
  shouldBehaveLikeRestricted([
    { name: "begin", role: "ASSOCIATION_ROLE", call: begin },
    { name: "callOff", role: "ASSOCIATION_ROLE", call: callOff },
  ]);

  describe("a round begins", () => {
    it("with those who receive, who are those who deal, and the first phase", async () => {
      const platform = await loadFixture(activeNodes);
      const { rounds, parties, emergency } = platform;
      const ids = idsOf(parties);
      const sent = rounds.begin(ALL_PURPOSES, 2, ids, 0, PHASE_SECONDS);
      await expect(sent).to.emit(rounds, "RoundBegun").withArgs(1, ALL_PURPOSES, 2, 0, ids, ids);
      const endsAt = (await emergency.time()) + BigInt(PHASE_SECONDS);
      await expect(sent).to.emit(rounds, "RoundPhaseBegun").withArgs(1, Phase.Joining, endsAt);
      expect(await rounds.getRound(1)).to.deep.equal([
        BigInt(Phase.Joining),
        2n,
        BigInt(ALL_PURPOSES),
        0n,
        BigInt(PHASE_SECONDS),
        endsAt,
        ids,
        ids,
      ]);
      expect(await rounds.roundCount()).to.equal(1);
      expect(await rounds.keySetsOf(1)).to.equal(EMPTY);
    });

    it("one at a time, and again after one failed or was completed", async () => {
      const platform = await loadFixture(begunRound);
      const { rounds, parties } = platform;
      const again = async () => rounds.begin(1, 2, idsOf(parties), 0, PHASE_SECONDS);
      await expect(again()).to.be.revertedWithCustomError(rounds, "RoundRunning").withArgs(1);
      await timeOut(platform);
      expect(await phaseOf(platform)).to.equal(Phase.Failed);
      await makeKeys(platform);
      expect(await phaseOf(platform, 2)).to.equal(Phase.Completed);
      await again();
      expect(await rounds.roundCount()).to.equal(3);
    });

    it("for purposes that there are", async () => {
      const { rounds, parties } = await loadFixture(activeNodes);
      // The layer key without the locator key, and the other way round, among them.
      for (const purposes of [0, 4, 5, 7, 8, 11, 16, 17, 255]) {
        await expect(rounds.begin(purposes, 2, idsOf(parties), 0, PHASE_SECONDS))
          .to.be.revertedWithCustomError(rounds, "RoundPurposesInvalid")
          .withArgs(purposes);
      }
    });

    it("among active nodes, in ascending order, 32 at most", async () => {
      const { rounds, nodes, parties, bank } = await loadFixture(activeNodes);
      const [first = 0n, second = 0n, third = 0n] = idsOf(parties);
      const lists = [
        [first, third, second],
        [first, second, second],
        [first, second, third, bank.id],
        Array.from({ length: 33 }, (_, index) => index + 1),
      ];
      for (const list of lists) {
        await expect(rounds.begin(1, 2, list, 0, PHASE_SECONDS)).to.be.revertedWithCustomError(
          rounds,
          "RoundNodesInvalid",
        );
      }
      await nodes.retire(third);
      await expect(rounds.begin(1, 2, [first, second, third], 0, PHASE_SECONDS)).to.be.revertedWithCustomError(
        rounds,
        "RoundNodesInvalid",
      );
    });

    it("with a threshold that an honest majority reaches and a minority does not", async () => {
      const { rounds, parties } = await loadFixture(activeNodes);
      for (const [threshold, count] of [
        [0, 4],
        [1, 4],
        [3, 4],
        [2, 2],
        [2, 0],
        [255, 4],
      ] as const) {
        await expect(rounds.begin(1, threshold, idsOf(parties).slice(0, count), 0, PHASE_SECONDS))
          .to.be.revertedWithCustomError(rounds, "RoundThresholdInvalid")
          .withArgs(threshold, count);
      }
      await rounds.begin(1, 2, idsOf(parties).slice(0, 3), 0, PHASE_SECONDS);
    });

    it("with phases of 10 seconds to 30 days", async () => {
      const platform = await loadFixture(activeNodes);
      const { rounds, parties } = platform;
      const longest = 30 * 86_400;
      for (const seconds of [0, 9, longest + 1]) {
        await expect(rounds.begin(1, 2, idsOf(parties), 0, seconds))
          .to.be.revertedWithCustomError(rounds, "RoundPhaseSecondsInvalid")
          .withArgs(seconds, 10, longest);
      }
      await rounds.begin(1, 2, idsOf(parties), 0, 10);
      await timeOut(platform);
      await rounds.begin(1, 2, idsOf(parties), 0, longest);
    });

    it("on the newest keys of all its purposes, or on none", async () => {
      const platform = await loadFixture(activeNodes);
      const { rounds, parties } = platform;
      const ids = idsOf(parties);
      const reshare = async (purposes: number, basis: number) => rounds.begin(purposes, 2, ids, basis, PHASE_SECONDS);
      await makeKeys(platform);
      await makeKeys(platform, 1);
      for (const [purposes, basis] of [
        [1, 1],
        [ALL_PURPOSES, 1],
        [ALL_PURPOSES, 2],
        [2, 2],
        [1, 3],
      ] as const) {
        await expect(reshare(purposes, basis))
          .to.be.revertedWithCustomError(rounds, "RoundBasisInvalid")
          .withArgs(basis, purposes);
      }
      await reshare(2 + LAYER_AND_LOCATOR, 1);
    });
  });

  describe("a message", () => {
    it("is on record with its speaker, each once a phase", async () => {
      const platform = await loadFixture(begunRound);
      const { rounds, alpha } = platform;
      const asAlpha = rounds.connect(alpha.operator);
      expect(await rounds.hasPosted(1, Phase.Joining, alpha.id)).to.equal(false);
      await expect(asAlpha.post(1, Phase.Joining, words("key")))
        .to.emit(rounds, "RoundMessagePosted")
        .withArgs(1, Phase.Joining, alpha.id, words("key"));
      expect(await rounds.hasPosted(1, Phase.Joining, alpha.id)).to.equal(true);
      expect(await rounds.hasPosted(1, Phase.Dealing, alpha.id)).to.equal(false);
      for (const message of [words("key"), words("another")]) {
        await expect(asAlpha.post(1, Phase.Joining, message))
          .to.be.revertedWithCustomError(rounds, "RoundMessageRepeated")
          .withArgs(1, Phase.Joining, alpha.id);
      }
    });

    it("belongs to the phase that runs", async () => {
      const platform = await loadFixture(begunRound);
      const { rounds, alpha } = platform;
      const asAlpha = rounds.connect(alpha.operator);
      for (const phase of Object.values(Phase).filter((each) => each !== Phase.Joining)) {
        await expect(asAlpha.post(1, phase, words("x")))
          .to.be.revertedWithCustomError(rounds, "RoundPhaseWrong")
          .withArgs(1, phase, Phase.Joining);
      }
      await expect(asAlpha.post(2, Phase.Joining, words("x")))
        .to.be.revertedWithCustomError(rounds, "RoundUnknown")
        .withArgs(2);
      await timeOut(platform);
      for (const phase of [Phase.Joining, Phase.Confirming, Phase.Failed]) {
        await expect(asAlpha.post(1, phase, words("x")))
          .to.be.revertedWithCustomError(rounds, "RoundPhaseWrong")
          .withArgs(1, phase, Phase.Failed);
      }
    });

    it("comes from a participant whose member is active", async () => {
      const { rounds, members, alpha, bank, outsider } = await loadFixture(begunRound);
      await expect(rounds.connect(bank.operator).post(1, Phase.Joining, words("x")))
        .to.be.revertedWithCustomError(rounds, "RoundNotParticipant")
        .withArgs(1, bank.id);
      await expect(rounds.connect(outsider).post(1, Phase.Joining, words("x")))
        .to.be.revertedWithCustomError(members, "OperatorUnknown")
        .withArgs(outsider.address);
      await members.suspend(alpha.id, digest("reason"));
      await expect(rounds.connect(alpha.operator).post(1, Phase.Joining, words("x")))
        .to.be.revertedWithCustomError(members, "MemberNotActive")
        .withArgs(alpha.id, Status.Suspended);
    });

    it("has 24 KiB at most", async () => {
      const { rounds, alpha } = await loadFixture(begunRound);
      const asAlpha = rounds.connect(alpha.operator);
      await expect(asAlpha.post(1, Phase.Joining, `0x${"01".repeat(MAXIMUM + 1)}`))
        .to.be.revertedWithCustomError(rounds, "RoundMessageTooLong")
        .withArgs(MAXIMUM + 1, MAXIMUM);
      await asAlpha.post(1, Phase.Joining, `0x${"01".repeat(MAXIMUM)}`);
    });

    it("may be empty where there may be nothing to say", async () => {
      const platform = await loadFixture(begunRound);
      const { rounds, parties } = platform;
      const [first, ...others] = parties as unknown as [Party, ...Party[]];
      const phases = [
        [Phase.Joining, false],
        [Phase.Dealing, false],
        [Phase.Complaining, true],
        [Phase.Answering, true],
        [Phase.Extracting, false],
        [Phase.Disputing, true],
        [Phase.Exposing, true],
        [Phase.Confirming, false],
      ] as const;
      for (const [phase, mayBeEmpty] of phases) {
        expect(await phaseOf(platform)).to.equal(phase);
        const empty = rounds.connect(first.operator).post(1, phase, EMPTY);
        if (mayBeEmpty) await empty;
        else {
          await expect(empty).to.be.revertedWithCustomError(rounds, "RoundMessageEmpty").withArgs(1, phase);
          await rounds.connect(first.operator).post(1, phase, words("x"));
        }
        // The others complain and dispute, so that no phase is left out.
        if (phase !== Phase.Confirming) await postAll(platform, 1, phase, others);
      }
    });

    it("still counts when the phase's time is over, until somebody has ended it", async () => {
      const platform = await loadFixture(begunRound);
      const { rounds, alpha, beta } = platform;
      await rounds.connect(alpha.operator).post(1, Phase.Joining, words("x"));
      await time.increaseTo((await endOf(platform)) + 100);
      await rounds.connect(beta.operator).post(1, Phase.Joining, words("x"));
      await rounds.advance(1);
      expect(await phaseOf(platform)).to.equal(Phase.Dealing);
    });
  });

  describe("a phase ends", () => {
    it("with the last word of those who speak in it", async () => {
      const platform = await loadFixture(begunRound);
      const { rounds, parties, association, alpha, beta, gamma, emergency } = platform;
      await postAll(platform, 1, Phase.Joining, [association, alpha, beta]);
      expect(await phaseOf(platform)).to.equal(Phase.Joining);
      const last = rounds.connect(gamma.operator).post(1, Phase.Joining, words("x"));
      await expect(last).to.emit(rounds, "RoundPhaseBegun");
      const endsAt = (await emergency.time()) + BigInt(PHASE_SECONDS);
      await expect(last).to.emit(rounds, "RoundPhaseBegun").withArgs(1, Phase.Dealing, endsAt);
      await postAll(platform, 1, Phase.Dealing, parties);
      expect(await phaseOf(platform)).to.equal(Phase.Complaining);
    });

    it("with its time, to the second, by anybody", async () => {
      const platform = await loadFixture(begunRound);
      const { rounds, alpha, beta, outsider } = platform;
      await postAll(platform, 1, Phase.Joining, [alpha, beta]);
      const endsAt = await endOf(platform);
      await time.setNextBlockTimestamp(endsAt - 1);
      await expect(rounds.connect(outsider).advance(1))
        .to.be.revertedWithCustomError(rounds, "RoundPhaseNotOver")
        .withArgs(1, Phase.Joining, endsAt);
      await time.setNextBlockTimestamp(endsAt);
      await rounds.connect(outsider).advance(1);
      expect(await phaseOf(platform)).to.equal(Phase.Dealing);
    });

    it("later by as long as the platform stood still", async () => {
      const platform = await loadFixture(begunRound);
      const { rounds, emergency, alpha, beta } = platform;
      await postAll(platform, 1, Phase.Joining, [alpha, beta]);
      const endsAt = await endOf(platform);
      await emergency.freeze(Scope.Data, 3600, digest("drill"));
      const since = await time.latest();
      await time.increase(3000);
      await emergency.unfreeze();
      const later = endsAt + (await time.latest()) - since;
      await time.setNextBlockTimestamp(later - 1);
      await expect(rounds.advance(1)).to.be.revertedWithCustomError(rounds, "RoundPhaseNotOver");
      await time.setNextBlockTimestamp(later);
      await rounds.advance(1);
    });

    it("only while a round runs", async () => {
      const platform = await loadFixture(begunRound);
      const { rounds } = platform;
      await expect(rounds.advance(2)).to.be.revertedWithCustomError(rounds, "RoundUnknown").withArgs(2);
      await expect(rounds.advance(0)).to.be.revertedWithCustomError(rounds, "RoundUnknown").withArgs(0);
      await timeOut(platform);
      await expect(rounds.advance(1)).to.be.revertedWithCustomError(rounds, "RoundOver").withArgs(1, Phase.Failed);
      await makeKeys(platform);
      await expect(rounds.advance(2)).to.be.revertedWithCustomError(rounds, "RoundOver").withArgs(2, Phase.Completed);
    });
  });

  describe("what follows", () => {
    for (const phase of [Phase.Joining, Phase.Dealing]) {
      it(`phase ${phase} fails with fewer words than the threshold, and goes on with as many`, async () => {
        const platform = await loadFixture(begunRound);
        const { rounds, alpha, beta } = platform;
        await goTo(platform, phase);
        await postAll(platform, 1, phase, [alpha]);
        const before = await networkHelpers.takeSnapshot();
        await time.increaseTo(await endOf(platform));
        await expect(rounds.advance(1)).to.emit(rounds, "RoundFailed").withArgs(1, phase);
        expect(await phaseOf(platform)).to.equal(Phase.Failed);
        expect(await endOf(platform)).to.equal(0);
        await before.restore();
        await postAll(platform, 1, phase, [beta]);
        await timeOut(platform);
        expect(await phaseOf(platform)).to.equal(phase + 1);
      });
    }

    it("silence is no complaint: nobody answers, and extraction follows", async () => {
      const platform = await loadFixture(begunRound);
      await goTo(platform, Phase.Complaining);
      await timeOut(platform);
      expect(await phaseOf(platform)).to.equal(Phase.Extracting);
    });

    it("one complaint is answered before extraction, or not answered", async () => {
      const platform = await loadFixture(begunRound);
      const { alpha } = platform;
      await goTo(platform, Phase.Complaining);
      await postAll(platform, 1, Phase.Complaining, [alpha], words("complaint"));
      await timeOut(platform);
      expect(await phaseOf(platform)).to.equal(Phase.Answering);
      await timeOut(platform);
      expect(await phaseOf(platform)).to.equal(Phase.Extracting);
    });

    it("with all extracted and nobody disputing, keys are confirmed", async () => {
      const platform = await loadFixture(begunRound);
      await goTo(platform, Phase.Disputing);
      await timeOut(platform);
      expect(await phaseOf(platform)).to.equal(Phase.Confirming);
    });

    it("a dispute, or a dealer that did not extract, is exposed first", async () => {
      const platform = await loadFixture(begunRound);
      const { alpha } = platform;
      await goTo(platform, Phase.Extracting);
      const before = await networkHelpers.takeSnapshot();
      await postAll(platform, 1, Phase.Extracting, platform.parties);
      await postAll(platform, 1, Phase.Disputing, [alpha], words("dispute"));
      await timeOut(platform);
      expect(await phaseOf(platform)).to.equal(Phase.Exposing);
      await before.restore();
      await postAll(platform, 1, Phase.Extracting, platform.parties.slice(1));
      await timeOut(platform);
      await postAll(platform, 1, Phase.Disputing, platform.parties, EMPTY);
      expect(await phaseOf(platform)).to.equal(Phase.Exposing);
      await timeOut(platform);
      expect(await phaseOf(platform)).to.equal(Phase.Confirming);
    });
  });

  describe("a round is called off", () => {
    it("in any phase, with its reason, and another begins", async () => {
      const platform = await loadFixture(begunRound);
      const { rounds, parties } = platform;
      const before = await networkHelpers.takeSnapshot();
      for (const phase of [Phase.Joining, Phase.Dealing, Phase.Complaining, Phase.Extracting, Phase.Confirming]) {
        await goTo(platform, phase);
        await expect(rounds.callOff(1, REASON)).to.emit(rounds, "RoundCalledOff").withArgs(1, phase, REASON);
        expect([await phaseOf(platform), await endOf(platform)]).to.deep.equal([BigInt(Phase.Failed), 0n]);
        expect([await rounds.keySetsOf(1), await rounds.currentRound(0)]).to.deep.equal([EMPTY, 0n]);
        await rounds.begin(ALL_PURPOSES, 2, idsOf(parties), 0, PHASE_SECONDS);
        expect(await rounds.roundCount()).to.equal(2);
        await before.restore();
      }
    });

    it("for good: nobody speaks in it any more, and it is not ended again", async () => {
      const platform = await loadFixture(begunRound);
      const { rounds, alpha } = platform;
      await rounds.callOff(1, REASON);
      await expect(rounds.connect(alpha.operator).post(1, Phase.Joining, "0x01"))
        .to.be.revertedWithCustomError(rounds, "RoundPhaseWrong")
        .withArgs(1, Phase.Joining, Phase.Failed);
      await expect(rounds.advance(1)).to.be.revertedWithCustomError(rounds, "RoundOver").withArgs(1, Phase.Failed);
      await expect(rounds.callOff(1, REASON))
        .to.be.revertedWithCustomError(rounds, "RoundOver")
        .withArgs(1, Phase.Failed);
    });

    it("only if it runs, and with a reason; keys in use stay", async () => {
      const platform = await loadFixture(begunRound);
      const { rounds, parties } = platform;
      await expect(rounds.callOff(1, ZeroHash)).to.be.revertedWithCustomError(rounds, "RoundReasonEmpty").withArgs(1);
      await expect(rounds.callOff(2, REASON)).to.be.revertedWithCustomError(rounds, "RoundUnknown").withArgs(2);
      await rounds.callOff(1, REASON);
      await makeKeys(platform);
      await expect(rounds.callOff(2, REASON))
        .to.be.revertedWithCustomError(rounds, "RoundOver")
        .withArgs(2, Phase.Completed);
      const keys = await rounds.keySetsOf(2);
      await rounds.begin(ALL_PURPOSES, 2, idsOf(parties), 2, PHASE_SECONDS);
      await rounds.callOff(3, REASON);
      expect([await rounds.currentRound(0), await rounds.keySetsOf(2)]).to.deep.equal([2n, keys]);
      await rounds.begin(ALL_PURPOSES, 2, idsOf(parties), 2, PHASE_SECONDS);
    });
  });

  it("knows no round before the first, and is set up once", async () => {
    const { rounds } = await loadFixture(admittedMembers);
    expect((await rounds.getRound(1)).phase).to.equal(Phase.None);
    expect(await rounds.roundCount()).to.equal(0);
    await expect(rounds.initialize()).to.be.revertedWithCustomError(rounds, "InvalidInitialization");
  });
});
