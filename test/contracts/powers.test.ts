/** As every key holder, and as all keys of the Association together, every function that writes is tried. */
import { expect } from "chai";
import { toBeHex } from "ethers";
import { describe, it } from "mocha";

import { callOf, execute, operationOf, propose, type TargetCall } from "./governance.ts";
import { connection, MEMBERS_DELAY, type Signer } from "./platform.ts";
import {
  type Actor,
  attempting,
  dutyPowers,
  isOpen,
  OPEN,
  type Outcome,
  outcomeName,
  type Power,
  powersOf,
  REFUSALS,
  type StageOfOthers,
  stageOfOthers,
} from "./powers.ts";
import { loadFixture } from "./fixtures.ts";

const { networkHelpers } = connection;

function actorsOf({
  deployer,
  staff,
  alpha,
  zeta,
  association,
  regulator,
  outsider,
}: StageOfOthers): [Actor, Signer][] {
  return [
    ["deployer", deployer],
    ...staff.map((person): [Actor, Signer] => ["staff", person]),
    ["seated", alpha.operator],
    ...[zeta, association, regulator].map(({ operator }): [Actor, Signer] => ["operator", operator]),
    ["outsider", outsider],
  ];
}

const refused = (outcome: Outcome): boolean => !outcome.done && REFUSALS.has(outcomeName(outcome));

/** The contracts that answer an account without code with nothing at all, in OpenZeppelin's code. */
const MUTE = new Set(["authority.consumeScheduledOp"]);

/** What deploy/roles.ts opens to the desk, and taking back an operation. */
const isDutyPower = ({ name, fragment }: Power): boolean =>
  fragment.name === "cancel" || dutyPowers().has(`${name.split(".")[0] ?? ""} ${fragment.selector}`);

/** All that the platform can say about itself. */
async function fingerprint(platform: StageOfOthers) {
  const { check, council, emergency, constitution, dutyDesk, directory, authority, members, records } = platform;
  const { RoleGranted, RoleRevoked, TargetFunctionRoleUpdated } = authority.filters;
  const changes = [RoleGranted(), RoleRevoked(), TargetFunctionRoleUpdated()];
  return {
    seen: await check.observe(),
    seats: await council.seats(),
    emergency: [await emergency.frozenScope(), await emergency.exiting(), await emergency.disposing()],
    delays: [await constitution.getMinDelay(), await dutyDesk.getMinDelay()],
    contracts: await directory.names(),
    roles: await Promise.all(changes.map(async (kind) => (await authority.queryFilter(kind)).length)),
    counts: [await members.memberCount(), await members.admittedCount(), await records.recordCount()],
  };
}

/** All ordered pairs of the staff. */
function pairs<T>(people: readonly T[]): [T, T][] {
  return people.flatMap((first) => people.filter((other) => other !== first).map((second): [T, T] => [first, second]));
}

describe("every function that writes", () => {
  it("is restricted, or open by design and for a reason", async () => {
    const platform = await loadFixture(stageOfOthers);
    const powers = powersOf(platform, platform.outsider.address);
    const attempt = attempting(platform);
    const unexplained = [];
    for (const power of powers.filter((each) => !isOpen(each))) {
      const outcome = await attempt(platform.outsider.address, power.contract, power.payload);
      if (!refused(outcome)) unexplained.push(`${power.name}: ${outcomeName(outcome)}`);
    }
    expect(unexplained, "neither restricted nor in OPEN").to.deep.equal([]);
    const names = new Set(powers.map(({ name }) => name));
    expect(Object.keys(OPEN).filter((name) => !names.has(name))).to.deep.equal([]);
    expect(powers).to.have.length.above(100);
  });

  it("that is restricted does what it says for who holds its role, with the arguments tried here", async () => {
    const platform = await loadFixture(stageOfOthers);
    const attempt = attempting(platform);
    const { authority, constitution, dutyDesk, directory, rules, members, council, exitPlan } = platform;
    const holders = await Promise.all(
      [constitution, dutyDesk, directory, rules, members, council, exitPlan].map(async (each) => each.getAddress()),
    );
    const nobody = [];
    for (const power of powersOf(platform, platform.outsider.address).filter((each) => !isOpen(each))) {
      const outcomes = [];
      for (const holder of holders) outcomes.push(await attempt(holder, power.contract, power.payload));
      if (outcomes.every(refused)) nobody.push(power.name);
    }
    // What nobody may do: set a contract up again, change the roles that timelocks no longer read, put in another authority
    // but through the authority, schedule there what has no delay.
    const never = /\.(initialize|grantRole|revokeRole|setAuthority)$|^authority\.schedule$/;
    expect(nobody.filter((name) => !never.test(name))).to.deep.equal([]);
    expect((await authority.hasRole(0, constitution))[0]).to.equal(true);
  });
});

describe("one key alone", () => {
  it("reaches nothing that needs others, and is told so by an error with a name", async () => {
    const platform = await loadFixture(stageOfOthers);
    const attempt = attempting(platform);
    const before = await fingerprint(platform);
    const holes = [];
    for (const [actor, person] of actorsOf(platform)) {
      for (const power of powersOf(platform, person.address)) {
        const outcome = await attempt(person.address, power.contract, power.payload);
        const open = OPEN[power.name];
        const right = open === undefined ? refused(outcome) : !outcome.done || open.to.includes(actor);
        const named = outcome.done || typeof outcome.error !== "string" || MUTE.has(power.name);
        if (!right || !named) holes.push(`${power.name} as ${actor}: ${outcomeName(outcome)}`);
      }
    }
    expect(holes).to.deep.equal([]);
    expect(await fingerprint(platform)).to.deep.equal(before);
  });
});

