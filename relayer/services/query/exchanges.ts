/** State transitions of an exchange in the store, each one transaction. */
import { randomUUID } from "node:crypto";
import { sql, type CompiledQuery, type RawBuilder, type Transaction } from "kysely";

import type { FaultCode } from "../../../protocol/errors/catalogue.ts";
import type { EvaluateRequest } from "../../../protocol/oblivious-lookup/request.ts";
import type { RelayerContext } from "../../context.ts";
import type { NodeService } from "../../../protocol/key-round/round.ts";
import type { ColumnCipher } from "../../store/column-cipher.ts";
import type { Database } from "../../store/schema.ts";
import type { OpenedAnswer } from "./open-response.ts";
import { sealOpening, type ExchangeSecrets } from "./secrets.ts";

type ExchangeDependencies = Pick<RelayerContext, "db" | "clock">;

/** An exchange whose request is stored and may be sent. */
export interface PreparedExchange {
  readonly id: string;
  readonly query_id: string;
  readonly dataset: string;
  readonly holder: number;
  readonly session: string;
  readonly epoch: number;
  /** Which of a node's services is asked; null for a holder's dataset. */
  readonly service: NodeService | null;
  /** The request body as it is sent. */
  readonly request: string;
  /** What it says. */
  readonly signed: EvaluateRequest;
  readonly secrets: ExchangeSecrets;
}

/** What came back in one exchange: the text as received, and what it says of each subject. */
export interface AnsweredExchange {
  readonly exchange: PreparedExchange;
  readonly response: string;
  readonly answers: readonly OpenedAnswer[];
}

/**
 * Locks the exchanges of a wave, and fails unless all are still to be answered (see {@link isNotPrepared}): so what stores
 * their answers can be sent together with it, without waiting for what it says.
 */
export function requirePrepared({ db }: Pick<RelayerContext, "db">, wave: readonly AnsweredExchange[]): CompiledQuery {
  return sql`
    select 1 / (count(*) = ${wave.length})::int from (${preparedOf(wave)}) as prepared`.compile(db);
}

/** SQLSTATE 22012, a division by zero: the one way to fail that a plain statement has. */
export function isNotPrepared(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "22012";
}

/** Locks the exchanges of a wave. @returns those that are still to be answered: not what another process stored before. */
export async function lockPrepared(
  trx: Transaction<Database>,
  wave: readonly AnsweredExchange[],
): Promise<AnsweredExchange[]> {
  const { rows } = await preparedOf(wave).execute(trx);
  return wave.filter(({ exchange }) => rows.some(({ id }) => id === exchange.id));
}

function preparedOf(wave: readonly AnsweredExchange[]): RawBuilder<{ id: string }> {
  const ids = wave.map(({ exchange }) => exchange.id);
  return sql<{ id: string }>`
    select id from query_exchanges where id = any (${ids}::uuid[]) and state = 'prepared' order by id for update`;
}

/** Prepared -> answered: what stores the answers of all subjects and frees the lanes. */
export function answerStatements(
  { db, cipher, clock }: Pick<RelayerContext, "db" | "cipher" | "clock">,
  answered: readonly AnsweredExchange[],
): CompiledQuery[] {
  const ids = answered.map(({ exchange }) => exchange.id);
  const exchanges = sql`
    with answered as (
      update query_exchanges as e
      set state = 'answered', reason = null, response = v.response, answered_at = ${clock()}
      from unnest(${ids}::uuid[], ${answered.map(({ response }) => response)}::text[]) as v (id, response)
      where e.id = v.id
    )
    update query_lanes set exchange = null where exchange = any (${ids}::uuid[])`;
  const answers = answered.flatMap(({ exchange, answers: opened }) =>
    opened.map(({ outcome, revision, opening }, position) => ({ exchange, position, outcome, revision, opening })),
  );
  return [exchanges, ...chunks(answers, ROWS_AT_ONCE).map((part) => insertAnswers(cipher, part))].map((statement) =>
    statement.compile(db),
  );
}

