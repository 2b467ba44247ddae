/** What an event has the relayer read again; that it reads enough is tested on a chain (open-chain.test.ts). */
import { expect } from "chai";
import { describe, it } from "mocha";

import { cacheKeys, staleKeys } from "../../../relayer/chain/cache-keys.ts";
import type { PlatformEvent } from "../../../relayer/chain/platform-event.ts";

const ACCOUNT = `0x${"Ab".repeat(20)}`;

describe("what is read again after an event of the member registry", () => {
  function droppedBy(name: string, args: Record<string, unknown>, key: string): boolean {
    const event = { name, contract: "memberRegistry", args } as unknown as PlatformEvent;
    return staleKeys(event).some((prefix) => key.startsWith(prefix));
  }

  it("is the list and who it is about, not the other members: anybody may apply with every block", () => {
    for (const [name, args] of [
      ["MemberApplied", { member: 12n, operator: ACCOUNT }],
      ["MemberSuspended", { member: 12n }],
      ["EndpointChanged", { member: 12n, endpoint: "http://b" }],
    ] as const) {
      const dropped = [cacheKeys.members, ...[12, 1, 2, 120].map(cacheKeys.member)].map((key) =>
        droppedBy(name, args, key),
      );
      expect(dropped, name).to.deep.equal([true, true, false, false, false]);
    }
  });

  it("is of accounts the one that was nominated, appointed or retired, or applied", () => {
    for (const name of ["MemberApplied", "OperatorNominated", "OperatorAppointed", "OperatorRetired"]) {
      const keys = [ACCOUNT.toLowerCase(), `0x${"cd".repeat(20)}`].map(cacheKeys.operator);
      const dropped = keys.map((key) => droppedBy(name, { member: 12n, operator: ACCOUNT }, key));
      expect(dropped, name).to.deep.equal([true, false]);
    }
    const appointed = { member: 12n, operator: ACCOUNT };
    expect(droppedBy("OperatorAppointed", appointed, cacheKeys.members)).to.equal(false);
  });
});
