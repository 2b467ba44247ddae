/** What becomes of a stored call when the chain has spoken: each outcome is decided once, in one database transaction. */
import type { Kysely, Transaction } from "kysely";

import type { Fault } from "../../protocol/errors/fault.ts";
import type { Database } from "../store/schema.ts";
import {
  countFillers,
  insertTransaction,
  intentOf,
  lockIntent,
  lockPending,
  markFailed,
  markMined,
  updateIntent,
  updateTransaction,
  type IntentRow,
  type SignAt,
  type TransactionRow,
} from "./outbox-store.ts";
import type { MinedFacts, OutboxKind } from "./intent.ts";
import type { FailedHandler, MinedHandler } from "./outbox.ts";
import { isNotTaken, isRetryable } from "./refusal.ts";

export interface Handlers {
  readonly mined: ReadonlyMap<OutboxKind, MinedHandler>;
  readonly failed: ReadonlyMap<OutboxKind, FailedHandler>;
}

export interface RetryPolicy {
  /** Refusals before a call that may still succeed is given up; a frozen platform does not count. */
  readonly maximum: number;
  /** First wait, doubled each time. */
  readonly firstMs: number;
  readonly longestMs: number;
}

export type Settled = "mined" | "failed" | "queued" | "elsewhere";

/** The transaction took effect. The handler runs here, once: also when the chain rolls back and it is mined again. */
export async function settleMined(
  db: Kysely<Database>,
  row: TransactionRow,
  facts: MinedFacts,
  handlers: Handlers,
): Promise<Settled> {
  return await db.transaction().execute(async (trx) => {
    if (!(await lockPending(trx, row))) return "elsewhere";
    if (row.intent_key === null) {
      await updateTransaction(trx, row, { state: "spent" });
      return "queued";
    }
    await updateTransaction(trx, row, { state: "mined" });
    const intent = await lockIntent(trx, row.intent_key);
    if (!intent.handled) await handlers.mined.get(intent.kind)?.(trx, intentOf(intent), facts);
    await markMined(trx, intent.key, facts);
    return "mined";
  });
}

/** The transaction used its nonce and did nothing, for the reason in `fault`. */
export async function settleSpent(
  db: Kysely<Database>,
  row: TransactionRow,
  fault: Fault,
  handlers: Handlers,
  policy: RetryPolicy,
  now: Date,
): Promise<Settled> {
  return await db.transaction().execute(async (trx) => {
    if (!(await lockPending(trx, row))) return "elsewhere";
    await updateTransaction(trx, row, { state: "spent" });
    if (row.intent_key === null) return "queued";
    return await refused(trx, await lockIntent(trx, row.intent_key), fault, handlers, policy, now);
  });
}

/** The transaction's nonce was used by another one that is not ours: the same call goes under a new nonce. */
export async function settleOvertaken(db: Kysely<Database>, row: TransactionRow, now: Date): Promise<Settled> {
  return await db.transaction().execute(async (trx) => {
    if (!(await lockPending(trx, row))) return "elsewhere";
    await updateTransaction(trx, row, { state: "spent" });
    if (row.intent_key !== null) await updateIntent(trx, row.intent_key, { retry_at: now });
    return "queued";
  });
}

/** A call that is due again: refused once more (`fault`), or sent under a new nonce. */
export async function retryIntent(
  db: Kysely<Database>,
  due: IntentRow,
  fault: Fault | undefined,
  sign: SignAt,
  handlers: Handlers,
  policy: RetryPolicy,
  now: Date,
): Promise<Settled> {
  return await db.transaction().execute(async (trx) => {
    const intent = await lockIntent(trx, due.key);
    const untouched = intent.state === "queued" && intent.attempt === due.attempt && intent.retries === due.retries;
    if (!untouched || intent.retry_at === null) return "elsewhere";
    if (fault !== undefined) return await refused(trx, intent, fault, handlers, policy, now);
    await updateIntent(trx, intent.key, { attempt: intent.attempt + 1, retry_at: null });
    await insertTransaction(trx, due.sender as `0x${string}`, intent.key, sign);
    return "queued";
  });
}

async function refused(
  trx: Transaction<Database>,
  intent: IntentRow,
  fault: Fault,
  handlers: Handlers,
  policy: RetryPolicy,
  now: Date,
): Promise<Settled> {
  // What had its effect once, before the chain rolled back, waits for what it builds on, whatever the refusal is.
  const mayStillSucceed = intent.handled || (isNotTaken(fault) ? await mayBeTaken(trx, intent) : isRetryable(fault));
  const frozen = fault.code === "PLATFORM_FROZEN";
  if (mayStillSucceed && (frozen || intent.retries < policy.maximum)) {
    const wait = Math.min(policy.longestMs, policy.firstMs * 2 ** Math.min(intent.retries, 30));
    const retries = frozen ? intent.retries : intent.retries + 1;
    await updateIntent(trx, intent.key, { retries, retry_at: new Date(now.getTime() + wait) });
    return "queued";
  }
  await handlers.failed.get(intent.kind)?.(trx, intentOf(intent), fault);
  await markFailed(trx, intent.key, fault);
  return "failed";
}

/** Nonces spent on a call that no node takes, before it is given up. */
const NOT_TAKEN_NONCES = 3;

async function mayBeTaken(trx: Transaction<Database>, { key }: IntentRow): Promise<boolean> {
  return (await countFillers(trx, key)) < NOT_TAKEN_NONCES;
}
