/**
 * Follows the chain. Two things come of it: what is cached elsewhere is dropped within one look of the block that changed
 * it (`onChange`, in memory), and services are told of events (`on`) from a cursor in the database, in the order of the
 * chain and at least once: a handler's writes and the cursor move in one database transaction, and after a roll-back of the
 * chain the events since the last common block are told again.
 */
import type { JsonRpcProvider } from "ethers";
import type { Kysely, Transaction } from "kysely";

import type { Database } from "../store/schema.ts";
import { withCheckpoint, type Checkpoint } from "./checkpoints.ts";
import type { Deployment } from "./deployment.ts";
import type { SenderLog } from "./outbox-sender.ts";
import { decodeEvent, isEventName, watchedAddresses, type PlatformEvent, type RpcLog } from "./platform-event.ts";
import { isUnreachable } from "./provider.ts";

/** Must be idempotent. What it throws is logged, and the same events are told again after a while. */
export type EventHandler = (event: PlatformEvent, trx: Transaction<Database>) => Promise<void>;

export interface Head {
  readonly number: number;
  readonly hash: string;
  readonly parentHash: string;
  /** Block time, Unix seconds. */
  readonly timestamp: number;
}

export interface ChangeListener {
  /** New blocks, with the platform's events in them. */
  changed(events: readonly PlatformEvent[], head: Head): void;
  /** The chain is not a continuation of what was seen: nothing known of it holds. */
  rolledBack(): void;
}

export interface Watcher {
  /** @throws RangeError if no contract declares such an event. */
  on(name: string, handler: EventHandler): void;
  onChange(listener: ChangeListener): void;
  /** Whether the chain was looked at within the last few seconds: what is cached may be used. */
  fresh(): boolean;
  /** Looks now, and resolves when what is on chain at this moment has been seen and listeners were told. */
  look(): Promise<void>;
  start(): void;
  close(): Promise<void>;
}

export interface WatcherOptions {
  readonly db: Kysely<Database>;
  readonly provider: JsonRpcProvider;
  readonly deployment: Deployment;
  readonly log: SenderLog;
}

const SHORTEST_MS = 200;
const LONGEST_MS = 500;
const FRESH_MS = 3_000;
/** Blocks asked for at once. */
const RANGE = 2_000;
const CURSOR = "platform";

