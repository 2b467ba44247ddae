/**
 * Another transaction under a nonce that is stuck. What was sent before is kept: a node may have it, and only one of them
 * can be mined. So no call ever has two nonces that could both be used, and no effect comes twice.
 */
import type { Kysely } from "kysely";

import { fromHex } from "../../protocol/encoding/bytes.ts";
import type { Database } from "../store/schema.ts";
import type { SignedTransaction } from "./operator-key.ts";
import { lockPending, updateTransaction, type TransactionRow } from "./outbox-store.ts";

export interface Replacement extends SignedTransaction {
  /** Does nothing but use up the nonce. */
  readonly filler: boolean;
}

/** @returns false if another process changed the row meanwhile. */
export async function replaceTransaction(
  db: Kysely<Database>,
  row: TransactionRow,
  { raw, hash, filler }: Replacement,
  reason: string,
  now: Date,
): Promise<boolean> {
  return await db.transaction().execute(async (trx) => {
    if (!(await lockPending(trx, row))) return false;
    const { sender, nonce } = row;
    await trx
      .insertInto("chain_replaced")
      .values({ hash: row.hash, sender, nonce, raw: row.raw, filler: row.filler, reason, replaced_at: now })
      .onConflict((conflict) => conflict.column("hash").doUpdateSet({ reason, replaced_at: now }))
      .execute();
    await updateTransaction(trx, row, { hash, filler, raw: Buffer.from(fromHex(raw)) });
    return true;
  });
}

/** What stood under the row's nonce before, the newest first. */
export async function replacedBy(
  db: Kysely<Database>,
  { sender, nonce }: Pick<TransactionRow, "sender" | "nonce">,
): Promise<{ hash: string; raw: Buffer; filler: boolean; reason: string }[]> {
  return await db
    .selectFrom("chain_replaced")
    .select(["hash", "raw", "filler", "reason"])
    .where("sender", "=", sender)
    .where("nonce", "=", nonce)
    .orderBy("replaced_at", "desc")
    .execute();
}

/** The chain took one that was replaced: the row is that one again. @returns it, or undefined if another process was faster. */
export async function adoptReplaced(
  db: Kysely<Database>,
  row: TransactionRow,
  mined: Pick<TransactionRow, "hash" | "raw" | "filler">,
): Promise<TransactionRow | undefined> {
  const { hash, raw, filler } = mined;
  return await db.transaction().execute(async (trx) => {
    if (!(await lockPending(trx, row))) return undefined;
    await updateTransaction(trx, row, { hash, raw, filler });
    return { ...row, hash, raw, filler };
  });
}
