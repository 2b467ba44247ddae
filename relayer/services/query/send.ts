/** Sends prepared requests and stores what comes back, wave by wave. */
import { setTimeout as pause } from "node:timers/promises";

import type { CompiledQuery, Transaction } from "kysely";

import { fromHex, type Hex } from "../../../protocol/encoding/bytes.ts";
import type { FaultCode } from "../../../protocol/errors/catalogue.ts";
import { isFault } from "../../../protocol/errors/fault.ts";
import { together } from "../../store/postgres-dialect.ts";
import type { Database } from "../../store/schema.ts";
import {
  abandon,
  answerStatements,
  drop,
  isNotPrepared,
  lockPrepared,
  noteReason,
  requirePrepared,
  type AnsweredExchange,
  type PreparedExchange,
} from "./exchanges.ts";
import { callEvaluate, HolderRefusal } from "./holder-client.ts";
import { leafStatements } from "./leaves.ts";
import { stateStatement, type LeasedQuery } from "./lease.ts";
import { checkReceipt, openResponse } from "./open-response.ts";
import type { QueryDependencies } from "./query-context.ts";

/** Answers that come within this time of the first are stored together; a slow holder does not hold up the others. */
const GATHER_MS = 100;

/** Statements that store an ordinary wave: the lock, exchanges, answers, and the leaves of one or two sessions. */
const SENT_TOGETHER = 5;

/**
 * Refusals after which the same bytes are sent again, however long it takes: they end with a freeze, a suspension or an
 * outage. A lane given up for each query of that time would leave none for the time after it.
 */
const PASSING: readonly (FaultCode | undefined)[] = ["MEMBER_SUSPENDED", "PLATFORM_FROZEN"];
const PASSING_STATUS = [408, 425, 429, 500, 502, 503, 504];
/** Tries of the same bytes at a holder that does not know the session yet, before another session is used. */
const SESSION_TRIES = 8;
/** What does not hold now will not hold when the same stored answer comes again: another attempt, in another lane. */
const LASTING: readonly FaultCode[] = ["RECEIPT_INVALID", "PROOF_REJECTED", "RESPONSE_MALFORMED", "MIRROR_MISSING"];

/** Who is told of answers, wave by wave. */
export interface AnswerWatch {
  /** They are here, and are being stored. */
  arrived(wave: readonly AnsweredExchange[]): void;
  /** They were stored here: not told of what another process stored. */
  stored(wave: readonly AnsweredExchange[]): void;
}

/** Returns true if nothing more is to be expected of the query. */
export async function sendPrepared(
  ctx: QueryDependencies,
  query: LeasedQuery,
  prepared: readonly PreparedExchange[],
  watch?: AnswerWatch,
): Promise<boolean> {
  let over = false;
  let arrived: AnsweredExchange[] = [];
  const flying = new Set(
    prepared.map((exchange) => {
      const flight: Promise<void> = send(ctx, query, exchange).then((answered) => {
        if (answered !== undefined) arrived.push(answered);
        flying.delete(flight);
      });
      return flight;
    }),
  );
  while (flying.size > 0 || arrived.length > 0) {
    if (arrived.length === 0) await Promise.race(flying);
    if (flying.size > 0) await Promise.race([Promise.all(flying), pause(GATHER_MS)]);
    const wave = arrived;
    arrived = [];
    if (wave.length === 0) continue;
    const storing = storeWave(ctx, query, wave, watch);
    watch?.arrived(wave);
    over = await storing;
    ctx.progress.emit(query.id, over);
  }
  return over;
}

/** Stores what came back together, with its leaves, as one transaction. Returns true if nothing more is to be expected. */
async function storeWave(
  ctx: QueryDependencies,
  query: LeasedQuery,
  wave: readonly AnsweredExchange[],
  watch: AnswerWatch | undefined,
): Promise<boolean> {
  const transaction = ctx.db.transaction();
  try {
    const over = await transaction.execute((trx) => storeIn(ctx, trx, query, wave, [requirePrepared(ctx, wave)]));
    watch?.stored(wave);
    return over;
  } catch (error) {
    if (!isNotPrepared(error)) throw error;
  }
  // Another process stored some of it meanwhile: the rest, which has other leaves.
  return transaction.execute(async (trx) => storeIn(ctx, trx, query, await lockPrepared(trx, wave), []));
}

