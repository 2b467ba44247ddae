import { expect } from "chai";
import { describe, it } from "mocha";

import { connection } from "./platform.ts";
import { admittedMembers } from "./stages.ts";

const { ethers, networkHelpers } = connection;

describe("Authority", () => {
  it("refuses to lose its last admin, by renouncing or by revoking", async () => {
    const { authority, admin } = await networkHelpers.loadFixture(admittedMembers);
    await expect(authority.renounceRole(0, admin))
      .to.be.revertedWithCustomError(authority, "AuthorityLastAdmin")
      .withArgs(admin.address);
    await expect(authority.revokeRole(0, admin)).to.be.revertedWithCustomError(authority, "AuthorityLastAdmin");
  });

  it("hands the admin role on, so that a timelock can stand in front of it", async () => {
    const { authority, admin, spare } = await networkHelpers.loadFixture(admittedMembers);
    await authority.grantRole(0, spare, 0);
    await authority.renounceRole(0, admin);
    expect((await authority.hasRole(0, admin))[0]).to.equal(false);
    await expect(authority.connect(spare).renounceRole(0, spare)).to.be.revertedWithCustomError(
      authority,
      "AuthorityLastAdmin",
    );
  });

  it("counts an admin once however often the role is granted", async () => {
    const { authority, admin, spare } = await networkHelpers.loadFixture(admittedMembers);
    await authority.grantRole(0, admin, 0);
    await authority.grantRole(0, spare, 0);
    await authority.revokeRole(0, spare);
    await authority.revokeRole(0, spare);
    await expect(authority.renounceRole(0, admin)).to.be.revertedWithCustomError(authority, "AuthorityLastAdmin");
  });

  it("lets other roles go", async () => {
    const { authority, admin } = await networkHelpers.loadFixture(admittedMembers);
    await expect(authority.renounceRole(1, admin)).not.to.revert(ethers);
    expect((await authority.hasRole(1, admin))[0]).to.equal(false);
  });
});
