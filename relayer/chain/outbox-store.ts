/** The outbox's rows: every function is one step that is whole or not at all, inside the transaction it is given. */
import type { Kysely, Selectable, Transaction } from "kysely";

import { fromHex, toHex, type Hex } from "../../protocol/encoding/bytes.ts";
import { Fault } from "../../protocol/errors/fault.ts";
import type { Database } from "../store/schema.ts";
import type { ChainIntentsTable, ChainTransactionsTable } from "../store/tables/chain.ts";
import type { Fees } from "./fees.ts";
import type { SignedTransaction } from "./operator-key.ts";
import type { Intent, MinedFacts, OutboxCall } from "./intent.ts";

export type IntentRow = Selectable<ChainIntentsTable>;
export type TransactionRow = Selectable<ChainTransactionsTable>;
export type SignAt = (nonce: number) => SignedTransaction;

export function intentOf(row: IntentRow): Intent {
  return { key: row.key, kind: row.kind, contract: row.contract, data: toHex(row.data), attempt: row.attempt };
}

export function factsOf(row: IntentRow): MinedFacts {
  return {
    hash: (row.hash ?? "0x") as Hex,
    blockNumber: row.block_number ?? 0,
    blockHash: (row.block_hash ?? "0x") as Hex,
    gasUsed: row.gas_used ?? 0,
    logs: row.logs ?? [],
  };
}

/** @returns false if the key is there already, with the same call. @throws Fault OUTBOX_KEY_CONFLICT */
export async function insertIntent(trx: Transaction<Database>, sender: Hex, call: OutboxCall): Promise<boolean> {
  const data = Buffer.from(fromHex(call.data));
  const { key, kind, contract } = call;
  const inserted = await trx
    .insertInto("chain_intents")
    .values({ key, sender, kind, contract, data, attempt: 1 })
    .onConflict((conflict) => conflict.column("key").doNothing())
    .executeTakeFirst();
  if (inserted.numInsertedOrUpdatedRows === 1n) return true;
  const found = await trx.selectFrom("chain_intents").selectAll().where("key", "=", key).executeTakeFirstOrThrow();
  if (found.kind !== kind || found.contract !== contract || !data.equals(found.data)) {
    throw new Fault("OUTBOX_KEY_CONFLICT", { key });
  }
  return false;
}

/**
 * Takes the account's next nonce under its row lock and stores what `sign` makes of it. A rollback gives the nonce back,
 * and nobody can have taken the one after meanwhile.
 */
export async function insertTransaction(
  trx: Transaction<Database>,
  sender: Hex,
  intentKey: string,
  sign: SignAt,
): Promise<void> {
  const account = await trx
    .selectFrom("chain_accounts")
    .select("next_nonce")
    .where("sender", "=", sender)
    // Not "for update": the foreign key of an intent just inserted holds a key share, and two such would deadlock.
    .forNoKeyUpdate()
    .executeTakeFirstOrThrow();
  const nonce = account.next_nonce;
  await insertSigned(trx, sender, nonce, intentKey, sign(nonce));
  await trx
    .updateTable("chain_accounts")
    .set({ next_nonce: nonce + 1 })
    .where("sender", "=", sender)
    .execute();
}

async function insertSigned(
  trx: Transaction<Database>,
  sender: Hex,
  nonce: number,
  intentKey: string | null,
  signed: SignedTransaction,
): Promise<void> {
  const raw = Buffer.from(fromHex(signed.raw));
  await trx
    .insertInto("chain_transactions")
    .values({ sender, nonce, hash: signed.hash, raw, intent_key: intentKey })
    .execute();
}

export async function findAccount(db: Kysely<Database>, sender: Hex) {
  return await db.selectFrom("chain_accounts").selectAll().where("sender", "=", sender).executeTakeFirst();
}

export async function createAccount(
  db: Kysely<Database>,
  account: { readonly sender: Hex; readonly nextNonce: number; readonly instance: Hex; readonly fees: Fees },
): Promise<void> {
  const { sender, nextNonce, instance, fees } = account;
  await db
    .insertInto("chain_accounts")
    .values({ sender, next_nonce: nextNonce, instance, fees: JSON.stringify(fees) })
    .onConflict((conflict) => conflict.column("sender").doNothing())
    .execute();
}

export async function updateFees(db: Kysely<Database>, sender: Hex, fees: Fees): Promise<void> {
  await db
    .updateTable("chain_accounts")
    .set({ fees: JSON.stringify(fees) })
    .where("sender", "=", sender)
    .execute();
}

/** Somebody used the account beside us: nonces below `count` are gone. */
export async function skipUsedNonces(db: Kysely<Database>, sender: Hex, count: number): Promise<void> {
  await db
    .updateTable("chain_accounts")
    .set({ next_nonce: count })
    .where("sender", "=", sender)
    .where("next_nonce", "<", count)
    .execute();
}

export interface Outstanding {
  readonly nextNonce: number;
  /** Highest nonce that was used up on chain, as far as we saw; -1 if none. */
  readonly highestUsed: number;
  /** In nonce order. */
  readonly pending: readonly TransactionRow[];
}

