/**
 * Moves a query as far as it goes now: prepares what waits, sends what is prepared, opens what comes back. Safe to call
 * at any time and from anywhere: a lease keeps two from working on one query, and every step is stored before the next.
 */
import type { FaultCode } from "../../../protocol/errors/catalogue.ts";
import { Fault, isFault } from "../../../protocol/errors/fault.ts";
import type { Hex } from "../../../protocol/encoding/bytes.ts";
import { fromHex } from "../../../protocol/encoding/bytes.ts";
import { parsePurpose, type Purpose } from "../../../protocol/oblivious-lookup/purpose.ts";
import type { SubjectId } from "../../../protocol/subject/subject.ts";
import type { ExchangeState, QueryState } from "../../store/tables/queries.ts";
import { abandon, noteReason, storeAnswer } from "./exchanges.ts";
import { callEvaluate, HolderRefusal } from "./holder-client.ts";
import { addLeaves } from "./leaves.ts";
import { openResponse } from "./open-response.ts";
import { prepareExchanges, type AuthorisedSubject } from "./prepare.ts";
import type { QueryDependencies } from "./query-context.ts";
import { openSecrets, openSubject } from "./secrets.ts";

const LEASE_MS = 120_000;
/** While a session is being opened or a mirror is on its way, look again soon. */
const SOON_MS = 250;
/** A job that looks again comes this much after the query is due: one that comes early finds nothing to do. */
const DUE_MS = 20;
const BACKOFF_MS = 500;
const BACKOFF_LIMIT_MS = 60_000;

/** Refusals after which the same bytes may be sent again: the holder may simply not be there yet. */
const PASSING: readonly (FaultCode | undefined)[] = ["SESSION_UNKNOWN", "MEMBER_SUSPENDED"];
const PASSING_STATUS = [408, 425, 429, 500, 502, 503, 504];
/** Tries of the same bytes at a holder that does not know the session, before another session is used. */
const PASSING_TRIES = 8;

interface LoadedQuery {
  readonly id: string;
  readonly purpose: Purpose;
  readonly attempts: number;
  readonly subjects: readonly { readonly subject: SubjectId; readonly authorisation: string }[];
}

export async function driveQuery(ctx: QueryDependencies, id: string): Promise<void> {
  const query = await lease(ctx, id);
  if (query === undefined) return;
  let again = BACKOFF_MS;
  try {
    again = await advance(ctx, query);
  } finally {
    await release(ctx, query, again);
  }
}

/** Takes the query's lease; undefined if it is complete, unknown, in other hands, or not due yet. */
async function lease(ctx: QueryDependencies, id: string): Promise<LoadedQuery | undefined> {
  const now = ctx.clock();
  const row = await ctx.db
    .updateTable("queries")
    .set((eb) => ({ leased_until: new Date(now.getTime() + LEASE_MS), attempts: eb("attempts", "+", 1) }))
    .where("id", "=", id)
    .where("completed_at", "is", null)
    .where("next_attempt_at", "<=", now)
    .where((eb) => eb.or([eb("leased_until", "is", null), eb("leased_until", "<", now)]))
    .returning(["purpose", "attempts"])
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const subjects = await ctx.db
    .selectFrom("query_subjects")
    .selectAll()
    .where("query_id", "=", id)
    .orderBy("position")
    .execute();
  return {
    id,
    purpose: parsePurpose(row.purpose),
    attempts: row.attempts,
    subjects: subjects.map(({ position, subject, authorisation }) => ({
      subject: openSubject(ctx.cipher, id, position, subject) as SubjectId,
      authorisation,
    })),
  };
}

/** Returns in how many milliseconds to look again, if anything is left to do. */
async function advance(ctx: QueryDependencies, query: LoadedQuery): Promise<number> {
  let soon = false;
  const waiting = await ctx.db
    .selectFrom("query_exchanges")
    .select(["id", "dataset"])
    .where("query_id", "=", query.id)
    .where("state", "=", "waiting")
    .execute();
  if (waiting.length > 0) {
    try {
      const reasons = await prepareExchanges(
        ctx,
        query.purpose,
        await authorised(ctx, query),
        waiting.map((row) => ({ id: row.id, dataset: row.dataset as Hex })),
      );
      for (const [exchange, reason] of reasons) await noteReason(ctx, exchange, reason);
      soon = reasons.size > 0;
    } catch (error) {
      if (!isFault(error)) throw error;
      ctx.log.warn({ query: query.id, code: error.code, values: error.values }, "the query waits");
      for (const { id } of waiting) await noteReason(ctx, id, error.code);
    }
  }
  const prepared = await ctx.db
    .selectFrom("query_exchanges")
    .selectAll()
    .where("query_id", "=", query.id)
    .where("state", "=", "prepared")
    .execute();
  await Promise.all(prepared.map((exchange) => send(ctx, query, exchange)));
  if (soon && query.attempts < 40) return SOON_MS;
  return Math.min(BACKOFF_LIMIT_MS, BACKOFF_MS * 2 ** Math.min(query.attempts, 10));
}

