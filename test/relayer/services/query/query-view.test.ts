/** The ledger is a double; the holders are scripted and speak real HTTP. */
import { expect } from "chai";
import { after, afterEach, before, beforeEach, describe, it } from "mocha";

import { isFault } from "../../../../protocol/errors/fault.ts";
import { queryViewSchema, viewQuery, type QueryView } from "../../../../relayer/services/query/query-view.ts";
import { storeQuery, type StoredQuery } from "../../../support/asking-steps.ts";
import { asked, startAsking, type AskedHolder, type Asking } from "../../../support/asking.ts";
import { testDatabase, type TestDatabase } from "../../../support/postgres.ts";
import { hangUp } from "../../../support/scripted-holder.ts";
import { sampleRecord } from "../../../protocol/sealed-table/sample.ts";

describe("the view of a query", () => {
  let database: TestDatabase;
  let asking: Asking;
  let beta: AskedHolder;
  let gamma: AskedHolder;

  before(async () => {
    database = await testDatabase();
  });
  after(() => database.close());
  beforeEach(async () => {
    asking = await startAsking(database);
    [beta, gamma] = [asking.holders[0] ?? expect.fail(), asking.holders[1] ?? expect.fail()];
    await asking.openSession();
  });
  afterEach(() => asking.close());

  async function driven(subjects: number, to?: AskedHolder[]): Promise<StoredQuery> {
    const stored = await storeQuery(asking, subjects, to);
    await asking.queries.drive(stored.query.id);
    return stored;
  }
  async function view({ query }: StoredQuery): Promise<QueryView> {
    const shown = await viewQuery(asking.ctx, query.id, "token-1");
    queryViewSchema.parse(shown);
    return shown;
  }
  const outcomes = ({ subjects }: QueryView): string[] => subjects.map(({ outcome }) => outcome);
  const english = ({ subjects }: QueryView): string[] => subjects.map(({ statement }) => statement.en);

  it("shows each subject's records with their holder, and what was not found where", async () => {
    beta.put(asked(0).id, [{ ...sampleRecord, id: "b" }]);
    gamma.put(asked(0).id, [
      { ...sampleRecord, id: "g1" },
      { ...sampleRecord, id: "g2" },
    ]);
    const shown = await view(await driven(2));
    expect(outcomes(shown)).to.deep.equal(["found", "not_found"]);
    expect(shown.subjects[0]?.records.map(({ id, holder }) => [id, holder]).toSorted()).to.deep.equal([
      ["b", "beta"],
      ["g1", "gamma"],
      ["g2", "gamma"],
    ]);
    // The day in China of the older of the two commitments.
    expect(english(shown)).to.deep.equal([
      "As of 2026-05-01, in 2 of 2 members' classes B, C: 3 records found.",
      "As of 2026-05-01, in 2 of 2 members' classes B, C: no record found.",
    ]);
    expect([shown.state, shown.final, shown.cohortsNotCovered]).to.deep.equal(["answered", true, ["existing"]]);
  });

  it("says incomplete, and of how many, while a holder has not answered", async () => {
    beta.server.script.push(hangUp);
    const shown = await view(await driven(1));
    expect(outcomes(shown)).to.deep.equal(["incomplete"]);
    expect(english(shown)).to.deep.equal(["As of 2026-05-02, in 1 of 2 members' classes B, C: no record found."]);
    expect(shown.holders.map(({ state, reason }) => [state, reason?.code])).to.deep.equal([
      ["unanswered", "HOLDER_UNREACHABLE"],
      ["answered", undefined],
    ]);
    expect([shown.state, shown.final]).to.deep.equal(["partial", false]);
  });

  it("says that nobody answered where nobody did", async () => {
    const stored = await storeQuery(asking, 1);
    expect(english(await view(stored))).to.deep.equal(["No member has answered yet."]);
  });

  it("counts all members that could have been asked when only some were", async () => {
    const shown = await view(await driven(1, [gamma]));
    expect(outcomes(shown)).to.deep.equal(["not_found"]);
    // The double asks by exchanges; what makes it a subset is the column.
    await database.db.updateTable("queries").set({ holders: "gamma" }).execute();
    const subset = await viewQuery(asking.ctx, shown.id, "token-1");
    expect(english(subset)).to.deep.equal(["As of 2026-05-02, in 1 of 2 members' classes B, C: no record found."]);
  });

  it("counts a member with two datasets once", async () => {
    asking.ledger.datasets.forEach((dataset, i) =>
      Object.assign(dataset, { holder: 2, categories: [["A"], ["B"]][i] }),
    );
    const stored = await driven(1);
    await database.db.updateTable("query_exchanges").set({ holder: 2 }).execute();
    expect(english(await view(stored))[0]).to.match(/in 1 of 1 members' classes A, B: no record/);
  });

  it("claims nothing of a member whose entry for the subject does not open", async () => {
    beta.putUnreadable(asked(0).id);
    const shown = await view(await driven(2));
    expect(outcomes(shown)).to.deep.equal(["incomplete", "not_found"]);
    expect(english(shown)).to.deep.equal([
      "As of 2026-05-02, in 1 of 2 members' classes B, C: no record found.",
      "As of 2026-05-01, in 2 of 2 members' classes B, C: no record found.",
    ]);
  });

  it("names the existing customers as not covered until they are", async () => {
    asking.ledger.existingCustomersIncluded = true;
    expect((await view(await driven(1))).cohortsNotCovered).to.deep.equal([]);
  });

  it("withholds the result after consent has ended, and logs who wanted to see it", async () => {
    beta.put(asked(0).id);
    const stored = await driven(1);
    expect(outcomes(await view(stored))).to.deep.equal(["found"]);
    asking.refuseConsent("AUTHORISATION_WITHDRAWN");
    const shown = await view(stored);
    expect([outcomes(shown), shown.subjects[0]?.records]).to.deep.equal([["withheld"], []]);
    expect(JSON.stringify(shown)).to.not.include(sampleRecord.note);
    const entries = await database.db
      .selectFrom("audit_log")
      .select(["actor", "action", "outcome"])
      .where("subject_id", "=", `${stored.query.id}:0`)
      .execute();
    expect(entries).to.deep.equal([{ actor: "token-1", action: "query.open", outcome: "AUTHORISATION_WITHDRAWN" }]);
    expect(asking.logged()).to.include("result withheld").and.not.include(asked(0).number);
    asking.refuseConsent(undefined);
    expect(outcomes(await view(stored))).to.deep.equal(["found"]);
  });

  it("does not take a failure for an end of consent", async () => {
    const stored = await driven(1);
    Object.assign(asking.ctx, { authorise: () => Promise.reject(new TypeError("broken")) });
    expect(await view(stored).catch(String)).to.equal("TypeError: broken");
  });

  it("knows no query of another relayer", async () => {
    const fault = await viewQuery(asking.ctx, "00000000-0000-4000-8000-000000000000", "t").catch((e: unknown) => e);
    expect(isFault(fault, "QUERY_UNKNOWN")).to.equal(true);
  });
});
