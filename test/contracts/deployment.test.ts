import { expect } from "chai";
import { describe, it } from "mocha";

import { connection, deployPlatform } from "./platform.ts";

const { networkHelpers } = connection;

async function deployedPlatform() {
  return deployPlatform(connection);
}

describe("deployment", () => {
  it("leaves the deployer with no role", async () => {
    const { authority, deployer, admin } = await networkHelpers.loadFixture(deployedPlatform);
    for (const role of [0, 1, 2, 3, 4]) {
      expect((await authority.hasRole(role, deployer))[0]).to.equal(false);
    }
    expect((await authority.hasRole(0, admin))[0]).to.equal(true);
  });
});
