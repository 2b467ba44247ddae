/** A relayer's database: opening it and bringing its schema up to date. */
import { Kysely } from "kysely";
import { Migrator } from "kysely/migration";
import pg from "pg";

import { migrations } from "./migrations.ts";
import { createPostgresDialect } from "./postgres-dialect.ts";
import type { Database } from "./schema.ts";

/** Five relayers share one embedded server of 100 connections, and the queue has its own. */
const POOL_SIZE = 8;

export interface DatabaseOptions {
  readonly max?: number;
  /** Told of lost connections. They are replaced when next needed. */
  readonly onConnectionLost?: (error: Error) => void;
}

export function openDatabase(url: string, options: DatabaseOptions = {}): Kysely<Database> {
  const pool = openPool({ connectionString: url, max: POOL_SIZE, ...options });
  return new Kysely<Database>({ dialect: createPostgresDialect(pool) });
}

/** A pool whose lost connections end no process: neither idle ones nor those in use, whose query fails by itself. */
export function openPool({ onConnectionLost = () => undefined, ...config }: pg.PoolConfig & DatabaseOptions): pg.Pool {
  const pool = new pg.Pool({ application_name: "riskveil", ...config });
  pool.on("error", onConnectionLost);
  pool.on("connect", (client) => client.on("error", onConnectionLost));
  return pool;
}

/** Applies what is missing, under Kysely's advisory lock: of two relayers started at once, one migrates. */
export async function migrate(db: Kysely<Database>): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: () => Promise.resolve({ ...migrations }) } });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw error instanceof Error ? error : new Error("migration failed", { cause: error });
}
