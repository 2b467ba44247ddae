/** What happened on chain, in order, with the time of each event. */
import type { JsonRpcProvider } from "ethers";

import type { Hex } from "../../protocol/encoding/bytes.ts";
import { reached } from "../../relayer/chain/provider.ts";

export interface LogEntry {
  /** Lower-case. */
  readonly address: Hex;
  readonly topics: readonly string[];
  readonly data: string;
  readonly blockNumber: number;
  readonly logIndex: number;
  readonly transactionHash: Hex;
  /** Unix seconds. */
  readonly at: number;
}

interface RpcLog {
  readonly address: string;
  readonly topics: readonly string[];
  readonly data: string;
  readonly blockNumber: string;
  readonly logIndex: string;
  readonly transactionHash: Hex;
  /** Newer nodes say it. */
  readonly blockTimestamp?: string;
}

/** As relayers ask: what every node grants. */
const BLOCKS_AT_ONCE = 10_000;

/** @throws Fault CHAIN_UNREACHABLE */
export async function readLog(
  provider: JsonRpcProvider,
  { addresses, fromBlock }: { readonly addresses: readonly string[]; readonly fromBlock: number },
): Promise<LogEntry[]> {
  const head = await reached(provider.getBlockNumber());
  const logs: RpcLog[] = [];
  for (let from = fromBlock; from <= head; from += BLOCKS_AT_ONCE) {
    const to = Math.min(head, from + BLOCKS_AT_ONCE - 1);
    const filter = { address: addresses, fromBlock: quantity(from), toBlock: quantity(to) };
    logs.push(...((await reached(provider.send("eth_getLogs", [filter]))) as RpcLog[]));
  }
  const times = await timesOf(provider, logs);
  return logs.map((log) => ({
    address: log.address.toLowerCase() as Hex,
    topics: log.topics,
    data: log.data,
    blockNumber: Number(log.blockNumber),
    logIndex: Number(log.logIndex),
    transactionHash: log.transactionHash,
    at: times.get(log.blockNumber) ?? 0,
  }));
}

/** A number that grows with the place on chain. */
export function orderOf({ blockNumber, logIndex }: LogEntry): number {
  return blockNumber + logIndex / 1e6;
}

/** The chain's time now, also where blocks come only when there is something to put in. */
export async function chainTime(provider: JsonRpcProvider): Promise<number> {
  const pending = await reached(provider.getBlock("pending").catch(() => null));
  const block = pending ?? (await reached(provider.getBlock("latest")));
  return block?.timestamp ?? 0;
}

async function timesOf(provider: JsonRpcProvider, logs: readonly RpcLog[]): Promise<ReadonlyMap<string, number>> {
  const times = new Map<string, number>();
  for (const { blockNumber, blockTimestamp } of logs) {
    if (times.has(blockNumber)) continue;
    const known = blockTimestamp === undefined ? undefined : Number(blockTimestamp);
    times.set(blockNumber, known ?? (await reached(provider.getBlock(Number(blockNumber))))?.timestamp ?? 0);
  }
  return times;
}

function quantity(block: number): string {
  return `0x${block.toString(16)}`;
}
