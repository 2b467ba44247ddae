import { expect } from "chai";
import { describe, it } from "mocha";

import { digest } from "./platform.ts";
import { admittedMembers } from "./stages.ts";
import { loadFixture } from "./fixtures.ts";

describe("AuditAnchors", () => {
  it("notes each member's digests one after another, by its own count", async () => {
    const { anchors, alpha, beta } = await loadFixture(admittedMembers);
    for (const number of [0, 1]) {
      await expect(anchors.connect(alpha.operator).anchorAudit(number, digest(`alpha ${String(number)}`)))
        .to.emit(anchors, "AuditAnchored")
        .withArgs(alpha.id, number, digest(`alpha ${String(number)}`));
    }
    await expect(anchors.connect(beta.operator).anchorAudit(0, digest("beta"))).to.emit(anchors, "AuditAnchored");
    expect(await anchors.auditAnchorsOf(alpha.id)).to.equal(2n);
    expect(await anchors.auditAnchorsOf(beta.id)).to.equal(1n);
    expect(await anchors.auditAnchorsOf(99)).to.equal(0n);
  });

  it("takes no number twice, and none ahead", async () => {
    const { anchors, alpha } = await loadFixture(admittedMembers);
    const anchoring = anchors.connect(alpha.operator);
    await anchoring.anchorAudit(0, digest("first"));
    for (const number of [0, 2]) {
      await expect(anchoring.anchorAudit(number, digest("again")))
        .to.be.revertedWithCustomError(anchors, "AuditAnchorOutOfOrder")
        .withArgs(alpha.id, 1, number);
    }
  });

  it("takes none from who acts for no member, and those of a suspended one", async () => {
    const { anchors, members, alpha, another } = await loadFixture(admittedMembers);
    await expect(anchors.connect(another).anchorAudit(0, digest("x"))).to.be.revertedWithCustomError(
      members,
      "OperatorUnknown",
    );
    await members.suspend(alpha.id, digest("reason"));
    await anchors.connect(alpha.operator).anchorAudit(0, digest("x"));
    expect(await anchors.auditAnchorsOf(alpha.id)).to.equal(1n);
  });
});
