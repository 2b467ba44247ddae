import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";

const statements = [
  // Ledger time at which the request was signed; null for requests of before this column.
  `alter table query_exchanges add prepared_at bigint`,
  // A transaction that no node takes is replaced under its nonce; whichever of them is mined is known by its hash.
  `alter table chain_transactions add filler boolean not null default false`,
  `create table chain_replaced (
    hash text primary key,
    sender text not null, nonce integer not null,
    raw bytea not null,
    filler boolean not null,
    reason text not null,
    replaced_at timestamptz not null,
    foreign key (sender, nonce) references chain_transactions
  )`,
  `create index chain_replaced_nonce on chain_replaced (sender, nonce)`,
  // A store that came back from an older copy signs no voucher in a session of before.
  `create table store_lives (
    number bigint generated always as identity primary key,
    life text not null unique,
    beat bigint not null,
    fingerprint text not null,
    began_at timestamptz not null
  )`,
  `alter table query_sessions add retired boolean not null default false, alter nonce drop not null`,
  // Heads of the audit log that were anchored on chain, with what opens them.
  `create table audit_anchors (
    id bigint generated always as identity primary key,
    number integer not null,
    sequence bigint not null,
    head bytea not null,
    salt bytea not null,
    intent_key text not null unique,
    state text not null default 'sent',
    created_at timestamptz not null
  )`,
  // Several documents of one investor; null: the row is an investor by itself, and its authorisation names it.
  `alter table query_subjects add investor integer, add named integer`,
  // Leaves for vouchers without an answer.
  `alter table query_exchanges add covered boolean not null default false`,
  `create index query_exchanges_uncovered on query_exchanges (session)
    where session is not null and not covered and state <> 'answered'`,
  `alter table query_leaves add answered boolean not null default true`,
  // What became of a batch, and which attempt at its number it is.
  `alter table query_batches add state text not null default 'sent', add attempt integer not null default 1`,
  `update query_batches as b set state = 'anchored' from chain_intents as i
    where i.key = 'anchor:' || b.session || ':' || b.batch and i.state = 'mined'`,
  `create index query_batches_unsettled on query_batches (session, batch) where state in ('sent', 'failed')`,
];

export const migration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
