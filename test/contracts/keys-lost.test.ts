/** When keys of the Association's staff are lost or stolen, and who stops and restarts the platform. */
import { expect } from "chai";
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
import { connection, DAY, digest, Scope } from "./platform.ts";
import { loadFixture } from "./fixtures.ts";

const { networkHelpers } = connection;
const { time } = networkHelpers;
const HOUR = 3600;

describe("keys that are lost or stolen", () => {
  it("one stolen: the other two remove it, and it can neither cancel nor outrun that", async () => {
    const platform = await loadFixture(foundedCouncil);
    const { constitution, emergency, dutyDesk, staff, successor } = platform;
    const thief = staff[2];
    const removal = await replacement(platform, thief, successor);
    await propose(constitution, staff[0], removal);
    const id = await idOf(constitution, removal);
    await expect(constitution.connect(thief).cancel(id))
      .to.be.revertedWithCustomError(constitution, "TimelockNotProposer")
      .withArgs(id, thief.address);
    const cancelling = await operationOf([callOf(constitution, "cancel", [id])]);
    await propose(dutyDesk, thief, cancelling);
    await expect(execute(dutyDesk, thief, cancelling)).to.be.revertedWithCustomError(dutyDesk, "TimelockSamePerson");
    await emergency.connect(thief).freeze(Scope.Everything, HOUR, digest("spite"));
    await time.increase(MEMBERS_DELAY);
    await execute(constitution, staff[1], removal);
    expect([await isStaff(platform, thief), await isStaff(platform, successor)]).to.deep.equal([false, true]);
    await expect(propose(constitution, thief, await operationOf([]))).to.be.revertedWithCustomError(
      constitution,
      "AccessControlUnauthorizedAccount",
    );
  });

  it("one stolen: it leaves by itself alone, and takes nothing with it", async () => {
    const platform = await loadFixture(foundedCouncil);
    const { authority, constitution, staff } = platform;
    await authority.connect(staff[2]).renounceRole(await authority.STAFF_ROLE(), staff[2]);
    const { operation } = await proposedAdmission(platform);
    await time.increase(MEMBERS_DELAY);
    await execute(constitution, staff[1], operation);
  });

  it("two lost: two thirds of the council approve, and the last of the staff executes what it proposed", async () => {
    const platform = await loadFixture(foundedCouncil);
    const { constitution, authority, staff, successor, another } = platform;
    const [STAFF, GUARDIAN] = [await authority.STAFF_ROLE(), await authority.GUARDIAN_ROLE()];
    const last = staff[2];
    const renewal = await operationOf(
      [STAFF, GUARDIAN].flatMap((role) => [
        callOf(authority, "revokeRole", [role, staff[0].address]),
        callOf(authority, "revokeRole", [role, staff[1].address]),
        callOf(authority, "grantRole", [role, successor.address, 0]),
        callOf(authority, "grantRole", [role, another.address, 0]),
      ]),
    );
    await propose(constitution, last, renewal, "renew the staff");
    const id = await idOf(constitution, renewal);
    await time.increase(MEMBERS_DELAY);
    await approveBy(platform, id, TWO_THIRDS - 1);
    await expect(execute(constitution, last, renewal))
      .to.be.revertedWithCustomError(constitution, "TimelockSamePerson")
      .withArgs(id, last.address);
    await approveBy({ ...platform, seated: [platform.delta] }, id, 1);
    await execute(constitution, last, renewal);
    const now = await Promise.all([...staff, successor, another].map((person) => isStaff(platform, person)));
    expect(now).to.deep.equal([false, false, true, true, true]);
  });

  it("two stolen: the third person and two thirds of the members remove them, whatever the duty desk says", async () => {
    const platform = await loadFixture(foundedCouncil);
    const { constitution, dutyDesk, staff, successor, another } = platform;
    const [first, second, honest] = staff;
    const removal = await operationOf(
      (await Promise.all([replacement(platform, first, successor), replacement(platform, second, another)])).flatMap(
        ({ targets, payloads }) => targets.map((target, index) => [target, payloads[index] as string] as const),
      ),
    );
    await propose(constitution, honest, removal, "two thieves");
    const id = await idOf(constitution, removal);
    await approveBy(platform, id, TWO_THIRDS);
    const cancelling = await operationOf([callOf(constitution, "cancel", [id])]);
    await propose(dutyDesk, first, cancelling);
    await expect(execute(dutyDesk, second, cancelling))
      .to.be.revertedWithCustomError(constitution, "TimelockApprovedByCouncil")
      .withArgs(id);
    await time.increase(MEMBERS_DELAY);
    await execute(constitution, honest, removal);
    expect([await isStaff(platform, first), await isStaff(platform, second)]).to.deep.equal([false, false]);
  });

  it("what was not approved, two of the staff take back at the duty desk", async () => {
    const platform = await loadFixture(foundedCouncil);
    const { constitution } = platform;
    const { id } = await proposedAdmission(platform);
    await expect(actOnDuty(platform, callOf(constitution, "cancel", [id])))
      .to.emit(constitution, "Cancelled")
      .withArgs(id);
  });

  it("what two thirds approved, its proposer may still take back", async () => {
    const platform = await loadFixture(foundedCouncil);
    const { constitution, staff } = platform;
    const { id } = await proposedAdmission(platform);
    await approveBy(platform, id, TWO_THIRDS);
    await constitution.connect(staff[0]).cancel(id);
    expect(await constitution.isOperation(id)).to.equal(false);
  });
});

