import { expect } from "chai";
import { ZeroHash } from "ethers";
import { describe, it } from "mocha";

import { connection, digest, Scope } from "./platform.ts";
import { shouldBehaveLikeRestricted } from "./restricted.behavior.ts";
import { admittedMembers } from "./stages.ts";
import { loadFixture } from "./fixtures.ts";

const { networkHelpers } = connection;
const { time } = networkHelpers;

const RecordKind = { Incident: 0, Drill: 1 } as const;

describe("EmergencyRecords", () => {
  shouldBehaveLikeRestricted([
    {
      name: "adoptMeasures",
      role: "DUTY_ROLE",
      call: ({ records }, as) => records.connect(as).adoptMeasures(1, digest("measures")),
    },
  ]);

  it("are filed by any member, closed by the one that filed, with the measures then in force", async () => {
    const { records, alpha, beta } = await loadFixture(admittedMembers);
    await records.adoptMeasures(1, digest("measures"));
    const filedAt = (await time.latest()) + 100;
    await time.setNextBlockTimestamp(filedAt);
    await expect(records.connect(alpha.operator).file(RecordKind.Incident, digest("incident")))
      .to.emit(records, "RecordFiled")
      .withArgs(1, RecordKind.Incident, alpha.id, digest("incident"));
    await records.connect(beta.operator).file(RecordKind.Drill, digest("drill"));
    await expect(records.connect(beta.operator).close(1, digest("outcome")))
      .to.be.revertedWithCustomError(records, "RecordNotOwned")
      .withArgs(1, beta.id);
    const closedAt = filedAt + 1000;
    await time.setNextBlockTimestamp(closedAt);
    await expect(records.connect(alpha.operator).close(1, digest("outcome")))
      .to.emit(records, "RecordClosed")
      .withArgs(1, digest("outcome"));
    await expect(records.connect(alpha.operator).close(1, digest("again")))
      .to.be.revertedWithCustomError(records, "RecordAlreadyClosed")
      .withArgs(1);
    expect(await records.recordCount()).to.equal(2n);
    expect([...(await records.getRecord(1))]).to.deep.equal([
      BigInt(RecordKind.Incident),
      alpha.id,
      BigInt(filedAt),
      BigInt(closedAt),
      1n,
      digest("incident"),
      digest("outcome"),
    ]);
    expect((await records.getRecord(2)).closedAt).to.equal(0n);
  });

  it("are made while everything is frozen, by suspended members too", async () => {
    const { records, emergency, members, alpha } = await loadFixture(admittedMembers);
    await members.suspend(alpha.id, digest("r"));
    await emergency.freeze(Scope.Everything, 3600, digest("incident"));
    await records.connect(alpha.operator).file(RecordKind.Incident, digest("incident"));
    await records.connect(alpha.operator).close(1, digest("outcome"));
    await records.adoptMeasures(1, digest("measures"));
  });

  it("are not for strangers, applicants and those that have left", async () => {
    const { records, members, alpha, spare, outsider } = await loadFixture(admittedMembers);
    const file = async (as = outsider) => records.connect(as).file(RecordKind.Drill, digest("d"));
    await expect(file()).to.be.revertedWithCustomError(members, "OperatorUnknown").withArgs(outsider.address);
    await members.connect(spare).apply_(3, "applicant", "https://applicant.example");
    await members.exit(alpha.id);
    for (const [operator, id] of [
      [spare, 6n],
      [alpha.operator, alpha.id],
    ] as const) {
      await expect(file(operator)).to.be.revertedWithCustomError(records, "RecordFilerNotAdmitted").withArgs(id);
    }
  });

  it("hold a digest each, and are known by number", async () => {
    const { records, alpha } = await loadFixture(admittedMembers);
    const mine = records.connect(alpha.operator);
    await mine.file(RecordKind.Drill, digest("d"));
    for (const call of [
      async () => mine.file(RecordKind.Drill, ZeroHash),
      async () => mine.close(1, ZeroHash),
      async () => records.adoptMeasures(1, ZeroHash),
    ]) {
      await expect(call()).to.be.revertedWithCustomError(records, "RecordDigestEmpty");
    }
    for (const id of [0, 2]) {
      await expect(records.getRecord(id)).to.be.revertedWithCustomError(records, "RecordUnknown").withArgs(id);
      await expect(mine.close(id, digest("o")))
        .to.be.revertedWithCustomError(records, "RecordUnknown")
        .withArgs(id);
    }
  });

  it("go by measures that are adopted version after version", async () => {
    const { records } = await loadFixture(admittedMembers);
    expect(await records.measures()).to.deep.equal([0n, ZeroHash, 0n]);
    await expect(records.adoptMeasures(1, digest("first")))
      .to.emit(records, "MeasuresAdopted")
      .withArgs(1, digest("first"));
    for (const version of [0, 1, 3]) {
      await expect(records.adoptMeasures(version, digest("x")))
        .to.be.revertedWithCustomError(records, "MeasuresVersionOutOfOrder")
        .withArgs(2, version);
    }
    await records.adoptMeasures(2, digest("second"));
    expect(await records.measures()).to.deep.equal([2n, digest("second"), BigInt(await time.latest())]);
  });
});
