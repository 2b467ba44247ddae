import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";

const statements = [
  `create table edition_contributions (
    edition integer primary key,
    generation integer not null,
    state text not null check (state in ('evaluating', 'encrypting', 'made', 'posted')),
    basis text not null,
    rows integer not null,
    wanted integer not null,
    evaluated integer not null default 0,
    missing integer not null default 0,
    root text,
    proof text,
    fault_code text,
    updated_at timestamptz not null
  )`,
  `create table edition_allowances (
    edition integer not null, member integer not null,
    used integer not null,
    primary key (edition, member)
  )`,
  `create table edition_requests (
    edition integer not null, member integer not null,
    digest bytea not null check (length(digest) = 32),
    elements integer not null,
    primary key (edition, member, digest)
  )`,
  `create table edition_merges (
    edition integer primary key,
    root text not null, rows integer not null, proof text not null,
    created_at timestamptz not null
  )`,
  `create table edition_strips (
    edition integer primary key,
    merged_root text not null,
    created_at timestamptz not null
  )`,
  `create table edition_mirrors (
    edition integer primary key,
    root text not null, rows integer not null,
    verified_at timestamptz not null
  )`,
  `create table edition_evidence (
    edition integer not null, accused integer not null, reason text not null,
    salt bytea not null check (length(salt) = 32),
    digest text not null,
    content bytea not null,
    created_at timestamptz not null,
    primary key (edition, accused, reason)
  )`,
];

export const migration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
