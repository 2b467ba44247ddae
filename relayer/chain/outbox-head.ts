/**
 * The head of the queue: the stored transaction with the account's next nonce. While it is not mined, nothing behind it can
 * be. One that no node takes, or that blocks go by without, is replaced under its nonce: first by the same call with the gas
 * and fees of now, then by one that does nothing, after which the call is due again under another nonce.
 */
import { Transaction, type JsonRpcProvider } from "ethers";
import type { Kysely } from "kysely";

import { toHex } from "../../protocol/encoding/bytes.ts";
import type { Database } from "../store/schema.ts";
import type { OfferedFees } from "./fees.ts";
import type { SignedTransaction } from "./operator-key.ts";
import { replaceTransaction, replacedBy } from "./outbox-replace.ts";
import type { TransactionRow } from "./outbox-store.ts";

export interface HeadOptions {
  readonly db: Kysely<Database>;
  readonly provider: JsonRpcProvider;
  readonly clock: () => Date;
  readonly log: { warn(values: object, message: string): void };
  /** Refused, or accepted and not mined, for this long before it is replaced. */
  readonly stuckAfterMs: number;
  /** Blocks that must have been made without it meanwhile, so that a chain that stands still is not taken for a stuck head. */
  readonly stuckBlocks: number;
  /** The row's call, or a transaction without effect, under its nonce, with fees of now that are above what it offered. */
  signAgain(row: TransactionRow, offered: OfferedFees): Promise<SignedTransaction | undefined>;
  signFillerAbove(row: TransactionRow, offered: OfferedFees): Promise<SignedTransaction>;
}

export interface HeadKeeper {
  /** The node refused the head. */
  refused(row: TransactionRow, reason: string): Promise<void>;
  /** The node has the head, and it is not mined. */
  accepted(row: TransactionRow): Promise<void>;
}

interface Waiting {
  readonly hash: string;
  readonly since: number;
  readonly block?: number;
}

export function createHeadKeeper(options: HeadOptions): HeadKeeper {
  const { db, provider, clock, log } = options;
  let refusing: Waiting | undefined;
  let waiting: Waiting | undefined;

  function lasted(from: Waiting): boolean {
    return clock().getTime() - from.since >= options.stuckAfterMs;
  }

  async function replace(row: TransactionRow, reason: string): Promise<void> {
    const { gasPrice, maxFeePerGas, maxPriorityFeePerGas } = Transaction.from(toHex(row.raw));
    const offered = { gasPrice, maxFeePerGas, maxPriorityFeePerGas };
    const isFirst = !row.filler && (await replacedBy(db, row)).length === 0;
    const again = isFirst ? await options.signAgain(row, offered) : undefined;
    // Signed anew with nothing else in it, it would be refused again.
    const call = again?.hash === row.hash ? undefined : again;
    const next = call ?? (await options.signFillerAbove(row, offered));
    refusing = waiting = undefined;
    if (next.hash === row.hash) return;
    const filler = call === undefined;
    if (!(await replaceTransaction(db, row, { ...next, filler }, reason, clock()))) return;
    log.warn({ key: row.intent_key, nonce: row.nonce, reason, filler }, "replaced a transaction that was stuck");
  }

  return {
    async refused(row, reason) {
      waiting = undefined;
      if (refusing?.hash !== row.hash) refusing = { hash: row.hash, since: clock().getTime() };
      else if (lasted(refusing)) await replace(row, reason);
    },
    async accepted(row) {
      refusing = undefined;
      if (waiting?.hash !== row.hash) {
        waiting = { hash: row.hash, since: clock().getTime() };
        return;
      }
      const block = Number(await provider.send("eth_blockNumber", []));
      if (waiting.block === undefined) waiting = { ...waiting, block };
      else if (lasted(waiting) && block - waiting.block >= options.stuckBlocks) await replace(row, "never mined");
    },
  };
}
