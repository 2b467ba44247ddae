import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";

export const migration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`
      create table chain_accounts (
        sender text primary key,
        next_nonce integer not null check (next_nonce >= 0),
        instance text not null,
        fees jsonb not null
      )`.execute(db);
    await sql`
      create table chain_intents (
        key text primary key,
        sender text not null references chain_accounts (sender),
        kind text not null,
        contract text not null,
        data bytea not null,
        state text not null default 'queued' check (state in ('queued', 'mined', 'failed')),
        attempt integer not null check (attempt >= 1),
        retries integer not null default 0,
        retry_at timestamptz,
        handled boolean not null default false,
        hash text,
        block_number integer,
        block_hash text,
        gas_used integer,
        logs jsonb,
        fault jsonb,
        created_at timestamptz not null default now()
      )`.execute(db);
    await sql`create index chain_intents_retry on chain_intents (sender, retry_at) where retry_at is not null`.execute(
      db,
    );
    await sql`
      create table chain_transactions (
        sender text not null references chain_accounts (sender),
        nonce integer not null,
        hash text not null unique,
        raw bytea not null,
        intent_key text references chain_intents (key),
        state text not null default 'pending' check (state in ('pending', 'mined', 'spent')),
        primary key (sender, nonce)
      )`.execute(db);
    await sql`
      create index chain_transactions_pending on chain_transactions (sender, nonce) where state = 'pending'`.execute(
      db,
    );
    await sql`create index chain_transactions_intent on chain_transactions (intent_key)`.execute(db);
    await sql`create table chain_cursors (name text primary key, checkpoints jsonb not null)`.execute(db);
  },
};
