/**
 * Databases for tests: one temporary server for each mocha process, started by the first test that asks, stopped after the
 * last. Each `testDatabase()` is a fresh copy of one migrated template.
 */
import { after } from "mocha";

import { startTemporaryPostgres, temporaryName, type Postgres } from "../../scripts/embedded/postgres.ts";
import type { Kysely } from "kysely";
import { migrate, openDatabase } from "../../relayer/store/database.ts";
import type { Database } from "../../relayer/store/schema.ts";

export interface TestDatabase {
  readonly db: Kysely<Database>;
  readonly url: string;
  /** Closes the connections and drops the database. */
  close(): Promise<void>;
}

let server: Promise<Postgres> | undefined;
let template: Promise<void> | undefined;
let spare: ReturnType<typeof copyTemplate> | undefined;
const open = new Set<TestDatabase>();

/** The mocha process's server, for tests that want databases of their own making. */
export function testPostgres(): Promise<Postgres> {
  server ??= startTemporaryPostgres();
  return server;
}

export async function testDatabase(): Promise<TestDatabase> {
  const postgres = await testPostgres();
  const { name, url } = await (spare ?? copyTemplate(postgres));
  // The next one is copied while this one is used.
  spare = copyTemplate(postgres);
  const db = openDatabase(url, { max: 5 });
  const database: TestDatabase = {
    db,
    url,
    async close() {
      if (!open.delete(database)) return;
      await db.destroy();
      await postgres.dropDatabase(name);
    },
  };
  open.add(database);
  return database;
}

const TEMPLATE = "riskveil_template";

async function copyTemplate(postgres: Postgres): Promise<{ name: string; url: string }> {
  template ??= makeTemplate(postgres);
  await template;
  const name = temporaryName("test");
  return { name, url: await postgres.createDatabase(name, { template: TEMPLATE, role: TEMPLATE }) };
}

async function makeTemplate(postgres: Postgres): Promise<void> {
  const db = openDatabase(await postgres.createDatabase(TEMPLATE), { max: 1 });
  try {
    await migrate(db);
  } finally {
    await db.destroy();
  }
}

// Outside any describe: mocha runs it once, after all files.
after(async function () {
  this.timeout(240_000);
  for (const database of open) await database.close();
  await spare;
  await (await server)?.stop();
});
