import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";

const statements = [
  `alter table queries add mode text not null default 'detail'`,
  // "evaluation" or "query" where an algorithm node is asked; null where a holder is.
  `alter table query_exchanges add service text`,
  `create table query_pictures (
    query_id uuid primary key references queries,
    state text not null,
    evaluation_round integer not null,
    edition integer,
    query_round integer,
    waits jsonb,
    material bytea not null,
    result bytea,
    completed_at timestamptz
  )`,
  // What was reported on chain about a node, with what opens the digest there.
  `create table node_reports (
    key text primary key,
    node integer not null,
    reason text not null,
    salt bytea not null,
    evidence bytea not null,
    reported_at timestamptz not null
  )`,
];

export const migration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