describe("all keys of the Association together", () => {
  it("do at the duty desk at once what two may do there, and nothing else", async function () {
    // Every function, proposed by each of the staff and executed by each other: hundreds of proposals.
    this.timeout(480_000);
    const platform = await loadFixture(stageOfOthers);
    const { dutyDesk, staff, outsider } = platform;
    const attempt = attempting(platform);
    const before = await fingerprint(platform);
    const done = new Set<string>();
    const holes = [];
    for (const power of powersOf(platform, outsider.address)) {
      for (const [first, second] of pairs(staff)) {
        const operation = await operationOf([[power.contract, power.payload]]);
        await propose(dutyDesk, first, operation);
        const { targets, values, payloads, salt } = operation;
        const data = dutyDesk.interface.encodeFunctionData("executeBatch", [
          targets,
          values,
          payloads,
          toBeHex(0, 32),
          salt,
        ]);
        const outcome = await attempt(second.address, dutyDesk, data);
        if (isDutyPower(power)) {
          if (refused(outcome)) holes.push(`${power.name} is refused to the duty desk: ${outcomeName(outcome)}`);
          if (outcome.done) done.add(power.name);
        } else if (!isOpen(power) && !refused(outcome)) {
          holes.push(`${power.name} at the duty desk: ${outcomeName(outcome)}`);
        }
      }
    }
    expect(holes).to.deep.equal([]);
    expect([...done].sort()).to.deep.equal([
      "emergencyRecords.adoptMeasures",
      "memberRegistry.recordAcceptance",
      "memberRegistry.recordReview",
      "memberRegistry.revokeKey",
      "memberRegistry.suspend",
    ]);
    expect(await fingerprint(platform)).to.deep.equal(before);
  });

  it("wait the members' delay for everything else, to the second, whoever proposes and whoever executes", async () => {
    const platform = await loadFixture(stageOfOthers);
    const { constitution, staff, outsider } = platform;
    const attempt = attempting(platform);
    const before = await fingerprint(platform);
    const start = await networkHelpers.time.latest();
    const waiting: [string, Signer, string][] = [];
    for (const [index, power] of powersOf(platform, outsider.address).entries()) {
      const [first, second] = pairs(staff)[index % 6] as [Signer, Signer];
      const operation = await operationOf([[power.contract, power.payload]]);
      await propose(constitution, first, operation);
      const { targets, values, payloads, salt } = operation;
      const data = constitution.interface.encodeFunctionData("executeBatch", [
        targets,
        values,
        payloads,
        toBeHex(0, 32),
        salt,
      ]);
      waiting.push([power.name, second, data]);
    }
    const early = async () => {
      const outcomes = [];
      for (const [name, person, data] of waiting) {
        const outcome = outcomeName(await attempt(person.address, constitution, data));
        if (outcome !== "TimelockUnexpectedOperationState") outcomes.push(`${name}: ${outcome}`);
      }
      return outcomes;
    };
    expect(await early()).to.deep.equal([]);
    await networkHelpers.time.increaseTo(start + MEMBERS_DELAY);
    expect(await early()).to.deep.equal([]);
    expect({ ...(await fingerprint(platform)), seen: "" }).to.deep.equal({ ...before, seen: "" });
  });

  it("find no way around: not through the authority, not by a shorter delay, not with the desk as a person", async () => {
    const platform = await loadFixture(stageOfOthers);
    const { authority, constitution, dutyDesk, members, applicant, staff } = platform;
    const admit = members.interface.encodeFunctionData("admit", [applicant.id]);
    for (const person of staff) {
      for (const call of [
        async () => authority.connect(person).execute(members, admit),
        async () => authority.connect(person).schedule(members, admit, 0),
      ]) {
        await expect(call()).to.be.revertedWithCustomError(authority, "AccessManagerUnauthorizedCall");
      }
    }
    const none = toBeHex(0, 32);
    await expect(constitution.connect(staff[0]).schedule(members, 0, admit, none, none, MEMBERS_DELAY - 1))
      .to.be.revertedWithCustomError(constitution, "TimelockInsufficientDelay")
      .withArgs(MEMBERS_DELAY - 1, MEMBERS_DELAY);
    const desk = await dutyDesk.getAddress();
    const operation = await operationOf([[members, admit]]);
    const { targets, values, payloads, salt } = operation;
    const throughDesk: (readonly [TargetCall, string])[] = [
      [callOf(authority, "execute", [await members.getAddress(), admit]), "AccessManagerUnauthorizedCall"],
      [
        callOf(constitution, "propose", [targets, values, payloads, salt, "by the desk"]),
        "AccessControlUnauthorizedAccount",
      ],
      [
        callOf(constitution, "executeBatch", [targets, values, payloads, none, salt]),
        "AccessControlUnauthorizedAccount",
      ],
      [callOf(constitution, "updateDelay", [0]), "TimelockUnauthorizedCaller"],
    ];
    for (const [call, error] of throughDesk) {
      const nested = await operationOf([call]);
      await propose(dutyDesk, staff[0], nested);
      await expect(execute(dutyDesk, staff[1], nested)).to.be.revertedWithCustomError(
        error.startsWith("AccessManager") ? authority : constitution,
        error,
      );
    }
    expect((await authority.hasRole(await authority.STAFF_ROLE(), desk))[0]).to.equal(false);
  });
});