describe("stopping and restarting", () => {
  it("takes one to stop and two to restart", async () => {
    const platform = await loadFixture(foundedCouncil);
    const { emergency, dutyDesk, staff, alpha } = platform;
    await emergency.connect(staff[2]).freeze(Scope.Queries, HOUR, digest("incident"));
    for (const alone of [...staff, alpha.operator]) {
      await expect(emergency.connect(alone).unfreeze())
        .to.be.revertedWithCustomError(emergency, "AccessManagedUnauthorized")
        .withArgs(alone.address);
    }
    const restart = await operationOf([callOf(emergency, "unfreeze", [])]);
    await propose(dutyDesk, staff[0], restart);
    await expect(execute(dutyDesk, staff[0], restart)).to.be.revertedWithCustomError(dutyDesk, "TimelockSamePerson");
    await execute(dutyDesk, staff[1], restart);
    expect(await emergency.frozen()).to.equal(false);
  });

  it("lets two thirds of the council lift a freeze that is overdue, and nothing sooner", async () => {
    const platform = await loadFixture(foundedCouncil);
    const { emergency, council, staff, alpha, delta, outsider, zeta } = platform;
    const lift = async (by = alpha.operator) => council.connect(by).liftFreeze();
    await expect(lift()).to.be.revertedWithCustomError(council, "CouncilFreezeNotOverdue").withArgs(0);
    await emergency.connect(staff[0]).freeze(Scope.Everything, HOUR, digest("for ever"));
    const until = await emergency.frozenUntil();
    const operation = await council.liftOperation();
    await approveBy(platform, operation, TWO_THIRDS - 1);
    await time.increaseTo(until - 1n);
    await expect(lift()).to.be.revertedWithCustomError(council, "CouncilFreezeNotOverdue").withArgs(until);
    await time.increaseTo(until);
    await expect(lift()).to.be.revertedWithCustomError(council, "CouncilNotApproved").withArgs(operation, 3, 4);
    await council.connect(delta.operator).approve(operation);
    await expect(lift(zeta.operator)).to.be.revertedWithCustomError(council, "CouncilSeatNotHeld").withArgs(zeta.id);
    await expect(lift(outsider)).to.be.revertedWithCustomError(platform.members, "OperatorUnknown");
    await expect(lift()).to.emit(emergency, "PlatformUnfrozen");
    // The approval was of that freeze: the next one needs its own.
    await emergency.connect(staff[0]).freeze(Scope.Everything, HOUR, digest("again"));
    await time.increase(2 * HOUR);
    const next = await council.liftOperation();
    expect(next).not.to.equal(operation);
    await expect(lift()).to.be.revertedWithCustomError(council, "CouncilNotApproved").withArgs(next, 0, 4);
  });

  it("lets two of the staff, not one, announce a later end", async () => {
    const platform = await loadFixture(foundedCouncil);
    const { emergency, council, staff, alpha } = platform;
    await emergency.connect(staff[0]).freeze(Scope.Data, HOUR, digest("incident"));
    await approveBy(platform, await council.liftOperation(), TWO_THIRDS);
    await expect(emergency.connect(staff[0]).prolong(DAY)).to.be.revertedWithCustomError(
      emergency,
      "AccessManagedUnauthorized",
    );
    // Widening moves the end no further, so one person alone cannot keep the council waiting.
    await emergency.connect(staff[1]).freeze(Scope.Everything, 7 * DAY, digest("wider"));
    await time.increase(2 * HOUR);
    await actOnDuty(platform, callOf(emergency, "prolong", [DAY]));
    await expect(council.connect(alpha.operator).liftFreeze()).to.be.revertedWithCustomError(
      council,
      "CouncilFreezeNotOverdue",
    );
    await time.increase(DAY + 1);
    await council.connect(alpha.operator).liftFreeze();
  });

  it("lets nobody lift an exit, council and duty desk included", async () => {
    const platform = await loadFixture(foundedCouncil);
    const { emergency, council, alpha, staff } = platform;
    await emergency.connect(staff[0]).freeze(Scope.Data, HOUR, digest("incident"));
    await approveBy(platform, await council.liftOperation(), TWO_THIRDS);
    await enact(platform, callOf(emergency, "beginExit", [digest("order")]));
    await expect(council.connect(alpha.operator).liftFreeze())
      .to.be.revertedWithCustomError(council, "CouncilFreezeNotOverdue")
      .withArgs(0);
    await expect(actOnDuty(platform, callOf(emergency, "unfreeze", []))).to.be.revertedWithCustomError(
      emergency,
      "EmergencyExiting",
    );
  });
});
