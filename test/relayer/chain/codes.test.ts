import { readFile } from "node:fs/promises";

import { expect } from "chai";
import { describe, it } from "mocha";

import { MEMBER_KINDS, MEMBER_STATUSES, nameOf, SESSION_STATUSES } from "../../../relayer/chain/codes.ts";

describe("names of the contracts' enumerations", () => {
  for (const [file, name, ours] of [
    ["membership/IMemberRegistry.sol", "MemberKind", MEMBER_KINDS],
    ["membership/IMemberRegistry.sol", "MemberStatus", MEMBER_STATUSES],
    ["query/IQueryLedger.sol", "SessionStatus", SESSION_STATUSES],
  ] as const) {
    it(`are those of ${name}, in its order`, async () => {
      const source = await readFile(new URL(`../../../contracts/${file}`, import.meta.url), "utf8");
      const body = new RegExp(`enum ${name} \\{([^}]*)\\}`).exec(source)?.[1] ?? "";
      expect(body.split(",").map((text) => text.trim())).deep.equal(ours);
    });
  }

  it("do not hide a value that this program does not know", () => {
    expect(() => nameOf(SESSION_STATUSES, 9n)).throw(RangeError);
    expect(() => nameOf(SESSION_STATUSES, 0n)).throw(RangeError);
  });
});
