/** Vouchers that were signed and not answered: each gets its leaf, once, while it still counts. */
import { expect } from "chai";
import { after, afterEach, before, beforeEach, describe, it } from "mocha";

import { coverUnanswered } from "../../../../relayer/services/anchor/unanswered.ts";
import { createAnchorService } from "../../../../relayer/services/anchor/anchor.ts";
import { abandon, giveUp } from "../../../../relayer/services/query/exchanges.ts";
import { sendPrepared } from "../../../../relayer/services/query/send.ts";
import { SESSION_DAYS, WINDOW } from "../../../support/asking-ledger.ts";
import { prepared, storeQuery, type StoredQuery } from "../../../support/asking-steps.ts";
import { startAsking, type Asking } from "../../../support/asking.ts";
import { testDatabase, type TestDatabase } from "../../../support/postgres.ts";

const SUBJECTS = 3;

describe("leaves of what was not answered", () => {
  let database: TestDatabase;
  let asking: Asking;
  let stored: StoredQuery;

  before(async () => {
    database = await testDatabase();
  });
  after(() => database.close());
  beforeEach(async () => {
    asking = await startAsking(database, 1);
    await asking.openSession();
    stored = await storeQuery(asking, SUBJECTS);
  });
  afterEach(() => asking.close());

  const leaves = () => database.db.selectFrom("query_leaves").selectAll().orderBy("position").execute();
  const cover = () => coverUnanswered(asking.ctx);
  const one = async () => (await prepared(asking, stored))[0] ?? expect.fail("one holder");

  it("are one for each subject of a request whose lane was given up, and of no other", async () => {
    const exchange = await one();
    expect(await cover()).to.equal(0);
    await abandon(asking.ctx, exchange, "PROOF_REJECTED");
    await Promise.all([cover(), cover()]);
    await cover();
    const rows = await leaves();
    expect(rows.map(({ position }) => position)).to.deep.equal([0, 1, 2]);
    for (const row of rows) {
      expect(row).to.include({ session: exchange.session, datasets: exchange.dataset, answered: false, batch: null });
    }
    expect(new Set(rows.map(({ leaf }) => leaf)).size).to.equal(SUBJECTS);
  });

  it("are owed too by a query that was given up because consent ended, if its request was signed", async () => {
    const exchange = await one();
    await giveUp(asking.ctx, [exchange.id], "AUTHORISATION_WITHDRAWN");
    await cover();
    expect(await leaves()).to.have.length(SUBJECTS);
    const waiting = await storeQuery(asking);
    await giveUp(asking.ctx, [waiting.exchanges[0]?.id ?? ""], "AUTHORISATION_WITHDRAWN");
    expect(await cover()).to.equal(0);
  });

  it("are not owed for what was answered", async () => {
    await sendPrepared(asking.ctx, stored.query, [await one()]);
    expect(await cover()).to.equal(0);
    expect((await leaves()).map(({ answered }) => answered)).to.deep.equal([true, true, true]);
  });

  it("come for a request still in flight when its session ends, and an answer after that brings its own", async () => {
    const exchange = await one();
    asking.ledger.now += SESSION_DAYS * 86_400;
    expect(await cover()).to.equal(1);
    expect(await leaves()).to.have.length(SUBJECTS);
    await sendPrepared(asking.ctx, stored.query, [exchange]);
    expect((await leaves()).filter(({ answered }) => answered)).to.have.length(SUBJECTS);
    expect(await cover()).to.equal(0);
  });

  it("are not made for a session that is closed", async () => {
    await abandon(asking.ctx, await one(), "PROOF_REJECTED");
    await database.db.updateTable("query_sessions").set({ state: "closed" }).execute();
    expect(await cover()).to.equal(0);
  });

  it("are waited for before the session is closed, but not for ever", async () => {
    const { outbox } = asking.outbox;
    const anchor = createAnchorService({ ...asking.ctx, outbox });
    await abandon(asking.ctx, await one(), "PROOF_REJECTED");
    asking.ledger.now += SESSION_DAYS * 86_400 + WINDOW + 120;
    await asking.ctx.sessions.closeExpired();
    expect(asking.outbox.pending).to.deep.equal([]);
    await anchor.run();
    await asking.ctx.sessions.closeExpired();
    expect(asking.outbox.pending.map(({ kind }) => kind)).to.deep.equal(["anchor"]);
    await asking.outbox.mine();
    await asking.ctx.sessions.closeExpired();
    expect(asking.outbox.pending.map(({ kind }) => kind)).to.deep.equal(["close-session"]);
  });

  it("do not keep a session's points when they can never be anchored", async () => {
    await abandon(asking.ctx, await one(), "PROOF_REJECTED");
    asking.ledger.now += SESSION_DAYS * 86_400 + 2 * WINDOW + 120;
    await asking.ctx.sessions.closeExpired();
    expect(asking.outbox.pending.map(({ kind }) => kind)).to.deep.equal(["close-session"]);
  });
});
