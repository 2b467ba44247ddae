import { expect } from "chai";
import { ZeroHash } from "ethers";
import { describe, it } from "mocha";

import { contribute, EditionStatus, nextBlockAt, openedEdition, PROOF, ROWS } from "./computation.ts";
import { loadFixture } from "./fixtures.ts";
import { admit, Capability, connection, digest, Kind, Status, terms } from "./platform.ts";
import { publication } from "./stages.ts";

const ROOT = digest("root");
const UNKNOWN = digest("unknown dataset");

type Opened = Awaited<ReturnType<typeof openedEdition>>;

interface Given {
  readonly edition?: number;
  readonly root?: string;
  readonly rows?: number;
  readonly proof?: string;
  readonly datasets?: readonly string[];
  readonly epochs?: readonly number[];
  readonly revisions?: readonly number[];
}

/** Alpha contributes what is right but for `given`. */
const byAlpha = ({ tables, alpha, alphaData }: Opened, given: Given = {}) => {
  const { edition = 1, root = ROOT, rows = ROWS, proof = PROOF } = given;
  const { datasets = [alphaData], epochs = [1], revisions = [1] } = given;
  return tables
    .connect(alpha.operator)
    .contribute(edition, root, rows, proof, [...datasets], [...epochs], [...revisions]);
};

