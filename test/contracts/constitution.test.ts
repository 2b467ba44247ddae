/** What the Association can do with the members watching, and what it cannot: each test is a story. */
import { expect } from "chai";
import { ZeroAddress, ZeroHash } from "ethers";
import { describe, it } from "mocha";

import {
  actOnDuty,
  approveBy,
  callOf,
  enact,
  execute,
  foundedCouncil,
  idOf,
  isStaff,
  MEMBERS_DELAY,
  operationOf,
  propose,
  proposedAdmission,
  replacement,
  TWO_THIRDS,
} from "./governance.ts";
import { connection, DAY, digest, POINT, Scope, Status } from "./platform.ts";
import { loadFixture } from "./fixtures.ts";

const { networkHelpers } = connection;
const { time } = networkHelpers;
const HOUR = 3600;

describe("the constitution", () => {
  it("admits a firm: one proposes, the delay passes, another executes", async () => {
    const platform = await loadFixture(foundedCouncil);
    const { members, points, constitution, staff, applicant } = platform;
    const operation = await operationOf([callOf(members, "admit", [applicant.id])]);
    const id = await idOf(constitution, operation);
    await expect(propose(constitution, staff[0], operation, "admit eta"))
      .to.emit(constitution, "OperationProposed")
      .withArgs(id, staff[0].address, "admit eta");
    expect(await constitution.proposerOf(id)).to.equal(staff[0].address);
    await time.increase(MEMBERS_DELAY - 10);
    await expect(execute(constitution, staff[1], operation)).to.be.revertedWithCustomError(
      constitution,
      "TimelockUnexpectedOperationState",
    );
    await time.increase(10);
    await expect(execute(constitution, staff[1], operation))
      .to.emit(constitution, "OperationExecuted")
      .withArgs(id, staff[1].address, false);
    expect(await members.isActive(applicant.id)).to.equal(true);
    expect(await points.pointsOf(applicant.id)).to.equal(20_000n * POINT);
  });

  it("does not let the proposer execute, nor anybody outside the staff", async () => {
    const platform = await loadFixture(foundedCouncil);
    const { constitution, staff, alpha, outsider, deployer } = platform;
    const { operation, id } = await proposedAdmission(platform);
    await time.increase(MEMBERS_DELAY);
    await expect(execute(constitution, staff[0], operation))
      .to.be.revertedWithCustomError(constitution, "TimelockSamePerson")
      .withArgs(id, staff[0].address);
    for (const stranger of [alpha.operator, outsider, deployer]) {
      await expect(execute(constitution, stranger, operation))
        .to.be.revertedWithCustomError(constitution, "AccessControlUnauthorizedAccount")
        .withArgs(stranger.address, await constitution.EXECUTOR_ROLE());
      await expect(propose(constitution, stranger, await operationOf([])))
        .to.be.revertedWithCustomError(constitution, "AccessControlUnauthorizedAccount")
        .withArgs(stranger.address, await constitution.PROPOSER_ROLE());
    }
  });

  it("is stopped by two members, not by one, and not by the same one twice", async () => {
    const platform = await loadFixture(foundedCouncil);
    const { constitution, council, members, staff, alpha, beta, applicant } = platform;
    const { operation, id } = await proposedAdmission(platform);
    await time.increase(MEMBERS_DELAY);
    await expect(council.connect(alpha.operator).object(id, digest("why")))
      .to.emit(council, "ObjectionRaised")
      .withArgs(id, alpha.id, 1, digest("why"));
    await expect(council.connect(alpha.operator).object(id, digest("again")))
      .to.be.revertedWithCustomError(council, "CouncilAlreadyVoted")
      .withArgs(id, alpha.id);
    expect(await constitution.isOperationReady(id)).to.equal(true);
    await expect(council.connect(beta.operator).object(id, digest("why not")))
      .to.emit(council, "OperationStopped")
      .withArgs(id)
      .and.to.emit(constitution, "Cancelled")
      .withArgs(id);
    expect(await council.objections(id)).to.equal(2n);
    await expect(execute(constitution, staff[1], operation)).to.be.revertedWithCustomError(
      constitution,
      "TimelockUnexpectedOperationState",
    );
    expect((await members.getMember(applicant.id)).status).to.equal(Status.Applied);
  });

  it("goes on in spite of one objection", async () => {
    const platform = await loadFixture(foundedCouncil);
    const { constitution, council, members, staff, alpha, applicant } = platform;
    const { operation, id } = await proposedAdmission(platform);
    await council.connect(alpha.operator).object(id, digest("why"));
    await time.increase(MEMBERS_DELAY);
    await execute(constitution, staff[1], operation);
    expect(await members.isActive(applicant.id)).to.equal(true);
  });

  it("proposes what was stopped under another salt only, so that the same two can stop it again", async () => {
    const platform = await loadFixture(foundedCouncil);
    const { constitution, council, staff, alpha, beta } = platform;
    const { operation, id } = await proposedAdmission(platform);
    const stop = async (operationId: string) => {
      await council.connect(alpha.operator).object(operationId, digest("no"));
      return council.connect(beta.operator).object(operationId, digest("no"));
    };
    await stop(id);
    for (const person of staff) {
      await expect(propose(constitution, person, operation))
        .to.be.revertedWithCustomError(constitution, "TimelockProposedBefore")
        .withArgs(id, staff[0].address);
    }
    const { targets, values, payloads } = operation;
    const again = { targets, values, payloads, salt: digest("another") };
    await propose(constitution, staff[0], again);
    await expect(stop(await idOf(constitution, again))).to.emit(council, "OperationStopped");
  });

  it("proposes a single call once, too", async () => {
    const platform = await loadFixture(foundedCouncil);
    const { constitution, members, staff, applicant } = platform;
    const call = [members, 0, members.interface.encodeFunctionData("admit", [applicant.id])] as const;
    const [predecessor, salt] = [ZeroHash, digest("salt")];
    const id = await constitution.hashOperation(...call, predecessor, salt);
    const schedule = async () => constitution.connect(staff[0]).schedule(...call, predecessor, salt, MEMBERS_DELAY);
    await schedule();
    await expect(constitution.connect(staff[1]).execute(...call, predecessor, salt)).to.be.revertedWithCustomError(
      constitution,
      "TimelockUnexpectedOperationState",
    );
    await constitution.connect(staff[0]).cancel(id);
    await expect(schedule())
      .to.be.revertedWithCustomError(constitution, "TimelockProposedBefore")
      .withArgs(id, staff[0].address);
    const other = digest("other salt");
    await constitution.connect(staff[0]).schedule(...call, predecessor, other, MEMBERS_DELAY);
    await time.increase(MEMBERS_DELAY);
    await expect(constitution.connect(staff[0]).execute(...call, predecessor, other)).to.be.revertedWithCustomError(
      constitution,
      "TimelockSamePerson",
    );
    await constitution.connect(staff[1]).execute(...call, predecessor, other);
    expect(await members.isActive(applicant.id)).to.equal(true);
  });

  it("hears suspended members: the Association cannot silence the council", async () => {
    const platform = await loadFixture(foundedCouncil);
    const { council, members, seated, alpha, beta } = platform;
    const { id } = await proposedAdmission(platform);
    await actOnDuty(platform, ...seated.map((party) => callOf(members, "suspend", [party.id, digest("silence")])));
    expect(await members.isActive(alpha.id)).to.equal(false);
    await council.connect(alpha.operator).object(id, digest("why"));
    await expect(council.connect(beta.operator).object(id, digest("why"))).to.emit(council, "OperationStopped");
  });

  it("hears the council while everything is frozen", async () => {
    const platform = await loadFixture(foundedCouncil);
    const { council, emergency, staff, alpha, beta } = platform;
    const { id } = await proposedAdmission(platform);
    await emergency.connect(staff[2]).freeze(Scope.Everything, HOUR, digest("silence"));
    await council.connect(alpha.operator).object(id, digest("why"));
    await expect(council.connect(beta.operator).object(id, digest("why"))).to.emit(council, "OperationStopped");
  });

  it("counts its delay in block time, so that a fault can be mended during a freeze", async () => {
    const platform = await loadFixture(foundedCouncil);
    const { emergency, constitution, staff, successor } = platform;
    await emergency.connect(staff[2]).freeze(Scope.Everything, HOUR, digest("incident"));
    const operation = await replacement(platform, staff[2], successor);
    await propose(constitution, staff[0], operation);
    await time.increase(MEMBERS_DELAY);
    await execute(constitution, staff[1], operation);
    expect(await isStaff(platform, successor)).to.equal(true);
  });

  it("is changed by what two thirds approved before two objected", async () => {
    const platform = await loadFixture(foundedCouncil);
    const { constitution, council, staff, delta, epsilon, alpha } = platform;
    const { operation, id } = await proposedAdmission(platform);
    await council.connect(epsilon.operator).object(id, digest("first"));
    await approveBy(platform, id, TWO_THIRDS - 1);
    expect(await council.approvals(id)).to.deep.equal([3n, 4n]);
    await expect(council.connect(alpha.operator).approve(id))
      .to.be.revertedWithCustomError(council, "CouncilAlreadyVoted")
      .withArgs(id, alpha.id);
    await expect(council.connect(delta.operator).approve(id))
      .to.emit(council, "ApprovalGiven")
      .withArgs(id, delta.id, 4);
    await expect(council.connect(delta.operator).object(id, digest("second")))
      .to.be.revertedWithCustomError(council, "CouncilApproved")
      .withArgs(id);
    await time.increase(MEMBERS_DELAY);
    await expect(execute(constitution, staff[0], operation))
      .to.emit(constitution, "OperationExecuted")
      .withArgs(id, staff[0].address, true);
  });

  it("takes approvals of what is not proposed yet: members settle it before two hostile ones can see it", async () => {
    const platform = await loadFixture(foundedCouncil);
    const { constitution, council, members, staff, epsilon, applicant } = platform;
    const operation = await operationOf([callOf(members, "admit", [applicant.id])]);
    const id = await idOf(constitution, operation);
    // Objections before it is proposed never come to two: the second would cancel, and there is nothing to cancel.
    await council.connect(epsilon.operator).object(id, digest("blind"));
    await expect(council.connect(platform.alpha.operator).object(id, digest("blind"))).to.be.revertedWithCustomError(
      constitution,
      "TimelockUnexpectedOperationState",
    );
    expect(await council.objections(id)).to.equal(1n);
    await approveBy(platform, id, TWO_THIRDS);
    await propose(constitution, staff[0], operation);
    await expect(council.connect(platform.alpha.operator).object(id, digest("late")))
      .to.be.revertedWithCustomError(council, "CouncilApproved")
      .withArgs(id);
    // Approval shortens nothing.
    await expect(execute(constitution, staff[0], operation)).to.be.revertedWithCustomError(
      constitution,
      "TimelockUnexpectedOperationState",
    );
  });
});

