/**
 * One look at the chain: sends what is stored and not mined, settles what is mined, starts again what may be tried again.
 * Every decision is taken from the database and the chain as they are now, so it may be cut off at any line, run twice at
 * once, or be repeated.
 */
import { Transaction, type JsonRpcProvider } from "ethers";
import type { Kysely } from "kysely";

import { toHex, type Hex } from "../../protocol/encoding/bytes.ts";
import { Fault, isFault } from "../../protocol/errors/fault.ts";
import type { Database } from "../store/schema.ts";
import { explainFailure } from "./call-chain.ts";
import type { HeadKeeper } from "./outbox-head.ts";
import { adoptReplaced, replacedBy } from "./outbox-replace.ts";
import { fillNonces, readOutstanding, reopenFrom, skipUsedNonces } from "./outbox-store.ts";
import type { SignAt, TransactionRow } from "./outbox-store.ts";
import { settleMined, settleOvertaken, settleSpent, type Handlers, type RetryPolicy } from "./outbox-settle.ts";
import type { MinedFacts, MinedLog } from "./intent.ts";
import { isUnreachable } from "./provider.ts";

export interface SenderOptions {
  readonly db: Kysely<Database>;
  readonly provider: JsonRpcProvider;
  readonly sender: Hex;
  readonly handlers: Handlers;
  readonly policy: RetryPolicy;
  readonly signFiller: SignAt;
  readonly clock: () => Date;
  /** A transaction whose nonce is used but whose receipt does not show for this long was overtaken by another one. */
  readonly overtakenAfterMs: number;
  /** A nonce that nothing stored will use is filled after this long. */
  readonly gapAfterMs: number;
  readonly resendAfterMs: number;
  readonly head: HeadKeeper;
  readonly onSettled: (key: string) => void;
  readonly log: SenderLog;
}

export interface SenderLog {
  info(values: object, message: string): void;
  warn(values: object, message: string): void;
  error(values: object, message: string): void;
}

/** Nodes hold only so many transactions of one account. */
const AHEAD = 64;
const READ_AT_ONCE = 256;

interface Receipt {
  readonly status: string;
  readonly blockNumber: string;
  readonly blockHash: Hex;
  readonly gasUsed: string;
  readonly logs: readonly { address: Hex; topics: Hex[]; data: Hex; logIndex: string }[];
}

export interface Look {
  /** Stored transactions that are not mined yet. */
  readonly pending: number;
  readonly settled: number;
}

