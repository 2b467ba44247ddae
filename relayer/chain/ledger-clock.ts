/**
 * Ledger time between blocks. `Emergency.time()` at "latest" is the time of the last block, which on a chain that makes
 * blocks only when there is something to put in (anvil, Besu with `emptyblockperiodseconds`) may be hours old, while the
 * next transaction will meet the time of now. So: the largest of
 *   - `time()` on the pending block (the time of now where the node builds one),
 *   - `time()` of the latest block,
 *   - the local clock less the seconds that the platform stood frozen,
 * read once and then carried on by the local clock. While the platform is frozen it is what the contract says, unmoved.
 * A local clock that is ahead makes this relayer treat sessions as expired too early; one that is behind does no harm.
 */
import type { JsonRpcProvider } from "ethers";

import type { Hex } from "../../protocol/encoding/bytes.ts";
import type { IEmergency } from "../../types/ethers-contracts/governance/IEmergency.ts";
import { tryCall } from "./call-chain.ts";
import { reached } from "./provider.ts";

export interface LedgerClock {
  /** Unix seconds. @throws Fault CHAIN_UNREACHABLE */
  time(): Promise<number>;
  /** Whether sessions, settlements and leaves are stopped; other parts may be frozen alone. */
  frozen(): Promise<boolean>;
  /** A block of this time (Unix seconds) was seen. */
  observe(blockTime: number): void;
  /** Forgets what was read: the platform was frozen or unfrozen, or the chain rolled back. */
  invalidate(): void;
}

interface Reading {
  readonly ledgerTime: number;
  /** The parts that are frozen, one bit each (contracts/types/Scope.sol); time stands still while there is any. */
  readonly scope: number;
  readonly frozenSeconds: number;
  /** Local clock, Unix seconds. */
  readonly at: number;
}

/** Of contracts/types/Scope.sol. */
const QUERIES = 4;
/** Carried on no longer than this without asking again. */
const GOOD_FOR_SECONDS = 30;
const MOST_TRIES = 5;

export function createLedgerClock(options: {
  readonly provider: JsonRpcProvider;
  readonly emergency: IEmergency;
  readonly clock: () => Date;
  /** Whether the watcher would have told of a freeze by now. */
  readonly fresh: () => boolean;
}): LedgerClock {
  const { provider, emergency, clock, fresh } = options;
  let reading: Promise<Reading> | undefined;
  let readAt = 0;
  let latestBlockTime = 0;

  const now = (): number => Math.floor(clock().getTime() / 1000);

  /** Seconds that the ledger had been frozen for at the last reading; undefined before the first. */
  let leastFrozen: number | undefined;

  async function read(): Promise<Reading> {
    const at = now();
    const to = (await emergency.getAddress()) as Hex;
    const data = emergency.interface.encodeFunctionData("time") as Hex;
    let block = await newestBlock();
    for (let tries = 1; ; tries += 1) {
      // One block for all three, or a freeze in between would be counted twice.
      const [time, frozenScope, pending] = await Promise.all([
        emergency.time({ blockTag: block.number }),
        emergency.frozenScope({ blockTag: block.number }),
        tryCall(provider, { from: ZERO, to, data }),
      ]);
      // A node that is just making a block may answer out of it: the time since the block before would be counted twice, and
      // the ledger seem to have been frozen for less than before, which never is. Where blocks come faster than answers, the
      // block is the later one: then the clock is behind, which does no harm.
      let frozenSeconds = Number(block.timestamp) - Number(time);
      if (leastFrozen === undefined || frozenSeconds < leastFrozen) {
        const newest = await newestBlock();
        const isOneMoment = newest.hash === block.hash;
        block = newest;
        if (!isOneMoment && tries < MOST_TRIES) continue;
        frozenSeconds = Number(block.timestamp) - Number(time);
      }
      leastFrozen = frozenSeconds;
      const scope = Number(frozenScope);
      if (scope !== 0) return { ledgerTime: Number(time), scope, frozenSeconds: 0, at };
      return { ledgerTime: Math.max(Number(time), Number(pending), at - frozenSeconds), scope, frozenSeconds, at };
    }
  }

  async function newestBlock(): Promise<Record<"number" | "hash" | "timestamp", Hex>> {
    return (await provider.send("eth_getBlockByNumber", ["latest", false])) as Record<
      "number" | "hash" | "timestamp",
      Hex
    >;
  }

  async function current(): Promise<Reading> {
    if (reading === undefined || !fresh() || now() - readAt >= GOOD_FOR_SECONDS) {
      readAt = now();
      const started = reached(read());
      reading = started;
      started.catch(() => {
        if (reading === started) reading = undefined;
      });
    }
    return await reading;
  }

  return {
    async time() {
      const { ledgerTime, scope, frozenSeconds, at } = await current();
      if (scope !== 0) return ledgerTime;
      return Math.max(ledgerTime + Math.max(0, now() - at), latestBlockTime - frozenSeconds);
    },
    frozen: async () => ((await current()).scope & QUERIES) !== 0,
    observe(blockTime) {
      latestBlockTime = blockTime;
    },
    invalidate() {
      reading = undefined;
      latestBlockTime = 0;
    },
  };
}

const ZERO: Hex = "0x0000000000000000000000000000000000000000";
