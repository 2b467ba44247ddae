/** The clock is the test's; the ledger is a double. */
import { expect } from "chai";
import { after, afterEach, before, beforeEach, describe, it } from "mocha";

import { lease, LEASE_MS, storeState, underLease } from "../../../../relayer/services/query/lease.ts";
import type { ExchangeState } from "../../../../relayer/store/tables/queries.ts";
import { storeQuery } from "../../../support/asking-steps.ts";
import { asked, startAsking, type Asking } from "../../../support/asking.ts";
import { testDatabase, type TestDatabase } from "../../../support/postgres.ts";

describe("the lease of a query", () => {
  let database: TestDatabase;
  let asking: Asking;
  let id: string;

  before(async () => {
    database = await testDatabase();
  });
  after(() => database.close());
  beforeEach(async () => {
    asking = await startAsking(database);
    ({ id } = (await storeQuery(asking, 2)).query);
  });
  afterEach(() => asking.close());

  const row = () => database.db.selectFrom("queries").selectAll().where("id", "=", id).executeTakeFirstOrThrow();

  it("is had by one of those who ask at once", async () => {
    const taken = await Promise.all(Array.from({ length: 8 }, () => lease(asking.ctx, id)));
    const [query] = taken.filter((each) => each !== undefined);
    expect(taken.filter((each) => each !== undefined)).to.have.length(1);
    expect(query?.subjects.map(({ subject }) => subject)).to.deep.equal([asked(0).id, asked(1).id]);
    expect(query?.attempts).to.equal(1);
  });

  it("runs out after a crash, and not before", async () => {
    await lease(asking.ctx, id);
    asking.later(LEASE_MS);
    expect(await lease(asking.ctx, id)).to.equal(undefined);
    expect(await asking.queries.unfinished()).to.deep.equal([]);
    asking.later(1);
    expect(await asking.queries.unfinished()).to.deep.equal([id]);
    expect((await lease(asking.ctx, id))?.attempts).to.equal(2);
  });

  it("is given for nothing that is complete, unknown or not due", async () => {
    expect(await lease(asking.ctx, "00000000-0000-4000-8000-000000000000")).to.equal(undefined);
    const later = new Date(asking.ctx.clock().getTime() + 1_000);
    await database.db.updateTable("queries").set({ next_attempt_at: later }).execute();
    expect(await lease(asking.ctx, id)).to.equal(undefined);
    asking.later(1_000);
    await database.db.updateTable("queries").set({ completed_at: later }).execute();
    expect(await lease(asking.ctx, id)).to.equal(undefined);
  });

  it("is renewed while the work goes on", async () => {
    await lease(asking.ctx, id);
    // setInterval as it is, only that the test says when it fires.
    const real = globalThis.setInterval;
    const beats: (() => void)[] = [];
    globalThis.setInterval = (beat: () => void) => {
      beats.push(beat);
      return real(() => undefined, 3_600_000);
    };
    try {
      await underLease(asking.ctx, id, async () => {
        const until = (await row()).leased_until;
        asking.later(LEASE_MS);
        beats.at(-1)?.();
        while ((await row()).leased_until?.getTime() === until?.getTime());
        asking.later(LEASE_MS);
        expect(await lease(asking.ctx, id)).to.equal(undefined);
        return 100;
      });
    } finally {
      globalThis.setInterval = real;
    }
  });

  it("ends with the work, which says when to look again", async () => {
    await lease(asking.ctx, id);
    await underLease(asking.ctx, id, () => Promise.resolve(2_000));
    const { leased_until: until, next_attempt_at: due } = await row();
    expect([until, due.getTime() - asking.ctx.clock().getTime()]).to.deep.equal([null, 2_000]);
    const [job] = asking.jobs;
    expect([job?.name, job?.data, job?.delayMs]).to.deep.equal(["query", { id }, 2_020]);
    expect(await lease(asking.ctx, id)).to.equal(undefined);
    asking.later(2_000);
    expect(await lease(asking.ctx, id)).to.not.equal(undefined);
  });

  it("ends also when the work fails, and never waits longer than a minute", async () => {
    await lease(asking.ctx, id);
    const failed = await underLease(asking.ctx, id, () => Promise.reject(new Error("broken"))).catch(String);
    expect(failed).to.equal("Error: broken");
    expect((await row()).leased_until).to.equal(null);
    asking.later(500);
    await lease(asking.ctx, id);
    await underLease(asking.ctx, id, () => Promise.resolve(10 ** 9));
    expect(asking.jobs.map(({ delayMs }) => delayMs)).to.deep.equal([520, 60_020]);
  });

  describe("the state that is stored", () => {
    async function stateWith(...states: ExchangeState[]): Promise<[string, boolean]> {
      const rows = await database.db.selectFrom("query_exchanges").select("id").where("query_id", "=", id).execute();
      for (const [i, exchange] of rows.entries()) {
        const set = database.db.updateTable("query_exchanges").set({ state: states[i] ?? "waiting" });
        await set.where("id", "=", exchange.id).execute();
      }
      const over = await database.db.transaction().execute((trx) => storeState(asking.ctx, trx, id));
      const { state, completed_at: completedAt } = await row();
      expect(completedAt !== null).to.equal(over);
      return [state, over];
    }

    it("is what the exchanges say, and final when nothing more is to be expected", async () => {
      expect(await stateWith("waiting", "prepared")).to.deep.equal(["accepted", false]);
      expect(await stateWith("refused", "prepared")).to.deep.equal(["accepted", false]);
      expect(await stateWith("answered", "prepared")).to.deep.equal(["partial", false]);
      expect(await stateWith("answered", "refused")).to.deep.equal(["partial", true]);
    });

    it("is answered when all answered, and stays so", async () => {
      expect(await stateWith("answered", "answered")).to.deep.equal(["answered", true]);
      const { completed_at: first } = await row();
      asking.later(1_000);
      expect(await stateWith("answered", "answered")).to.deep.equal(["answered", true]);
      expect((await row()).completed_at).to.deep.equal(first);
    });

    it("is partial when all were given up", async () => {
      expect(await stateWith("refused", "refused")).to.deep.equal(["partial", true]);
    });
  });
});
