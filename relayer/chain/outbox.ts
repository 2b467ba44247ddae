/**
 * Chain writes, store first: what is to be sent is signed and stored in the caller's own database transaction, before
 * anything is sent. Whoever enqueues gets the effect exactly once, through crashes, lost replies and a chain that came
 * back from an older snapshot.
 */
import type { Transaction } from "kysely";

import type { Fault } from "../../protocol/errors/fault.ts";
import type { Database } from "../store/schema.ts";
import type { Intent, IntentState, MinedFacts, OutboxCall, OutboxKind } from "./intent.ts";

export type { Intent, IntentState, MinedFacts, MinedLog, OutboxCall, OutboxKind } from "./intent.ts";

export type MinedHandler = (trx: Transaction<Database>, intent: Intent, facts: MinedFacts) => Promise<void>;
export type FailedHandler = (trx: Transaction<Database>, intent: Intent, fault: Fault) => Promise<void>;

export interface Outbox {
  /**
   * Stores the call, its nonce and its signed transaction inside `trx`; call {@link poke} after the commit. Does nothing
   * if the key is already there. After {@link start}. Until `trx` ends, others who enqueue wait: keep it short.
   * @throws Fault OUTBOX_KEY_CONFLICT if the key is there with another call, CHAIN_UNREACHABLE if the chain was never
   * reached since this database was made (later, enqueueing needs no chain).
   */
  enqueue(trx: Transaction<Database>, call: OutboxCall): Promise<void>;
  /** Tries the call on the latest state without sending it. @throws Fault what the contract would refuse it with. */
  simulate(call: Pick<OutboxCall, "contract" | "data">): Promise<void>;
  /** Says that there may be something to send; never waits and never throws. */
  poke(): void;
  /**
   * Runs in the database transaction that marks the call mined: once, whatever happens. One handler a kind, before start.
   * After a roll-back of the chain the call is mined again, maybe in another block: ask {@link wait} for where it is now.
   */
  onMined(kind: OutboxKind, handler: MinedHandler): void;
  /** Runs in the database transaction that marks the call failed for good. One handler a kind, before start. */
  onFailed(kind: OutboxKind, handler: FailedHandler): void;
  /** Resolves when the call is mined. @throws Fault the call's own, or OUTBOX_WAIT_TIMEOUT. */
  wait(key: string, timeoutMs: number): Promise<MinedFacts>;
  state(key: string): Promise<IntentState | undefined>;
  /** Starts sending (and the slow sweep that needs no poke). */
  start(): Promise<void>;
  /** Stops after the step that runs; what is not sent stays stored. */
  close(): Promise<void>;
}
