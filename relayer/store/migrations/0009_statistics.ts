import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";

const statements = [
  // Collections that the chain told of; what becomes of them is asked there.
  `create table statistic_collections (
    statistic text not null, period integer not null,
    key_digest text not null,
    closes_at bigint not null,
    settled boolean not null default false,
    fault_code text, fault_values jsonb,
    primary key (statistic, period)
  )`,
  `create index statistic_collections_live on statistic_collections (period) where not settled`,
  // This member's own contributions: the newest counts, the one whose digest is on chain is handed out.
  `create table statistic_contributions (
    statistic text not null, period integer not null, version integer not null,
    digest text not null,
    content bytea not null,
    sums bytea not null,
    sums_index bytea not null,
    state text not null,
    fault_code text,
    created_at timestamptz not null,
    primary key (statistic, period, version)
  )`,
  // What this node has decrypted: one set of contributions for a statistic and period, for ever.
  `create table statistic_releases (
    statistic text not null, period integer not null,
    contributions text not null,
    share bytea not null,
    signature bytea not null,
    created_at timestamptz not null,
    primary key (statistic, period)
  )`,
  // Of the collector: what members sent, as far as it is what they committed to.
  `create table statistic_received (
    statistic text not null, period integer not null, contributor integer not null,
    digest text not null,
    content bytea not null,
    received_at timestamptz not null,
    primary key (statistic, period, contributor, digest)
  )`,
  // Shares of nodes, right ones and wrong ones; a wrong one is kept as evidence.
  `create table statistic_shares (
    statistic text not null, period integer not null,
    contributions text not null,
    node integer not null,
    share bytea not null,
    signature bytea not null,
    fault_code text,
    received_at timestamptz not null,
    primary key (statistic, period, contributions, node)
  )`,
  `create table statistic_answers (
    statistic text not null, period integer not null,
    contributions text not null,
    answer text not null,
    salt text not null,
    digest text not null,
    created_at timestamptz not null,
    primary key (statistic, period)
  )`,
];

export const migration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
