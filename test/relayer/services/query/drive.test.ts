/** The ledger is a double; the holders are scripted and speak real HTTP. */
import { expect } from "chai";
import { after, afterEach, before, beforeEach, describe, it } from "mocha";

import { Fault } from "../../../../protocol/errors/fault.ts";
import { createQueryService } from "../../../../relayer/services/query/query-service.ts";
import { LEASE_MS } from "../../../../relayer/services/query/lease.ts";
import { viewQuery } from "../../../../relayer/services/query/query-view.ts";
import { prepared, storeQuery, type StoredQuery } from "../../../support/asking-steps.ts";
import { startAsking, type AskedHolder, type Asking } from "../../../support/asking.ts";
import { testDatabase, type TestDatabase } from "../../../support/postgres.ts";
import { hangUp, tell } from "../../../support/scripted-holder.ts";

describe("driving a query", () => {
  let database: TestDatabase;
  let asking: Asking;
  let beta: AskedHolder;
  let stored: StoredQuery;

  before(async () => {
    database = await testDatabase();
  });
  after(() => database.close());
  beforeEach(async () => {
    asking = await startAsking(database);
    beta = asking.holders[0] ?? expect.fail();
    stored = await storeQuery(asking);
  });
  afterEach(() => asking.close());

  const drive = (): Promise<void> => asking.queries.drive(stored.query.id);
  const row = () =>
    database.db.selectFrom("queries").selectAll().where("id", "=", stored.query.id).executeTakeFirstOrThrow();
  const reasons = async (): Promise<(string | null)[]> =>
    (await database.db.selectFrom("query_exchanges").select("reason").orderBy("holder").execute()).map(
      ({ reason }) => reason,
    );
  const bodies = (): number => asking.holders.reduce((sum, { server }) => sum + server.bodies.length, 0);

  it("is done by one of two who do it at once", async () => {
    await asking.openSession();
    const other = createQueryService(asking.ctx);
    await Promise.all([drive(), other.drive(stored.query.id), drive()]);
    expect((await row()).state).to.equal("answered");
    expect(bodies()).to.equal(2);
  });

  it("opens a session if there is none, and comes back soon", async () => {
    await drive();
    expect(await reasons()).to.deep.equal(["SESSION_OPENING", "SESSION_OPENING"]);
    expect(asking.outbox.pending.map(({ kind }) => kind)).to.deep.equal(["open-session"]);
    expect(asking.jobs.at(-1)?.delayMs).to.equal(270);
    asking.later(250);
    await drive();
    expect(asking.outbox.calls).to.have.length(1);
    await asking.outbox.mine();
    asking.later(250);
    await drive();
    expect((await row()).state).to.equal("answered");
  });

  it("says with which code the ledger opens no session, and comes back later each time", async () => {
    asking.outbox.refusal = new Fault("MEMBER_NOT_ACTIVE");
    const delays: (number | undefined)[] = [];
    for (let i = 0; i < 4; i++) {
      await drive();
      delays.push(asking.jobs.at(-1)?.delayMs);
      asking.later(60_000);
    }
    expect(await reasons()).to.deep.equal(["MEMBER_NOT_ACTIVE", "MEMBER_NOT_ACTIVE"]);
    expect(delays).to.deep.equal([1_020, 2_020, 4_020, 8_020]);
  });

  it("asks nobody once consent has ended, and spends nothing", async () => {
    await asking.openSession();
    asking.refuseConsent("AUTHORISATION_WITHDRAWN");
    await drive();
    expect(await reasons()).to.deep.equal(["AUTHORISATION_WITHDRAWN", "AUTHORISATION_WITHDRAWN"]);
    const allotments = await database.db.selectFrom("query_allotments").select("used").execute();
    expect([bodies(), ...allotments.map(({ used }) => used)]).to.deep.equal([0, 0, 0]);
    expect((await row()).completed_at).to.not.equal(null);
  });

  it("gives up the lanes of what was prepared when consent ended for good", async () => {
    await asking.openSession();
    await prepared(asking, stored);
    asking.refuseConsent("AUTHORISATION_EXPIRED");
    await drive();
    expect([(await row()).state, bodies()]).to.deep.equal(["partial", 0]);
    const lanes = await database.db
      .selectFrom("query_lanes")
      .select(["exchange", "abandoned"])
      .where("count", ">", 0)
      .execute();
    expect(lanes).to.deep.equal([1, 2].map(() => ({ exchange: null, abandoned: true })));
  });

  it("sends nothing that was prepared before consent ended", async () => {
    await asking.openSession();
    await prepared(asking, stored);
    asking.refuseConsent("AUTHORISATION_COHORT_EXCLUDED");
    await drive();
    expect(await reasons()).to.deep.equal(["AUTHORISATION_COHORT_EXCLUDED", "AUTHORISATION_COHORT_EXCLUDED"]);
    expect(bodies()).to.equal(0);
    asking.refuseConsent(undefined);
    asking.later(60_000);
    await drive();
    expect((await row()).state).to.equal("answered");
  });

  it("sends the very same bytes after a crash between sending and storing", async () => {
    await asking.openSession();
    beta.server.script.push(hangUp);
    const sent = await prepared(asking, stored);
    // It was prepared, and the process died before it heard anything.
    await drive();
    asking.later(60_000);
    await drive();
    expect((await row()).state).to.equal("answered");
    expect(beta.server.bodies).to.have.length(2);
    const request = sent.find(({ holder }) => holder === beta.id)?.request;
    for (const body of beta.server.bodies) expect(body).to.equal(request);
  });

  it("takes up a query whose worker died under its lease", async () => {
    await asking.openSession();
    await database.db
      .updateTable("queries")
      .set({ leased_until: new Date(asking.ctx.clock().getTime() + LEASE_MS), attempts: 1 })
      .execute();
    await drive();
    expect(bodies()).to.equal(0);
    asking.later(LEASE_MS + 1);
    expect(await asking.queries.unfinished()).to.deep.equal([stored.query.id]);
    await drive();
    expect((await row()).state).to.equal("answered");
    expect(await asking.queries.unfinished()).to.deep.equal([]);
  });

  it("gives a holder up after three refusals, names it, and uses no refused lane again", async () => {
    await asking.openSession();
    const refusal = tell(409, { code: "VOUCHER_FORKED" });
    beta.server.script.push(refusal, refusal, refusal, refusal);
    for (let i = 0; i < 4; i++) {
      await drive();
      asking.later(60_000);
    }
    expect(beta.server.bodies).to.have.length(3);
    const attempts = await database.db
      .selectFrom("query_exchanges")
      .select(["state", "lane"])
      .where("holder", "=", beta.id)
      .execute();
    expect(attempts.map(({ state }) => state).toSorted()).to.deep.equal([
      ...["abandoned", "abandoned", "abandoned"],
      "refused",
    ]);
    const lanes = attempts.flatMap(({ lane }) => (lane === null ? [] : [lane]));
    expect(lanes.toSorted()).to.deep.equal([0, 1, 2]);
    const view = await viewQuery(asking.ctx, stored.query.id, "test");
    expect([view.state, view.final]).to.deep.equal(["partial", true]);
    const holders = view.holders.map(({ holder, state, reason }) => [holder, state, reason?.code]);
    expect(holders).to.deep.equal([
      ["beta", "given_up", "VOUCHER_FORKED"],
      ["gamma", "answered", undefined],
    ]);
  });

  it("comes back after a failure that is nobody's refusal", async () => {
    await asking.openSession();
    asking.ctx.sessions.find = () => Promise.reject(new TypeError("broken"));
    expect(await drive().catch(String)).to.equal("TypeError: broken");
    const { leased_until: until } = await row();
    expect([until, asking.jobs.at(-1)?.delayMs]).to.deep.equal([null, 520]);
  });
});
