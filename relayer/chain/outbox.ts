/**
 * Chain writes, store first: what is to be sent is signed and stored in the caller's own database transaction, before
 * anything is sent. Whoever enqueues gets the effect exactly once, through crashes, lost replies and a chain that came
 * back from an older snapshot.
 */
import type { Transaction } from "kysely";

import type { Hex } from "../../protocol/encoding/bytes.ts";
import type { Fault } from "../../protocol/errors/fault.ts";
import type { Database } from "../store/schema.ts";
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

export type MinedHandler = (trx: Transaction<Database>, intent: Intent, facts: MinedFacts) => Promise<void>;
export type FailedHandler = (trx: Transaction<Database>, intent: Intent, fault: Fault) => Promise<void>;

export type IntentState = "queued" | "mined" | "failed";

export interface Outbox {
  /**
   * Stores the call, its nonce and its signed transaction inside `trx`; call {@link poke} after the commit. Does nothing
   * if the key is already there.
   * @throws Fault OUTBOX_KEY_CONFLICT if the key is there with another call.
   */
  enqueue(trx: Transaction<Database>, call: OutboxCall): Promise<void>;
  /** Tries the call on the latest state without sending it. @throws Fault what the contract would refuse it with. */
  simulate(call: Pick<OutboxCall, "contract" | "data">): Promise<void>;
  /** Says that there may be something to send; never waits and never throws. */
  poke(): void;
  /** Runs in the database transaction that marks the call mined: once, whatever happens. One handler a kind. */
  onMined(kind: OutboxKind, handler: MinedHandler): void;
  /** Runs in the database transaction that marks the call failed for good. One handler a kind. */
  onFailed(kind: OutboxKind, handler: FailedHandler): void;
  /** Resolves when the call is mined. @throws Fault the call's own, or OUTBOX_WAIT_TIMEOUT. */
  wait(key: string, timeoutMs: number): Promise<MinedFacts>;
  state(key: string): Promise<IntentState | undefined>;
  /** Starts sending (and the slow sweep that needs no poke). */
  start(): Promise<void>;
  /** Stops after the step that runs; what is not sent stays stored. */
  close(): Promise<void>;
}
