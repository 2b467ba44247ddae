import { expect } from "chai";
import { Wallet } from "ethers";
import { describe, it } from "mocha";

import { connection, digest, Kind, Status } from "./platform.ts";
import { admittedMembers } from "./stages.ts";
import { loadFixture } from "./fixtures.ts";

const { networkHelpers } = connection;
const { time } = networkHelpers;

const URL = "https://relayer.example:8443";

describe("MemberRegistry: operators", () => {
  it("are nominated by one in office and accept themselves", async () => {
    const { members, alpha, spare } = await loadFixture(admittedMembers);
    await expect(members.connect(alpha.operator).nominateOperator(spare))
      .to.emit(members, "OperatorNominated")
      .withArgs(alpha.id, spare.address);
    await expect(members.memberOf(spare)).to.be.revertedWithCustomError(members, "OperatorUnknown");
    await expect(members.connect(spare).acceptNomination(alpha.id))
      .to.emit(members, "OperatorAppointed")
      .withArgs(alpha.id, spare.address);
    expect(await members.activeMemberOf(spare)).to.equal(alpha.id);
  });

  it("serve nobody uninvited", async () => {
    const { members, alpha, beta, spare, outsider } = await loadFixture(admittedMembers);
    await members.connect(alpha.operator).nominateOperator(spare);
    for (const [account, member] of [
      [outsider, alpha.id],
      [spare, beta.id],
      [outsider, 0n],
      [outsider, 99n],
    ] as const) {
      await expect(members.connect(account).acceptNomination(member))
        .to.be.revertedWithCustomError(members, "OperatorNotNominated")
        .withArgs(account.address, member);
    }
    await expect(members.connect(outsider).nominateOperator(spare))
      .to.be.revertedWithCustomError(members, "OperatorUnknown")
      .withArgs(outsider.address);
  });

  it("serve one member, ever", async () => {
    const { members, alpha, beta, spare } = await loadFixture(admittedMembers);
    await members.connect(alpha.operator).nominateOperator(spare);
    await members.connect(beta.operator).nominateOperator(spare);
    await members.connect(spare).acceptNomination(alpha.id);
    await expect(members.connect(spare).acceptNomination(beta.id))
      .to.be.revertedWithCustomError(members, "OperatorInUse")
      .withArgs(spare.address, alpha.id);
    await members.connect(alpha.operator).retireOperator(spare);
    await expect(members.connect(beta.operator).nominateOperator(spare)).to.be.revertedWithCustomError(
      members,
      "OperatorInUse",
    );
    await expect(members.connect(spare).apply_(Kind.Bank, "zeta", URL)).to.be.revertedWithCustomError(
      members,
      "OperatorInUse",
    );
  });

  it("lose their nominations when they retire", async () => {
    const { members, alpha, spare, another } = await loadFixture(admittedMembers);
    await members.connect(alpha.operator).nominateOperator(spare);
    await members.connect(spare).acceptNomination(alpha.id);
    await members.connect(spare).nominateOperator(another);
    await members.connect(alpha.operator).retireOperator(spare);
    await expect(members.connect(another).acceptNomination(alpha.id))
      .to.be.revertedWithCustomError(members, "OperatorNotNominated")
      .withArgs(another.address, alpha.id);
  });

  it("are retired by their own member, all but the last", async () => {
    const { members, alpha, beta, spare } = await loadFixture(admittedMembers);
    await expect(members.connect(alpha.operator).retireOperator(alpha.operator))
      .to.be.revertedWithCustomError(members, "OperatorLast")
      .withArgs(alpha.id, alpha.operator.address);
    await expect(members.connect(alpha.operator).retireOperator(beta.operator))
      .to.be.revertedWithCustomError(members, "OperatorUnknown")
      .withArgs(beta.operator.address);
    await members.connect(alpha.operator).nominateOperator(spare);
    await members.connect(spare).acceptNomination(alpha.id);
    await expect(members.connect(spare).retireOperator(alpha.operator))
      .to.emit(members, "OperatorRetired")
      .withArgs(alpha.id, alpha.operator.address);
    await expect(members.memberOf(alpha.operator)).to.be.revertedWithCustomError(members, "OperatorUnknown");
    await expect(members.connect(spare).retireOperator(alpha.operator)).to.be.revertedWithCustomError(
      members,
      "OperatorUnknown",
    );
  });

  it("were in office from their appointment until, not at, their retirement", async () => {
    const { members, alpha, beta, spare } = await loadFixture(admittedMembers);
    await members.connect(alpha.operator).nominateOperator(spare);
    const since = (await time.latest()) + 100;
    const until = since + 100;
    await time.setNextBlockTimestamp(since);
    await members.connect(spare).acceptNomination(alpha.id);
    expect(await members.wasOperatorOf(alpha.id, spare, until + 1_000_000)).to.equal(true);
    await time.setNextBlockTimestamp(until);
    await members.connect(alpha.operator).retireOperator(spare);
    for (const [moment, expected] of [
      [since - 1, false],
      [since, true],
      [until - 1, true],
      [until, false],
    ] as const) {
      expect(await members.wasOperatorOf(alpha.id, spare, moment)).to.equal(expected);
    }
    expect(await members.wasOperatorOf(beta.id, spare, since)).to.equal(false);
    expect(await members.wasOperatorOf(0, Wallet.createRandom(), since)).to.equal(false);
  });

  it("of a suspended member still act for it, but not as for an active one", async () => {
    const { members, alpha } = await loadFixture(admittedMembers);
    await members.suspend(alpha.id, digest("r"));
    expect(await members.memberOf(alpha.operator)).to.equal(alpha.id);
    await expect(members.activeMemberOf(alpha.operator))
      .to.be.revertedWithCustomError(members, "MemberNotActive")
      .withArgs(alpha.id, Status.Suspended);
  });
});
