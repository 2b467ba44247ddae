import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { randomBytes } from "node:crypto";

import { isFault } from "../../../protocol/errors/fault.ts";
import { createTokens, type Tokens } from "../../../relayer/store/tokens.ts";
import { testDatabase, type TestDatabase } from "../../support/postgres.ts";

describe("tokens", function () {
  this.timeout(240_000);
  let database: TestDatabase;
  let tokens: Tokens;
  let now = new Date("2026-01-05T08:00:00Z");

  before(async () => {
    database = await testDatabase();
    tokens = createTokens(
      database.db,
      () => now,
      (length) => new Uint8Array(randomBytes(length)),
    );
  });
  after(() => database.close());

  it("authenticates what it created, and keeps no token in the database", async () => {
    const { id, token } = await tokens.create({ role: "auditor", label: "audit" });
    expect(await tokens.authenticate(token)).to.deep.equal({ tokenId: id, role: "auditor", label: "audit" });
    const rows = await database.db.selectFrom("api_tokens").selectAll().execute();
    expect(JSON.stringify(rows)).not.to.include(token).and.not.to.include(Buffer.from(token).toString("hex"));
  });

  it("knows no other token", async () => {
    const { token } = await tokens.create({ role: "admin", label: "a" });
    const changed = token.slice(0, -2) + (token.endsWith("AA") ? "BB" : "AA");
    for (const wrong of ["", "rv_", changed, `${token} `, token.toLowerCase(), "rv_" + "a".repeat(1000), "'; --"]) {
      expect(await tokens.authenticate(wrong)).to.equal(undefined);
    }
  });

  it("refuses a revoked token at once, and remembers when it was revoked first", async () => {
    const { id, token } = await tokens.create({ role: "admin", label: "gone" });
    await tokens.revoke(id);
    const first = now;
    now = new Date(now.getTime() + 1000);
    await tokens.revoke(id);
    expect(await tokens.authenticate(token)).to.equal(undefined);
    expect((await tokens.list()).find((each) => each.id === id)?.revokedAt).to.deep.equal(first);
  });

  it("says when a token is not there", async () => {
    for (const id of ["00000000-0000-4000-8000-000000000000", "nonsense", ""]) {
      const error: unknown = await tokens.revoke(id).catch((caught: unknown) => caught);
      expect(isFault(error, "TOKEN_UNKNOWN")).to.equal(true);
    }
  });

  it("notes the last use, not oftener than once a minute", async () => {
    const { id, token } = await tokens.create({ role: "admin", label: "used" });
    const used = async (): Promise<Date | null | undefined> =>
      (await tokens.list()).find((each) => each.id === id)?.lastUsedAt;
    await tokens.authenticate(token);
    const first = now;
    expect(await used()).to.deep.equal(first);
    now = new Date(now.getTime() + 59_000);
    await tokens.authenticate(token);
    expect(await used()).to.deep.equal(first);
    now = new Date(now.getTime() + 2_000);
    await tokens.authenticate(token);
    expect(await used()).to.deep.equal(now);
  });
});
