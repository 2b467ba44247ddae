import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";

const statements = [
  `create table holder_lanes (
    session text not null, dataset text not null, lane integer not null,
    querier integer not null,
    count integer not null check (count > 0),
    transcript text not null,
    voucher text not null,
    request_digest text not null,
    response text not null,
    settling_count integer not null default 0,
    settled_count integer not null default 0,
    updated_at timestamptz not null,
    primary key (session, dataset, lane)
  )`,
  `create index holder_lanes_unsettled on holder_lanes (session, dataset) where settled_count < count`,
  `create table holder_requests (
    id bigint generated always as identity primary key,
    received_at timestamptz not null,
    session text not null, dataset text not null, lane integer not null, count integer not null,
    querier integer not null,
    elements integer not null,
    purpose text not null,
    bytes_received integer not null,
    bytes_sent integer not null,
    preview text not null
  )`,
  `create table holder_forks (
    session text not null, dataset text not null, lane integer not null, count integer not null,
    first_transcript text not null, first_voucher text not null,
    second_transcript text not null, second_voucher text not null,
    seen_at timestamptz not null,
    primary key (session, dataset, lane, count)
  )`,
  `create table query_sessions (
    id text primary key,
    nonce bigint not null unique,
    state text not null,
    expires_at bigint not null,
    next_batch integer not null default 0,
    created_at timestamptz not null
  )`,
  `create table query_allotments (
    session text not null references query_sessions,
    dataset text not null,
    granted integer not null,
    used integer not null default 0,
    primary key (session, dataset),
    check (used <= granted)
  )`,
  `create table query_lanes (
    session text not null, dataset text not null, lane integer not null,
    count integer not null default 0,
    transcript text not null,
    exchange uuid,
    abandoned boolean not null default false,
    primary key (session, dataset, lane),
    foreign key (session, dataset) references query_allotments
  )`,
  `create unique index query_lanes_in_flight on query_lanes (exchange) where exchange is not null`,
  `create table queries (
    id uuid primary key,
    created_at timestamptz not null,
    caller text not null,
    purpose text not null,
    holders text,
    state text not null,
    completed_at timestamptz,
    attempts integer not null default 0,
    next_attempt_at timestamptz not null,
    leased_until timestamptz
  )`,
  `create index queries_unfinished on queries (next_attempt_at) where completed_at is null`,
  `create table query_subjects (
    query_id uuid not null references queries,
    position integer not null,
    subject bytea not null,
    authorisation text not null,
    primary key (query_id, position)
  )`,
  `create table query_exchanges (
    id uuid primary key,
    query_id uuid not null references queries,
    dataset text not null,
    holder integer not null,
    state text not null,
    reason text,
    session text, lane integer, epoch integer,
    previous_transcript text,
    request text,
    response text,
    secrets bytea,
    created_at timestamptz not null,
    answered_at timestamptz
  )`,
  `create unique index query_exchanges_live on query_exchanges (query_id, dataset) where state <> 'abandoned'`,
  `create table query_answers (
    query_id uuid not null,
    position integer not null,
    dataset text not null,
    exchange uuid not null references query_exchanges,
    outcome text not null,
    revision integer not null,
    opening bytea not null,
    primary key (query_id, position, dataset),
    foreign key (query_id, position) references query_subjects
  )`,
  `create table query_batches (
    session text not null references query_sessions,
    batch integer not null,
    size integer not null,
    created_at timestamptz not null,
    primary key (session, batch)
  )`,
  `create table query_leaves (
    id uuid primary key,
    query_id uuid not null,
    position integer not null,
    session text not null references query_sessions,
    salt text not null,
    leaf text not null,
    datasets text not null,
    batch integer,
    place integer,
    created_at timestamptz not null,
    foreign key (query_id, position) references query_subjects,
    foreign key (session, batch) references query_batches
  )`,
  `create index query_leaves_pending on query_leaves (session) where batch is null`,
  `create index query_leaves_query on query_leaves (query_id, position)`,
];

export const migration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
