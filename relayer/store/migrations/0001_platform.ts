import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";

export const migration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`
      create table api_tokens (
        id uuid primary key,
        token_hash bytea not null unique check (length(token_hash) = 32),
        role text not null,
        label text not null,
        created_at timestamptz not null,
        revoked_at timestamptz,
        last_used_at timestamptz
      )`.execute(db);
    await sql`
      create table idempotency_keys (
        caller text not null,
        key text not null,
        request_digest bytea not null check (length(request_digest) = 32),
        status integer,
        response bytea,
        location text,
        created_at timestamptz not null,
        primary key (caller, key)
      )`.execute(db);
    await sql`create index idempotency_keys_created_at on idempotency_keys (created_at)`.execute(db);
    await sql`
      create table audit_log (
        sequence bigint primary key,
        at timestamptz not null,
        actor text not null,
        action text not null,
        subject_id text not null,
        outcome text not null default 'done',
        salt bytea not null check (length(salt) = 32),
        previous bytea not null unique check (length(previous) = 32),
        digest bytea not null unique check (length(digest) = 32)
      )`.execute(db);
    // The log only grows: a changed or missing entry breaks the chain of digests, and here it is refused outright.
    await sql`
      create function audit_log_is_append_only() returns trigger language plpgsql as $$
      begin raise exception 'audit_log is append-only'; end $$`.execute(db);
    await sql`
      create trigger audit_log_append_only before update or delete or truncate on audit_log
      for each statement execute function audit_log_is_append_only()`.execute(db);
  },
};
