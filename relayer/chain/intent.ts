/** What is stored of a chain write: the call, and what became of it. */
import type { Hex } from "../../protocol/encoding/bytes.ts";
import type { ContractName } from "./deployment.ts";

export type OutboxKind =
  | "apply"
  | "accept-nomination"
  | "set-endpoint"
  | "register-dataset"
  | "publish"
  | "withdraw"
  | "nil-report"
  | "destroy-key"
  | "open-session"
  | "settle"
  | "anchor"
  | "prove-fork"
  | "close-session"
  | "anchor-audit"
  | "contribute-statistic"
  | "edition"
  | "register-node"
  | "retire-node"
  | "node-heartbeat"
  | "post-round"
  | "advance-round"
  | "report-node"
  | "release-statistic"
  | "govern";

/** One call of a platform contract. */
export interface OutboxCall {
  /** Idempotency key: a second call with a key that is already there is not stored. */
  readonly key: string;
  readonly kind: OutboxKind;
  readonly contract: ContractName;
  readonly data: Hex;
}

/** A stored call, as its handlers see it. */
export interface Intent extends OutboxCall {
  /** Counted from 1; a new attempt has a new nonce and hash. */
  readonly attempt: number;
}

export interface MinedLog {
  readonly address: Hex;
  readonly topics: readonly Hex[];
  readonly data: Hex;
  readonly logIndex: number;
}

/** What is known of a call that took effect. */
export interface MinedFacts {
  readonly hash: Hex;
  readonly blockNumber: number;
  readonly blockHash: Hex;
  readonly gasUsed: number;
  readonly logs: readonly MinedLog[];
}

export type IntentState = "queued" | "mined" | "failed";
