/** The ledger is a double that keeps the calls; that they are accepted is tested by the contract tests and end to end. */
import { randomUUID } from "node:crypto";

import { expect } from "chai";
import { after, afterEach, before, beforeEach, describe, it } from "mocha";

import { toHex, type Hex } from "../../../../protocol/encoding/bytes.ts";
import { Fault } from "../../../../protocol/errors/fault.ts";
import type { OutboxCall } from "../../../../relayer/chain/outbox.ts";
import { createAnchorService, type AnchorService } from "../../../../relayer/services/anchor/anchor.ts";
import { random } from "../../../support/asking-ledger.ts";
import { storeQuery, type StoredQuery } from "../../../support/asking-steps.ts";
import { startAsking, type Asking } from "../../../support/asking.ts";
import { testDatabase, type TestDatabase } from "../../../support/postgres.ts";

describe("anchoring", () => {
  let database: TestDatabase;
  let asking: Asking;
  let stored: StoredQuery;
  let anchor: AnchorService;
  let session: string;

  before(async () => {
    database = await testDatabase();
  });
  after(() => database.close());
  beforeEach(async () => {
    asking = await startAsking(database, 1);
    stored = await storeQuery(asking);
    await asking.openSession();
    anchor = service();
    session = (await database.db.selectFrom("query_sessions").select("id").executeTakeFirstOrThrow()).id;
    asking.outbox.calls.splice(0);
  });
  afterEach(() => asking.close());

  const service = (): AnchorService => createAnchorService({ ...asking.ctx, outbox: asking.outbox.outbox });

  async function addLeaves(count: number, of = session): Promise<void> {
    const rows = Array.from({ length: count }, () => ({
      ...{ id: randomUUID(), query_id: stored.query.id, position: 0, session: of, salt: "0x", datasets: "" },
      ...{ leaf: toHex(random(32)), created_at: asking.ctx.clock() },
    }));
    await database.db.insertInto("query_leaves").values(rows).execute();
  }
  const leaves = () => database.db.selectFrom("query_leaves").selectAll().execute();
  const batches = () => database.db.selectFrom("query_batches").selectAll().orderBy("batch").execute();

  function decoded({ data }: OutboxCall): { session: string; batch: number; leaves: Hex[] } {
    const ledger = asking.ctx.chain.contracts.queryLedger.interface;
    const [of, batch, sent] = ledger.decodeFunctionData("anchor", data) as unknown as [string, bigint, Hex[]];
    return { session: of, batch: Number(batch), leaves: [...sent] };
  }

  /** Each leaf of the store is in its batch at its place, once over all batches. */
  async function expectWhole(): Promise<void> {
    const sent = asking.outbox.calls.map(decoded);
    for (const { leaf, batch, place, session: of } of await leaves()) {
      const at = sent.filter((each) => each.leaves.includes(leaf as Hex));
      expect(at.map((each) => [each.session, each.batch, each.leaves.indexOf(leaf as Hex)])).to.deep.equal([
        [of, batch, place],
      ]);
    }
  }

  for (const [count, sizes] of [
    [1, [16]],
    [16, [16]],
    [17, [64]],
    [65, [256]],
    [257, [1024]],
    [1030, [1024, 16]],
  ] as const) {
    it(`fills ${String(count)} leaves up to ${sizes.join(" and ")} that nobody can tell apart`, async () => {
      await addLeaves(count);
      expect(await anchor.run()).to.equal(sizes.length);
      const sent = asking.outbox.calls.map(decoded);
      expect(sent.map((each) => [each.batch, each.leaves.length])).to.deep.equal(sizes.map((size, i) => [i, size]));
      expect(new Set(sent.flatMap((each) => each.leaves)).size).to.equal(sizes.reduce<number>((a, b) => a + b, 0));
      await expectWhole();
      expect(await anchor.run()).to.equal(0);
    });
  }

  it("puts leaves into places that do not follow from their order", async () => {
    const places = new Set<number>();
    for (let i = 0; i < 30; i++) {
      await addLeaves(1);
      await anchor.run();
    }
    for (const { place } of await leaves()) places.add(place ?? -1);
    // The chance that 30 uniform choices of 16 meet only 3 places is below 10^-18.
    expect(places.size).to.be.above(3);
    expect([...places].every((place) => place >= 0 && place < 16)).to.equal(true);
    expect((await batches()).map(({ batch }) => batch)).to.deep.equal(Array.from({ length: 30 }, (_, i) => i));
  });

  it("anchors nothing twice and numbers without a gap when several run while leaves come in", async () => {
    const others = [anchor, service(), service()];
    for (let round = 0; round < 4; round++) {
      await Promise.all([addLeaves(20), ...others.map((each) => each.run()), addLeaves(3)]);
    }
    await anchor.run();
    const all = await leaves();
    expect(all.filter(({ batch }) => batch === null)).to.deep.equal([]);
    const numbers = (await batches()).map(({ batch }) => batch);
    expect(numbers).to.deep.equal(numbers.map((_, i) => i));
    expect(asking.outbox.calls.map((call) => decoded(call).batch).toSorted((a, b) => a - b)).to.deep.equal(numbers);
    await expectWhole();
  });

  it("numbers each session by itself, and leaves closed ones alone", async () => {
    await addLeaves(1);
    await database.db
      .insertInto("query_sessions")
      .values(
        (["open", "closing", "closed"] as const).map((state, i) => ({
          ...{ id: `0x${String(i).repeat(64)}`, nonce: String(i), state, expires_at: 0, created_at: new Date() },
        })),
      )
      .execute();
    for (const i of [0, 1, 2]) await addLeaves(1, `0x${String(i).repeat(64)}`);
    expect(await anchor.run()).to.equal(3);
    expect(asking.outbox.calls.map((call) => decoded(call).batch)).to.deep.equal([0, 0, 0]);
    expect((await leaves()).filter(({ batch }) => batch === null).map((leaf) => leaf.session)).to.deep.equal([
      `0x${"2".repeat(64)}`,
    ]);
  });

  it("logs a batch that the ledger refuses", async () => {
    await addLeaves(1);
    await anchor.run();
    await asking.outbox.refuse();
    expect(asking.logged()).to.include("a batch was not anchored").and.include(session);
  });

  describe("a batch that failed for good", () => {
    const reverted = (error: string, values: Record<string, number> = {}): Fault =>
      new Fault("CHAIN_REVERTED", { ...values, error });

    it("is made again under its number, smaller, before any other, and no leaf is lost", async () => {
      await addLeaves(70);
      await anchor.run();
      const [first] = asking.outbox.pending.splice(0);
      await addLeaves(2);
      await anchor.run();
      const later = asking.outbox.pending.splice(0);
      asking.outbox.pending.push(first as OutboxCall);
      await asking.outbox.refuse(reverted("OutOfGas"));
      expect((await leaves()).filter(({ batch }) => batch === null)).to.have.length(70);

      expect(await anchor.run()).to.equal(2);
      const again = asking.outbox.pending.map((call) => [call.key, decoded(call).batch, decoded(call).leaves.length]);
      expect(again).to.deep.equal([
        [`anchor:${session}:0:2`, 0, 64],
        [`anchor:${session}:2`, 2, 16],
      ]);
      asking.outbox.calls.splice(0, 1);
      await expectWhole();
      asking.outbox.pending.push(...later);
      await asking.outbox.mine();
      expect((await batches()).map(({ batch, state }) => [batch, state])).to.deep.equal([
        [0, "anchored"],
        [1, "anchored"],
        [2, "anchored"],
      ]);
      expect(await anchor.run()).to.equal(0);
    });

    it("is made again though no leaf is left for it: the later ones wait on its number", async () => {
      await addLeaves(1);
      await anchor.run();
      await asking.outbox.refuse(reverted("OutOfGas"));
      await database.db.deleteFrom("query_leaves").execute();
      expect(await anchor.run()).to.equal(1);
      expect(asking.outbox.pending.map((call) => decoded(call).batch)).to.deep.equal([0]);
    });

    it("under a number that the ledger has used up gives its leaves to the next free one", async () => {
      await addLeaves(3);
      await anchor.run();
      await asking.outbox.refuse(reverted("BatchOutOfOrder", { expected: 4, given: 0 }));
      expect(await anchor.run()).to.equal(1);
      expect(asking.outbox.pending.map((call) => decoded(call).batch)).to.deep.equal([4]);
      asking.outbox.calls.splice(0, 1);
      await expectWhole();
      expect((await batches()).map(({ batch, state }) => [batch, state])).to.deep.equal([
        [0, "void"],
        [4, "sent"],
      ]);
    });

    it("because the session is closed is not made again", async () => {
      await addLeaves(1);
      await anchor.run();
      await asking.outbox.refuse(reverted("SessionNotOpen", { status: 3 }));
      expect(await anchor.run()).to.equal(0);
      expect((await database.db.selectFrom("query_sessions").select("state").execute())[0]?.state).to.equal("closed");
    });
  });

  it("stores no batch whose call could not be stored", async () => {
    await addLeaves(3);
    const { enqueue } = asking.outbox.outbox;
    asking.outbox.outbox.enqueue = () => Promise.reject(new TypeError("broken"));
    expect(await anchor.run().catch(String)).to.equal("TypeError: broken");
    expect([await batches(), (await leaves()).filter(({ batch }) => batch !== null)]).to.deep.equal([[], []]);
    asking.outbox.outbox.enqueue = enqueue;
    await anchor.run();
    expect((await batches()).map(({ batch }) => batch)).to.deep.equal([0]);
  });
});