describe("ConsortiumTables", () => {
  describe("contributions", () => {
    it("are on record, each member's once", async () => {
      const platform = await loadFixture(openedEdition);
      const { tables, alpha, alphaData, emergency } = platform;
      await expect(byAlpha(platform))
        .to.emit(tables, "ContributionPosted")
        .withArgs(1, alpha.id, ROOT, ROWS, PROOF, [alphaData], [1], [1]);
      expect(await tables.getContribution(1, alpha.id)).to.deep.equal([
        ROOT,
        BigInt(ROWS),
        await emergency.time(),
        false,
        PROOF,
      ]);
      expect(await tables.contributorsOf(1)).to.deep.equal([alpha.id]);
      expect((await tables.getEdition(1)).contributors).to.equal(1);
      await expect(byAlpha(platform, { root: digest("another") }))
        .to.be.revertedWithCustomError(tables, "ContributionRepeated")
        .withArgs(1, alpha.id);
    });

    it("end with the second in which the collecting does", async () => {
      const platform = await loadFixture(openedEdition);
      const { tables, betaData, beta } = platform;
      const { stageEndsAt } = await tables.getEdition(1);
      await nextBlockAt(stageEndsAt - 1n);
      await byAlpha(platform);
      await nextBlockAt(stageEndsAt);
      await expect(contribute(platform, beta, betaData))
        .to.be.revertedWithCustomError(tables, "ContributionLate")
        .withArgs(1, stageEndsAt);
    });

    it("come from members that may publish, while an edition collects", async () => {
      const platform = await loadFixture(openedEdition);
      const { tables, members, alpha, spare, outsider } = platform;
      for (const edition of [0, 2]) {
        await expect(byAlpha(platform, { edition }))
          .to.be.revertedWithCustomError(tables, "EditionWrong")
          .withArgs(edition, EditionStatus.None, EditionStatus.Collecting);
      }
      await members.connect(spare).apply_(Kind.NodeOperator, "node", "https://a.example");
      const node = await admit(platform, spare);
      await expect(tables.connect(spare).contribute(1, ROOT, ROWS, PROOF, [], [], []))
        .to.be.revertedWithCustomError(members, "MemberNotEntitled")
        .withArgs(node, Kind.NodeOperator, Capability.Publish);
      await expect(tables.connect(outsider).contribute(1, ROOT, ROWS, PROOF, [], [], []))
        .to.be.revertedWithCustomError(members, "OperatorUnknown")
        .withArgs(outsider.address);
      await members.suspend(alpha.id, digest("reason"));
      await expect(byAlpha(platform))
        .to.be.revertedWithCustomError(members, "MemberNotActive")
        .withArgs(alpha.id, Status.Suspended);
    });

    it("have a root, 64 bytes of proof, and as many rows as a class of at least the edition's", async () => {
      const platform = await loadFixture(openedEdition);
      const { tables } = platform;
      for (const given of [
        { root: ZeroHash },
        { proof: "0x" },
        { proof: `${PROOF}00` },
        { proof: PROOF.slice(0, -2) },
      ]) {
        await expect(byAlpha(platform, given)).to.be.revertedWithCustomError(tables, "ContributionInvalid");
      }
      for (const rows of [0, 3, 896, 1023, 1025]) {
        await expect(byAlpha(platform, { rows }))
          .to.be.revertedWithCustomError(tables, "RowCountNotAClass")
          .withArgs(rows, 1024);
      }
      await byAlpha(platform, { rows: 1280 });
    });

    it("have no more rows than a table that is read as one file: others have to store them", async () => {
      const platform = await loadFixture(openedEdition);
      const largest = 7 * 2 ** 19;
      for (const rows of [2 ** 22, 2 ** 31]) {
        await expect(byAlpha(platform, { rows }))
          .to.be.revertedWithCustomError(platform.tables, "RowsTooMany")
          .withArgs(rows, largest);
      }
      await byAlpha(platform, { rows: largest });
    });

    it("name the commitments they rest on: lists of one length, ascending, 1 to 64", async () => {
      const platform = await loadFixture(openedEdition);
      const { tables, alphaData } = platform;
      const long = Array.from({ length: 65 }, (_, index) => index + 1);
      const wrong: Given[] = [
        { datasets: [], epochs: [], revisions: [] },
        { epochs: [] },
        { datasets: [alphaData, alphaData], epochs: [1, 1], revisions: [1, 1] },
        { revisions: [1, 1] },
        { datasets: long.map((each) => `0x${each.toString(16).padStart(64, "0")}`), epochs: long, revisions: long },
      ];
      for (const given of wrong) {
        await expect(byAlpha(platform, given)).to.be.revertedWithCustomError(tables, "ContributionInvalid");
      }
    });

    it("rest on the contributor's own commitments, the newest, and standing", async () => {
      const platform = await loadFixture(openedEdition);
      const { tables, datasets, alpha, alphaData, betaData } = platform;
      const refused = async (dataset: string, epoch: number, revision: number): Promise<void> => {
        await expect(byAlpha(platform, { datasets: [dataset], epochs: [epoch], revisions: [revision] }))
          .to.be.revertedWithCustomError(tables, "ContributionBasisInvalid")
          .withArgs(dataset, epoch, revision);
      };
      await refused(betaData, 1, 1);
      await refused(UNKNOWN, 0, 0);
      await refused(alphaData, 0, 1);
      await refused(alphaData, 2, 1);
      await refused(alphaData, 1, 2);
      await datasets.connect(alpha.operator).publish(alphaData, publication(alphaData, { revision: 2 }));
      await refused(alphaData, 1, 1);
      await datasets.connect(alpha.operator).withdraw(alphaData, 1, 2, digest("reason"));
      await refused(alphaData, 1, 2);
      await refused(alphaData, 0, 0);
    });

    it("leave out none of the contributor's datasets that stand", async () => {
      const platform = await loadFixture(openedEdition);
      const { tables, datasets, alpha } = platform;
      const category = digest("Z");
      await datasets.defineCategory(category, terms([Kind.SecuritiesFirm]));
      const asAlpha = datasets.connect(alpha.operator);
      await asAlpha.registerDataset(digest("second"), [category]);
      const second = await datasets.datasetIdOf(alpha.id, digest("second"));
      const before = await connection.networkHelpers.takeSnapshot();
      // Registered, and nothing published: there is nothing to name.
      await byAlpha(platform);
      await before.restore();
      await asAlpha.publish(second, publication(second));
      await expect(byAlpha(platform)).to.be.revertedWithCustomError(tables, "ContributionIncomplete").withArgs(second);
      await asAlpha.withdraw(second, 1, 1, digest("reason"));
      await byAlpha(platform);
    });

    it("name all of a holder's datasets, and each of its own commitment", async () => {
      const platform = await loadFixture(openedEdition);
      const { tables, datasets, alpha, alphaData } = platform;
      const category = digest("Z");
      await datasets.defineCategory(category, terms([Kind.SecuritiesFirm]));
      const asAlpha = datasets.connect(alpha.operator);
      await asAlpha.registerDataset(digest("second"), [category]);
      const second = await datasets.datasetIdOf(alpha.id, digest("second"));
      await asAlpha.publish(second, publication(second));
      await asAlpha.publish(second, publication(second, { revision: 2 }));
      const both = [
        [alphaData, 1],
        [second, 2],
      ].sort(([a = ""], [b = ""]) => (a < b ? -1 : 1)) as [string, number][];
      const [list, revisions] = [both.map(([dataset]) => dataset), both.map(([, revision]) => revision)];
      await expect(
        byAlpha(platform, { datasets: [...list].reverse(), epochs: [1, 1], revisions: [...revisions].reverse() }),
      ).to.be.revertedWithCustomError(tables, "ContributionInvalid");
      await byAlpha(platform, { datasets: list, epochs: [1, 1], revisions });
    });
  });
});
