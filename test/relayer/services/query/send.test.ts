/** The ledger is a double; the holders are scripted and speak real HTTP (test/support/scripted-holder.ts). */
import { expect } from "chai";
import { sql } from "kysely";
import { after, afterEach, before, beforeEach, describe, it } from "mocha";

import { sendPrepared } from "../../../../relayer/services/query/send.ts";
import { prepared, storeQuery, type StoredQuery } from "../../../support/asking-steps.ts";
import { asked, startAsking, type AskedHolder, type Asking } from "../../../support/asking.ts";
import { testDatabase, type TestDatabase } from "../../../support/postgres.ts";
import { hangUp, tell } from "../../../support/scripted-holder.ts";

describe("sending a query's requests", () => {
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
    const [first, second] = asking.holders;
    if (!first || !second) expect.fail();
    [beta, gamma] = [first, second];
    await asking.openSession();
  });
  afterEach(() => asking.close());

  async function send(stored: StoredQuery, attempts = 1): Promise<void> {
    await sendPrepared(asking.ctx, { ...stored.query, attempts }, await prepared(asking, stored));
  }

  const exchanges = async ({ query }: StoredQuery, holder = beta) =>
    database.db
      .selectFrom("query_exchanges")
      .selectAll()
      .where("query_id", "=", query.id)
      .where("holder", "=", holder.id)
      .orderBy("state")
      .execute();
  const states = async (stored: StoredQuery, holder = beta): Promise<string[]> =>
    (await exchanges(stored, holder)).map(({ state, reason }) => [state, reason ?? ""].join(" ").trim());
  const state = async ({ query }: StoredQuery): Promise<string> =>
    (await database.db.selectFrom("queries").select("state").where("id", "=", query.id).executeTakeFirstOrThrow())
      .state;
  const count = async (table: "query_answers" | "query_leaves"): Promise<number> =>
    (await database.db.selectFrom(table).select("query_id").execute()).length;

  it("stores answers, leaves and state together, and frees the lanes", async () => {
    gamma.put(asked(1).id);
    const stored = await storeQuery(asking, 2);
    await send(stored);
    expect([await states(stored), await states(stored, gamma)]).to.deep.equal([["answered"], ["answered"]]);
    expect([await count("query_answers"), await count("query_leaves"), await state(stored)]).to.deep.equal([
      4,
      2,
      "answered",
    ]);
    const busy = database.db.selectFrom("query_lanes").select("lane").where("exchange", "is not", null);
    expect(await busy.execute()).to.deep.equal([]);
  });

  for (const table of ["query_answers", "query_leaves"] as const) {
    it(`applies nothing of a wave when ${table} cannot be written, and all of it the next time`, async () => {
      const stored = await storeQuery(asking, 2);
      const sent = await prepared(asking, stored);
      await sql.raw(`alter table ${table} add constraint broken check (position < 1) not valid`).execute(database.db);
      try {
        const failed = await sendPrepared(asking.ctx, stored.query, sent).then(
          () => false,
          () => true,
        );
        expect(failed).to.equal(true);
        expect([await states(stored), await states(stored, gamma)]).to.deep.equal([["prepared"], ["prepared"]]);
        expect([await count("query_answers"), await count("query_leaves")]).to.deep.equal([0, 0]);
        expect(await state(stored)).to.equal("accepted");
      } finally {
        await sql.raw(`alter table ${table} drop constraint broken`).execute(database.db);
      }
      await sendPrepared(asking.ctx, stored.query, sent);
      expect(await state(stored)).to.equal("answered");
      for (const { server } of asking.holders) expect(new Set(server.bodies).size).to.equal(1);
    });
  }

  it("stores an answer once, though two bring it", async () => {
    const stored = await storeQuery(asking);
    const sent = await prepared(asking, stored);
    await Promise.all([sendPrepared(asking.ctx, stored.query, sent), sendPrepared(asking.ctx, stored.query, sent)]);
    expect(await count("query_answers")).to.equal(2);
    const leaves = await database.db.selectFrom("query_leaves").select("datasets").execute();
    expect(leaves.flatMap(({ datasets }) => datasets.split(",")).toSorted()).to.deep.equal(
      [beta.dataset, gamma.dataset].toSorted(),
    );
  });

  it("stores the rest of a wave, with leaves of its own, when another process ended one of its exchanges meanwhile", async () => {
    const stored = await storeQuery(asking, 2);
    gamma.server.script.push(async (response, honest) => {
      const given = { state: "refused" as const, reason: "CONSENT_ENDED" };
      await database.db.updateTable("query_exchanges").set(given).where("holder", "=", gamma.id).execute();
      await tell(200)(response, honest);
    });
    await send(stored);
    expect([await states(stored), await states(stored, gamma)]).to.deep.equal([
      ["answered"],
      ["refused CONSENT_ENDED"],
    ]);
    const leaves = await database.db.selectFrom("query_leaves").select("datasets").execute();
    expect(leaves.map(({ datasets }) => datasets)).to.deep.equal([beta.dataset, beta.dataset]);
    expect([await count("query_answers"), await state(stored)]).to.deep.equal([2, "partial"]);
  });

  it("stores what came while a slow holder is still thinking", async () => {
    let release: () => void = () => undefined;
    const thinking = new Promise<void>((resolve) => (release = resolve));
    beta.server.script.push(async (response, honest) => {
      await thinking;
      await tell(200)(response, honest);
    });
    const stored = await storeQuery(asking);
    const moved = asking.ctx.progress.next(stored.query.id, 3_600_000);
    const sending = send(stored);
    await moved;
    // Beta has said nothing, and nothing makes it speak before this line.
    expect([await states(stored), await states(stored, gamma)]).to.deep.equal([["prepared"], ["answered"]]);
    expect(await state(stored)).to.equal("partial");
    release();
    await sending;
    expect(await state(stored)).to.equal("answered");
    expect(await count("query_leaves")).to.equal(2);
  });

  describe("when the holder refuses or is silent", () => {
    for (const [what, behaviour, reason] of [
      ["hangs up", hangUp, "HOLDER_UNREACHABLE"],
      ["is overloaded", tell(503, "busy"), "HOLDER_UNREACHABLE"],
      ["limits the rate", tell(429, { code: "RATE_LIMITED" }), "RATE_LIMITED"],
      ["does not know the session yet", tell(404, { code: "SESSION_UNKNOWN" }), "SESSION_UNKNOWN"],
      ["is suspended", tell(403, { code: "MEMBER_SUSPENDED" }), "MEMBER_SUSPENDED"],
      ["stands still", tell(409, { code: "PLATFORM_FROZEN" }), "PLATFORM_FROZEN"],
      ["is said by somebody to refuse", tell(409, { code: "VOUCHER_FORKED" }, "nothing"), "VOUCHER_FORKED"],
      ["has an answer put into its mouth", tell(200, { salt: "" }, "nothing"), "CHANNEL_RESPONSE_INVALID"],
    ] as const) {
      it(`keeps the request to send the same bytes again: it ${what}`, async () => {
        beta.server.script.push(behaviour);
        const stored = await storeQuery(asking);
        const sent = await prepared(asking, stored);
        await sendPrepared(asking.ctx, stored.query, sent);
        expect([await states(stored), await states(stored, gamma)]).to.deep.equal([
          [`prepared ${reason}`],
          ["answered"],
        ]);
        await sendPrepared(
          asking.ctx,
          stored.query,
          sent.filter(({ holder }) => holder === beta.id),
        );
        expect(await states(stored)).to.deep.equal(["answered"]);
        expect([beta.server.bodies.length, new Set(beta.server.bodies).size]).to.deep.equal([2, 1]);
      });
    }

    for (const [what, behaviour, reason] of [
      ["calls the voucher forked", tell(409, { code: "VOUCHER_FORKED" }), "VOUCHER_FORKED"],
      ["refuses with no code of ours", tell(400, { code: "constructor" }), "HOLDER_UNREACHABLE"],
      ["answers with no JSON", tell(200, "<html>"), "RESPONSE_MALFORMED"],
      ["answers with no element", tell(200, { salt: "", evaluated: "", proof: "", receipt: "" }), "RESPONSE_MALFORMED"],
    ] as const) {
      it(`tries another lane, and never this one again: it ${what}`, async () => {
        beta.server.script.push(behaviour);
        const stored = await storeQuery(asking);
        await send(stored);
        expect(await states(stored)).to.deep.equal([`abandoned ${reason}`, `waiting ${reason}`]);
        const given = await database.db.selectFrom("query_lanes").selectAll().where("abandoned", "=", true).execute();
        // The voucher is out: its count stays spent.
        expect(
          given.map(({ dataset, lane, count: spent, exchange }) => [dataset, lane, spent, exchange]),
        ).to.deep.equal([[beta.dataset, 0, 1, null]]);
        const allotment = database.db.selectFrom("query_allotments").select("used").where("dataset", "=", beta.dataset);
        expect((await allotment.executeTakeFirst())?.used).to.equal(1);
        const other = await storeQuery(asking, 1, [beta]);
        await send(other);
        expect((await exchanges(other)).map(({ lane }) => lane)).to.deep.equal([1]);
      });
    }

    it("does not wait for ever for a session that the holder never knows", async () => {
      beta.server.script.push(tell(404, { code: "SESSION_UNKNOWN" }));
      const stored = await storeQuery(asking, 1, [beta]);
      await send(stored, 8);
      expect(await states(stored)).to.deep.equal(["abandoned SESSION_UNKNOWN", "waiting SESSION_UNKNOWN"]);
    });

    for (const code of ["MEMBER_SUSPENDED", "PLATFORM_FROZEN"]) {
      it(`wears out no lane however long it says ${code}`, async () => {
        beta.server.script.push(tell(403, { code }));
        const stored = await storeQuery(asking, 1, [beta]);
        await send(stored, 1_000);
        expect(await states(stored)).to.deep.equal([`prepared ${code}`]);
      });
    }

    it("asks again when it cannot find out who the holder is", async () => {
      const stored = await storeQuery(asking, 1, [beta]);
      const sent = await prepared(asking, stored);
      const { member } = asking.ctx.chain;
      asking.ctx.chain.member = () => Promise.reject(new TypeError("not a fault"));
      await sendPrepared(asking.ctx, stored.query, sent);
      asking.ctx.chain.member = member;
      expect(await states(stored)).to.deep.equal(["prepared INTERNAL"]);
    });
  });
});
