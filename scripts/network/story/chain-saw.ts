/** What everybody can read on chain of the last query: sessions, leaves, settlements. No person, and nothing made from one. */
import type { JsonRpcProvider, LogDescription } from "ethers";

import { connectContracts } from "../../../relayer/chain/contracts.ts";
import { createProvider } from "../../../relayer/chain/provider.ts";
import type { Network } from "../network.ts";
import { until } from "../waiting.ts";

export interface ChainSaw {
  readonly block: number;
  readonly event: string;
  readonly content: string;
}

const PATIENCE_S = 180;

export async function currentBlock(network: Network): Promise<number> {
  return withProvider(network, (provider) => provider.getBlockNumber());
}

/** The ledger's events after `block`, once leaves are anchored and `lanes` lanes settled, or as far as it has come. */
export async function chainSaw(
  network: Network,
  { after, lanes, signal }: { after: number; lanes: number; signal: AbortSignal },
): Promise<ChainSaw[]> {
  return withProvider(network, (provider) =>
    until({ name: "the chain", work: "anchoring and settling", seconds: PATIENCE_S, signal }, async () => {
      const events = await ledgerEvents(provider, network, after);
      const count = (name: string): number => events.filter(({ event }) => event === name).length;
      return count("LeavesAnchored") > 0 && count("LaneSettled") >= lanes ? events : undefined;
    }),
  );
}

async function ledgerEvents(provider: JsonRpcProvider, network: Network, after: number): Promise<ChainSaw[]> {
  const { queryLedger } = connectContracts(network.deployment.addresses, provider);
  const address = network.deployment.addresses.queryLedger;
  // anvil refuses a range that begins with a block to come.
  if ((await provider.getBlockNumber()) <= after) return [];
  const [opened, names] = await Promise.all([
    queryLedger.queryFilter(queryLedger.filters.SessionOpened(), network.deployment.deployedAtBlock, after),
    memberNames(network),
  ]);
  const recent = await provider.getLogs({ address, fromBlock: after + 1, toBlock: "latest" });
  const sessions = new Set(recent.map(({ topics }) => topics[1]));
  // A session is opened ahead of the queries that it pays for: it belongs to the story, however old it is.
  return [...opened.filter(({ topics }) => sessions.has(topics[1])), ...recent].flatMap((log) => {
    const parsed = queryLedger.interface.parseLog(log);
    return parsed === null ? [] : [{ block: log.blockNumber, event: parsed.name, content: inWords(parsed, names) }];
  });
}

async function memberNames(network: Network): Promise<ReadonlyMap<bigint, string>> {
  const { items } = (await network.member("association").client.get("auditor", "/v1/members")) as {
    items: readonly { id: number; name: string }[];
  };
  return new Map(items.map(({ id, name }) => [BigInt(id), name]));
}

function inWords({ name, args }: LogDescription, names: ReadonlyMap<bigint, string>): string {
  const nameOf = (id: unknown): string => names.get(id as bigint) ?? String(id);
  const short = (hex: unknown): string => `${String(hex).slice(0, 14)}…`;
  switch (name) {
    case "SessionOpened": {
      const datasets = args["datasets"] as readonly string[];
      const places = (args["allotments"] as readonly bigint[]).reduce((sum, value) => sum + value, 0n);
      return `${nameOf(args["querier"])} may ask at ${datasets.length} places (holders' datasets, nodes' services), ${String(places)} times in all; ${points(args["locked"])} points locked`;
    }
    case "LeavesAnchored": {
      const leaves = args["leaves"] as readonly string[];
      return `batch ${String(args["batch"])}: ${leaves.length} leaves, padded: ${short(leaves[0])} ${short(leaves[1])}`;
    }
    case "LaneSettled":
      return `${nameOf(args["holder"])}: ${String(args["count"])} answered in this lane so far; ${points(args["toHolder"])} points`;
    case "SessionClosed":
      return `${points(args["refunded"])} points returned`;
    default:
      return "";
  }
}

/** Points have 18 decimals. */
function points(amount: unknown): string {
  return (Number((amount as bigint) / 10n ** 16n) / 100).toString();
}

async function withProvider<T>(network: Network, use: (provider: JsonRpcProvider) => Promise<T>): Promise<T> {
  const provider = createProvider(network.rpcUrl, network.deployment.chainId);
  try {
    return await use(provider);
  } finally {
    provider.destroy();
  }
}
