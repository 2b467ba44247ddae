import { expect } from "chai";
import { describe, it } from "mocha";

import { actOnDuty, callOf, enact, foundedCouncil } from "./governance.ts";
import { digest, type Signer } from "./platform.ts";
import { shouldBehaveLikeRestricted } from "./restricted.behavior.ts";
import { admittedMembers } from "./stages.ts";
import { loadFixture } from "./fixtures.ts";

const PLAN = digest("plan");

/** The Association, three firms and a bank; the exit has begun. One more has applied, one has left. */
async function exitBegun() {
  const platform = await loadFixture(admittedMembers);
  const { members, emergency, spare } = platform;
  await members.connect(spare).apply_(3, "applicant", "https://applicant.example");
  await members.exit(platform.gamma.id);
  await emergency.beginExit(digest("order"));
  const { association, alpha, beta, bank } = platform;
  return { ...platform, parties: [association, alpha, beta, bank] };
}

describe("ExitPlan", () => {
  shouldBehaveLikeRestricted([
    {
      name: "propose",
      role: "DUTY_ROLE",
      call: async ({ exitPlan, emergency }, as) => {
        if (!(await emergency.exiting())) await emergency.beginExit(digest("order"));
        return exitPlan.connect(as).propose(PLAN);
      },
    },
  ]);

  it("opens the disposal when the last party agrees, and not before", async () => {
    const platform = await loadFixture(exitBegun);
    const { exitPlan, emergency, members, parties } = platform;
    await members.isAdmitted(1);
    await expect(exitPlan.propose(PLAN)).to.emit(exitPlan, "DisposalPlanProposed").withArgs(PLAN);
    expect(await exitPlan.missing(PLAN)).to.equal(4n);
    for (const [index, { operator, id }] of parties.entries()) {
      const agreeing = exitPlan.connect(operator).agree(PLAN);
      const rest = parties.length - 1 - index;
      await expect(agreeing).to.emit(exitPlan, "DisposalPlanAgreed").withArgs(PLAN, id, rest);
      expect(await emergency.disposing()).to.equal(rest === 0);
      await expect(exitPlan.connect(operator).agree(PLAN))
        .to.be.revertedWithCustomError(exitPlan, "ExitPlanAgreed")
        .withArgs(PLAN, id);
    }
  });

  it("wants all to agree to the same plan", async () => {
    const { exitPlan, emergency, parties } = await loadFixture(exitBegun);
    const another = digest("another plan");
    await exitPlan.propose(PLAN);
    await exitPlan.propose(another);
    for (const [index, { operator }] of parties.entries()) {
      await exitPlan.connect(operator).agree(index % 2 === 0 ? PLAN : another);
    }
    expect([await exitPlan.missing(PLAN), await exitPlan.missing(another)]).to.deep.equal([2n, 2n]);
    expect(await emergency.disposing()).to.equal(false);
  });

  it("is for the end only: nothing is proposed while the platform lives", async () => {
    const { exitPlan } = await loadFixture(admittedMembers);
    await expect(exitPlan.propose(PLAN)).to.be.revertedWithCustomError(exitPlan, "ExitNotBegun");
  });

  it("is proposed once, and agreed to by parties alone", async () => {
    const { exitPlan, members, alpha, gamma, spare, outsider } = await loadFixture(exitBegun);
    await expect(exitPlan.connect(alpha.operator).agree(PLAN))
      .to.be.revertedWithCustomError(exitPlan, "ExitPlanUnknown")
      .withArgs(PLAN);
    await exitPlan.propose(PLAN);
    await expect(exitPlan.propose(PLAN)).to.be.revertedWithCustomError(exitPlan, "ExitPlanProposed").withArgs(PLAN);
    for (const [operator, id] of [
      [gamma.operator, gamma.id],
      [spare, 6n],
    ] as const) {
      await expect(exitPlan.connect(operator).agree(PLAN))
        .to.be.revertedWithCustomError(exitPlan, "ExitNotParty")
        .withArgs(id);
    }
    await expect(exitPlan.connect(outsider).agree(PLAN))
      .to.be.revertedWithCustomError(members, "OperatorUnknown")
      .withArgs(outsider.address);
  });

  it("costs the same however many strangers have applied", async () => {
    const platform = await loadFixture(admittedMembers);
    const { exitPlan, emergency, members, accounts, alpha, beta } = platform;
    const gasOf = async (operator: Signer) => (await (await exitPlan.connect(operator).agree(PLAN)).wait())?.gasUsed;
    for (const [index, operator] of accounts.slice(8, 14).entries()) {
      await members.connect(operator).apply_(3, `stranger-${index}`, "https://stranger.example");
    }
    await emergency.beginExit(digest("order"));
    await exitPlan.propose(PLAN);
    await gasOf(alpha.operator);
    expect(await gasOf(beta.operator)).to.be.below(120_000n);
  });

  it("goes through the constitution and the duty desk to its end, suspended members included", async () => {
    const platform = await loadFixture(foundedCouncil);
    const { exitPlan, emergency, members, association, seated, zeta, regulator, alpha } = platform;
    await actOnDuty(platform, callOf(members, "suspend", [alpha.id, digest("r")]));
    await enact(platform, callOf(emergency, "beginExit", [digest("order")]));
    await actOnDuty(platform, callOf(exitPlan, "propose", [PLAN]));
    for (const { operator } of [association, ...seated, zeta, regulator]) {
      await exitPlan.connect(operator).agree(PLAN);
    }
    expect(await emergency.disposing()).to.equal(true);
  });
});