async function authorised(ctx: QueryDependencies, query: LoadedQuery): Promise<AuthorisedSubject[]> {
  return Promise.all(
    query.subjects.map(async ({ subject, authorisation }) => {
      const reference = await ctx.authorise({ subject, purpose: query.purpose, id: authorisation });
      return { subject, documentDigest: reference.documentDigest, consentSecret: reference.consentSecret };
    }),
  );
}

type PreparedRow = {
  readonly id: string;
  readonly query_id: string;
  readonly dataset: string;
  readonly holder: number;
  readonly session: string | null;
  readonly lane: number | null;
  readonly epoch: number | null;
  readonly request: string | null;
  readonly secrets: Buffer | null;
};

async function send(ctx: QueryDependencies, query: LoadedQuery, exchange: PreparedRow): Promise<void> {
  if (exchange.request === null || exchange.secrets === null || exchange.epoch === null) {
    throw new Fault("INTERNAL");
  }
  try {
    const holder = await ctx.chain.member(exchange.holder);
    const answer = await callEvaluate(holder.endpoint, holder.name, exchange.request, query.subjects.length);
    const answers = await openResponse(
      ctx,
      {
        dataset: exchange.dataset as Hex,
        holder: exchange.holder,
        epoch: exchange.epoch,
        request: exchange.request,
        blinds: fromHex(openSecrets(ctx.cipher, exchange.id, exchange.secrets).blinds),
      },
      query.subjects.map(({ subject }) => subject),
      answer.json,
    );
    await storeAnswer(ctx, exchange, answer.text, answers);
    ctx.progress.emit(query.id);
  } catch (error) {
    await notAnswered(ctx, query, exchange, error);
  }
}

async function notAnswered(
  ctx: QueryDependencies,
  query: LoadedQuery,
  exchange: PreparedRow,
  error: unknown,
): Promise<void> {
  if (error instanceof HolderRefusal) {
    const code = error.code ?? "HOLDER_UNREACHABLE";
    const passing =
      PASSING_STATUS.includes(error.status) || (PASSING.includes(error.code) && query.attempts < PASSING_TRIES);
    ctx.log.warn({ query: query.id, holder: exchange.holder, status: error.status, code }, "the holder refused");
    await (passing ? noteReason(ctx, exchange.id, code) : abandon(ctx, exchange, code));
    return;
  }
  if (!isFault(error)) throw error;
  ctx.log.warn({ query: query.id, holder: exchange.holder, code: error.code, values: error.values }, "no valid answer");
  // What does not hold now will not hold when the same stored answer comes again: another attempt, in another lane.
  const lasting: readonly FaultCode[] = ["RECEIPT_INVALID", "PROOF_REJECTED", "RESPONSE_MALFORMED", "MIRROR_MISSING"];
  const abandoned = lasting.includes(error.code) || error.code.startsWith("ELEMENT");
  await (abandoned ? abandon(ctx, exchange, error.code) : noteReason(ctx, exchange.id, error.code));
}

/** Ends the lease: leaves for what was answered, the new state, and when to look again. */
async function release(ctx: QueryDependencies, query: LoadedQuery, againMs: number): Promise<void> {
  const completed = await ctx.db.transaction().execute(async (trx): Promise<boolean> => {
    await addLeaves(ctx, trx, { id: query.id, purpose: query.purpose, subjects: query.subjects.length });
    const exchanges = await trx
      .selectFrom("query_exchanges")
      .select("state")
      .where("query_id", "=", query.id)
      .where("state", "<>", "abandoned")
      .execute();
    const count = (state: ExchangeState): number => exchanges.filter((exchange) => exchange.state === state).length;
    const answered = count("answered");
    const over = answered + count("refused") === exchanges.length;
    const state: QueryState = answered === exchanges.length ? "answered" : answered > 0 || over ? "partial" : "accepted";
    const now = ctx.clock();
    await trx
      .updateTable("queries")
      .set({
        state,
        leased_until: null,
        next_attempt_at: new Date(now.getTime() + againMs),
        ...(over ? { completed_at: now } : {}),
      })
      .where("id", "=", query.id)
      .execute();
    return over;
  });
  ctx.progress.emit(query.id);
  if (!completed) await ctx.jobs.enqueue("query", { id: query.id }, { delayMs: againMs + DUE_MS });
}
