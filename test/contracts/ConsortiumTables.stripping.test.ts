import { expect } from "chai";
import { encodeBytes32String, ZeroHash } from "ethers";
import { describe, it } from "mocha";

import {
  as,
  asAggregator,
  collected,
  EditionStatus,
  editionOf,
  merged,
  nextBlockAt,
  type Nodes,
  type Party,
  ROWS,
  STAGE,
  strippingBegun,
} from "./computation.ts";
import { loadFixture } from "./fixtures.ts";
import { connection, digest } from "./platform.ts";

const { time } = connection.networkHelpers;
const TABLE = digest("table");
const EVIDENCE = digest("evidence");
const UNREACHABLE = encodeBytes32String("UNREACHABLE");
const SHARE_INVALID = encodeBytes32String("SHARE_INVALID");

async function postShares(platform: Nodes, parties: readonly Party[], attempt = 1): Promise<void> {
  for (const party of parties) await as(platform, party).postShares(1, attempt, digest(`shares ${party.id}`));
}

/** Alpha and beta have committed to their shares. */
async function sharesPosted() {
  const platform = await loadFixture(strippingBegun);
  await postShares(platform, [platform.alpha, platform.beta]);
  return platform;
}

describe("ConsortiumTables", () => {
  describe("the set", () => {
    it("is exactly t active nodes of the layer key's round, in ascending order", async () => {
      const platform = await loadFixture(merged);
      const { tables, nodes, association, alpha, beta, gamma, bank } = platform;
      await nodes.retire(gamma.id);
      const wrong = [
        [],
        [alpha.id],
        [association.id, alpha.id, beta.id],
        [beta.id, alpha.id],
        [alpha.id, alpha.id],
        [alpha.id, bank.id],
        [alpha.id, gamma.id],
        [0n, alpha.id],
      ];
      for (const set of wrong) {
        await expect(asAggregator(platform).chooseStripSet(1, set)).to.be.revertedWithCustomError(
          tables,
          "StripSetInvalid",
        );
      }
      await expect(asAggregator(platform).chooseStripSet(1, [association.id, beta.id]))
        .to.emit(tables, "StripSetChosen")
        .withArgs(1, 1, [association.id, beta.id]);
    });

    it("works in peace for its time, and is replaced afterwards", async () => {
      const platform = await loadFixture(strippingBegun);
      const { tables, alpha, beta, gamma, emergency } = platform;
      const { stageEndsAt, attempt, stripSet } = await editionOf(platform);
      expect([stageEndsAt, attempt, stripSet]).to.deep.equal([
        (await emergency.time()) + BigInt(STAGE),
        1n,
        [alpha.id, beta.id],
      ]);
      await nextBlockAt(stageEndsAt - 1n);
      await expect(asAggregator(platform).chooseStripSet(1, [alpha.id, gamma.id]))
        .to.be.revertedWithCustomError(tables, "StripSetWorking")
        .withArgs(1, 1, stageEndsAt);
      await nextBlockAt(stageEndsAt);
      await asAggregator(platform).chooseStripSet(1, [alpha.id, gamma.id]);
      expect((await editionOf(platform)).attempt).to.equal(2);
      await expect(as(platform, beta).postShares(1, 2, digest("x")))
        .to.be.revertedWithCustomError(tables, "NotInStripSet")
        .withArgs(1, beta.id);
      await expect(as(platform, alpha).postShares(1, 1, digest("x")))
        .to.be.revertedWithCustomError(tables, "StripAttemptWrong")
        .withArgs(1, 1, 2);
    });

    it("is chosen after the merge, not before", async () => {
      const platform = await loadFixture(collected);
      const { tables, alpha, beta } = platform;
      const chosen = asAggregator(platform).chooseStripSet(1, [alpha.id, beta.id]);
      await expect(chosen)
        .to.be.revertedWithCustomError(tables, "EditionWrong")
        .withArgs(1, EditionStatus.Merging, EditionStatus.Stripping);
    });
  });

  describe("shares and the table", () => {
    it("are committed to once by each of the set", async () => {
      const platform = await loadFixture(strippingBegun);
      const { tables, members, alpha, gamma, outsider } = platform;
      await expect(as(platform, alpha).postShares(1, 1, digest("shares")))
        .to.emit(tables, "StripSharesPosted")
        .withArgs(1, 1, alpha.id, digest("shares"));
      expect(await tables.stripSharesOf(1, 1, alpha.id)).to.equal(digest("shares"));
      await expect(as(platform, alpha).postShares(1, 1, digest("others")))
        .to.be.revertedWithCustomError(tables, "StripSharesRepeated")
        .withArgs(1, 1, alpha.id);
      await expect(as(platform, platform.beta).postShares(1, 1, ZeroHash))
        .to.be.revertedWithCustomError(tables, "StripDigestEmpty")
        .withArgs(1);
      for (const call of [
        async (caller: typeof tables) => caller.postShares(1, 1, digest("x")),
        async (caller: typeof tables) => caller.confirmTable(1, 1, TABLE),
        async (caller: typeof tables) => caller.refuse(1, 1, alpha.id, UNREACHABLE, EVIDENCE),
      ]) {
        await expect(call(as(platform, gamma)))
          .to.be.revertedWithCustomError(tables, "NotInStripSet")
          .withArgs(1, gamma.id);
        await expect(call(tables.connect(outsider)))
          .to.be.revertedWithCustomError(members, "OperatorUnknown")
          .withArgs(outsider.address);
      }
    });

    it("are named only once all have committed to their shares", async () => {
      const platform = await loadFixture(strippingBegun);
      const { tables, alpha, beta } = platform;
      await postShares(platform, [alpha]);
      await expect(as(platform, alpha).confirmTable(1, 1, TABLE))
        .to.be.revertedWithCustomError(tables, "StripSharesMissing")
        .withArgs(1, 1, beta.id);
      await postShares(platform, [beta]);
      await expect(as(platform, alpha).confirmTable(1, 1, ZeroHash))
        .to.be.revertedWithCustomError(tables, "StripDigestEmpty")
        .withArgs(1);
      await expect(as(platform, alpha).confirmTable(1, 1, TABLE))
        .to.emit(tables, "TableConfirmed")
        .withArgs(1, 1, alpha.id, TABLE);
      await expect(as(platform, alpha).confirmTable(1, 1, TABLE))
        .to.be.revertedWithCustomError(tables, "TableConfirmationRepeated")
        .withArgs(1, 1, alpha.id);
      expect(await tables.latestPublished()).to.equal(0);
    });

    it("are published with the last of equal words", async () => {
      const platform = await loadFixture(sharesPosted);
      const { tables, alpha, beta, emergency } = platform;
      await as(platform, alpha).confirmTable(1, 1, TABLE);
      await expect(as(platform, beta).confirmTable(1, 1, TABLE))
        .to.emit(tables, "EditionPublished")
        .withArgs(1, TABLE, ROWS);
      const edition = await editionOf(platform);
      expect([edition.status, edition.stageEndsAt, edition.publishedAt, edition.tableRoot]).to.deep.equal([
        BigInt(EditionStatus.Published),
        0n,
        await emergency.time(),
        TABLE,
      ]);
      expect(await tables.latestPublished()).to.equal(1);
      await expect(tables.abandon(1))
        .to.be.revertedWithCustomError(tables, "EditionWrong")
        .withArgs(1, EditionStatus.Published, EditionStatus.Merging);
    });

    it("are not published with words that differ; another set starts anew", async () => {
      const platform = await loadFixture(sharesPosted);
      const { tables, alpha, beta, gamma } = platform;
      await as(platform, alpha).confirmTable(1, 1, TABLE);
      await as(platform, beta).confirmTable(1, 1, digest("another"));
      expect((await editionOf(platform)).status).to.equal(EditionStatus.Stripping);
      await as(platform, alpha).refuse(1, 1, beta.id, SHARE_INVALID, EVIDENCE);
      await asAggregator(platform).chooseStripSet(1, [alpha.id, gamma.id]);
      await expect(as(platform, alpha).confirmTable(1, 2, TABLE))
        .to.be.revertedWithCustomError(tables, "StripSharesMissing")
        .withArgs(1, 2, alpha.id);
      await postShares(platform, [alpha, gamma], 2);
      for (const party of [alpha, gamma]) await as(platform, party).confirmTable(1, 2, TABLE);
      expect(await tables.latestPublished()).to.equal(1);
    });
  });

  describe("refusals", () => {
    it("name a node of the set or the aggregator, with reason and evidence, each once an attempt", async () => {
      const platform = await loadFixture(strippingBegun);
      const { tables, alpha, beta, gamma } = platform;
      const refuse = async (accused: bigint, reason = SHARE_INVALID, evidence = EVIDENCE) =>
        as(platform, alpha).refuse(1, 1, accused, reason, evidence);
      await expect(refuse(beta.id))
        .to.emit(tables, "StripRefused")
        .withArgs(1, 1, beta.id, alpha.id, SHARE_INVALID, EVIDENCE);
      await expect(refuse(beta.id))
        .to.be.revertedWithCustomError(tables, "StripRefusalRepeated")
        .withArgs(1, 1, alpha.id, beta.id);
      await expect(refuse(gamma.id)).to.be.revertedWithCustomError(tables, "NotInStripSet").withArgs(1, gamma.id);
      for (const [reason, evidence] of [
        [ZeroHash, EVIDENCE],
        [SHARE_INVALID, ZeroHash],
      ] as const) {
        await expect(refuse(alpha.id, reason, evidence))
          .to.be.revertedWithCustomError(tables, "StripDigestEmpty")
          .withArgs(1);
      }
      await expect(as(platform, alpha).refuse(1, 2, beta.id, SHARE_INVALID, EVIDENCE))
        .to.be.revertedWithCustomError(tables, "StripAttemptWrong")
        .withArgs(1, 2, 1);
    });

    it("free the aggregator to choose again at once, also where a node names itself; of the aggregator alone they do not", async () => {
      const platform = await loadFixture(strippingBegun);
      const { tables, association, alpha, beta, gamma } = platform;
      await as(platform, alpha).refuse(1, 1, association.id, UNREACHABLE, EVIDENCE);
      await expect(asAggregator(platform).chooseStripSet(1, [alpha.id, gamma.id])).to.be.revertedWithCustomError(
        tables,
        "StripSetWorking",
      );
      await as(platform, beta).refuse(1, 1, beta.id, UNREACHABLE, EVIDENCE);
      await asAggregator(platform).chooseStripSet(1, [alpha.id, gamma.id]);
      await expect(asAggregator(platform).chooseStripSet(1, [beta.id, gamma.id])).to.be.revertedWithCustomError(
        tables,
        "StripSetWorking",
      );
    });

    it("of the aggregator by t different nodes end the edition, in whatever attempts", async () => {
      const platform = await loadFixture(strippingBegun);
      const { tables, association, alpha, beta, gamma } = platform;
      const accuse = async (party: Party, attempt: number) =>
        as(platform, party).refuse(1, attempt, association.id, UNREACHABLE, EVIDENCE);
      await accuse(alpha, 1);
      await as(platform, alpha).refuse(1, 1, beta.id, UNREACHABLE, EVIDENCE);
      await asAggregator(platform).chooseStripSet(1, [alpha.id, gamma.id]);
      await accuse(alpha, 2);
      expect((await editionOf(platform)).status).to.equal(EditionStatus.Stripping);
      await expect(accuse(gamma, 2))
        .to.emit(tables, "EditionAbandoned")
        .withArgs(1, EditionStatus.Stripping, encodeBytes32String("AGGREGATOR_ACCUSED"));
    });

    it("of an aggregator that is of the set free it to choose; its own word does not count against it", async () => {
      const platform = await loadFixture(merged);
      const { association, alpha, beta, gamma } = platform;
      await asAggregator(platform).chooseStripSet(1, [association.id, alpha.id]);
      await as(platform, association).refuse(1, 1, association.id, UNREACHABLE, EVIDENCE);
      await as(platform, alpha).refuse(1, 1, association.id, UNREACHABLE, EVIDENCE);
      expect((await editionOf(platform)).status).to.equal(EditionStatus.Stripping);
      await asAggregator(platform).chooseStripSet(1, [beta.id, gamma.id]);
    });
  });

  describe("giving up", () => {
    it("the stripping takes three times its stage after the merge, whatever sets are chosen", async () => {
      const platform = await loadFixture(merged);
      const { tables, alpha, beta, outsider } = platform;
      const end = (await editionOf(platform)).stageEndsAt + BigInt(2 * STAGE);
      await time.increaseTo(end - 10n);
      await asAggregator(platform).chooseStripSet(1, [alpha.id, beta.id]);
      await nextBlockAt(end - 1n);
      await expect(tables.abandon(1)).to.be.revertedWithCustomError(tables, "EditionStageNotOver").withArgs(1, end);
      await nextBlockAt(end);
      await expect(tables.connect(outsider).abandon(1))
        .to.emit(tables, "EditionAbandoned")
        .withArgs(1, EditionStatus.Stripping, encodeBytes32String("STRIPPING_LATE"));
      expect(await tables.latestPublished()).to.equal(0);
    });

    it("is not for editions that collect, nor for none", async () => {
      const platform = await loadFixture(strippingBegun);
      const { tables } = platform;
      await expect(tables.abandon(2))
        .to.be.revertedWithCustomError(tables, "EditionWrong")
        .withArgs(2, EditionStatus.None, EditionStatus.Merging);
    });
  });
});