function insertAnswers(
  cipher: ColumnCipher,
  answers: readonly (OpenedAnswer & { readonly exchange: PreparedExchange; readonly position: number })[],
): RawBuilder<unknown> {
  const column = <T>(value: (each: (typeof answers)[number]) => T): T[] => answers.map(value);
  const sealed = ({ exchange, position, opening }: (typeof answers)[number]): Buffer =>
    sealOpening(cipher, answerPlace(exchange.query_id, position, exchange.dataset), opening);
  return sql`
    insert into query_answers (query_id, position, dataset, exchange, outcome, revision, opening)
    select * from unnest(
      ${column(({ exchange }) => exchange.query_id)}::uuid[], ${column(({ position }) => position)}::int[],
      ${column(({ exchange }) => exchange.dataset)}::text[], ${column(({ exchange }) => exchange.id)}::uuid[],
      ${column(({ outcome }) => outcome)}::text[], ${column(({ revision }) => revision)}::int[],
      ${column(sealed)}::bytea[]
    )`;
}

/** Attempts at one dataset before it is given up: each costs an evaluation, and what is wrong may be wrong for good. */
const ATTEMPTS = 3;

/**
 * Prepared -> abandoned, with a new exchange waiting in its place, or given up after three. The lane is given up with it:
 * its voucher was signed, and another one with that count would be a fork.
 */
export async function abandon(ctx: ExchangeDependencies, exchange: PreparedExchange, reason: FaultCode): Promise<void> {
  await ctx.db.transaction().execute(async (trx) => {
    const updated = await trx
      .updateTable("query_exchanges")
      .set({ state: "abandoned", reason })
      .where("id", "=", exchange.id)
      .where("state", "=", "prepared")
      .executeTakeFirst();
    if (updated.numUpdatedRows === 0n) return;
    await trx
      .updateTable("query_lanes")
      .set({ exchange: null, abandoned: true })
      .where("exchange", "=", exchange.id)
      .execute();
    const { abandonedBefore } = await trx
      .selectFrom("query_exchanges")
      .select((eb) => eb.fn.countAll<string>().as("abandonedBefore"))
      .where("query_id", "=", exchange.query_id)
      .where("dataset", "=", exchange.dataset)
      .executeTakeFirstOrThrow();
    await trx
      .insertInto("query_exchanges")
      .values({
        id: randomUUID(),
        query_id: exchange.query_id,
        dataset: exchange.dataset,
        holder: exchange.holder,
        state: Number(abandonedBefore) < ATTEMPTS ? "waiting" : "refused",
        reason,
        created_at: ctx.clock(),
      })
      .execute();
  });
}

/** Ends exchanges for good. The lanes of those that were prepared go with them: their vouchers are signed. */
export async function giveUp(
  ctx: Pick<RelayerContext, "db">,
  exchanges: readonly string[],
  reason: FaultCode,
): Promise<void> {
  await sql`
    with over as (
      update query_exchanges set state = 'refused', reason = ${reason}
      where id = any (${exchanges}::uuid[]) and state in ('waiting', 'prepared') returning id
    )
    update query_lanes set exchange = null, abandoned = true where exchange in (select id from over)`.execute(ctx.db);
}

/** Waiting or prepared -> abandoned, without another in its place: a node is asked again only if no other will do. */
export async function drop(ctx: Pick<RelayerContext, "db">, exchange: string, reason: string): Promise<void> {
  await sql`
    with dropped as (
      update query_exchanges set state = 'abandoned', reason = ${reason}
      where id = ${exchange} and state in ('waiting', 'prepared') returning id
    )
    update query_lanes set exchange = null, abandoned = true where exchange in (select id from dropped)`.execute(
    ctx.db,
  );
}

/** Says why an exchange is not answered yet. */
export async function noteReason(ctx: Pick<RelayerContext, "db">, id: string, reason: string): Promise<void> {
  await ctx.db.updateTable("query_exchanges").set({ reason }).where("id", "=", id).execute();
}

/** Where an answer's sealed column stands; the cipher binds it there. */
export function answerPlace(query: string, position: number, dataset: string): string {
  return `${query}:${String(position)}:${dataset}`;
}

/** So that no statement of a large batch is too large to be built. */
export const ROWS_AT_ONCE = 1_000;

export function chunks<T>(list: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, i) => list.slice(i * size, (i + 1) * size));
}
