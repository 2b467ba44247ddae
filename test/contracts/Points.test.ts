import { expect } from "chai";
import { describe, it } from "mocha";

import { POINT } from "./platform.ts";
import { shouldBehaveLikeRestricted } from "./restricted.behavior.ts";
import { admittedMembers } from "./stages.ts";
import { loadFixture } from "./fixtures.ts";

describe("Points", () => {
  shouldBehaveLikeRestricted([
    { name: "mint", role: "RULES_ROLE", call: ({ points }, as) => points.connect(as).mint(as, POINT) },
    { name: "move", role: "RULES_ROLE", call: ({ points }, as) => points.connect(as).move(as, as, 0) },
  ]);

  it("cannot be transferred, approved or pulled by anyone", async () => {
    const { points, admin, alpha, authority } = await loadFixture(admittedMembers);
    await authority.grantRole(await authority.RULES_ROLE(), admin, 0);
    await points.mint(alpha.operator, POINT);
    const mine = points.connect(alpha.operator);
    for (const call of [
      async () => mine.transfer(admin, 1),
      async () => mine.approve(admin, 1),
      async () => points.transferFrom(alpha.operator, admin, 1),
    ]) {
      await expect(call()).to.be.revertedWithCustomError(points, "PointsNotTransferable");
    }
    expect(await points.balanceOf(alpha.operator)).to.equal(POINT);
  });

  it("lie in the vaults of members", async () => {
    const { points, members, alpha } = await loadFixture(admittedMembers);
    expect(await points.pointsOf(alpha.id)).to.equal(20_000n * POINT);
    expect(await points.balanceOf(await members.vaultOf(alpha.id))).to.equal(20_000n * POINT);
    expect(await points.pointsOf(99)).to.equal(0n);
  });

  it("are moved without change of supply, and never beyond the balance", async () => {
    const { points, members, authority, admin, alpha, beta } = await loadFixture(admittedMembers);
    await authority.grantRole(await authority.RULES_ROLE(), admin, 0);
    const [from, to] = [await members.vaultOf(alpha.id), await members.vaultOf(beta.id)];
    const supply = await points.totalSupply();
    await points.move(from, to, 5n * POINT);
    expect(await points.pointsOf(beta.id)).to.equal(20_005n * POINT);
    expect(await points.totalSupply()).to.equal(supply);
    await expect(points.move(from, to, 20_000n * POINT)).to.be.revertedWithCustomError(
      points,
      "ERC20InsufficientBalance",
    );
  });

  it("have 18 decimals", async () => {
    const { points } = await loadFixture(admittedMembers);
    expect([await points.name(), await points.symbol(), await points.decimals()]).to.deep.equal([
      "RiskVeil Points",
      "RVP",
      18n,
    ]);
  });
});
