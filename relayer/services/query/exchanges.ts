/** State transitions of an exchange in the store, each one transaction. */
import { randomUUID } from "node:crypto";
import type { Transaction } from "kysely";

import type { FaultCode } from "../../../protocol/errors/catalogue.ts";
import type { RelayerContext } from "../../context.ts";
import type { Database } from "../../store/schema.ts";
import type { OpenedAnswer } from "./open-response.ts";
import { sealOpening } from "./secrets.ts";

type ExchangeDependencies = Pick<RelayerContext, "db" | "cipher" | "clock">;

/** What identifies a prepared exchange and its lane. */
export interface PreparedExchange {
  readonly id: string;
  readonly query_id: string;
  readonly dataset: string;
  readonly holder: number;
  readonly session: string | null;
  readonly lane: number | null;
}

/** Prepared -> answered: the answers of all subjects, and the lane free again. */
export async function storeAnswer(
  ctx: ExchangeDependencies,
  exchange: PreparedExchange,
  response: string,
  answers: readonly OpenedAnswer[],
): Promise<void> {
  await ctx.db.transaction().execute(async (trx) => {
    const updated = await trx
      .updateTable("query_exchanges")
      .set({ state: "answered", reason: null, response, answered_at: ctx.clock() })
      .where("id", "=", exchange.id)
      .where("state", "=", "prepared")
      .executeTakeFirst();
    if (updated.numUpdatedRows === 0n) return;
    const rows = answers.map((answer, position) => ({
      query_id: exchange.query_id,
      position,
      dataset: exchange.dataset,
      exchange: exchange.id,
      outcome: answer.outcome,
      revision: answer.revision,
      opening: sealOpening(ctx.cipher, answerPlace(exchange.query_id, position, exchange.dataset), answer.opening),
    }));
    for (let at = 0; at < rows.length; at += 1_000) {
      await trx
        .insertInto("query_answers")
        .values(rows.slice(at, at + 1_000))
        .execute();
    }
    await releaseLane(trx, exchange, false);
  });
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
    await releaseLane(trx, exchange, true);
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

/** Says why an exchange is not answered yet. */
export async function noteReason(ctx: Pick<RelayerContext, "db">, id: string, reason: string): Promise<void> {
  await ctx.db.updateTable("query_exchanges").set({ reason }).where("id", "=", id).execute();
}

/** Where an answer's sealed column stands; the cipher binds it there. */
export function answerPlace(query: string, position: number, dataset: string): string {
  return `${query}:${String(position)}:${dataset}`;
}

async function releaseLane(
  trx: Transaction<Database>,
  exchange: PreparedExchange,
  abandoned: boolean,
): Promise<void> {
  await trx
    .updateTable("query_lanes")
    .set(abandoned ? { exchange: null, abandoned } : { exchange: null })
    .where("session", "=", exchange.session)
    .where("dataset", "=", exchange.dataset)
    .where("exchange", "=", exchange.id)
    .execute();
}
