import { expect } from "chai";
import { after, before, describe, it } from "mocha";

import { isFault } from "../../../../protocol/errors/fault.ts";
import { withRefusalsAudited } from "../../../../relayer/services/query/refused-queries.ts";
import { asked, startAsking, type Asking } from "../../../support/asking.ts";
import { testDatabase, type TestDatabase } from "../../../support/postgres.ts";

describe("a query that is refused", () => {
  let database: TestDatabase;
  let asking: Asking;

  before(async () => {
    database = await testDatabase();
    asking = await startAsking(database, 1);
  });
  after(async () => {
    await asking.close();
    await database.close();
  });

  it("is in the audit log with its reason, and names nobody; one that is taken in is there once", async () => {
    const queries = withRefusalsAudited(asking.queries, asking.ctx);
    const demand = {
      subjects: [asked(0)],
      purpose: "MONITORING" as const,
      mode: "detail" as const,
      holders: "all" as const,
      caller: "clerk",
    };
    asking.refuseConsent("AUTHORISATION_MISSING");
    const refused: unknown = await queries.create(demand).catch((error: unknown) => error);
    expect(isFault(refused, "AUTHORISATION_MISSING")).to.equal(true);
    asking.refuseConsent(undefined);
    const id = await queries.create(demand);
    const entries = await database.db.selectFrom("audit_log").selectAll().orderBy("sequence").execute();
    expect(entries.map(({ actor, action, outcome }) => [actor, action, outcome])).to.deep.equal([
      ["clerk", "query.create", "AUTHORISATION_MISSING"],
      ["clerk", "query.create", "done"],
    ]);
    expect(entries[1]?.subject_id).to.equal(id);
    expect(JSON.stringify(entries)).not.to.include(asked(0).number);
  });
});
