import { expect } from "chai";
import { sql } from "kysely";
import { describe, it } from "mocha";

import { migrations } from "../../../relayer/store/migrations.ts";
import { migrate, openDatabase } from "../../../relayer/store/database.ts";
import { temporaryName } from "../../../scripts/embedded/postgres.ts";
import { testPostgres } from "../../support/postgres.ts";

describe("database", function () {
  this.timeout(240_000);

  it("is migrated once by relayers that start at once, and again without effect", async () => {
    const postgres = await testPostgres();
    const name = temporaryName("migrate");
    const url = await postgres.createDatabase(name);
    const connections = [openDatabase(url), openDatabase(url), openDatabase(url)];
    try {
      await Promise.all(connections.map(migrate));
      await Promise.all(connections.map(migrate));
      const first = connections[0];
      if (first === undefined) throw new Error("no connection");
      const { rows } = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(first);
      expect(rows.map((row) => row.name)).to.deep.equal(Object.keys(migrations));
    } finally {
      for (const connection of connections) await connection.destroy();
      await postgres.dropDatabase(name);
    }
  });

  it("survives a connection that the server ends", async () => {
    const postgres = await testPostgres();
    const name = temporaryName("dropped");
    const db = openDatabase(await postgres.createDatabase(name), { max: 2 });
    try {
      await sql`select 1`.execute(db);
      await sql`select pg_terminate_backend(pg_backend_pid())`.execute(db).catch(() => undefined);
      // The pool may hand out the dying connection once more before it has heard; never this process's life, and not for long.
      const ask = (): Promise<number | undefined> =>
        sql<{ n: number }>`select 2 as n`.execute(db).then(
          ({ rows }) => rows[0]?.n,
          () => undefined,
        );
      let answer: number | undefined;
      for (let attempt = 0; attempt < 10 && answer === undefined; attempt++) answer = await ask();
      expect(answer).to.equal(2);
    } finally {
      await db.destroy();
      await postgres.dropDatabase(name);
    }
  });
});
