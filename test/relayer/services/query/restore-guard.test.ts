/** A querier whose database came back from an older copy; that a real network sees no fork is tested end to end. */
import { join } from "node:path";

import { expect } from "chai";
import pg from "pg";
import { after, afterEach, before, beforeEach, describe, it } from "mocha";

import type { Hex } from "../../../../protocol/encoding/bytes.ts";
import { Fault } from "../../../../protocol/errors/fault.ts";
import type { SessionInfo } from "../../../../relayer/chain/chain-view.ts";
import type { PlatformEvent } from "../../../../relayer/chain/platform-event.ts";
import {
  createRestoreGuard,
  type RestoreDependencies,
  type RestoreGuard,
} from "../../../../relayer/services/query/restore-guard.ts";
import { createSessionBook } from "../../../../relayer/services/query/sessions.ts";
import { openDatabase } from "../../../../relayer/store/database.ts";
import { temporaryName } from "../../../../scripts/embedded/postgres.ts";
import { prepare, storeQuery } from "../../../support/asking-steps.ts";
import { startAsking, type Asking } from "../../../support/asking.ts";
import { testDatabase, testPostgres, type TestDatabase } from "../../../support/postgres.ts";
import { temporaryDirectory } from "../../../support/temporary-directory.ts";

describe("a querier restored from an older copy", () => {
  const directory = temporaryDirectory();
  let run = 0;
  let database: TestDatabase;
  let asking: Asking;
  let session: Hex;

  before(async () => {
    database = await testDatabase();
  });
  after(() => database.close());
  beforeEach(async () => {
    run += 1;
    await database.db.deleteFrom("store_lives").execute();
    asking = await startAsking(database, 1);
    await asking.openSession();
    session = (await database.db.selectFrom("query_sessions").select("id").executeTakeFirstOrThrow()).id as Hex;
    onLedger({});
  });
  afterEach(() => asking.close());

  /** What the ledger says of the session. */
  function onLedger({ batches = 0, settled = 0, signer = asking.ctx.operator.address }): void {
    const info = { batches, signer, allotment: () => Promise.resolve({ granted: 256, settled, price: 1n }) };
    const found = (id: Hex): Promise<SessionInfo | undefined> =>
      Promise.resolve(id === session ? (info as unknown as SessionInfo) : undefined);
    Object.assign(asking.ctx.chain, { session: found });
  }

  /** Of one process: `name` is its data directory. */
  function guardOf(name = "own", db = database.db): RestoreGuard {
    const dataDir = join(directory, `${String(run)}-${name}`);
    const config = { dataDir } as RestoreDependencies["config"];
    return createRestoreGuard({ ...asking.ctx, config, db });
  }

  async function retired(db = database.db): Promise<boolean[]> {
    const rows = await db.selectFrom("query_sessions").select("retired").orderBy("created_at").execute();
    return rows.map((row) => row.retired);
  }

  const event = (args: Record<string, unknown>): PlatformEvent => ({ args }) as unknown as PlatformEvent;
  const told = (work: (trx: Parameters<RestoreGuard["onLaneSettled"]>[1]) => Promise<void>): Promise<void> =>
    database.db.transaction().execute(work);

  it("is not seen in a store that is what it was, however often it is started", async () => {
    for (let start = 0; start < 3; start++) {
      const guard = guardOf();
      await guard.ready();
      await guard.beat();
    }
    expect(await retired()).to.deep.equal([false]);
  });

  it("is not seen where another process goes on while store and ledger are compared", async () => {
    Object.assign(asking.ctx.chain, {
      async session(): Promise<SessionInfo> {
        await database.db.updateTable("query_sessions").set({ next_batch: 1 }).execute();
        const allotment = (): Promise<object> => Promise.resolve({ granted: 256, settled: 0, price: 1n });
        return { batches: 1, signer: asking.ctx.operator.address, allotment } as unknown as SessionInfo;
      },
    });
    await guardOf().ready();
    expect(await retired()).to.deep.equal([false]);
  });

  it("is not the only reason: sessions of an operator key before this one are given up, and asked in no more", async () => {
    onLedger({ signer: `0x${"07".repeat(20)}` });
    await guardOf().ready();
    expect(await retired()).to.deep.equal([true]);
    const query = { actor: "relayer", action: "sessions.retire", subject_id: "operator" };
    const [entry] = await database.db
      .selectFrom("audit_log")
      .selectAll()
      .orderBy("sequence", "desc")
      .limit(1)
      .execute();
    expect(entry).to.include(query);
  });

  it("is seen in a database that was copied away earlier and takes its place: no lane of before is used", async () => {
    await guardOf().ready();
    const postgres = await testPostgres();
    const administrator = new pg.Client({ connectionString: postgres.adminUrl });
    await administrator.connect();
    const [live, dump] = [new URL(database.url).pathname.slice(1), temporaryName("dump")];
    const cut = (name: string) =>
      administrator.query("select pg_terminate_backend(pid) from pg_stat_activity where datname = $1", [name]);
    await cut(live);
    await administrator.query(`create database "${dump}" template "${live}"`);
    // After the dump: a voucher is signed that the copy does not know.
    await prepare(asking, await storeQuery(asking));
    await cut(live);
    await administrator.query(`alter database "${live}" rename to "${dump}-lost"`);
    await administrator.query(`alter database "${dump}" rename to "${live}"`);
    const copy = openDatabase(database.url, { max: 2 });
    try {
      const guard = guardOf("own", copy);
      expect(guard.checked()).to.equal(false);
      await guard.ready();
      expect(await retired(copy)).to.deep.equal([true]);
      const lanes = await copy.selectFrom("query_lanes").select("abandoned").execute();
      expect(lanes.every(({ abandoned }) => abandoned)).to.equal(true);
      const [entry] = await copy.selectFrom("audit_log").selectAll().orderBy("sequence", "desc").limit(1).execute();
      expect(entry).to.include({ actor: "relayer", action: "sessions.retire", subject_id: "store" });
      // Its next session is another one, and asked in at once; it does not end the life that began.
      const sessions = createSessionBook({ ...asking.ctx, outbox: asking.outbox.outbox, db: copy, restore: guard });
      await sessions.refill();
      await guardOf("own", copy).ready();
      expect(await retired(copy)).to.deep.equal([true, false]);
    } finally {
      await copy.destroy();
      await postgres.dropDatabase(live);
      await administrator.query(`alter database "${dump}-lost" rename to "${live}"`);
      await administrator.end();
    }
  });

  it("is seen when the whole cluster is older than the note beside it", async () => {
    const guard = guardOf();
    await guard.ready();
    await guard.beat();
    const [copy] = await database.db.selectFrom("store_lives").selectAll().execute();
    await guard.beat();
    expect(await retired()).to.deep.equal([false]);
    await database.db
      .updateTable("store_lives")
      .set({ beat: Number(copy?.beat) })
      .execute();
    await guard.beat();
    expect(await retired()).to.deep.equal([true]);
  });

  it("is seen when the store has no life of the note's name", async () => {
    await guardOf().ready();
    await database.db.deleteFrom("store_lives").execute();
    await guardOf().ready();
    expect(await retired()).to.deep.equal([true]);
  });

  it("is seen once by two processes with notes of their own, which then go on", async () => {
    const [one, other] = [guardOf("one"), guardOf("other")];
    await Promise.all([one.ready(), other.ready()]);
    await database.db.updateTable("store_lives").set({ beat: 0 }).execute();
    await one.beat();
    await asking.openSession();
    for (let i = 0; i < 3; i++) {
      await other.beat();
      await one.beat();
    }
    expect(await retired()).to.deep.equal([true, false]);
  });

  it("is seen when the ledger has more batches, or more settled, than the store", async () => {
    onLedger({ batches: 1 });
    await guardOf().ready();
    expect(await retired()).to.deep.equal([true]);
    await database.db.updateTable("query_sessions").set({ retired: false }).execute();
    onLedger({ settled: 1 });
    await guardOf().ready();
    expect(await retired()).to.deep.equal([true]);
    await database.db.updateTable("query_sessions").set({ retired: false }).execute();
    onLedger({});
    await guardOf().ready();
    expect(await retired()).to.deep.equal([false]);
  });

  it("is seen when the ledger tells of a lane settled beyond its vouchers, and of no other", async () => {
    await prepare(asking, await storeQuery(asking, 2));
    const { dataset } = await database.db.selectFrom("query_lanes").select("dataset").executeTakeFirstOrThrow();
    const guard = guardOf();
    const settled = (count: bigint, of: string = session) =>
      told((trx) => guard.onLaneSettled(event({ session: of, dataset, lane: 0n, count }), trx));
    await settled(2n);
    await settled(9n, `0x${"99".repeat(32)}`);
    expect(await retired()).to.deep.equal([false]);
    await settled(3n);
    expect(await retired()).to.deep.equal([true]);
  });

  it("is seen when the ledger tells of a session of ours that is not in the store, which is kept to be closed", async () => {
    const guard = guardOf();
    const other = `0x${"77".repeat(32)}`;
    const opened = (signer: string, of: string) =>
      told((trx) => guard.onSessionOpened(event({ session: of, signer, expiresAt: 1_780_000_100n }), trx));
    await opened(`0x${"44".repeat(20)}`, other);
    await opened(asking.ctx.operator.address, session);
    expect(await retired()).to.deep.equal([false]);
    await opened(asking.ctx.operator.address, other);
    await opened(asking.ctx.operator.address, other);
    expect(await retired()).to.deep.equal([true, true]);
    await told((trx) => guard.onSessionClosed(event({ session: other }), trx));
    const state = database.db.selectFrom("query_sessions").select("state").where("id", "=", other);
    expect((await state.executeTakeFirst())?.state).to.equal("closed");
  });

  it("signs nothing before store and ledger were compared, and compares when the chain is back", async () => {
    Object.assign(asking.ctx.chain, { session: () => Promise.reject(new Fault("CHAIN_UNREACHABLE")) });
    const guard = guardOf();
    await guard.beat();
    expect(guard.checked()).to.equal(false);
    const sessions = createSessionBook({ ...asking.ctx, outbox: asking.outbox.outbox, restore: guard });
    const { dataset } = await database.db.selectFrom("query_lanes").select("dataset").executeTakeFirstOrThrow();
    const find = () => database.db.transaction().execute((trx) => sessions.find(trx, [dataset as Hex], 1));
    expect(await find()).to.equal(undefined);
    onLedger({});
    await sessions.open(1);
    expect(await find()).to.equal(session);
    expect(asking.outbox.pending).to.deep.equal([]);
  });
});
