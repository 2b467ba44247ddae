/** Several documents of one investor: one authorisation, one answer, as many evaluations as documents. */
import { expect } from "chai";
import { after, afterEach, before, beforeEach, describe, it } from "mocha";

import { Fault, isFault } from "../../../../protocol/errors/fault.ts";
import type { SubjectId } from "../../../../protocol/subject/subject.ts";
import { createQueryService, type QueryDemand } from "../../../../relayer/services/query/query-service.ts";
import type { QueryDependencies } from "../../../../relayer/services/query/query-context.ts";
import { viewQuery } from "../../../../relayer/services/query/query-view.ts";
import { asked, startAsking, type Asking } from "../../../support/asking.ts";
import { testDatabase, type TestDatabase } from "../../../support/postgres.ts";
import { sampleRecord } from "../../../protocol/sealed-table/sample.ts";

const [first, second, other] = [asked(0), asked(1), asked(2)];

describe("an investor with several documents", () => {
  let database: TestDatabase;
  let asking: Asking;
  let ctx: QueryDependencies;
  let named: Set<SubjectId>;

  before(async () => {
    database = await testDatabase();
  });
  after(() => database.close());
  beforeEach(async () => {
    asking = await startAsking(database);
    await asking.openSession();
    named = new Set([second.id, other.id]);
    const authorise: QueryDependencies["authorise"] = (demand) =>
      named.has(demand.subject)
        ? asking.ctx.authorise(demand)
        : Promise.reject(new Fault("AUTHORISATION_MISSING", { subject: 0 }));
    ctx = { ...asking.ctx, authorise };
  });
  afterEach(() => asking.close());

  async function ask(subjects: QueryDemand["subjects"]): Promise<string> {
    const demand: QueryDemand = { subjects, purpose: "ANTI_FRAUD", mode: "detail", holders: "all", caller: "token-1" };
    const id = await createQueryService(ctx).create(demand);
    for (;;) {
      const row = await database.db.selectFrom("queries").selectAll().where("id", "=", id).executeTakeFirst();
      if (row?.completed_at) return id;
      await asking.ctx.progress.next(id, 200);
    }
  }

  const codeOf = (work: Promise<unknown>): Promise<string> =>
    work.then(
      () => "taken in",
      (error: unknown) => (isFault(error) ? error.code : String(error)),
    );

  it("has one answer with each record once, beside investors with one, and pays for each document", async () => {
    const [beta, gamma] = asking.holders;
    const record = (id: string) => ({ ...sampleRecord, id });
    beta?.put(first.id, [record("one"), record("both")]);
    beta?.put(second.id, [record("both")]);
    gamma?.put(second.id, [record("one")]);
    const id = await ask([{ documents: [first, second] }, other]);
    const view = await viewQuery(ctx, id, "token-1");
    expect(view.subjects.map(({ position, documents, outcome }) => [position, documents, outcome])).to.deep.equal([
      [0, 2, "found"],
      [1, 1, "not_found"],
    ]);
    expect(view.subjects[0]?.records.map(({ holder, id: of }) => `${holder} ${of}`).toSorted()).to.deep.equal([
      "beta both",
      "beta one",
      "gamma one",
    ]);
    expect(view.subjects[0]?.statement.en).to.include("3 records found");
    const lanes = await database.db.selectFrom("query_lanes").select("count").where("count", ">", 0).execute();
    expect(lanes.map(({ count }) => count)).to.deep.equal([3, 3]);
    const leaves = await database.db.selectFrom("query_leaves").select("id").where("query_id", "=", id).execute();
    expect(leaves).to.have.length(3);
  });

  it("is asked about under an authorisation that names one of them, and no more once that has ended", async () => {
    const id = await ask([{ documents: [first, second], authorisation: "A-1" }]);
    const rows = await database.db.selectFrom("query_subjects").selectAll().where("query_id", "=", id).execute();
    expect(rows.map(({ authorisation, investor, named: by }) => [authorisation, investor, by])).to.deep.equal([
      ["A-1", 0, 1],
      ["A-1", 0, 1],
    ]);
    expect((await viewQuery(ctx, id, "token-1")).subjects.map(({ outcome }) => outcome)).to.deep.equal(["not_found"]);
    named.delete(second.id);
    expect((await viewQuery(ctx, id, "token-1")).subjects.map(({ outcome }) => outcome)).to.deep.equal(["withheld"]);
    expect(await codeOf(ask([{ documents: [first, second] }]))).to.equal("AUTHORISATION_MISSING");
  });

  it("says nothing of a member whose entry for one of the documents does not open", async () => {
    asking.holders[0]?.putUnreadable(first.id);
    const id = await ask([{ documents: [first, second] }]);
    const view = await viewQuery(ctx, id, "token-1");
    expect(view.subjects[0]).to.include({ outcome: "incomplete" });
    expect(view.subjects[0]?.statement.en).to.include("in 1 of 2 members'");
  });

  it("is not asked about twice in one query under whatever investor", async () => {
    expect(await codeOf(ask([{ documents: [first, second] }, second]))).to.equal("SUBJECT_REPEATED");
    expect(await codeOf(ask([{ documents: [second, second] }]))).to.equal("SUBJECT_REPEATED");
  });
});
