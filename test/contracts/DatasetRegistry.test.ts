import { expect } from "chai";
import { AbiCoder, encodeBytes32String, keccak256, ZeroHash } from "ethers";
import { describe, it } from "mocha";

import { A, B, C, connection, digest, Kind, Status, terms } from "./platform.ts";
import { shouldBehaveLikeRestricted } from "./restricted.behavior.ts";
import { admittedMembers, deployedPlatform, publication, publishedDatasets } from "./stages.ts";
import { loadFixture } from "./fixtures.ts";

const { networkHelpers } = connection;
const { time } = networkHelpers;
const LABEL = encodeBytes32String("CREDIT");
const UNKNOWN = digest("unknown dataset");

/** As `publishedDatasets`, in the first second of epoch 2. */
async function secondEpoch() {
  const platform = await loadFixture(publishedDatasets);
  const [, end] = await platform.parameters.epochBounds(1);
  await time.increaseTo(end);
  return platform;
}

/** As `publishedDatasets`, in the first second of epoch 3: what was published in epoch 1 is too old. */
async function thirdEpoch() {
  const platform = await loadFixture(publishedDatasets);
  const [, end] = await platform.parameters.epochBounds(2);
  await time.increaseTo(end);
  return platform;
}

describe("DatasetRegistry", () => {
  shouldBehaveLikeRestricted([
    {
      name: "defineCategory",
      role: "ASSOCIATION_ROLE",
      call: ({ datasets }, as) => datasets.connect(as).defineCategory(digest("Z"), terms([Kind.Bank])),
    },
    {
      name: "amendCategory",
      role: "ASSOCIATION_ROLE",
      call: ({ datasets }, as) => datasets.connect(as).amendCategory(C, terms([Kind.Bank])),
    },
    {
      name: "setIncentiveRules",
      role: "ADMIN_ROLE",
      call: ({ datasets, rules }, as) => datasets.connect(as).setIncentiveRules(rules),
    },
  ]);

  describe("categories", () => {
    const D = encodeBytes32String("D");
    const stored = ({ owners, mandatory, dueWorkingDays, title }: ReturnType<typeof terms>) => [
      BigInt(owners),
      mandatory,
      BigInt(dueWorkingDays),
      title,
    ];

    it("are defined once", async () => {
      const { datasets } = await loadFixture(deployedPlatform);
      const banks = terms([Kind.Bank, Kind.Insurer], true, "银行数据");
      await expect(datasets.defineCategory(D, banks))
        .to.emit(datasets, "CategoryDefined")
        .withArgs(D, Object.values(banks));
      expect(await datasets.getCategory(D)).to.deep.equal(stored(banks));
      expect(await datasets.catalogue()).to.deep.equal([A, B, C, D]);
      await expect(datasets.defineCategory(D, banks))
        .to.be.revertedWithCustomError(datasets, "CategoryAlreadyDefined")
        .withArgs(D);
    });

    it("have a code and owners that are kinds of members", async () => {
      const { datasets } = await loadFixture(deployedPlatform);
      await expect(datasets.defineCategory(ZeroHash, terms([Kind.Bank])))
        .to.be.revertedWithCustomError(datasets, "CategoryUnknown")
        .withArgs(ZeroHash);
      for (const kinds of [[], [Kind.None], [Kind.None, Kind.Bank], [Kind.NodeOperator + 1], [15]]) {
        await expect(datasets.defineCategory(D, terms(kinds)))
          .to.be.revertedWithCustomError(datasets, "CategoryOwnersInvalid")
          .withArgs(D, terms(kinds).owners);
      }
      for (const unknown of [async () => datasets.getCategory(D), async () => datasets.amendCategory(D, terms([3]))]) {
        await expect(unknown()).to.be.revertedWithCustomError(datasets, "CategoryUnknown").withArgs(D);
      }
      await datasets.defineCategory(D, terms([Kind.NodeOperator]));
    });

    it("are amended, and duties follow at once while datasets stay", async () => {
      const { datasets, alpha, alphaData, bank } = await loadFixture(publishedDatasets);
      const amended = terms([Kind.Bank], true, "B, of banks");
      await expect(datasets.amendCategory(B, amended))
        .to.emit(datasets, "CategoryAmended")
        .withArgs(B, Object.values(amended));
      expect(await datasets.getCategory(B)).to.deep.equal(stored(amended));
      expect(await datasets.meetsDuties(bank.id)).to.equal(false);
      expect(await datasets.meetsDuties(alpha.id)).to.equal(true);
      expect((await datasets.getDataset(alphaData)).categories).to.deep.equal([B, C]);
      await datasets.connect(alpha.operator).publish(alphaData, publication(alphaData, { revision: 2 }));
      await expect(datasets.amendCategory(B, terms([Kind.None])))
        .to.be.revertedWithCustomError(datasets, "CategoryOwnersInvalid")
        .withArgs(B, 1);
      expect(await datasets.catalogue()).to.deep.equal([A, B, C]);
    });

    it("number 64 at most", async () => {
      const { datasets } = await loadFixture(deployedPlatform);
      for (let index = 3; index < 64; index++) await datasets.defineCategory(digest(String(index)), terms([Kind.Bank]));
      await expect(datasets.defineCategory(D, terms([Kind.Bank])))
        .to.be.revertedWithCustomError(datasets, "CategoryCatalogueFull")
        .withArgs(64);
    });
  });

  describe("registration", () => {
    it("gives the dataset an identifier of its own", async () => {
      const { datasets, alpha, emergency } = await loadFixture(admittedMembers);
      const { chainId } = await connection.ethers.provider.getNetwork();
      const id = keccak256(
        AbiCoder.defaultAbiCoder().encode(
          ["uint256", "address", "uint32", "bytes32"],
          [chainId, await datasets.getAddress(), alpha.id, LABEL],
        ),
      );
      await expect(datasets.connect(alpha.operator).registerDataset(LABEL, [B, C]))
        .to.emit(datasets, "DatasetRegistered")
        .withArgs(id, alpha.id, LABEL, [B, C]);
      expect(await datasets.datasetIdOf(alpha.id, LABEL)).to.equal(id);
      expect(await datasets.getDataset(id)).to.deep.equal([alpha.id, await emergency.time(), 0n, LABEL, [B, C]]);
      expect(await datasets.datasetCount()).to.equal(1n);
      expect(await datasets.datasetAt(0)).to.equal(id);
    });

    it("refuses lists that are empty, long, unordered or repeat", async () => {
      const { datasets, alpha } = await loadFixture(admittedMembers);
      const long = Array.from({ length: 17 }, (_, index) => `0x${(index + 1).toString(16).padStart(64, "0")}`);
      for (const categories of [[], long, [C, B], [B, B]]) {
        await expect(datasets.connect(alpha.operator).registerDataset(LABEL, categories)).to.be.revertedWithCustomError(
          datasets,
          "CategoryListInvalid",
        );
      }
    });

    it("refuses unknown categories and those of other kinds", async () => {
      const { datasets, alpha, bank } = await loadFixture(admittedMembers);
      await expect(datasets.connect(alpha.operator).registerDataset(LABEL, [B, digest("Z")].sort()))
        .to.be.revertedWithCustomError(datasets, "CategoryUnknown")
        .withArgs(digest("Z"));
      await expect(datasets.connect(alpha.operator).registerDataset(LABEL, [A, B]))
        .to.be.revertedWithCustomError(datasets, "CategoryNotOwned")
        .withArgs(A, alpha.id, Kind.SecuritiesFirm);
      await expect(datasets.connect(bank.operator).registerDataset(LABEL, [B]))
        .to.be.revertedWithCustomError(datasets, "CategoryNotOwned")
        .withArgs(B, bank.id, Kind.Bank);
    });

    it("refuses a second dataset by the same label or for the same category", async () => {
      const { datasets, alpha, alphaData } = await loadFixture(publishedDatasets);
      await expect(datasets.connect(alpha.operator).registerDataset(LABEL, [B]))
        .to.be.revertedWithCustomError(datasets, "DatasetAlreadyRegistered")
        .withArgs(alphaData);
      await expect(datasets.connect(alpha.operator).registerDataset(digest("other"), [C]))
        .to.be.revertedWithCustomError(datasets, "CategoryAlreadyCovered")
        .withArgs(C, alphaData);
    });

    it("is for active members", async () => {
      const { datasets, members, alpha, outsider } = await loadFixture(admittedMembers);
      await members.suspend(alpha.id, digest("r"));
      await expect(datasets.connect(alpha.operator).registerDataset(LABEL, [B]))
        .to.be.revertedWithCustomError(members, "MemberNotActive")
        .withArgs(alpha.id, Status.Suspended);
      await expect(datasets.connect(outsider).registerDataset(LABEL, [B])).to.be.revertedWithCustomError(
        members,
        "OperatorUnknown",
      );
    });
  });

  describe("publication", () => {
    it("is kept as it was given", async () => {
      const { datasets, beta, betaData, emergency } = await loadFixture(publishedDatasets);
      const second = publication(betaData, { revision: 2, root: digest("second") });
      await expect(datasets.connect(beta.operator).publish(betaData, second))
        .to.emit(datasets, "CommitmentPublished")
        .withArgs(betaData, beta.id, 1, Object.values(second));
      const stored = await datasets.getCommitment(betaData, 1, 2);
      expect(stored.publication).to.deep.equal(
        Object.values(second).map((value) => (typeof value === "number" ? BigInt(value) : value)),
      );
      expect([stored.publishedAt, stored.withdrawn]).to.deep.equal([await emergency.time(), false]);
      expect(await datasets.latestCommitment(betaData)).to.deep.equal(stored);
      expect(await datasets.revisionCount(betaData, 1)).to.equal(2n);
      expect((await datasets.getDataset(betaData)).latestEpoch).to.equal(1n);
      expect((await datasets.getCommitment(betaData, 1, 1)).publication.root).to.equal(digest(`root ${betaData}`));
    });

    it("is for the holder, while it is active", async () => {
      const { datasets, members, alpha, beta, betaData } = await loadFixture(publishedDatasets);
      const next = publication(betaData, { revision: 2 });
      await expect(datasets.connect(alpha.operator).publish(betaData, next))
        .to.be.revertedWithCustomError(datasets, "DatasetNotOwned")
        .withArgs(betaData, alpha.id);
      await expect(datasets.connect(beta.operator).publish(UNKNOWN, next))
        .to.be.revertedWithCustomError(datasets, "DatasetUnknown")
        .withArgs(UNKNOWN);
      await members.suspend(beta.id, digest("r"));
      await expect(datasets.connect(beta.operator).publish(betaData, next)).to.be.revertedWithCustomError(
        members,
        "MemberNotActive",
      );
    });

    it("takes the running epoch only", async () => {
      const { datasets, beta, betaData } = await loadFixture(secondEpoch);
      for (const epoch of [0, 1, 3]) {
        await expect(datasets.connect(beta.operator).publish(betaData, publication("x", { epoch })))
          .to.be.revertedWithCustomError(datasets, "EpochNotOpen")
          .withArgs(epoch, 2);
      }
      await datasets.connect(beta.operator).publish(betaData, publication("x", { epoch: 2 }));
      expect((await datasets.latestCommitment(betaData)).publication.epoch).to.equal(2n);
    });

    it("takes revisions in order, and tells a repeated one from one too many", async () => {
      const { datasets, beta, betaData } = await loadFixture(publishedDatasets);
      const publisher = datasets.connect(beta.operator);
      await expect(publisher.publish(betaData, publication(betaData)))
        .to.be.revertedWithCustomError(datasets, "CommitmentAlreadyPublished")
        .withArgs(betaData, 1, 1);
      for (const revision of [0, 3]) {
        await expect(publisher.publish(betaData, publication(betaData, { revision })))
          .to.be.revertedWithCustomError(datasets, "RevisionOutOfOrder")
          .withArgs(betaData, 1, 2, revision);
      }
    });

    it("keeps one key an epoch and never sees it again", async () => {
      const { datasets, parameters, beta, betaData, gammaData } = await loadFixture(publishedDatasets);
      const publisher = datasets.connect(beta.operator);
      await expect(publisher.publish(betaData, publication("another", { revision: 2 })))
        .to.be.revertedWithCustomError(datasets, "EpochKeyMismatch")
        .withArgs(betaData, 1, digest(`key ${betaData}`), digest("key another"));
      const [, end] = await parameters.epochBounds(1);
      await time.increaseTo(end);
      for (const key of [betaData, gammaData]) {
        await expect(publisher.publish(betaData, publication(key, { epoch: 2 })))
          .to.be.revertedWithCustomError(datasets, "EpochKeyReused")
          .withArgs(digest(`key ${key}`));
      }
    });

    it("is complete", async () => {
      const { datasets, beta, betaData } = await loadFixture(publishedDatasets);
      for (const changes of [
        { root: ZeroHash },
        { publicKey: ZeroHash },
        { statisticsDigest: ZeroHash },
        { entrySize: 0 },
        { suite: 0 },
        { schema: 0 },
      ]) {
        await expect(
          datasets.connect(beta.operator).publish(betaData, publication(betaData, { revision: 2, ...changes })),
        ).to.be.revertedWithCustomError(datasets, "PublicationIncomplete");
      }
    });

    it("declares a count class", async () => {
      const { datasets, beta, betaData } = await loadFixture(publishedDatasets);
      for (const entryCount of [0, 1000, 1025, 10_000]) {
        await expect(
          datasets.connect(beta.operator).publish(betaData, publication(betaData, { revision: 2, entryCount })),
        )
          .to.be.revertedWithCustomError(datasets, "EntryCountNotAClass")
          .withArgs(entryCount);
      }
    });

    it("is unknown where there is none", async () => {
      const { datasets, betaData } = await loadFixture(publishedDatasets);
      await expect(datasets.getCommitment(betaData, 1, 2))
        .to.be.revertedWithCustomError(datasets, "CommitmentUnknown")
        .withArgs(betaData, 1, 2);
      await expect(datasets.latestCommitment(UNKNOWN)).to.be.revertedWithCustomError(datasets, "DatasetUnknown");
      await expect(datasets.getDataset(UNKNOWN)).to.be.revertedWithCustomError(datasets, "DatasetUnknown");
      expect(await datasets.revisionCount(UNKNOWN, 1)).to.equal(0n);
    });

    it("is unknown of a dataset that never published", async () => {
      const { datasets, alpha } = await loadFixture(admittedMembers);
      await datasets.connect(alpha.operator).registerDataset(LABEL, [B]);
      await expect(
        datasets.latestCommitment(await datasets.datasetIdOf(alpha.id, LABEL)),
      ).to.be.revertedWithCustomError(datasets, "CommitmentUnknown");
    });
  });

  it("knows the count classes", async () => {
    const { datasets } = await loadFixture(deployedPlatform);
    for (const yes of [1024, 1280, 1536, 1792, 2048, 2560, 10_240, 4_294_967_295 - 2 ** 29 + 1]) {
      expect(await datasets.isCountClass(yes), String(yes)).to.equal(true);
    }
    for (const no of [0, 1, 512, 896, 1023, 1025, 1152, 2304, 10_000, 4_294_967_295]) {
      expect(await datasets.isCountClass(no), String(no)).to.equal(false);
    }
  });

  describe("withdrawal", () => {
    it("marks a commitment and leaves it readable", async () => {
      const { datasets, beta, betaData } = await loadFixture(publishedDatasets);
      const holder = datasets.connect(beta.operator);
      await expect(holder.withdraw(betaData, 1, 1, digest("court order")))
        .to.emit(datasets, "CommitmentWithdrawn")
        .withArgs(betaData, 1, 1, digest("court order"));
      const { withdrawn, publication: stored } = await datasets.getCommitment(betaData, 1, 1);
      expect([withdrawn, stored.root]).to.deep.equal([true, digest(`root ${betaData}`)]);
      await expect(holder.withdraw(betaData, 1, 1, digest("again")))
        .to.be.revertedWithCustomError(datasets, "CommitmentAlreadyWithdrawn")
        .withArgs(betaData, 1, 1);
      await expect(holder.withdraw(betaData, 1, 2, digest("x")))
        .to.be.revertedWithCustomError(datasets, "CommitmentUnknown")
        .withArgs(betaData, 1, 2);
    });

    it("stays open to a holder that is suspended or has left, and to nobody else", async () => {
      const { datasets, members, alpha, beta, betaData } = await loadFixture(publishedDatasets);
      await datasets.connect(beta.operator).publish(betaData, publication(betaData, { revision: 2 }));
      await members.suspend(beta.id, digest("r"));
      await datasets.connect(beta.operator).withdraw(betaData, 1, 1, digest("r"));
      await members.exit(beta.id);
      await datasets.connect(beta.operator).withdraw(betaData, 1, 2, digest("r"));
      await expect(datasets.connect(alpha.operator).withdraw(betaData, 1, 1, digest("r")))
        .to.be.revertedWithCustomError(datasets, "DatasetNotOwned")
        .withArgs(betaData, alpha.id);
    });
  });

  describe("key destruction", () => {
    it("is recorded once, when the epoch is over", async () => {
      const { datasets, beta, betaData } = await loadFixture(secondEpoch);
      const holder = datasets.connect(beta.operator);
      await expect(holder.recordKeyDestruction(betaData, 2, digest("a")))
        .to.be.revertedWithCustomError(datasets, "EpochNotOver")
        .withArgs(2, 2);
      await expect(holder.recordKeyDestruction(betaData, 0, digest("a"))).to.be.revertedWithCustomError(
        datasets,
        "CommitmentUnknown",
      );
      await expect(holder.recordKeyDestruction(betaData, 1, digest("a")))
        .to.emit(datasets, "EpochKeyDestroyed")
        .withArgs(betaData, 1, digest("a"));
      await expect(holder.recordKeyDestruction(betaData, 1, digest("a")))
        .to.be.revertedWithCustomError(datasets, "EpochKeyAlreadyDestroyed")
        .withArgs(betaData, 1);
    });
  });

  describe("duties", () => {
    it("are met by who owns no mandatory category", async () => {
      const { datasets, bank } = await loadFixture(admittedMembers);
      expect(await datasets.meetsDuties(bank.id)).to.equal(true);
    });

    it("are met by publishing in this epoch or the last", async () => {
      const { datasets, parameters, association, alpha } = await loadFixture(publishedDatasets);
      for (const { id } of [association, alpha]) expect(await datasets.meetsDuties(id)).to.equal(true);
      const [, second] = await parameters.epochBounds(2);
      await time.increaseTo(second - 1n);
      expect(await datasets.meetsDuties(alpha.id)).to.equal(true);
      await time.increaseTo(second);
      expect(await datasets.meetsDuties(alpha.id)).to.equal(false);
    });

    it("are not met before anything is published, by the voluntary category alone, or by an unknown member", async () => {
      const { datasets, members, alpha } = await loadFixture(admittedMembers);
      expect(await datasets.meetsDuties(alpha.id)).to.equal(false);
      await datasets.connect(alpha.operator).registerDataset(LABEL, [C]);
      const dataset = await datasets.datasetIdOf(alpha.id, LABEL);
      await datasets.connect(alpha.operator).publish(dataset, publication("c"));
      expect(await datasets.meetsDuties(alpha.id)).to.equal(false);
      await expect(datasets.meetsDuties(99)).to.be.revertedWithCustomError(members, "MemberUnknown");
    });

    it("are not met by what was withdrawn, unless a revision stands", async () => {
      const { datasets, beta, betaData } = await loadFixture(publishedDatasets);
      const holder = datasets.connect(beta.operator);
      await holder.publish(betaData, publication(betaData, { revision: 2 }));
      await holder.withdraw(betaData, 1, 1, digest("r"));
      expect(await datasets.meetsDuties(beta.id)).to.equal(true);
      await holder.withdraw(betaData, 1, 2, digest("r"));
      expect(await datasets.meetsDuties(beta.id)).to.equal(false);
    });

    it("are met by a nil report for this epoch or the last", async () => {
      const { datasets, beta, betaData, gamma, gammaData } = await loadFixture(thirdEpoch);
      await expect(datasets.connect(beta.operator).fileNilReport(betaData, 2, digest("nil")))
        .to.emit(datasets, "NilReportFiled")
        .withArgs(betaData, 2, digest("nil"));
      expect(await datasets.meetsDuties(beta.id)).to.equal(true);
      await datasets.connect(gamma.operator).fileNilReport(gammaData, 3, digest("nil"));
      expect(await datasets.meetsDuties(gamma.id)).to.equal(true);
    });

    it("take one nil report an epoch, from the holder, in time, and not beside a commitment", async () => {
      const { datasets, alpha, beta, betaData } = await loadFixture(thirdEpoch);
      const holder = datasets.connect(beta.operator);
      for (const epoch of [0, 1, 4]) {
        await expect(holder.fileNilReport(betaData, epoch, digest("nil")))
          .to.be.revertedWithCustomError(datasets, "EpochNotOpen")
          .withArgs(epoch, 3);
      }
      await expect(
        datasets.connect(alpha.operator).fileNilReport(betaData, 3, digest("nil")),
      ).to.be.revertedWithCustomError(datasets, "DatasetNotOwned");
      await holder.fileNilReport(betaData, 3, digest("nil"));
      await expect(holder.fileNilReport(betaData, 3, digest("nil")))
        .to.be.revertedWithCustomError(datasets, "NilReportAlreadyFiled")
        .withArgs(betaData, 3);
      await holder.publish(betaData, publication("late", { epoch: 3 }));
      await expect(holder.fileNilReport(betaData, 3, digest("nil")))
        .to.be.revertedWithCustomError(datasets, "CommitmentAlreadyPublished")
        .withArgs(betaData, 3, 1);
    });
  });
});
