import { expect } from "chai";
import { sql } from "kysely";
import { afterEach, beforeEach, describe, it } from "mocha";
import { randomBytes } from "node:crypto";

import { isFault } from "../../../protocol/errors/fault.ts";
import { createAuditLog, type AuditLog } from "../../../relayer/store/audit-log.ts";
import { testDatabase, testPostgres, type TestDatabase } from "../../support/postgres.ts";
import pg from "pg";

describe("audit log", function () {
  this.timeout(240_000);
  let database: TestDatabase;
  let log: AuditLog;

  const append = (n: number): Promise<unknown> =>
    database.db.transaction().execute((trx) => log.append(trx, { actor: "t", action: "a.b", subjectId: String(n) }));

  async function broken(): Promise<unknown> {
    try {
      await log.verify();
      return "whole";
    } catch (error) {
      return isFault(error, "AUDIT_LOG_BROKEN") ? error.values["sequence"] : error;
    }
  }

  /** As someone with the database's administrator account would. */
  async function tamper(statement: string): Promise<void> {
    const url = new URL((await testPostgres()).adminUrl);
    url.pathname = new URL(database.url).pathname;
    const client = new pg.Client({ connectionString: url.href });
    await client.connect();
    await client.query("alter table audit_log disable trigger audit_log_append_only");
    await client.query(statement);
    await client.end();
  }

  beforeEach(async () => {
    database = await testDatabase();
    log = createAuditLog(
      database.db,
      () => new Date(),
      (length) => new Uint8Array(randomBytes(length)),
    );
  });
  afterEach(() => database.close());

  it("is whole after many writers at once", async () => {
    expect(await log.verify()).to.deep.equal(await log.head());
    await Promise.all(Array.from({ length: 20 }, (_, n) => append(n)));
    const head = await log.verify();
    expect(head.sequence).to.equal(20);
    expect(head).to.deep.equal(await log.head());
  });

  it("is whole when entries are appended and concluded with at once, and each concludes what it records", async () => {
    await sql`create table noted (n integer primary key)`.execute(database.db);
    const conclude = (n: number): Promise<unknown> =>
      database.db.transaction().execute((trx) => {
        const statement = sql`insert into noted values (${n})`.compile(database.db);
        return log.conclude(trx, [statement], { actor: "t", action: "a.b", subjectId: String(n) });
      });
    await Promise.all(Array.from({ length: 20 }, (_, n) => (n % 2 === 0 ? conclude(n) : append(n))));
    // What was noted before is refused, and its entry with it.
    const again = await conclude(4).then(
      () => "noted",
      () => "refused",
    );
    expect(again).to.equal("refused");
    expect((await log.verify()).sequence).to.equal(20);
    const { rows } = await sql<{ n: number }>`select n from noted order by n`.execute(database.db);
    expect(rows.map(({ n }) => n)).to.deep.equal([0, 2, 4, 6, 8, 10, 12, 14, 16, 18]);
  });

  it("records nothing of what was rolled back", async () => {
    await append(1);
    await database.db
      .transaction()
      .execute(async (trx) => {
        await log.append(trx, { actor: "t", action: "a.b", subjectId: "2" });
        throw new Error("rolled back");
      })
      .catch(() => undefined);
    await append(3);
    expect((await log.verify()).sequence).to.equal(2);
  });

  it("cannot be changed by the relayer's account", async () => {
    await append(1);
    for (const statement of ["update audit_log set actor = 'x'", "delete from audit_log", "truncate audit_log"]) {
      const error: unknown = await sql
        .raw(statement)
        .execute(database.db)
        .catch((caught: unknown) => caught);
      expect(String(error)).to.include("append-only");
    }
  });

  const attacks: [string, string, number][] = [
    ["a changed entry", "update audit_log set actor = 'x' where sequence = 2", 2],
    ["a changed outcome", "update audit_log set outcome = 'x' where sequence = 3", 3],
    ["a removed entry", "delete from audit_log where sequence = 2", 2],
    ["a removed beginning", "delete from audit_log where sequence = 1", 1],
    ["another time", "update audit_log set at = at + interval '1 second' where sequence = 4", 4],
  ];
  for (const [name, statement, sequence] of attacks) {
    it(`shows ${name}`, async () => {
      for (const n of [1, 2, 3, 4]) await append(n);
      await tamper(statement);
      expect(await broken()).to.equal(sequence);
    });
  }
});
