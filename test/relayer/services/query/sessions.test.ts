/** The ledger is a double (test/support/asking-ledger.ts); what it accepts is tested by the contract tests and end to end. */
import { expect } from "chai";
import fc from "fast-check";
import { after, afterEach, before, beforeEach, describe, it } from "mocha";

import type { Hex } from "../../../../protocol/encoding/bytes.ts";
import { Fault, isFault } from "../../../../protocol/errors/fault.ts";
import { askable, coarseAllotment } from "../../../../relayer/services/query/sessions.ts";
import { SESSION_DAYS, WINDOW } from "../../../support/asking-ledger.ts";
import { startAsking, type Asking } from "../../../support/asking.ts";
import { testDatabase, type TestDatabase } from "../../../support/postgres.ts";

const COARSE = [16, 64, 256, 1024, 4096, 16384];

describe("the querier's sessions", () => {
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

  const sessions = () => database.db.selectFrom("query_sessions").selectAll().orderBy("created_at").execute();
  const find = (elements: number, datasets = asking.ledger.datasets.map(({ id }) => id)): Promise<Hex | undefined> =>
    database.db.transaction().execute((trx) => asking.ctx.sessions.find(trx, datasets, elements));
  const codeOf = (work: Promise<unknown>): Promise<string | undefined> =>
    work.then(
      () => undefined,
      (error: unknown) => (isFault(error) ? error.code : String(error)),
    );

  describe("allotments", () => {
    it("are the smallest coarse size that is enough", () => {
      fc.assert(
        fc.property(fc.integer({ min: 1, max: 16_384 }), (elements) => {
          const size = coarseAllotment(elements);
          expect(COARSE).to.include(size);
          expect(size).to.be.at.least(elements);
          expect(COARSE.filter((each) => each >= elements && each < size)).to.deep.equal([]);
        }),
      );
    });

    it("end at the largest size", async () => {
      expect(() => coarseAllotment(16_385)).to.throw(Fault);
      expect(await codeOf(asking.ctx.sessions.open(16_385))).to.equal("ALLOTMENT_EXCEEDED");
      expect(await sessions()).to.deep.equal([]);
    });
  });

  describe("opening", () => {
    it("covers every dataset that can be asked, in ascending order, with the same allotment and all lanes", async () => {
      await asking.ctx.sessions.open(1);
      const [call] = asking.outbox.pending;
      const ledger = asking.ctx.chain.contracts.queryLedger.interface;
      const [, datasets, allotments, expiresAt] = ledger.decodeFunctionData("openSession", call?.data ?? "0x");
      expect([...(datasets as string[])]).to.deep.equal(asking.ledger.datasets.map(({ id }) => id).toSorted());
      expect([...(allotments as bigint[])]).to.deep.equal([256n, 256n]);
      expect(Number(expiresAt) - asking.ledger.now).to.be.below(SESSION_DAYS * 86_400);
      const lanes = await database.db.selectFrom("query_lanes").selectAll().execute();
      expect(lanes).to.have.length(32);
      expect(new Set(lanes.map(({ transcript }) => transcript)).size).to.equal(32);
    });

    it("is not even tried by a member whose kind does not ask", async () => {
      const [me = expect.fail()] = asking.ledger.members;
      asking.ledger.members[0] = { ...me, kind: "NodeOperator" };
      await asking.ctx.sessions.refill();
      expect([asking.outbox.pending.length, await sessions()]).to.deep.equal([0, []]);
      asking.ledger.members[0] = me;
      await asking.ctx.sessions.refill();
      expect(asking.outbox.pending.length).to.equal(1);
    });

    it("is of no use before it is on the ledger", async () => {
      await asking.ctx.sessions.open(1);
      expect(await find(1)).to.equal(undefined);
      await asking.outbox.mine();
      expect(await find(1)).to.equal((await sessions())[0]?.id);
    });

    it("happens once, however many ask for it at once", async () => {
      let simulated = 0;
      let release: () => void = () => undefined;
      const all = new Promise<void>((resolve) => (release = resolve));
      asking.outbox.outbox.simulate = () => {
        if ((simulated += 1) === 3) release();
        return all;
      };
      await Promise.all(Array.from({ length: 3 }, () => asking.ctx.sessions.open(1)));
      expect((await sessions()).map(({ state }) => state)).to.deep.equal(["opening"]);
      expect(asking.outbox.calls).to.have.length(1);
      await asking.ctx.sessions.open(1);
      expect(asking.outbox.calls).to.have.length(1);
    });

    it("stores nothing when the ledger would refuse it", async () => {
      asking.outbox.refusal = new Fault("CHAIN_REVERTED", { error: "QuerierBalanceTooLow" });
      expect(await codeOf(asking.ctx.sessions.open(1))).to.equal("CHAIN_REVERTED");
      expect(await sessions()).to.deep.equal([]);
    });

    it("is tried anew after the ledger refused it", async () => {
      await asking.ctx.sessions.open(1);
      await asking.outbox.refuse();
      expect(asking.logged()).to.include("the session was not opened");
      await asking.openSession();
      expect((await sessions()).map(({ state }) => state).toSorted()).to.deep.equal(["failed", "open"]);
    });

    it("is smaller where the balance does not pay for the usual one, and none is opened ahead where it pays for none", async () => {
      const granted = async (): Promise<number[]> =>
        (await database.db.selectFrom("query_allotments").select("granted").distinct().execute()).map(
          (row) => row.granted,
        );
      asking.ledger.points = 200n * 10n ** 18n;
      await asking.openSession();
      expect(await granted()).to.deep.equal([64]);
      asking.ledger.points = 31n * 10n ** 18n;
      await database.db.updateTable("query_allotments").set({ used: 64 }).execute();
      await asking.ctx.sessions.refill();
      expect(await sessions()).to.have.length(1);
    });

    it("is larger where a batch needs more", async () => {
      await asking.openSession(1_000);
      expect(await find(1_000)).to.not.equal(undefined);
      expect(await find(1_025)).to.equal(undefined);
    });
  });

  describe("a session found for a request", () => {
    it("has room at every dataset asked, counted with what others took", async () => {
      await asking.openSession();
      const [first] = asking.ledger.datasets;
      const used = database.db.updateTable("query_allotments").set({ used: 250 });
      await used.where("dataset", "=", first?.id ?? "").execute();
      expect(await find(6)).to.not.equal(undefined);
      expect(await find(7)).to.equal(undefined);
      expect(await find(7, [asking.ledger.datasets[1]?.id ?? "0x"])).to.not.equal(undefined);
    });

    it("has a lane left that was not given up", async () => {
      await asking.openSession();
      const [first] = asking.ledger.datasets;
      const lanes = database.db.updateTable("query_lanes").set({ abandoned: true });
      await lanes
        .where("dataset", "=", first?.id ?? "")
        .where("lane", "<", 15)
        .execute();
      expect(await find(1)).to.not.equal(undefined);
      await lanes.where("dataset", "=", first?.id ?? "").execute();
      expect(await find(1)).to.equal(undefined);
    });

    it("does not end within two minutes", async () => {
      await asking.openSession();
      const expiresAt = Number((await sessions())[0]?.expires_at);
      asking.ledger.now = expiresAt - 121;
      expect(await find(1)).to.not.equal(undefined);
      asking.ledger.now = expiresAt - 120;
      expect(await find(1)).to.equal(undefined);
    });
  });

  describe("kept ready", () => {
    it("are refilled when a dataset runs low, and not before", async () => {
      await asking.ctx.sessions.refill();
      await asking.outbox.mine();
      expect(await sessions()).to.have.length(1);
      await database.db.updateTable("query_allotments").set({ used: 192 }).execute();
      await asking.ctx.sessions.refill();
      expect(await sessions()).to.have.length(1);
      await database.db.updateTable("query_allotments").set({ used: 193 }).execute();
      await asking.ctx.sessions.refill();
      expect(await sessions()).to.have.length(2);
    });

    it("are renewed when a dataset came that is in none", async () => {
      await asking.openSession();
      const dataset = {
        ...asking.ledger.datasets[0],
        id: `0x${"dd".repeat(32)}`,
      } as (typeof asking.ledger.datasets)[0];
      asking.ledger.datasets.push(dataset);
      await asking.ctx.sessions.refill();
      await asking.outbox.mine();
      expect(await find(1)).to.equal((await sessions())[1]?.id);
    });

    it("are not renewed for a holder that wore out all its lanes", async () => {
      await asking.openSession();
      const worn = asking.ledger.datasets[0]?.id ?? "0x";
      await database.db.updateTable("query_lanes").set({ abandoned: true }).where("dataset", "=", worn).execute();
      const found = await database.db.transaction().execute((trx) => asking.ctx.sessions.wornOut(trx));
      expect([...found]).to.deep.equal([worn]);
      await asking.ctx.sessions.refill();
      expect(await sessions()).to.have.length(1);
    });

    it("are not opened where nobody can be asked", async () => {
      asking.ledger.datasets.splice(0);
      await asking.ctx.sessions.refill();
      await asking.ctx.sessions.open(1);
      expect(await sessions()).to.deep.equal([]);
    });
  });

  describe("that are over", () => {
    beforeEach(async () => {
      await asking.openSession();
      asking.ledger.now = Number((await sessions())[0]?.expires_at) + WINDOW;
    });

    const state = async (): Promise<string | undefined> => (await sessions())[0]?.state;

    it("are closed once the holders can settle no more", async () => {
      await asking.ctx.sessions.closeExpired();
      expect(await state()).to.equal("open");
      asking.ledger.now += 2;
      await asking.ctx.sessions.closeExpired();
      await asking.ctx.sessions.closeExpired();
      expect(asking.outbox.pending.map(({ kind }) => kind)).to.deep.equal(["close-session"]);
      expect(await state()).to.equal("closing");
      await asking.outbox.mine();
      expect(await state()).to.equal("closed");
    });

    it("are closed by one of two who find them at once", async () => {
      asking.ledger.now += 2;
      await Promise.all([asking.ctx.sessions.closeExpired(), asking.ctx.sessions.closeExpired()]);
      expect(asking.outbox.pending).to.have.length(1);
    });

    it("are closed later when the ledger says that it is too early", async () => {
      asking.ledger.now += 2;
      await asking.ctx.sessions.closeExpired();
      await asking.outbox.refuse(new Fault("CHAIN_REVERTED", { error: "SessionNotClosable" }));
      expect(await state()).to.equal("open");
      asking.ledger.now += 5;
      await asking.ctx.sessions.closeExpired();
      await asking.outbox.mine();
      expect(await state()).to.equal("closed");
    });

    it("are closed though somebody else was faster", async () => {
      asking.ledger.now += 2;
      await asking.ctx.sessions.closeExpired();
      await asking.outbox.refuse(new Fault("CHAIN_REVERTED", { error: "SessionNotOpen", status: 3 }));
      expect(await state()).to.equal("closed");
    });
  });

  it("can be asked at active members that have published, and not at oneself", async () => {
    const [beta, gamma] = asking.ledger.datasets;
    asking.ledger.datasets.push({
      ...beta,
      id: `0x${"01".repeat(32)}`,
      holder: 1,
    } as (typeof asking.ledger.datasets)[0]);
    Object.assign(asking.ledger.members[1] ?? {}, { status: "Suspended" });
    expect((await askable(asking.ctx)).map(({ id }) => id)).to.deep.equal([gamma?.id]);
    Object.assign(gamma ?? {}, { latestEpoch: 0 });
    expect(await askable(asking.ctx)).to.deep.equal([]);
  });
});
