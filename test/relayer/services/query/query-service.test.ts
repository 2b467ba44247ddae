/** The ledger is a double; the holders are scripted and speak real HTTP. */
import { expect } from "chai";
import { after, afterEach, before, beforeEach, describe, it } from "mocha";

import { isFault } from "../../../../protocol/errors/fault.ts";
import { MAX_SUBJECTS, type QueryDemand } from "../../../../relayer/services/query/query-service.ts";
import { asked, startAsking, type Asking } from "../../../support/asking.ts";
import { testDatabase, type TestDatabase } from "../../../support/postgres.ts";

const ordinary: QueryDemand = {
  subjects: [asked(0)],
  purpose: "ANTI_FRAUD",
  mode: "detail",
  holders: "all",
  caller: "token-1",
};

describe("the query service", () => {
  let database: TestDatabase;
  let asking: Asking;

  before(async () => {
    database = await testDatabase();
  });
  after(() => database.close());
  beforeEach(async () => {
    asking = await startAsking(database);
  });
  afterEach(() => asking.close());

  const create = (change: Partial<QueryDemand> = {}): Promise<string> =>
    asking.queries.create({ ...ordinary, ...change });
  const codeOf = (work: Promise<unknown>): Promise<string> =>
    work.then(
      () => "taken in",
      (error: unknown) => (isFault(error) ? error.code : String(error)),
    );
  const queries = () => database.db.selectFrom("queries").selectAll().execute();
  const exchanges = () => database.db.selectFrom("query_exchanges").selectAll().orderBy("holder").execute();

  /** What `create` began goes on after it returned. */
  async function finished(id: string): Promise<void> {
    for (;;) {
      const moved = asking.ctx.progress.next(id, 1_000);
      const [row] = await queries();
      if (row?.leased_until === null) return;
      await moved;
    }
  }

  it("takes a query in and has it answered without another call", async () => {
    await asking.openSession();
    const id = await create();
    const seen = (await exchanges()).map(({ state }) => state);
    expect(seen.every((state) => state === "prepared" || state === "answered")).to.equal(true);
    await finished(id);
    expect((await queries()).map(({ state, caller }) => [state, caller])).to.deep.equal([["answered", "token-1"]]);
    const entry = database.db.selectFrom("audit_log").select(["actor", "action"]).where("subject_id", "=", id);
    expect(await entry.execute()).to.deep.equal([{ actor: "token-1", action: "query.create" }]);
  });

  it("takes a query in without a session, and opens one", async () => {
    await finished(await create());
    expect((await exchanges()).map(({ reason }) => reason)).to.deep.equal(["SESSION_OPENING", "SESSION_OPENING"]);
    expect(asking.outbox.calls.map(({ kind }) => kind)).to.deep.equal(["open-session"]);
  });

  it("stores no subject in the clear", async () => {
    const id = await create();
    await finished(id);
    const rows = await database.db.selectFrom("query_subjects").select("subject").execute();
    for (const { subject } of rows) expect(subject.includes(asked(0).number)).to.equal(false);
    expect(asking.logged()).to.not.include(asked(0).number);
  });

  it("asks only the holders named, and remembers that it was a choice", async () => {
    await finished(await create({ holders: ["gamma", "gamma"] }));
    expect((await exchanges()).map(({ holder }) => holder)).to.deep.equal([3]);
    expect((await queries())[0]?.holders).to.equal("gamma,gamma");
  });

  describe("takes nothing in", () => {
    afterEach(async () => {
      expect(await queries()).to.deep.equal([]);
      expect(asking.holders.flatMap(({ server }) => server.bodies)).to.deep.equal([]);
    });

    const many = (count: number) => Array.from({ length: count }, (_, i) => asked(i));
    for (const [what, change, code] of [
      ["without a subject", { subjects: [] }, "SUBJECTS_EMPTY"],
      ["with too many subjects", { subjects: many(MAX_SUBJECTS + 1) }, "SUBJECTS_TOO_MANY"],
      ["with a subject twice", { subjects: [asked(1), asked(0), asked(1)] }, "SUBJECT_REPEATED"],
      [
        "with a subject twice in two spellings",
        { subjects: [asked(1), { ...asked(1), number: ` ${asked(1).number.toLowerCase()} ` }] },
        "SUBJECT_REPEATED",
      ],
      ["with a number that is none", { subjects: [{ ...asked(0), number: "12" }] }, "SUBJECT_NUMBER_INVALID"],
      ["with a scheme that is none", { subjects: [{ ...asked(0), scheme: "constructor" }] }, "SUBJECT_SCHEME_UNKNOWN"],
      ["to a holder that nobody knows", { holders: ["beta", "nobody"] }, "HOLDER_UNKNOWN"],
      ["to oneself", { holders: ["asker"] }, "HOLDER_UNKNOWN"],
    ] as [string, Partial<QueryDemand>, string][]) {
      it(what, async () => {
        expect(await codeOf(create(change))).to.equal(code);
      });
    }

    it("of an investor who did not authorise it", async () => {
      asking.refuseConsent("AUTHORISATION_MISSING");
      expect(await codeOf(create())).to.equal("AUTHORISATION_MISSING");
    });

    it("while the platform is frozen", async () => {
      asking.ledger.frozen = true;
      expect(await codeOf(create())).to.equal("PLATFORM_FROZEN");
    });

    it("to a suspended holder, or where there is none", async () => {
      Object.assign(asking.ledger.members[1] ?? {}, { status: "Suspended" });
      expect(await codeOf(create({ holders: ["beta"] }))).to.equal("HOLDER_UNKNOWN");
      Object.assign(asking.ledger.members[2] ?? {}, { status: "Suspended" });
      expect(await codeOf(create())).to.equal("HOLDERS_NONE");
    });

    it("that it cannot log", async () => {
      await asking.openSession();
      Object.assign(asking.ctx.audit, { conclude: () => Promise.reject(new TypeError("broken")) });
      expect(await codeOf(create())).to.equal("TypeError: broken");
      const lanes = database.db.selectFrom("query_lanes").select("lane").where("count", ">", 0);
      expect(await lanes.execute()).to.deep.equal([]);
    });
  });
});
