/** A relayer's database: opening it and bringing its schema up to date. */
import { Kysely, PostgresDialect } from "kysely";
import { Migrator } from "kysely/migration";
import pg from "pg";

import { migrations } from "./migrations.ts";
import type { Database } from "./schema.ts";

/** Five relayers share one embedded server of 100 connections, and the queue has its own. */
const POOL_SIZE = 8;

export function openDatabase(url: string, options: { max?: number } = {}): Kysely<Database> {
  const pool = new pg.Pool({ connectionString: url, max: options.max ?? POOL_SIZE, application_name: "riskveil" });
  return new Kysely<Database>({ dialect: new PostgresDialect({ pool }) });
}

/** Applies what is missing, under Kysely's advisory lock: of two relayers started at once, one migrates. */
export async function migrate(db: Kysely<Database>): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: () => Promise.resolve({ ...migrations }) } });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw error;
}
