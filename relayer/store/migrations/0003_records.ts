import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";

const day = (column: string) => `check (${column} ~ '^\\d{4}-\\d{2}-\\d{2}$')`;

const statements = [
  `create table subjects (
    subject_index bytea primary key check (length(subject_index) = 32),
    identity bytea not null,
    created_at timestamptz not null
  )`,
  `create table record_classes (
    code text primary key check (code ~ '^[A-Z][0-9]{1,2}$'),
    category text not null check (category = left(code, 1)),
    name_en text not null,
    name_zh text not null,
    aliases text[] not null default '{}'
  )`,
  `insert into record_classes (code, category, name_en, name_zh, aliases) values
    ('A1', 'A', 'Public record of an authority', '监管公开数据', '{行政处罚,证监会行政处罚,行政处罚信息,administrative penalty}'),
    ('A2', 'A', 'Stock-pledge repo blacklist', '股票质押式回购黑名单', '{质押黑名单,股票质押式回购交易黑名单,pledge blacklist}'),
    ('B1', 'B', 'Collateral not topped up as required', '未按规定补足担保物', '{未补足担保物,未追加担保物,margin call unmet}'),
    ('B2', 'B', 'Not repaid at maturity', '合约期满未清偿', '{到期未清偿,逾期未还,unpaid at maturity}'),
    ('B3', 'B', 'False information given', '提供虚假信息', '{虚假信息,false information}'),
    ('B4', 'B', 'Judicial dispute', '司法纠纷', '{司法诉讼,litigation}'),
    ('C1', 'C', 'Key monitoring by an exchange', '重点监控名单', '{异常交易重点监控,交易所重点监控,key monitoring}'),
    ('C2', 'C', 'Other default affecting solvency', '其他重大违约', '{其他违约,其他可能严重影响偿债能力的违约,other default}')`,
  // Byte order, not the locale's: pages of a list must not depend on where the database runs.
  `create table records (
    id uuid primary key,
    record_id text collate "C" not null unique,
    subject_index bytea not null references subjects,
    class text not null references record_classes,
    status text not null,
    status_date text not null ${day("status_date")},
    event_date text not null ${day("event_date")},
    amount_fen bigint check (amount_fen >= 0),
    note bytea,
    content_digest bytea not null,
    revision integer not null default 1,
    import_id uuid,
    withdrawn_at timestamptz,
    withdrawal_reason text,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    check (status_date >= event_date)
  )`,
  `create index records_subject on records (subject_index)`,
  `create table record_revisions (
    id uuid not null references records,
    revision integer not null,
    content jsonb not null,
    replaced_by text not null,
    replaced_at timestamptz not null,
    primary key (id, revision)
  )`,
  `create table authorisations (
    id uuid primary key,
    number text collate "C" unique,
    subject_index bytea not null references subjects,
    instrument text not null,
    document_digest bytea not null check (length(document_digest) = 32),
    secrets bytea not null,
    scope text[] not null,
    purposes text[] not null,
    signed_on text not null ${day("signed_on")},
    valid_until text ${day("valid_until")},
    cohort text not null,
    notice_date text ${day("notice_date")},
    notice_means text,
    content_digest bytea not null,
    revision integer not null default 1,
    import_id uuid,
    withdrawn_at timestamptz,
    withdrawal_reason text,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    check (valid_until >= signed_on),
    check ((notice_date is null) = (notice_means is null))
  )`,
  `create index authorisations_subject on authorisations (subject_index)`,
  `create table authorisation_revisions (
    id uuid not null references authorisations,
    revision integer not null,
    content jsonb not null,
    replaced_by text not null,
    replaced_at timestamptz not null,
    primary key (id, revision)
  )`,
  `create table imports (
    id uuid primary key,
    kind text not null,
    state text not null,
    encoding text not null,
    skip_bad_lines boolean not null,
    bytes integer not null,
    file_digest bytea not null,
    progress real not null default 0,
    report jsonb,
    created_by text not null,
    created_at timestamptz not null,
    finished_at timestamptz
  )`,
  `create index imports_file on imports (kind, file_digest) where state = 'done'`,
  `create index imports_unfinished on imports (created_at) where state in ('waiting', 'running')`,
  `create table import_chunks (
    import_id uuid not null references imports,
    sequence integer not null,
    content bytea not null,
    primary key (import_id, sequence)
  )`,
];

export const migration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