export function createWatcher(options: WatcherOptions): Watcher {
  const { db, provider, deployment, log } = options;
  const handlers = new Map<string, EventHandler[]>();
  const listeners: ChangeListener[] = [];
  let seen: Head | undefined;
  let lookedAt = -Infinity;
  let looking: Promise<unknown> = Promise.resolve();
  let running: Promise<void> | undefined;
  let closing = false;
  let wake: () => void = () => undefined;

  async function blockAt(number: number | "latest"): Promise<Head | undefined> {
    const tag = typeof number === "number" ? `0x${number.toString(16)}` : number;
    const block = (await provider.send("eth_getBlockByNumber", [tag, false])) as Record<string, string> | null;
    if (block === null) return undefined;
    const { hash = "", parentHash = "" } = block;
    return { number: Number(block["number"]), hash, parentHash, timestamp: Number(block["timestamp"]) };
  }

  async function eventsBetween(first: number, last: number): Promise<PlatformEvent[]> {
    const events: PlatformEvent[] = [];
    for (let from = first; from <= last; from += RANGE) {
      const to = Math.min(last, from + RANGE - 1);
      const filter = {
        address: watchedAddresses(deployment),
        fromBlock: `0x${from.toString(16)}`,
        toBlock: `0x${to.toString(16)}`,
      };
      const logs = (await provider.send("eth_getLogs", [filter])) as RpcLog[];
      events.push(...logs.map((entry) => decodeEvent(deployment, entry)).filter((event) => event !== undefined));
    }
    return events;
  }

  /** Tells the listeners what is new since the last look. */
  async function lookNow(): Promise<Head> {
    const head = await blockAt("latest");
    if (head === undefined) throw new Error("the node has no latest block");
    if (seen?.hash !== head.hash) {
      const events = await eventsSince(seen, head);
      for (const listener of listeners) {
        if (events === undefined) listener.rolledBack();
        else listener.changed(events, head);
      }
      seen = head;
    }
    lookedAt = performance.now();
    return head;
  }

  /** Undefined if `head` does not continue `before` (or nothing was seen before). */
  async function eventsSince(before: Head | undefined, head: Head): Promise<PlatformEvent[] | undefined> {
    if (before === undefined || head.number <= before.number) return undefined;
    const continues =
      head.number === before.number + 1
        ? head.parentHash === before.hash
        : (await blockAt(before.number))?.hash === before.hash;
    return continues ? await eventsBetween(before.number + 1, head.number) : undefined;
  }

  /** Tells the handlers the next range of blocks. @returns whether there is more. */
  async function dispatch(head: Head): Promise<boolean> {
    if (handlers.size === 0) return false;
    return await db.transaction().execute(async (trx) => {
      // Of two processes of one relayer, one tells.
      const row = await trx
        .selectFrom("chain_cursors")
        .selectAll()
        .where("name", "=", CURSOR)
        .forNoKeyUpdate()
        .skipLocked()
        .executeTakeFirst();
      if (row === undefined) return false;
      const kept = await stillTrue(row.checkpoints);
      const from = (kept.at(-1)?.number ?? deployment.deployedAtBlock - 1) + 1;
      const to = Math.min(head.number, from + RANGE - 1);
      if (to < from) return false;
      const last = to === head.number ? head : await blockAt(to);
      if (last === undefined) return false;
      for (const event of await eventsBetween(from, to)) {
        for (const handler of handlers.get(event.name) ?? []) await handler(event, trx);
      }
      const checkpoints = JSON.stringify(withCheckpoint(kept, { number: to, hash: last.hash }));
      await trx.updateTable("chain_cursors").set({ checkpoints }).where("name", "=", CURSOR).execute();
      return to < head.number;
    });
  }

  async function stillTrue(checkpoints: readonly Checkpoint[]): Promise<Checkpoint[]> {
    const kept = [...checkpoints];
    for (let last = kept.at(-1); last !== undefined; last = kept.at(-1)) {
      if ((await blockAt(last.number))?.hash === last.hash) break;
      kept.pop();
    }
    if (kept.length < checkpoints.length) {
      log.warn({ block: kept.at(-1)?.number ?? 0 }, "the chain rolled back: telling its events again from here");
    }
    return kept;
  }

  async function loop(): Promise<void> {
    let waitMs = SHORTEST_MS;
    let failures = 0;
    let dispatchAt = 0;
    while (!closing) {
      try {
        const before = seen?.hash;
        await serially(lookNow);
        waitMs = seen?.hash === before ? Math.min(LONGEST_MS, waitMs * 1.25) : SHORTEST_MS;
        failures = 0;
      } catch (error) {
        failures += 1;
        waitMs = Math.min(2_000, SHORTEST_MS * 2 ** Math.min(failures, 5));
        if (failures === 1) log.warn({ err: error }, "cannot look at the chain: trying again");
      }
      // Apart from looking: a handler that fails must not keep the caches from being dropped.
      if (failures === 0 && performance.now() >= dispatchAt) dispatchAt = await dispatchAll();
      await sleep(waitMs);
    }
  }

  let dispatchFailures = 0;

  /** @returns when to dispatch again at the earliest. */
  async function dispatchAll(): Promise<number> {
    try {
      while (!closing && seen !== undefined && (await dispatch(seen)));
      dispatchFailures = 0;
      return 0;
    } catch (error) {
      dispatchFailures += 1;
      if (!isUnreachable(error)) log.error({ err: error }, "events of the chain could not be handled: trying again");
      return performance.now() + Math.min(30_000, 250 * 2 ** Math.min(dispatchFailures, 10));
    }
  }

  async function serially(work: () => Promise<unknown>): Promise<void> {
    const mine = looking.catch(() => undefined).then(work);
    looking = mine;
    await mine;
  }

  async function sleep(ms: number): Promise<void> {
    if (closing) return;
    await new Promise<void>((done) => {
      const timer = setTimeout(done, ms);
      wake = () => {
        clearTimeout(timer);
        done();
      };
    });
  }

  async function run(): Promise<void> {
    for (;;) {
      try {
        await db
          .insertInto("chain_cursors")
          .values({ name: CURSOR, checkpoints: "[]" })
          .onConflict((conflict) => conflict.column("name").doNothing())
          .execute();
        break;
      } catch (error) {
        if (closing) return;
        log.error({ err: error }, "the cursor of the chain's events cannot be read: trying again");
        await sleep(1_000);
      }
    }
    await loop();
  }

  return {
    on(name, handler) {
      if (!isEventName(name)) throw new RangeError(`no contract declares an event ${name}`);
      handlers.set(name, [...(handlers.get(name) ?? []), handler]);
    },
    onChange: (listener) => void listeners.push(listener),
    fresh: () => performance.now() - lookedAt <= FRESH_MS,
    look: () => serially(lookNow),
    start() {
      running ??= run();
    },
    async close() {
      closing = true;
      wake();
      await running;
    },
  };
}
