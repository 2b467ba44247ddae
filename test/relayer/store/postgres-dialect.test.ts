import { setTimeout as pause } from "node:timers/promises";

import { expect } from "chai";
import { CompiledQuery, sql, type Kysely } from "kysely";
import { after, before, beforeEach, describe, it } from "mocha";

import { openDatabase } from "../../../relayer/store/database.ts";
import { together } from "../../../relayer/store/postgres-dialect.ts";
import { testDatabase, type TestDatabase } from "../../support/postgres.ts";

interface Tables {
  things: { id: number; word: string };
}

describe("statements together", () => {
  let database: TestDatabase;
  let db: Kysely<Tables>;

  before(async () => {
    database = await testDatabase();
    // One connection, so that what an earlier statement left there would show.
    db = openDatabase(database.url, { max: 1 }) as unknown as Kysely<Tables>;
    await sql`create table things (id integer primary key, word text not null)`.execute(db);
  });
  beforeEach(() => db.deleteFrom("things").execute());
  after(async () => {
    await db.destroy();
    await database.close();
  });

  const put = (id: number, word: string): CompiledQuery => db.insertInto("things").values({ id, word }).compile();
  const words = async (): Promise<string[]> =>
    (await db.selectFrom("things").select("word").orderBy("id").execute()).map(({ word }) => word);
  const failureOf = (work: Promise<unknown>): Promise<Error> =>
    work.then(
      () => expect.fail("nothing failed"),
      (error: unknown) => error as Error,
    );

  it("give each its own result, and the later ones see what the earlier ones did", async () => {
    const [inserted, selected, counted] = await together(db, [
      put(1, "one"),
      db.selectFrom("things").selectAll().compile(),
      sql<{ n: number }>`select count(*)::int as n from things where id < ${10}`.compile(db),
    ]);
    expect(inserted).to.deep.equal({ numAffectedRows: 1n, rows: [] });
    expect(selected.rows).to.deep.equal([{ id: 1, word: "one" }]);
    expect(counted.rows).to.deep.equal([{ n: 1 }]);
  });

  it("leave nothing outside of a transaction if one fails, and the connection goes on", async () => {
    const error = await failureOf(together(db, [put(1, "one"), put(1, "again"), put(2, "two")]));
    expect((error as Error & { code?: string }).code).to.equal("23505");
    expect(error.stack).to.contain("postgres-dialect.test.ts");
    expect(await words()).to.deep.equal([]);
    await together(db, [put(1, "one"), put(2, "two")]);
    expect(await words()).to.deep.equal(["one", "two"]);
  });

  it("that were skipped after a failure are prepared when they come again", async () => {
    const fresh = sql<{ x: number }>`select ${1}::int as never_sent_before`.compile(db);
    await failureOf(together(db, [sql`select 1 / ${0}::int`.compile(db), fresh]));
    const [, again] = await together(db, [sql`select 1 / ${1}::int`.compile(db), fresh]);
    expect(again.rows).to.deep.equal([{ never_sent_before: 1 }]);
    expect((await db.executeQuery(fresh)).rows).to.deep.equal([{ never_sent_before: 1 }]);
  });

  it("do not run at all if a value of one has no form in PostgreSQL", async () => {
    const loop: Record<string, unknown> = {};
    loop["itself"] = loop;
    const broken = CompiledQuery.raw("insert into things values ($1, $2)", [2, loop]);
    await failureOf(together(db, [put(1, "one"), broken, put(3, "three")]));
    expect(await words()).to.deep.equal([]);
    const failed = db.transaction().execute((trx) => together(trx, [put(1, "one"), broken], { commit: true }));
    await failureOf(failed);
    expect(await words()).to.deep.equal([]);
  });

  it("reject when the connection is lost", async () => {
    const ended = sql`select pg_terminate_backend(pg_backend_pid()) where ${1}::int = 1`.compile(db);
    await failureOf(together(db, [put(1, "one"), ended, put(2, "two")]));
    // On another connection: this one may not know yet that it is lost.
    expect((await sql`select word from things`.execute(database.db)).rows).to.deep.equal([]);
    await pause(100);
    expect(await words()).to.deep.equal([]);
  });

  describe("in a transaction", () => {
    it("are undone with it", async () => {
      const failed = db.transaction().execute(async (trx) => {
        await together(trx, [put(1, "one"), put(2, "two")]);
        throw new RangeError("on purpose");
      });
      expect(await failureOf(failed)).to.be.instanceOf(RangeError);
      expect(await words()).to.deep.equal([]);
    });

    it("can be its last, and are committed", async () => {
      const value = await db.transaction().execute(async (trx) => {
        await trx.insertInto("things").values({ id: 1, word: "one" }).execute();
        await together(trx, [put(2, "two")], { commit: true });
        return "value";
      });
      expect(value).to.equal("value");
      expect(await words()).to.deep.equal(["one", "two"]);
    });

    it("undo it all if the last ones fail", async () => {
      const failed = db.transaction().execute(async (trx) => {
        await trx.insertInto("things").values({ id: 1, word: "one" }).execute();
        await together(trx, [put(2, "two"), put(2, "again")], { commit: true });
      });
      expect(((await failureOf(failed)) as Error & { code?: string }).code).to.equal("23505");
      expect(await words()).to.deep.equal([]);
    });

    it("are not followed by others after the last", async () => {
      const failed = db.transaction().execute(async (trx) => {
        await together(trx, [put(1, "one")], { commit: true });
        await trx.insertInto("things").values({ id: 2, word: "two" }).execute();
      });
      expect((await failureOf(failed)).message).to.contain("last");
      expect(await words()).to.deep.equal(["one"]);
    });
  });

  it("begin with a transaction's first statement, also one without parameters", async () => {
    for (const first of [sql`delete from things`, sql`delete from things where id > ${0}`]) {
      await db.insertInto("things").values({ id: 1, word: "one" }).execute();
      const failed = db.transaction().execute(async (trx) => {
        await first.execute(trx);
        throw new RangeError("on purpose");
      });
      await failureOf(failed);
      expect(await words()).to.deep.equal(["one"]);
      await db.deleteFrom("things").execute();
    }
  });

  it("a failed transaction is not reported as committed", async () => {
    const failed = db.transaction().execute(async (trx) => {
      await sql`select 1 / ${0}::int`.execute(trx).catch(() => undefined);
    });
    await failureOf(failed);
    await db.transaction().execute(() => Promise.resolve());
    expect(await words()).to.deep.equal([]);
  });

  it("keep a transaction's isolation level", async () => {
    const level = await db
      .transaction()
      .setIsolationLevel("serializable")
      .execute((trx) =>
        sql<{ level: string }>`select current_setting(${"transaction_isolation"}) as level`.execute(trx),
      );
    expect(level.rows).to.deep.equal([{ level: "serializable" }]);
  });
});
