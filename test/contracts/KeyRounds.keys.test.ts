import { expect } from "chai";
import { describe, it } from "mocha";

import {
  activeNodes,
  ALL_PURPOSES,
  begunRound,
  EMPTY,
  endOf,
  goTo,
  idsOf,
  makeKeys,
  Phase,
  PHASE_SECONDS,
  phaseOf,
  postAll,
  Purpose,
  timeOut,
  words,
} from "./computation.ts";
import { loadFixture } from "./fixtures.ts";

const KEY_SETS = words("key sets");

describe("KeyRounds", () => {
  describe("keys", () => {
    it("are there with the same word of a majority, which nobody can hold up", async () => {
      const platform = await loadFixture(begunRound);
      const { rounds, association, alpha, beta, gamma } = platform;
      await goTo(platform, Phase.Confirming);
      await postAll(platform, 1, Phase.Confirming, [association], words("another"));
      await postAll(platform, 1, Phase.Confirming, [alpha, beta], KEY_SETS);
      expect(await phaseOf(platform)).to.equal(Phase.Confirming);
      await expect(rounds.connect(gamma.operator).post(1, Phase.Confirming, KEY_SETS))
        .to.emit(rounds, "RoundCompleted")
        .withArgs(1, KEY_SETS);
      expect([await phaseOf(platform), await endOf(platform)]).to.deep.equal([Phase.Completed, 0]);
      expect(await rounds.keySetsOf(1)).to.equal(KEY_SETS);
      for (const purpose of Object.values(Purpose)) expect(await rounds.currentRound(purpose)).to.equal(1);
    });

    it("are not there when the words differ, however many", async () => {
      const platform = await loadFixture(begunRound);
      const { rounds, association, alpha, beta, gamma } = platform;
      await goTo(platform, Phase.Confirming);
      await postAll(platform, 1, Phase.Confirming, [association, alpha], words("another"));
      await postAll(platform, 1, Phase.Confirming, [beta], KEY_SETS);
      await expect(rounds.connect(gamma.operator).post(1, Phase.Confirming, KEY_SETS))
        .to.emit(rounds, "RoundFailed")
        .withArgs(1, Phase.Confirming);
      expect(await rounds.currentRound(Purpose.Query)).to.equal(0);
      expect(await rounds.keySetsOf(1)).to.equal(EMPTY);
    });

    it("are not there with the same word of half, when time is over", async () => {
      const platform = await loadFixture(begunRound);
      const { alpha, beta } = platform;
      await goTo(platform, Phase.Confirming);
      await postAll(platform, 1, Phase.Confirming, [alpha, beta], KEY_SETS);
      await timeOut(platform);
      expect(await phaseOf(platform)).to.equal(Phase.Failed);
    });

    it("are confirmed late for the record, without effect, and not twice", async () => {
      const platform = await loadFixture(begunRound);
      const { rounds, association, alpha, beta, gamma, bank } = platform;
      await goTo(platform, Phase.Confirming);
      await postAll(platform, 1, Phase.Confirming, [association, alpha, beta], KEY_SETS);
      const late = async () => rounds.connect(gamma.operator).post(1, Phase.Confirming, words("another"));
      await expect(late())
        .to.emit(rounds, "RoundMessagePosted")
        .withArgs(1, Phase.Confirming, gamma.id, words("another"));
      await expect(late()).to.be.revertedWithCustomError(rounds, "RoundMessageRepeated");
      await expect(rounds.connect(bank.operator).post(1, Phase.Confirming, KEY_SETS))
        .to.be.revertedWithCustomError(rounds, "RoundNotParticipant")
        .withArgs(1, bank.id);
      await expect(rounds.connect(gamma.operator).post(1, Phase.Disputing, EMPTY))
        .to.be.revertedWithCustomError(rounds, "RoundPhaseWrong")
        .withArgs(1, Phase.Disputing, Phase.Completed);
      expect([await phaseOf(platform), await rounds.keySetsOf(1)]).to.deep.equal([Phase.Completed, KEY_SETS]);
    });

    it("are replaced purpose by purpose", async () => {
      const platform = await loadFixture(activeNodes);
      const { rounds } = platform;
      await makeKeys(platform);
      await makeKeys(platform, 1 << Purpose.Query);
      const current = await Promise.all(Object.values(Purpose).map(async (each) => rounds.currentRound(each)));
      expect(current).to.deep.equal([1n, 2n, 1n, 1n]);
    });
  });

  describe("a resharing", () => {
    /** Alpha, beta and gamma take over from all four; the Association no longer is a node. */
    async function resharing() {
      const platform = await loadFixture(activeNodes);
      const { rounds, association, alpha, beta, gamma } = platform;
      await makeKeys(platform);
      await platform.nodes.retire(association.id);
      const receivers = [alpha, beta, gamma] as const;
      await rounds.begin(ALL_PURPOSES, 2, idsOf(receivers), 1, PHASE_SECONDS);
      return { ...platform, receivers };
    }

    it("has the old nodes deal and the new ones receive, and skips the extraction", async () => {
      const platform = await loadFixture(resharing);
      const { rounds, parties, receivers, association } = platform;
      const { basis, nodes, dealers } = await rounds.getRound(2);
      expect([basis, nodes, dealers]).to.deep.equal([1n, idsOf(receivers), idsOf(parties)]);
      await expect(rounds.connect(association.operator).post(2, Phase.Joining, words("x")))
        .to.be.revertedWithCustomError(rounds, "RoundNotParticipant")
        .withArgs(2, association.id);
      await postAll(platform, 2, Phase.Joining, receivers);
      await postAll(platform, 2, Phase.Dealing, parties);
      await postAll(platform, 2, Phase.Complaining, receivers, EMPTY);
      expect(await phaseOf(platform, 2)).to.equal(Phase.Confirming);
      await postAll(platform, 2, Phase.Confirming, receivers.slice(0, 2), KEY_SETS);
      expect(await phaseOf(platform, 2)).to.equal(Phase.Completed);
      expect(await rounds.currentRound(Purpose.Layer)).to.equal(2);
    });

    it("answers complaints by its dealers, then confirms", async () => {
      const platform = await loadFixture(resharing);
      const { parties, receivers, alpha } = platform;
      await postAll(platform, 2, Phase.Joining, receivers);
      await postAll(platform, 2, Phase.Dealing, parties);
      await postAll(platform, 2, Phase.Complaining, [alpha], words("complaint"));
      await timeOut(platform, 2);
      await postAll(platform, 2, Phase.Answering, parties);
      expect(await phaseOf(platform, 2)).to.equal(Phase.Confirming);
    });

    it("needs as many dealers as the old threshold, and leaves the old keys where it fails", async () => {
      const platform = await loadFixture(resharing);
      const { rounds, receivers, association } = platform;
      await postAll(platform, 2, Phase.Joining, receivers);
      await postAll(platform, 2, Phase.Dealing, [association]);
      await timeOut(platform, 2);
      expect(await phaseOf(platform, 2)).to.equal(Phase.Failed);
      expect(await rounds.currentRound(Purpose.Evaluation)).to.equal(1);
    });
  });
});
