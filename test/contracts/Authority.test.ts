import { expect } from "chai";
import { describe, it } from "mocha";

import { Authority__factory } from "../../types/ethers-contracts/factories/governance/Authority__factory.ts";
import { connection, type Signer } from "./platform.ts";
import { loadFixture } from "./fixtures.ts";

const { ethers } = connection;

/** An authority by itself: on the platform the constitution is its one admin. */
async function authorityOfOne() {
  const [admin, successor] = (await ethers.getSigners()) as [Signer, Signer];
  return { authority: await new Authority__factory(admin).deploy(admin), admin, successor };
}

describe("Authority", () => {
  it("refuses to lose its last admin, by renouncing or by revoking", async () => {
    const { authority, admin } = await loadFixture(authorityOfOne);
    for (const call of [async () => authority.renounceRole(0, admin), async () => authority.revokeRole(0, admin)]) {
      await expect(call()).to.be.revertedWithCustomError(authority, "AuthorityLastAdmin").withArgs(admin.address);
    }
  });

  it("hands the admin role on, so that a timelock can stand in front of it", async () => {
    const { authority, admin, successor } = await loadFixture(authorityOfOne);
    await authority.grantRole(0, successor, 0);
    await authority.renounceRole(0, admin);
    expect((await authority.hasRole(0, admin))[0]).to.equal(false);
    await expect(authority.connect(successor).renounceRole(0, successor))
      .to.be.revertedWithCustomError(authority, "AuthorityLastAdmin")
      .withArgs(successor.address);
  });

  it("counts an admin once however often the role is granted", async () => {
    const { authority, admin, successor } = await loadFixture(authorityOfOne);
    await authority.grantRole(0, admin, 0);
    await authority.grantRole(0, successor, 0);
    await authority.revokeRole(0, successor);
    await authority.revokeRole(0, successor);
    await expect(authority.renounceRole(0, admin))
      .to.be.revertedWithCustomError(authority, "AuthorityLastAdmin")
      .withArgs(admin.address);
  });

  it("lets other roles go", async () => {
    const { authority, admin } = await loadFixture(authorityOfOne);
    await authority.grantRole(1, admin, 0);
    await authority.renounceRole(1, admin);
    expect((await authority.hasRole(1, admin))[0]).to.equal(false);
  });

  it("keeps staff and admins apart, and each of the staff another person", async () => {
    const { authority, admin, successor } = await loadFixture(authorityOfOne);
    const STAFF = await authority.STAFF_ROLE();
    await expect(authority.grantRole(STAFF, admin, 0))
      .to.be.revertedWithCustomError(authority, "AuthorityStaffAndAdmin")
      .withArgs(admin.address);
    await authority.grantRole(STAFF, successor, 0);
    await expect(authority.grantRole(STAFF, successor, 0))
      .to.be.revertedWithCustomError(authority, "AuthorityStaffAlready")
      .withArgs(successor.address);
    await expect(authority.grantRole(0, successor, 0))
      .to.be.revertedWithCustomError(authority, "AuthorityStaffAndAdmin")
      .withArgs(successor.address);
    await authority.revokeRole(STAFF, successor);
    await authority.grantRole(0, successor, 0);
  });

  it("labels its roles", async () => {
    const { authority } = await loadFixture(authorityOfOne);
    const labels = await authority.queryFilter(authority.filters.RoleLabel());
    expect(labels.map(({ args: { roleId, label } }) => [roleId, label])).to.deep.equal([
      [await authority.ASSOCIATION_ROLE(), "ASSOCIATION"],
      [await authority.RULES_ROLE(), "RULES"],
      [await authority.REGISTRY_ROLE(), "REGISTRY"],
      [await authority.GUARDIAN_ROLE(), "GUARDIAN"],
      [await authority.STAFF_ROLE(), "STAFF"],
      [await authority.DUTY_ROLE(), "DUTY"],
      [await authority.RESTART_ROLE(), "RESTART"],
      [await authority.CHANGE_ROLE(), "CHANGE"],
      [await authority.DISPOSAL_ROLE(), "DISPOSAL"],
    ]);
  });
});