export function createSender(options: SenderOptions): { look(): Promise<Look> } {
  const { db, provider, sender, clock, log } = options;
  const sentAt = new Map<string, number>();
  const missingSince = new Map<string, number>();
  const heldBack = new Map<string, { readonly waitMs: number; readonly until: number }>();

  async function look(): Promise<Look> {
    // The database first: what it calls mined then was mined before the count is taken, or the chain rolled back.
    let outstanding = await readOutstanding(db, sender, READ_AT_ONCE);
    const count = Number(await provider.send("eth_getTransactionCount", [sender, "latest"]));
    if (outstanding.highestUsed >= count) {
      await replay(count);
      outstanding = await readOutstanding(db, sender, READ_AT_ONCE);
    }
    if (count > outstanding.nextNonce) await skipUsedNonces(db, sender, count);
    await fillGap(count, outstanding.pending[0]?.nonce ?? outstanding.nextNonce);
    const used = outstanding.pending.filter(({ nonce }) => nonce < count);
    const receipts = await Promise.allSettled(used.map(receiptOf));
    let settled = 0;
    // One after another, in the order of the chain: a handler sees what the handlers before it did.
    for (const [index, row] of used.entries()) {
      const receipt = receipts[index];
      if (receipt?.status === "fulfilled" && (await settle(row, receipt.value))) settled += 1;
    }
    const unsent = outstanding.pending.filter(({ nonce }) => nonce >= count && nonce < count + AHEAD);
    await send(unsent, count);
    // A reply that got lost costs this one answer; a node that gives none at all is for the caller to wait for.
    const lost = receipts.find((receipt) => receipt.status === "rejected");
    if (lost !== undefined && settled === 0) throw lost.reason;
    return { pending: outstanding.pending.length - settled, settled };
  }

  async function replay(count: number): Promise<void> {
    const reopened = await db.transaction().execute((trx) => reopenFrom(trx, sender, count, options.signFiller));
    // Whatever the node was given before, it has forgotten.
    sentAt.clear();
    if (reopened > 0) log.warn({ nonce: count, transactions: reopened }, "the chain rolled back: sending again");
  }

  async function fillGap(count: number, firstStored: number): Promise<void> {
    const key = `gap:${String(count)}`;
    if (count >= firstStored) {
      missingSince.delete(key);
      return;
    }
    if (!lasted(key, options.gapAfterMs)) return;
    const nonces = Array.from({ length: firstStored - count }, (_, index) => count + index);
    await db.transaction().execute((trx) => fillNonces(trx, sender, nonces, options.signFiller));
    log.warn({ nonces: nonces.length, from: count }, "filled a gap of nonces");
  }

  /** Whether what `key` stands for has been seen for `ms`. */
  function lasted(key: string, ms: number): boolean {
    const since = missingSince.get(key);
    if (since === undefined) missingSince.set(key, clock().getTime());
    return since !== undefined && clock().getTime() - since >= ms;
  }

  async function receiptOf(row: Pick<TransactionRow, "hash">): Promise<Receipt | null> {
    return (await provider.send("eth_getTransactionReceipt", [row.hash])) as Receipt | null;
  }

  async function settle(row: TransactionRow, receipt: Receipt | null): Promise<boolean> {
    const held = heldBack.get(row.hash);
    if (held !== undefined && clock().getTime() < held.until) return false;
    try {
      if (receipt === null) return await settleMissing(row);
      missingSince.delete(row.hash);
      if (row.filler && row.intent_key !== null) {
        await settleSpent(db, row, await whyReplaced(row), options.handlers, options.policy, clock());
      } else if (BigInt(receipt.status) === 1n) {
        await settleMined(db, row, factsOf(row, receipt), options.handlers);
      } else {
        const fault = await whyFailed(row, receipt);
        log.warn({ key: row.intent_key, code: fault.code, error: fault.values["error"] }, "the chain refused a call");
        await settleSpent(db, row, fault, options.handlers, options.policy, clock());
      }
    } catch (error) {
      if (isUnreachable(error)) throw error;
      // The handler's own failure: this call stays as it is and is tried again; the others go on.
      log.error({ key: row.intent_key, err: error }, "the outcome of a chain call could not be handled");
      const waitMs = Math.min(60_000, 2 * (held?.waitMs ?? 250));
      heldBack.set(row.hash, { waitMs, until: clock().getTime() + waitMs });
      return false;
    }
    sentAt.delete(row.hash);
    heldBack.delete(row.hash);
    if (row.intent_key !== null) options.onSettled(row.intent_key);
    return true;
  }

  async function settleMissing(row: TransactionRow): Promise<boolean> {
    for (const earlier of await replacedBy(db, row)) {
      const receipt = await receiptOf(earlier);
      if (receipt === null) continue;
      const adopted = await adoptReplaced(db, row, earlier);
      return adopted !== undefined && (await settle(adopted, receipt));
    }
    const known = (await provider.send("eth_getTransactionByHash", [row.hash])) as object | null;
    if (known !== null || !lasted(row.hash, options.overtakenAfterMs)) return false;
    missingSince.delete(row.hash);
    log.warn({ key: row.intent_key, nonce: row.nonce }, "another transaction of this account took the nonce");
    await settleOvertaken(db, row, clock());
    return true;
  }

  /** Of a nonce that was used up in place of a call: what the node said to the call. */
  async function whyReplaced(row: TransactionRow): Promise<Fault> {
    const reason = (await replacedBy(db, row)).find(({ filler }) => !filler)?.reason ?? "";
    return new Fault("TRANSACTION_NOT_TAKEN", { reason });
  }

  async function whyFailed(row: TransactionRow, receipt: Receipt): Promise<Fault> {
    const { to, data, gasLimit } = Transaction.from(toHex(row.raw));
    return await explainFailure(provider, {
      from: sender,
      to: (to ?? sender) as Hex,
      data: data as Hex,
      gasLimit,
      gasUsed: BigInt(receipt.gasUsed),
      blockNumber: Number(receipt.blockNumber),
    });
  }

  async function send(rows: readonly TransactionRow[], count: number): Promise<void> {
    for (const row of rows) {
      const before = sentAt.get(row.hash);
      if (before !== undefined && clock().getTime() - before < options.resendAfterMs) continue;
      try {
        await provider.send("eth_sendRawTransaction", [toHex(row.raw)]);
      } catch (error) {
        if (isUnreachable(error)) throw error;
        const message = refusalText(error);
        if (/nonce too low|nonce.*already.*used/i.test(message)) return;
        if (!/already (known|imported|exists)|known transaction/i.test(message)) {
          log.warn({ key: row.intent_key, nonce: row.nonce, reason: message }, "the node does not take a transaction");
          sentAt.set(row.hash, clock().getTime());
          if (row.nonce === count) await options.head.refused(row, message);
          return;
        }
      }
      sentAt.set(row.hash, clock().getTime());
      if (row.nonce === count) await options.head.accepted(row);
    }
  }

  return { look };
}

function factsOf(row: TransactionRow, receipt: Receipt): MinedFacts {
  return {
    hash: row.hash as Hex,
    blockNumber: Number(receipt.blockNumber),
    blockHash: receipt.blockHash,
    gasUsed: Number(receipt.gasUsed),
    logs: receipt.logs.map(({ address, topics, data, logIndex }): MinedLog => ({
      address: address.toLowerCase() as Hex,
      topics,
      data,
      logIndex: Number(logIndex),
    })),
  };
}

/** The node's own words: ethers wraps them differently by what it makes of them. */
function refusalText(error: unknown): string {
  if (isFault(error)) return error.message;
  const {
    message,
    info,
    error: inner,
  } = error as {
    message?: string;
    info?: { error?: { message?: string } };
    error?: { message?: string };
  };
  return info?.error?.message ?? inner?.message ?? message ?? String(error);
}
