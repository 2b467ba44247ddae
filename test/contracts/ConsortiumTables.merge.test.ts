import { expect } from "chai";
import { encodeBytes32String, keccak256, ZeroHash } from "ethers";
import { describe, it } from "mocha";

import {
  as,
  asAggregator,
  collected,
  EditionStatus,
  editionOf,
  nextBlockAt,
  PROOF,
  ROWS,
  STAGE,
} from "./computation.ts";
import { loadFixture } from "./fixtures.ts";
import { connection, digest, Status } from "./platform.ts";

const { takeSnapshot, time } = connection.networkHelpers;
const ROOT = digest("merged");
const UNREACHABLE = encodeBytes32String("UNREACHABLE");
const SHARE_INVALID = encodeBytes32String("SHARE_INVALID");

describe("ConsortiumTables", () => {
  describe("exclusion", () => {
    it("takes contributions out, each with its reason", async () => {
      const platform = await loadFixture(collected);
      const { tables, beta } = platform;
      await expect(asAggregator(platform).exclude(1, [beta.id], [UNREACHABLE]))
        .to.emit(tables, "ContributionExcluded")
        .withArgs(1, beta.id, UNREACHABLE);
      expect((await tables.getContribution(1, beta.id)).excluded).to.equal(true);
      expect((await editionOf(platform)).contributors).to.equal(3);
      expect(await tables.contributorsOf(1)).to.have.length(4);
      await expect(asAggregator(platform).exclude(1, [beta.id], [UNREACHABLE]))
        .to.be.revertedWithCustomError(tables, "ContributionAlreadyExcluded")
        .withArgs(1, beta.id);
    });

    it("that leaves fewer than k ends the edition", async () => {
      const platform = await loadFixture(collected);
      const { tables, alpha, beta } = platform;
      await expect(asAggregator(platform).exclude(1, [alpha.id, beta.id], [UNREACHABLE, SHARE_INVALID]))
        .to.emit(tables, "EditionAbandoned")
        .withArgs(1, EditionStatus.Merging, encodeBytes32String("CONTRIBUTORS_TOO_FEW"));
      expect((await editionOf(platform)).status).to.equal(EditionStatus.Abandoned);
      await expect(asAggregator(platform).merge(1, ROOT, ROWS, PROOF))
        .to.be.revertedWithCustomError(tables, "EditionWrong")
        .withArgs(1, EditionStatus.Abandoned, EditionStatus.Merging);
    });

    it("needs a reason for each, and somebody that contributed", async () => {
      const platform = await loadFixture(collected);
      const { tables, alpha, beta, bank } = platform;
      for (const [contributors, reasons] of [
        [[alpha.id], []],
        [[], [UNREACHABLE]],
        [[alpha.id], [ZeroHash]],
      ] as [bigint[], string[]][]) {
        await expect(asAggregator(platform).exclude(1, contributors, reasons))
          .to.be.revertedWithCustomError(tables, "ExclusionInvalid")
          .withArgs(contributors.length, reasons.length);
      }
      await expect(asAggregator(platform).exclude(1, [bank.id], [UNREACHABLE]))
        .to.be.revertedWithCustomError(tables, "ContributionUnknown")
        .withArgs(1, bank.id);
      await expect(asAggregator(platform).exclude(1, [beta.id, beta.id], [UNREACHABLE, UNREACHABLE]))
        .to.be.revertedWithCustomError(tables, "ContributionAlreadyExcluded")
        .withArgs(1, beta.id);
      await asAggregator(platform).exclude(1, [], []);
      expect((await editionOf(platform)).contributors).to.equal(4);
    });
  });

  describe("the merge", () => {
    it("is committed to once, and starts the stripping", async () => {
      const platform = await loadFixture(collected);
      const { tables, emergency } = platform;
      const sent = asAggregator(platform).merge(1, ROOT, 1280, PROOF);
      await expect(sent).to.emit(tables, "ContributionsMerged").withArgs(1, ROOT, 1280, PROOF);
      const endsAt = (await emergency.time()) + BigInt(STAGE);
      await expect(sent).to.emit(tables, "EditionStageBegun").withArgs(1, EditionStatus.Stripping, endsAt);
      const edition = await editionOf(platform);
      expect([edition.status, edition.stageEndsAt, edition.mergedRoot, edition.mergedRows]).to.deep.equal([
        BigInt(EditionStatus.Stripping),
        endsAt,
        ROOT,
        1280n,
      ]);
      expect(edition.mergeProofDigest).to.equal(keccak256(PROOF));
      await expect(asAggregator(platform).merge(1, digest("another"), ROWS, PROOF))
        .to.be.revertedWithCustomError(tables, "EditionWrong")
        .withArgs(1, EditionStatus.Stripping, EditionStatus.Merging);
    });

    it("has a root, 64 bytes of proof and a class of rows", async () => {
      const platform = await loadFixture(collected);
      const { tables } = platform;
      for (const [root, proof] of [
        [ZeroHash, PROOF],
        [ROOT, "0x"],
        [ROOT, `${PROOF}00`],
      ] as const) {
        await expect(asAggregator(platform).merge(1, root, ROWS, proof)).to.be.revertedWithCustomError(
          tables,
          "MergeInvalid",
        );
      }
      for (const rows of [0, 896, 1025]) {
        await expect(asAggregator(platform).merge(1, ROOT, rows, PROOF))
          .to.be.revertedWithCustomError(tables, "RowCountNotAClass")
          .withArgs(rows, 1024);
      }
      await expect(asAggregator(platform).merge(1, ROOT, 2 ** 22, PROOF))
        .to.be.revertedWithCustomError(tables, "RowsTooMany")
        .withArgs(2 ** 22, 7 * 2 ** 19);
    });

    it("may be late until somebody ends the edition, to the second", async () => {
      const platform = await loadFixture(collected);
      const { tables, outsider } = platform;
      const { stageEndsAt } = await editionOf(platform);
      await nextBlockAt(stageEndsAt - 1n);
      await expect(tables.abandon(1))
        .to.be.revertedWithCustomError(tables, "EditionStageNotOver")
        .withArgs(1, stageEndsAt);
      const before = await takeSnapshot();
      await time.increaseTo(stageEndsAt + 100n);
      await asAggregator(platform).merge(1, ROOT, ROWS, PROOF);
      await before.restore();
      await nextBlockAt(stageEndsAt);
      await expect(tables.connect(outsider).abandon(1))
        .to.emit(tables, "EditionAbandoned")
        .withArgs(1, EditionStatus.Merging, encodeBytes32String("MERGE_LATE"));
    });
  });

  it("exclusion, merge and choice are the aggregator's, of an active member", async () => {
    const platform = await loadFixture(collected);
    const { tables, members, alpha, association, outsider } = platform;
    const calls = [
      async (caller: typeof tables) => caller.exclude(1, [alpha.id], [UNREACHABLE]),
      async (caller: typeof tables) => caller.merge(1, ROOT, ROWS, PROOF),
      async (caller: typeof tables) => caller.chooseStripSet(1, [association.id, alpha.id]),
    ];
    for (const call of calls) {
      if (call === calls[2]) await asAggregator(platform).merge(1, ROOT, ROWS, PROOF);
      await expect(call(as(platform, alpha)))
        .to.be.revertedWithCustomError(tables, "NotAggregator")
        .withArgs(1, alpha.id);
      await expect(call(tables.connect(outsider)))
        .to.be.revertedWithCustomError(members, "OperatorUnknown")
        .withArgs(outsider.address);
    }
    await members.suspend(association.id, digest("reason"));
    for (const call of calls) {
      await expect(call(asAggregator(platform)))
        .to.be.revertedWithCustomError(members, "MemberNotActive")
        .withArgs(association.id, Status.Suspended);
    }
  });
});