describe("delays", () => {
  it("of the constitution change by itself only, and never leave their bounds", async () => {
    const platform = await loadFixture(foundedCouncil);
    const { constitution, staff, dutyDesk } = platform;
    for (const person of [staff[0], platform.alpha.operator]) {
      await expect(constitution.connect(person).updateDelay(2 * DAY))
        .to.be.revertedWithCustomError(constitution, "TimelockUnauthorizedCaller")
        .withArgs(person.address);
    }
    await expect(actOnDuty(platform, callOf(constitution, "updateDelay", [2 * DAY])))
      .to.be.revertedWithCustomError(constitution, "TimelockUnauthorizedCaller")
      .withArgs(await dutyDesk.getAddress());
    for (const delay of [0, DAY - 1, 60 * DAY + 1]) {
      await expect(enact(platform, callOf(constitution, "updateDelay", [delay])))
        .to.be.revertedWithCustomError(constitution, "TimelockDelayOutOfRange")
        .withArgs(delay, DAY, 60 * DAY);
    }
    await expect(enact(platform, callOf(constitution, "updateDelay", [DAY])))
      .to.emit(constitution, "MinDelayChange")
      .withArgs(MEMBERS_DELAY, DAY);
    expect(await constitution.getMinDelay()).to.equal(DAY);
  });

  it("leave what was proposed before as it was, and nothing is proposed below them", async () => {
    const platform = await loadFixture(foundedCouncil);
    const { constitution, staff, members, applicant } = platform;
    await enact(platform, callOf(constitution, "updateDelay", [10 * DAY]));
    const call = [members, 0, members.interface.encodeFunctionData("admit", [applicant.id])] as const;
    await expect(constitution.connect(staff[0]).schedule(...call, ZeroHash, digest("s"), 10 * DAY - 1))
      .to.be.revertedWithCustomError(constitution, "TimelockInsufficientDelay")
      .withArgs(10 * DAY - 1, 10 * DAY);
  });

  it("of the duty desk are governed by the constitution, up to a day", async () => {
    const platform = await loadFixture(foundedCouncil);
    const { constitution, dutyDesk, members, staff, alpha } = platform;
    for (const person of staff) {
      await expect(dutyDesk.connect(person).updateDelay(HOUR))
        .to.be.revertedWithCustomError(dutyDesk, "TimelockUnauthorizedCaller")
        .withArgs(person.address);
    }
    await expect(actOnDuty(platform, callOf(dutyDesk, "updateDelay", [HOUR])))
      .to.be.revertedWithCustomError(dutyDesk, "TimelockUnauthorizedCaller")
      .withArgs(await dutyDesk.getAddress());
    await expect(enact(platform, callOf(dutyDesk, "updateDelay", [DAY + 1])))
      .to.be.revertedWithCustomError(dutyDesk, "TimelockDelayOutOfRange")
      .withArgs(DAY + 1, 0, DAY);
    await enact(platform, callOf(dutyDesk, "updateDelay", [HOUR]));
    expect(await constitution.getMinDelay()).to.equal(MEMBERS_DELAY);
    await expect(
      actOnDuty(platform, callOf(members, "suspend", [alpha.id, digest("r")])),
    ).to.be.revertedWithCustomError(dutyDesk, "TimelockUnexpectedOperationState");
  });

  it("are refused out of bounds at deployment", async () => {
    const platform = await loadFixture(foundedCouncil);
    const { authority, council, constitution } = platform;
    await expect(connection.ethers.deployContract("DualControlTimelock", [authority, council, ZeroAddress, 5, 6, 7]))
      .to.be.revertedWithCustomError(constitution, "TimelockDelayOutOfRange")
      .withArgs(5, 6, 7);
  });
});
