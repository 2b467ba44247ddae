/** The outbox put together: what services call, and the loop that looks at the chain when there is something to do. */
import { EventEmitter } from "node:events";

import type { JsonRpcProvider } from "ethers";
import type { Kysely, Transaction } from "kysely";

import { toHex, type Hex } from "../../protocol/encoding/bytes.ts";
import { Fault, isFault } from "../../protocol/errors/fault.ts";
import type { Database } from "../store/schema.ts";
import { bindAccount, type BoundAccount } from "./account.ts";
import { estimateGas, tryCall } from "./call-chain.ts";
import type { Deployment } from "./deployment.ts";
import { defaultGas, feeFields, feesAbove, gasLimit, type OfferedFees } from "./fees.ts";
import type { OperatorKey } from "./operator-key.ts";
import { createHeadKeeper } from "./outbox-head.ts";
import { createSender, type SenderLog } from "./outbox-sender.ts";
import { retryIntent, type RetryPolicy } from "./outbox-settle.ts";
import { dueRetries, factsOf, findIntent, insertIntent, insertTransaction, type SignAt } from "./outbox-store.ts";
import type { MinedFacts, OutboxCall, OutboxKind } from "./intent.ts";
import type { FailedHandler, MinedHandler, Outbox } from "./outbox.ts";
import { isUnreachable } from "./provider.ts";
import { isRetryable, revertedWith } from "./refusal.ts";

export interface OutboxOptions {
  readonly db: Kysely<Database>;
  readonly provider: JsonRpcProvider;
  readonly deployment: Deployment;
  readonly operator: OperatorKey;
  readonly clock: () => Date;
  readonly log: SenderLog;
  readonly timing?: Partial<OutboxTiming>;
}

export interface OutboxTiming {
  /** Between two looks when nothing was poked: finds what another process left. */
  readonly sweepMs: number;
  readonly resendAfterMs: number;
  readonly overtakenAfterMs: number;
  readonly gapAfterMs: number;
  readonly stuckAfterMs: number;
  readonly stuckBlocks: number;
  readonly retry: RetryPolicy;
}

const TIMING: OutboxTiming = {
  sweepMs: 2_000,
  resendAfterMs: 5_000,
  overtakenAfterMs: 10_000,
  gapAfterMs: 10_000,
  stuckAfterMs: 60_000,
  stuckBlocks: 20,
  retry: { maximum: 40, firstMs: 500, longestMs: 60_000 },
};

const FILLER_GAS = 21_000n;
const SHORTEST_LOOK_MS = 20;
const LONGEST_LOOK_MS = 500;

