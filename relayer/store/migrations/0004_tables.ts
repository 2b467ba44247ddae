import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";

// Sizes are uint32 on chain, where a stranger sets them: integer ends at 2^31, and bigint would come back as text. A double
// holds every one of them exactly.
export const migration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`
      create table published_tables (
        id uuid primary key,
        dataset text not null,
        label text not null,
        epoch integer not null,
        revision integer not null,
        state text not null check (state in ('sealed', 'committed', 'discarded', 'retired')),
        intent_key text not null unique,
        root text not null,
        public_key text not null,
        entry_count double precision not null,
        entry_size double precision not null,
        suite smallint not null,
        schema smallint not null,
        statistics_digest text not null,
        details bytea not null,
        content_index bytea not null check (length(content_index) = 32),
        created_at timestamptz not null,
        settled_at timestamptz,
        transaction_hash text,
        fault_code text
      )`.execute(db);
    // Two sealings of one revision may race; one of them gets to commit.
    await sql`
      create unique index published_tables_live on published_tables (dataset, epoch, revision)
      where state <> 'discarded'`.execute(db);
    await sql`
      create table dataset_epochs (
        dataset text not null,
        epoch integer not null,
        dummy_seed bytea not null,
        key_state text not null check (key_state in ('active', 'destroyed', 'recorded')),
        destroyed_at timestamptz,
        attestation_salt bytea check (length(attestation_salt) = 32),
        primary key (dataset, epoch)
      )`.execute(db);
    await sql`
      create table mirrored_tables (
        dataset text not null,
        epoch integer not null,
        revision integer not null,
        holder integer not null,
        state text not null check (state in ('downloading', 'verified', 'rejected', 'withdrawn')),
        root text not null,
        entry_count double precision not null,
        entry_size double precision not null,
        fault_code text,
        attempts integer not null,
        retry_at timestamptz,
        verified_at timestamptz,
        updated_at timestamptz not null,
        primary key (dataset, epoch, revision)
      )`.execute(db);
  },
};