export async function readOutstanding(db: Kysely<Database>, sender: Hex, limit: number): Promise<Outstanding> {
  const account = await findAccount(db, sender);
  const pending = await db
    .selectFrom("chain_transactions")
    .selectAll()
    .where("sender", "=", sender)
    .where("state", "=", "pending")
    .orderBy("nonce")
    .limit(limit)
    .execute();
  const used = await db
    .selectFrom("chain_transactions")
    .select((expression) => expression.fn.max("nonce").as("nonce"))
    .where("sender", "=", sender)
    .where("state", "<>", "pending")
    .executeTakeFirst();
  return {
    nextNonce: account?.next_nonce ?? 0,
    highestUsed: (used?.nonce as number | null | undefined) ?? -1,
    pending,
  };
}

/**
 * The chain went back to `count` transactions of this account. What had an effect is to be sent again as it was; a
 * transaction without effect only has to use up its nonce again, for on the older state it might have one.
 * @returns how many are to be sent again.
 */
export async function reopenFrom(
  trx: Transaction<Database>,
  sender: Hex,
  count: number,
  signFiller: SignAt,
): Promise<number> {
  await trx.selectFrom("chain_accounts").select("sender").where("sender", "=", sender).forNoKeyUpdate().execute();
  const rows = await trx
    .selectFrom("chain_transactions")
    .selectAll()
    .where("sender", "=", sender)
    .where("nonce", ">=", count)
    .where("state", "<>", "pending")
    .forUpdate()
    .execute();
  for (const row of rows) {
    if (row.state === "mined") {
      await updateTransaction(trx, row, { state: "pending" });
      if (row.intent_key !== null) await updateIntent(trx, row.intent_key, { state: "queued", retry_at: null });
    } else {
      const { raw, hash } = signFiller(row.nonce);
      const filler = {
        state: "pending" as const,
        intent_key: null,
        filler: false,
        hash,
        raw: Buffer.from(fromHex(raw)),
      };
      await updateTransaction(trx, row, filler);
    }
  }
  return rows.length;
}

/** Uses up nonces that nothing of ours will ever use, so that what waits behind them can go. */
export async function fillNonces(
  trx: Transaction<Database>,
  sender: Hex,
  nonces: readonly number[],
  signFiller: SignAt,
): Promise<void> {
  for (const nonce of nonces) await insertSigned(trx, sender, nonce, null, signFiller(nonce));
}

/** The row under its lock if it is still pending with this hash; undefined if another worker has it or was faster. */
export async function lockPending(trx: Transaction<Database>, row: TransactionRow): Promise<boolean> {
  const locked = await trx
    .selectFrom("chain_transactions")
    .select("nonce")
    .where("sender", "=", row.sender)
    .where("nonce", "=", row.nonce)
    .where("hash", "=", row.hash)
    .where("state", "=", "pending")
    .forUpdate()
    .skipLocked()
    .executeTakeFirst();
  return locked !== undefined;
}

export async function lockIntent(trx: Transaction<Database>, key: string): Promise<IntentRow> {
  return await trx.selectFrom("chain_intents").selectAll().where("key", "=", key).forUpdate().executeTakeFirstOrThrow();
}

export async function updateTransaction(
  trx: Transaction<Database>,
  row: Pick<TransactionRow, "sender" | "nonce">,
  values: Partial<Pick<TransactionRow, "state" | "intent_key" | "hash" | "raw" | "filler">>,
): Promise<void> {
  await trx
    .updateTable("chain_transactions")
    .set(values)
    .where("sender", "=", row.sender)
    .where("nonce", "=", row.nonce)
    .execute();
}

export async function updateIntent(
  trx: Transaction<Database>,
  key: string,
  values: Partial<Pick<IntentRow, "state" | "attempt" | "retries" | "retry_at" | "handled">>,
): Promise<void> {
  await trx.updateTable("chain_intents").set(values).where("key", "=", key).execute();
}

export async function markMined(trx: Transaction<Database>, key: string, facts: MinedFacts): Promise<void> {
  await trx
    .updateTable("chain_intents")
    .set({
      state: "mined",
      handled: true,
      retry_at: null,
      hash: facts.hash,
      block_number: facts.blockNumber,
      block_hash: facts.blockHash,
      gas_used: facts.gasUsed,
      logs: JSON.stringify(facts.logs),
    })
    .where("key", "=", key)
    .execute();
}

export async function markFailed(trx: Transaction<Database>, key: string, fault: Fault): Promise<void> {
  const { code, values } = fault;
  await trx
    .updateTable("chain_intents")
    .set({ state: "failed", retry_at: null, fault: JSON.stringify({ code, values }) })
    .where("key", "=", key)
    .execute();
}

export async function dueRetries(db: Kysely<Database>, sender: Hex, now: Date): Promise<readonly IntentRow[]> {
  return await db
    .selectFrom("chain_intents")
    .selectAll()
    .where("sender", "=", sender)
    .where("state", "=", "queued")
    .where("retry_at", "<=", now)
    .orderBy("retry_at")
    .limit(50)
    .execute();
}

export async function findIntent(db: Kysely<Database>, key: string): Promise<IntentRow | undefined> {
  return await db.selectFrom("chain_intents").selectAll().where("key", "=", key).executeTakeFirst();
}

/** How many nonces were used up in place of this call. */
export async function countFillers(trx: Transaction<Database>, key: string): Promise<number> {
  const { count } = await trx
    .selectFrom("chain_transactions")
    .select((expression) => expression.fn.countAll<string>().as("count"))
    .where("intent_key", "=", key)
    .where("filler", "=", true)
    .executeTakeFirstOrThrow();
  return Number(count);
}
