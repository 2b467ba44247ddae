import { expect } from "chai";
import { sql } from "kysely";
import { after, before, describe, it } from "mocha";

import { openDatabase } from "../../../relayer/store/database.ts";
import { testDatabase, type TestDatabase } from "../../support/postgres.ts";

describe("prepared statements", () => {
  let database: TestDatabase;
  let one: ReturnType<typeof openDatabase>;

  before(async () => {
    database = await testDatabase();
    // One connection, so that what it has prepared can be looked at.
    one = openDatabase(database.url, { max: 1 });
  });
  after(async () => {
    await one.destroy();
    await database.close();
  });

  const prepared = async (): Promise<string[]> =>
    (await sql<{ statement: string }>`select statement from pg_prepared_statements`.execute(one)).rows.map(
      ({ statement }) => statement,
    );

  it("are parsed once for a text, whatever the parameters", async () => {
    for (const value of [1, 2, 3]) {
      const { rows } = await sql<{ twice: number }>`select ${value}::int * 2 as twice`.execute(one);
      expect(rows).to.deep.equal([{ twice: value * 2 }]);
    }
    expect((await prepared()).filter((text) => text.includes("as twice"))).to.have.length(1);
  });

  it("are not kept for long texts, nor for those without parameters", async () => {
    const before = await prepared();
    const long = sql.raw(`-- ${"x".repeat(2_000)}\n`);
    await sql`${long} select ${1}::int as one`.execute(one);
    await sql`select 1 as one`.execute(one);
    expect(await prepared()).to.deep.equal(before);
  });

  it("are bounded in number", async () => {
    for (let i = 0; i < 600; i += 1) await sql`select ${1}::int as ${sql.raw(`c${String(i)}`)}`.execute(one);
    expect(await prepared()).to.have.length(500);
  });
});