export function createOutbox(options: OutboxOptions): Outbox {
  const { db, provider, deployment, operator, clock, log } = options;
  const timing = { ...TIMING, ...options.timing };
  const sender = operator.address;
  const mined = new Map<OutboxKind, MinedHandler>();
  const failed = new Map<OutboxKind, FailedHandler>();
  const handlers = { mined, failed };
  const settled = new EventEmitter().setMaxListeners(0);
  const account: BoundAccount = bindAccount({ db, provider, deployment, sender, clock });
  const head = createHeadKeeper({
    ...{ db, provider, clock, log, stuckAfterMs: timing.stuckAfterMs, stuckBlocks: timing.stuckBlocks },
    async signAgain({ intent_key, nonce }, offered) {
      const intent = intent_key === null ? undefined : await findIntent(db, intent_key);
      if (intent === undefined) return undefined;
      const call = { kind: intent.kind, contract: intent.contract, data: toHex(intent.data) };
      return (await signerFor(call, intent.retries, offered))(nonce);
    },
    async signFillerAbove({ nonce }, offered) {
      await account.refreshFees();
      return sign({ nonce, to: sender, gasLimit: FILLER_GAS }, offered);
    },
  });
  const looker = createSender({
    db,
    provider,
    sender,
    handlers,
    policy: timing.retry,
    signFiller: (nonce) => sign({ nonce, to: sender, gasLimit: FILLER_GAS }),
    clock,
    overtakenAfterMs: timing.overtakenAfterMs,
    gapAfterMs: timing.gapAfterMs,
    resendAfterMs: timing.resendAfterMs,
    head,
    onSettled: (key) => settled.emit(eventOf(key)),
    log,
  });

  let running: Promise<void> | undefined;
  let closing = false;
  let poked = false;
  let wake: () => void = () => undefined;

  function sign(fields: { nonce: number; to: Hex; gasLimit: bigint; data?: Hex }, above?: OfferedFees) {
    const fees = above === undefined ? account.fees() : feesAbove(account.fees(), above);
    return operator.signTransaction({ ...fields, chainId: deployment.chainId, ...feeFields(fees) });
  }

  /** Estimates before the nonce's lock is taken. */
  async function signerFor(call: Omit<OutboxCall, "key">, doublings: number, above?: OfferedFees): Promise<SignAt> {
    await account.refreshFees();
    const to = deployment.addresses[call.contract];
    const estimate = await estimateGas(provider, { from: sender, to, data: call.data });
    const wanted = estimate === undefined ? defaultGas(call.kind, call.data.length / 2) : (estimate * 3n) / 2n;
    const limit = gasLimit(wanted, doublings, account.fees());
    return (nonce) => sign({ nonce, to, data: call.data, gasLimit: limit }, above);
  }

  async function enqueue(trx: Transaction<Database>, call: OutboxCall): Promise<void> {
    // Nothing here may take a second connection: as many callers as the pool has would wait for each other for ever.
    account.fees();
    if (!(await insertIntent(trx, sender, call))) return;
    await insertTransaction(trx, sender, call.key, await signerFor(call, 0));
  }

  async function simulate({ contract, data }: Pick<OutboxCall, "contract" | "data">): Promise<void> {
    await tryCall(provider, { from: sender, to: deployment.addresses[contract], data });
  }

  async function retryDue(): Promise<void> {
    for (const due of await dueRetries(db, sender, clock())) {
      const call = { kind: due.kind, contract: due.contract, data: toHex(due.data) };
      const fault = await simulate(call).then(() => undefined, refusedFor);
      const signAt = await signerFor(call, due.retries);
      const outcome = await retryIntent(db, due, fault, signAt, handlers, timing.retry, clock());
      if (outcome === "failed") settled.emit(eventOf(due.key));
    }
  }

  async function loop(): Promise<void> {
    let failures = 0;
    let lookMs = SHORTEST_LOOK_MS;
    while (!closing) {
      poked = false;
      let waitMs = timing.sweepMs;
      try {
        await account.ready();
        await account.keepFees();
        const { pending, settled: progress } = await looker.look();
        await retryDue();
        failures = 0;
        lookMs = progress > 0 || poked ? SHORTEST_LOOK_MS : Math.min(LONGEST_LOOK_MS, lookMs * 1.5);
        if (pending > 0) waitMs = lookMs;
      } catch (error) {
        failures += 1;
        waitMs = Math.min(2_000, 50 * 2 ** Math.min(failures, 10));
        const reachable = !isUnreachable(error) && !isFault(error, "CHAIN_UNREACHABLE");
        // A node that is down is said once, not with every look.
        if (reachable || failures === 1) log.warn({ err: error }, "cannot look at the chain: trying again");
      }
      await sleep(waitMs, failures > 0);
      if (poked) lookMs = SHORTEST_LOOK_MS;
    }
  }

  /** Until a poke, if that may cut it short. */
  async function sleep(ms: number, whatever: boolean): Promise<void> {
    if (closing || (poked && !whatever)) return;
    await new Promise<void>((done) => {
      const timer = setTimeout(done, ms);
      wake = () => {
        if (whatever && !closing) return;
        clearTimeout(timer);
        done();
      };
    });
    wake = () => undefined;
  }

  async function outcome(key: string): Promise<MinedFacts | undefined> {
    const row = await findIntent(db, key);
    if (row?.state === "mined") return factsOf(row);
    if (row?.state === "failed") throw new Fault(row.fault?.code ?? "CHAIN_REVERTED", row.fault?.values ?? {});
    return undefined;
  }

  async function wait(key: string, timeoutMs: number): Promise<MinedFacts> {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      // Listening before looking: what is settled in between is not missed. Another process may settle it, unheard.
      const news = listen(key, Math.min(500, Math.max(0, deadline - performance.now())));
      try {
        const facts = await outcome(key);
        if (facts !== undefined) return facts;
        if (performance.now() >= deadline) throw new Fault("OUTBOX_WAIT_TIMEOUT", { key });
        await news.heard;
      } finally {
        news.stop();
      }
    }
  }

  function listen(key: string, ms: number): { readonly heard: Promise<void>; stop(): void } {
    let stop = (): void => undefined;
    const heard = new Promise<void>((done) => {
      stop = () => {
        clearTimeout(timer);
        settled.off(eventOf(key), stop);
        done();
      };
      const timer = setTimeout(stop, ms);
      settled.on(eventOf(key), stop);
    });
    return { heard, stop };
  }

  return {
    enqueue,
    simulate,
    wait,
    poke() {
      poked = true;
      wake();
    },
    onMined: (kind, handler) => void mined.set(kind, handler),
    onFailed: (kind, handler) => void failed.set(kind, handler),
    state: async (key) => (await findIntent(db, key))?.state,
    async start() {
      try {
        await account.ready();
      } catch (error) {
        // Everything else is a wrong configuration; a node that is down comes back.
        if (!(isFault(error) && isRetryable(error))) throw error;
        log.warn({ err: error }, "the chain does not answer yet");
      }
      running ??= loop();
    },
    async close() {
      closing = true;
      wake();
      await running;
    },
  };
}

/** Not the bare key: an EventEmitter has names of its own. */
function eventOf(key: string): string {
  return `settled:${key}`;
}

/** @throws what is not the contract's refusal but the node's silence. */
function refusedFor(error: unknown): Fault {
  if (isFault(error, "CHAIN_UNREACHABLE")) throw error;
  return isFault(error) ? error : revertedWith("Unexplained");
}
