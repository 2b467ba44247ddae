/** Tables of the chain: the outbox (accounts, intents, transactions) and the watcher's cursor. */
import type { ColumnType, Generated } from "kysely";

import type { ContractName } from "../../chain/deployment.ts";
import type { Fees } from "../../chain/fees.ts";
import type { MinedLog, OutboxKind } from "../../chain/intent.ts";
import type { FaultCode } from "../../../protocol/errors/catalogue.ts";
import type { FaultValues } from "../../../protocol/errors/fault.ts";
import type { Checkpoint } from "../../chain/checkpoints.ts";

export interface ChainTables {
  chain_accounts: ChainAccountsTable;
  chain_intents: ChainIntentsTable;
  chain_transactions: ChainTransactionsTable;
  chain_replaced: ChainReplacedTable;
  chain_cursors: ChainCursorsTable;
}

/** One row an operator account; its lock orders the nonces. */
interface ChainAccountsTable {
  sender: string;
  next_nonce: number;
  /** The ledger's `instanceSalt`: these rows belong to that deployment and no other. */
  instance: string;
  /** What the chain last asked for, used while it does not answer. */
  fees: Json<Fees>;
}

export interface ChainIntentsTable {
  key: string;
  sender: string;
  kind: OutboxKind;
  contract: ContractName;
  data: Buffer;
  state: Generated<"queued" | "mined" | "failed">;
  attempt: number;
  /** Refused tries, on chain or before sending. */
  retries: Generated<number>;
  /** Set while no transaction of this intent is under way. */
  retry_at: Date | null;
  /** Its onMined has run. */
  handled: Generated<boolean>;
  hash: string | null;
  block_number: number | null;
  block_hash: string | null;
  gas_used: number | null;
  logs: Json<readonly MinedLog[]> | null;
  fault: Json<{ readonly code: FaultCode; readonly values: FaultValues }> | null;
  created_at: ColumnType<Date, never, never>;
}

export interface ChainTransactionsTable {
  sender: string;
  nonce: number;
  hash: string;
  /** Signed, as it is sent. */
  raw: Buffer;
  /** Null for a transaction that only uses up its nonce. */
  intent_key: string | null;
  /** spent: used its nonce without effect (reverted, overtaken by another one, or sent for that purpose). */
  state: Generated<"pending" | "mined" | "spent">;
  /** Only uses up the nonce, in place of its intent's call, which no node took. */
  filler: Generated<boolean>;
}

/** What was sent, or tried, under a nonce before its present transaction: a node may have it and mine it yet. */
export interface ChainReplacedTable {
  hash: string;
  sender: string;
  nonce: number;
  raw: Buffer;
  filler: boolean;
  /** The node's words, or that it was never mined. */
  reason: string;
  replaced_at: Date;
}

interface ChainCursorsTable {
  name: string;
  /** Blocks whose events are handled, newest last. */
  checkpoints: Json<readonly Checkpoint[]>;
}

/** Written as text, read as what it holds. */
type Json<T> = ColumnType<T, string, string>;
