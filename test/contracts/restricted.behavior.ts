/** Shared behaviour: a restricted function answers only to its role, and nothing is written while the platform is frozen. */
import { expect } from "chai";
import type { ContractTransactionResponse } from "ethers";
import { it } from "mocha";

import { connection, digest, Scope, type Signer } from "./platform.ts";
import { type Opened, openedSession } from "./stages.ts";
import { loadFixture } from "./fixtures.ts";

const { networkHelpers } = connection;

/** All roles of the authority, the admin's first. */
export const ROLES = Array.from({ length: 10 }, (_, role) => role);

export type Call = (platform: Opened, as: Signer) => Promise<ContractTransactionResponse>;

export interface RestrictedFunction {
  readonly name: string;
  readonly role:
    | "ADMIN_ROLE"
    | "ASSOCIATION_ROLE"
    | "RULES_ROLE"
    | "REGISTRY_ROLE"
    | "GUARDIAN_ROLE"
    | "DUTY_ROLE"
    | "RESTART_ROLE"
    | "CHANGE_ROLE"
    | "DISPOSAL_ROLE";
  readonly call: Call;
}

/** For each function: refused to the deployer, to a member and to an outsider; open to who holds its role. */
export function shouldBehaveLikeRestricted(functions: readonly RestrictedFunction[]): void {
  for (const { name, role, call } of functions) {
    it(`${name} is refused to all but ${role}`, async () => {
      const platform = await loadFixture(openedSession);
      const { authority, members, deployer, alpha, outsider, spare } = platform;
      for (const stranger of [deployer, alpha.operator, outsider]) {
        await expect(call(platform, stranger))
          .to.be.revertedWithCustomError(members, "AccessManagedUnauthorized")
          .withArgs(stranger.address);
      }
      await authority.grantRole(await authority[role](), spare, 0);
      await expect(call(platform, spare)).not.to.revert(connection.ethers);
    });
  }
}

/** For each writing function: refused while frozen, whoever calls, before anything else is looked at. */
export function shouldRespectFreeze(functions: readonly { readonly name: string; readonly call: Call }[]): void {
  for (const { name, call } of functions) {
    it(`${name} is refused while the platform is frozen`, async () => {
      const platform = await loadFixture(openedSession);
      const { authority, emergency, spare } = platform;
      const STAFF = Number(await authority.STAFF_ROLE());
      for (const role of ROLES.filter((each) => each !== STAFF)) await authority.grantRole(role, spare, 0);
      await emergency.freeze(Scope.Everything, 3600, digest("drill"));
      const since = await emergency.time();
      await networkHelpers.time.increase(1000);
      await expect(call(platform, spare))
        .to.be.revertedWithCustomError(emergency, "EmergencyPlatformFrozen")
        .withArgs(since);
    });
  }
}
