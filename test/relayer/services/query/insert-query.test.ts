/** The ledger is a double (test/support/asking-ledger.ts). */
import { randomUUID } from "node:crypto";

import { expect } from "chai";
import { after, afterEach, before, beforeEach, describe, it } from "mocha";

import { insertQuery } from "../../../../relayer/services/query/insert-query.ts";
import { LEASE_MS } from "../../../../relayer/services/query/lease.ts";
import { composeIn, planPreparation } from "../../../../relayer/services/query/prepare.ts";
import { openSecrets, openSubject } from "../../../../relayer/services/query/secrets.ts";
import { together } from "../../../../relayer/store/postgres-dialect.ts";
import { random } from "../../../support/asking-ledger.ts";
import { asked, startAsking, type Asking } from "../../../support/asking.ts";
import { testDatabase, type TestDatabase } from "../../../support/postgres.ts";

describe("a new query in the store", () => {
  let database: TestDatabase;
  let asking: Asking;

  before(async () => {
    database = await testDatabase();
  });
  after(() => database.close());
  beforeEach(async () => {
    asking = await startAsking(database, 3);
    await asking.openSession();
  });
  afterEach(() => asking.close());

  async function store(holders: "all" | readonly string[]): Promise<string> {
    const { ctx } = asking;
    const [id, now] = [randomUUID(), ctx.clock()];
    const secrets = { documentDigest: random(32), consentSecret: random(32) };
    const subjects = [0, 1].map((i) => ({
      ...{ subject: asked(i).id, authorisation: `AUTH-${String(i)}`, investor: i, named: i },
      ...secrets,
    }));
    const exchanges = asking.holders.map(({ dataset, id: holder }) => ({ id: randomUUID(), dataset, holder }));
    const plan = await planPreparation(ctx, "ANTI_FRAUD", subjects, exchanges);
    const query = { id, created_at: now, caller: "token-1", purpose: "ANTI_FRAUD", mode: "detail", holders } as const;
    await ctx.db.transaction().execute(async (trx) => {
      const preparation = await composeIn(ctx, trx, plan);
      await together(trx, insertQuery(ctx, query, subjects, exchanges, preparation), { commit: true });
    });
    return id;
  }
  const exchangesOf = (id: string) =>
    database.db.selectFrom("query_exchanges").selectAll().where("query_id", "=", id).orderBy("holder").execute();

  it("has its requests, what opens them, and their lanes; what cannot be asked yet waits and says why", async () => {
    const [, gamma] = asking.holders;
    if (gamma === undefined) expect.fail();
    gamma.mirrored = false;
    const id = await store("all");
    const rows = await exchangesOf(id);
    expect(rows.map(({ state, reason }) => [state, reason])).to.deep.equal([
      ["prepared", null],
      ["waiting", "MIRROR_MISSING"],
      ["prepared", null],
    ]);
    for (const row of rows.filter(({ state }) => state === "prepared")) {
      expect(openSecrets(asking.ctx.cipher, row.id, row.secrets ?? Buffer.alloc(0)).consents).to.have.length(2);
      const lanes = database.db.selectFrom("query_lanes").selectAll().where("exchange", "=", row.id);
      const [lane, ...others] = await lanes.execute();
      expect([lane?.session, lane?.dataset, lane?.lane, lane?.count, others]).to.deep.equal([
        ...[row.session, row.dataset, row.lane, 2, []],
      ]);
    }
    expect(rows[1]).to.include({ request: null, secrets: null, lane: null });
  });

  it("is under lease, with its subjects sealed in their order", async () => {
    const id = await store(["beta", "gamma"]);
    const query = await database.db.selectFrom("queries").selectAll().where("id", "=", id).executeTakeFirstOrThrow();
    expect(query).to.include({ state: "accepted", attempts: 1, caller: "token-1", holders: "beta,gamma" });
    expect(query.leased_until?.getTime()).to.equal(asking.ctx.clock().getTime() + LEASE_MS);
    const rows = await database.db.selectFrom("query_subjects").selectAll().orderBy("position").execute();
    expect(rows.map(({ position, authorisation }) => [position, authorisation])).to.deep.equal([
      [0, "AUTH-0"],
      [1, "AUTH-1"],
    ]);
    for (const { position, subject } of rows) {
      expect(openSubject(asking.ctx.cipher, id, position, subject)).to.equal(asked(position).id);
    }
  });

  it("may wait for everything", async () => {
    for (const holder of asking.holders) holder.mirrored = false;
    const id = await store("all");
    expect(new Set((await exchangesOf(id)).map(({ state }) => state))).to.deep.equal(new Set(["waiting"]));
    expect((await database.db.selectFrom("queries").select("holders").executeTakeFirst())?.holders).to.equal(null);
  });
});
