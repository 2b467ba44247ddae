import { describe, it } from "mocha";
import { expect } from "chai";

import { checkPlan, planSchema, type Participant } from "../../../protocol/ceremony/plan.ts";
import { expectFault } from "../paillier/fixtures.ts";
import { AT, institution, plan } from "./fixtures.ts";

const changed = (position: number, change: Partial<Participant>) => ({
  ...plan,
  participants: plan.participants.with(position, { ...plan.participants[position]!, ...change }),
});

describe("plan of a ceremony", () => {
  it("with distinct institutions is in order, with one of the Association's or none", () => {
    checkPlan(plan, AT);
    checkPlan(changed(0, { association: false }), AT);
    expect(planSchema.parse(JSON.parse(JSON.stringify(plan)))).to.deep.equal(plan);
  });

  it("gives no institution two shares, however it writes its code, and no key two", () => {
    expectFault(() => checkPlan(changed(1, { institution: institution(1) }), AT), "CEREMONY_INSTITUTION_REPEATED");
    for (const written of [institution(1).toLowerCase(), ` ${institution(1)} `]) {
      expectFault(() => checkPlan(changed(1, { institution: written }), AT), "CEREMONY_INSTITUTION_REPEATED");
    }
    const { publicKey } = plan.participants[0]!;
    expectFault(() => checkPlan(changed(2, { publicKey }), AT), "CEREMONY_INSTITUTION_REPEATED");
  });

  it("gives the Association one share at most", () => {
    expectFault(() => checkPlan(changed(2, { association: true }), AT), "CEREMONY_ASSOCIATION_REPEATED");
  });

  it("takes only codes with a right check character", () => {
    const code = institution(9);
    const wrong = code.slice(0, -1) + (code.endsWith("0") ? "1" : "0");
    expectFault(() => checkPlan(changed(1, { institution: wrong }), AT), "SUBJECT_NUMBER_INVALID");
  });

  it("takes only keys on the curve, and a threshold that the participants reach", () => {
    const off = `0x04${"11".repeat(64)}`;
    expectFault(() => checkPlan(changed(1, { publicKey: off }), AT), "SM2_PUBLIC_KEY_INVALID");
    expectFault(() => checkPlan({ ...plan, threshold: 4 }, AT), "PAILLIER_THRESHOLD_INVALID");
  });

  it("has one form", () => {
    for (const wrong of [
      { ...plan, threshold: 1 },
      { ...plan, more: 1 },
      { ...plan, participants: plan.participants.slice(1, 2) },
      { ...plan, participants: [{ ...plan.participants[0], association: "no" }, plan.participants[1]] },
    ]) {
      expect(planSchema.safeParse(wrong).success).to.equal(false);
    }
  });
});