async function storeIn(
  ctx: QueryDependencies,
  trx: Transaction<Database>,
  query: LeasedQuery,
  answered: readonly AnsweredExchange[],
  first: readonly CompiledQuery[],
): Promise<boolean> {
  const facts = { id: query.id, purpose: query.purpose, subjects: query.subjects.length };
  const statements = [...first, ...answerStatements(ctx, answered), ...leafStatements(ctx, facts, answered)];
  // Of a large batch one at a time: together they would be too much for one message.
  const large = statements.length > SENT_TOGETHER ? statements.splice(0) : [];
  for (const statement of large) await trx.executeQuery(statement);
  const results = await together(trx, [...statements, stateStatement(ctx, query.id)], { commit: true });
  return (results.at(-1)?.rows[0] as { over: boolean } | undefined)?.over === true;
}

async function send(
  ctx: QueryDependencies,
  query: LeasedQuery,
  exchange: PreparedExchange,
): Promise<AnsweredExchange | undefined> {
  try {
    const holder = await ctx.chain.member(exchange.holder);
    const call = { holder, body: exchange.request, elements: exchange.signed.elements.length };
    const answer = await callEvaluate(ctx.channel, call);
    if (exchange.service !== null) {
      // Whether its part is right shows when parts are put together.
      await checkReceipt(ctx, exchange.holder, exchange.signed, answer.json);
      ctx.nodeHealth.answered(exchange.holder);
      return { exchange, response: answer.text, answers: [] };
    }
    const answers = await openResponse(
      ctx,
      {
        dataset: exchange.dataset as Hex,
        holder: exchange.holder,
        epoch: exchange.epoch,
        request: exchange.signed,
        blinds: fromHex(exchange.secrets.blinds),
      },
      query.subjects.map(({ subject }) => subject),
      answer.json,
    );
    return { exchange, response: answer.text, answers };
  } catch (error) {
    await notAnswered(ctx, query, exchange, error);
    return undefined;
  }
}

async function notAnswered(
  ctx: QueryDependencies,
  query: LeasedQuery,
  exchange: PreparedExchange,
  error: unknown,
): Promise<void> {
  const facts = { query: query.id, holder: exchange.holder };
  if (error instanceof HolderRefusal) {
    const code = error.code ?? "HOLDER_UNREACHABLE";
    const early = error.code === "SESSION_UNKNOWN" && query.attempts < SESSION_TRIES;
    // What anybody between the two could have said must not cost a lane.
    const passing =
      !error.authenticated || early || PASSING.includes(error.code) || PASSING_STATUS.includes(error.status);
    if (exchange.service !== null && !early && !PASSING.includes(error.code)) ctx.nodeHealth.failed(exchange.holder);
    ctx.log.warn({ ...facts, status: error.status, code }, "the holder refused");
    await (passing ? noteReason(ctx, exchange.id, code) : giveUpLane(ctx, exchange, code));
  } else if (isFault(error)) {
    if (exchange.service !== null) ctx.nodeHealth.failed(exchange.holder);
    ctx.log.warn({ ...facts, code: error.code, values: error.values }, "no valid answer");
    const lasting = LASTING.includes(error.code) || error.code.startsWith("ELEMENT");
    await (lasting ? giveUpLane(ctx, exchange, error.code) : noteReason(ctx, exchange.id, error.code));
  } else {
    ctx.log.error({ ...facts, err: error }, "an exchange failed; it is tried again");
    await noteReason(ctx, exchange.id, "INTERNAL");
  }
}

/** A holder is asked anew, in another lane; for a node, whoever drives the picture finds another. */
async function giveUpLane(ctx: QueryDependencies, exchange: PreparedExchange, reason: FaultCode): Promise<void> {
  await (exchange.service === null ? abandon(ctx, exchange, reason) : drop(ctx, exchange.id, reason));
}
