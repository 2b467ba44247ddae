import { expect } from "chai";
import { encodeBytes32String } from "ethers";
import { describe, it } from "mocha";

import {
  activeNodes,
  COLLECTING,
  contribute,
  EditionStatus,
  editionTerms,
  keysMade,
  LAYER_AND_LOCATOR,
  makeKeys,
  nextBlockAt,
  openedEdition,
  PERIOD,
  Purpose,
  STAGE,
} from "./computation.ts";
import { loadFixture } from "./fixtures.ts";
import { admit, connection, digest, Kind } from "./platform.ts";
import { shouldBehaveLikeRestricted } from "./restricted.behavior.ts";

const { time } = connection.networkHelpers;
const YEAR = 366 * 86_400;
const TOO_FEW = encodeBytes32String("CONTRIBUTORS_TOO_FEW");

/** The three firms have contributed; the Association, which has a dataset too, has not. */
async function threeContributions() {
  const platform = await loadFixture(openedEdition);
  await contribute(platform, platform.alpha, platform.alphaData);
  await contribute(platform, platform.beta, platform.betaData);
  await contribute(platform, platform.gamma, platform.gammaData);
  return platform;
}

describe("ConsortiumTables", () => {
  shouldBehaveLikeRestricted([
    {
      name: "setTerms",
      role: "ASSOCIATION_ROLE",
      call: (platform, as) => platform.tables.connect(as).setTerms(editionTerms(platform)),
    },
  ]);

  it("knows no edition before the first, and is set up once", async () => {
    const { tables, alpha } = await loadFixture(keysMade);
    expect((await tables.getEdition(1)).status).to.equal(EditionStatus.None);
    expect([await tables.editionCount(), await tables.latestPublished()]).to.deep.equal([0n, 0n]);
    expect((await tables.getContribution(1, alpha.id)).postedAt).to.equal(0);
    expect(await tables.contributorsOf(1)).to.deep.equal([]);
    await expect(tables.initialize()).to.be.revertedWithCustomError(tables, "InvalidInitialization");
  });

  describe("terms", () => {
    it("are those of the next edition", async () => {
      const platform = await loadFixture(openedEdition);
      const { tables } = platform;
      const agreed = editionTerms(platform, { leastContributors: 4, leastRows: 4, period: YEAR, stage: 1 });
      const values = Object.values(agreed);
      await expect(tables.setTerms(agreed)).to.emit(tables, "EditionTermsChanged").withArgs(values);
      expect(await tables.terms()).to.deep.equal(values.map(BigInt));
      expect((await tables.getEdition(1)).leastContributors).to.equal(3);
    });

    it("have a k of 3 to 4,096, a count class, and times of a second to 366 days", async () => {
      const platform = await loadFixture(activeNodes);
      const { tables } = platform;
      const wrong = [
        ...[0, 2, 4097].map((leastContributors) => ({ leastContributors })),
        ...[0, 3, 9, 1025].map((leastRows) => ({ leastRows })),
        ...["period", "collecting", "stage"].flatMap((name) => [{ [name]: 0 }, { [name]: YEAR + 1 }]),
      ];
      for (const changes of wrong) {
        await expect(tables.setTerms(editionTerms(platform, changes))).to.be.revertedWithCustomError(
          tables,
          "EditionTermsInvalid",
        );
      }
      for (const changes of [{ leastContributors: 4096 }, { collecting: 1 }, { leastRows: 7 * 2 ** 28 }]) {
        await tables.setTerms(editionTerms(platform, changes));
      }
    });

    it("name an aggregator that may compute and may not query", async () => {
      const platform = await loadFixture(activeNodes);
      const { tables, members, alpha, association, spare, another } = platform;
      for (const [operator, kind] of [
        [spare, Kind.NodeOperator],
        [another, Kind.Regulator],
      ] as const) {
        await members.connect(operator).apply_(kind, `kind-${kind}`, "https://a.example");
        await admit(platform, operator);
      }
      for (const aggregator of [alpha.id, await members.memberOf(another), 0n, 99n]) {
        await expect(tables.setTerms(editionTerms(platform, { aggregator })))
          .to.be.revertedWithCustomError(tables, "AggregatorInvalid")
          .withArgs(aggregator);
      }
      await tables.setTerms(editionTerms(platform, { aggregator: await members.memberOf(spare) }));
      await members.suspend(association.id, digest("reason"));
      await expect(tables.setTerms(editionTerms(platform)))
        .to.be.revertedWithCustomError(tables, "AggregatorInvalid")
        .withArgs(association.id);
    });
  });

  describe("opening", () => {
    it("fixes keys, terms and the time for contributions", async () => {
      const { tables, alpha, association, emergency } = await loadFixture(keysMade);
      const sent = tables.connect(alpha.operator).open();
      await expect(sent).to.emit(tables, "EditionOpened");
      const moment = await emergency.time();
      await expect(sent)
        .to.emit(tables, "EditionOpened")
        .withArgs(1, 1, 1, 1, moment + BigInt(COLLECTING));
      const edition = await tables.getEdition(1);
      expect([edition.status, edition.evaluationRound, edition.queryRound, edition.layerRound]).to.deep.equal([
        BigInt(EditionStatus.Collecting),
        ...[1n, 1n, 1n],
      ]);
      expect([edition.aggregator, edition.leastContributors, edition.leastRows]).to.deep.equal([
        association.id,
        3n,
        1024n,
      ]);
      expect([edition.openedAt, edition.stageEndsAt]).to.deep.equal([moment, moment + BigInt(COLLECTING)]);
      expect([edition.attempt, edition.stripSet]).to.deep.equal([0n, []]);
      expect(await tables.editionCount()).to.equal(1);
    });

    it("is for members, after terms and keys of all purposes, under an aggregator that still is fit", async () => {
      const platform = await loadFixture(activeNodes);
      const { tables, members, alpha, association, outsider } = platform;
      const open = async () => tables.connect(alpha.operator).open();
      await expect(open()).to.be.revertedWithCustomError(tables, "EditionTermsInvalid");
      await tables.setTerms(editionTerms(platform));
      for (const purposes of [1 << Purpose.Evaluation, LAYER_AND_LOCATOR, 1 << Purpose.Query]) {
        await expect(open()).to.be.revertedWithCustomError(tables, "EditionKeysMissing");
        await makeKeys(platform, purposes);
      }
      await expect(tables.connect(outsider).open())
        .to.be.revertedWithCustomError(members, "OperatorUnknown")
        .withArgs(outsider.address);
      await members.suspend(association.id, digest("reason"));
      await expect(open()).to.be.revertedWithCustomError(tables, "AggregatorInvalid").withArgs(association.id);
      await members.reinstate(association.id);
      await open();
      const { evaluationRound, queryRound, layerRound } = await tables.getEdition(1);
      expect([evaluationRound, layerRound, queryRound]).to.deep.equal([1n, 2n, 3n]);
    });

    it("waits for the edition before, and for the calendar to the second", async () => {
      const platform = await loadFixture(openedEdition);
      const { tables, alpha } = platform;
      const { openedAt, stageEndsAt } = await tables.getEdition(1);
      const open = async () => tables.connect(alpha.operator).open();
      await time.increaseTo(openedAt + BigInt(PERIOD));
      await expect(open()).to.be.revertedWithCustomError(tables, "EditionRunning").withArgs(1);
      await tables.close(1);
      await tables.setTerms(editionTerms(platform, { period: 2 * PERIOD }));
      const dueAt = openedAt + BigInt(2 * PERIOD);
      expect(stageEndsAt).to.be.below(dueAt);
      await nextBlockAt(dueAt - 1n);
      await expect(open()).to.be.revertedWithCustomError(tables, "EditionNotDue").withArgs(dueAt);
      await nextBlockAt(dueAt);
      await open();
      expect(await tables.editionCount()).to.equal(2);
    });

    it("comes sooner under terms with a shorter period, where an edition came to nothing", async () => {
      const platform = await loadFixture(openedEdition);
      const { tables, alpha } = platform;
      await time.increaseTo((await tables.getEdition(1)).stageEndsAt);
      await tables.close(1);
      await tables.setTerms(editionTerms(platform, { period: 1 }));
      await tables.connect(alpha.operator).open();
    });
  });

  describe("closing", () => {
    it("comes early when every holder has contributed, by anybody", async () => {
      const platform = await loadFixture(threeContributions);
      const { tables, association, regulatory, outsider, emergency } = platform;
      const { stageEndsAt } = await tables.getEdition(1);
      await expect(tables.close(1))
        .to.be.revertedWithCustomError(tables, "EditionStageNotOver")
        .withArgs(1, stageEndsAt);
      await contribute(platform, association, regulatory);
      const sent = tables.connect(outsider).close(1);
      await expect(sent).to.emit(tables, "EditionStageBegun");
      const endsAt = (await emergency.time()) + BigInt(STAGE);
      await expect(sent).to.emit(tables, "EditionStageBegun").withArgs(1, EditionStatus.Merging, endsAt);
      const edition = await tables.getEdition(1);
      expect([edition.status, edition.stageEndsAt]).to.deep.equal([BigInt(EditionStatus.Merging), endsAt]);
    });

    it("waits for no holder that is suspended, has left, or has withdrawn", async () => {
      const platform = await loadFixture(threeContributions);
      const { tables, members, datasets, association, regulatory } = platform;
      const before = await connection.networkHelpers.takeSnapshot();
      for (const away of [
        async () => members.suspend(association.id, digest("reason")),
        async () => members.exit(association.id),
        async () => datasets.connect(association.operator).withdraw(regulatory, 1, 1, digest("reason")),
      ]) {
        await before.restore();
        await away();
        await tables.close(1);
      }
    });

    it("comes with the time, to the second, whoever is missing", async () => {
      const { tables, outsider } = await loadFixture(threeContributions);
      const { stageEndsAt } = await tables.getEdition(1);
      await nextBlockAt(stageEndsAt - 1n);
      await expect(tables.close(1))
        .to.be.revertedWithCustomError(tables, "EditionStageNotOver")
        .withArgs(1, stageEndsAt);
      await nextBlockAt(stageEndsAt);
      await tables.connect(outsider).close(1);
      await expect(tables.close(1))
        .to.be.revertedWithCustomError(tables, "EditionWrong")
        .withArgs(1, EditionStatus.Merging, EditionStatus.Collecting);
    });

    it("below k contributions waits for the time, and ends the edition", async () => {
      const platform = await loadFixture(openedEdition);
      const { tables, members, association, gamma } = platform;
      await contribute(platform, platform.alpha, platform.alphaData);
      await contribute(platform, platform.beta, platform.betaData);
      // Everybody who is left has contributed, and still they are too few.
      for (const { id } of [association, gamma]) await members.suspend(id, digest("reason"));
      const { stageEndsAt } = await tables.getEdition(1);
      await expect(tables.close(1))
        .to.be.revertedWithCustomError(tables, "EditionStageNotOver")
        .withArgs(1, stageEndsAt);
      await time.increaseTo(stageEndsAt);
      await expect(tables.close(1)).to.emit(tables, "EditionAbandoned").withArgs(1, EditionStatus.Collecting, TOO_FEW);
      const edition = await tables.getEdition(1);
      expect([edition.status, edition.stageEndsAt]).to.deep.equal([BigInt(EditionStatus.Abandoned), 0n]);
    });
  });
});
