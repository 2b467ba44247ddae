/** The verifier's facts, read from the three contracts over JSON-RPC. Reads only; needs no account and no relayer. */
import { isError, type JsonRpcProvider } from "ethers";

import type { Hex } from "../../protocol/encoding/bytes.ts";
import type { ChainFacts, PublicationFact } from "../../protocol/evidence/chain-facts.ts";
import { IDatasetRegistry__factory } from "../../types/ethers-contracts/factories/data/IDatasetRegistry__factory.ts";
import { IMemberRegistry__factory } from "../../types/ethers-contracts/factories/membership/IMemberRegistry__factory.ts";
import { IQueryLedger__factory } from "../../types/ethers-contracts/factories/query/IQueryLedger__factory.ts";

/** Members are counted from 1; the contracts answer with zeros where they know nothing. */
const NOBODY = 0n;

export function createLedgerFacts(provider: JsonRpcProvider, contracts: ChainFacts["contracts"]): ChainFacts {
  const ledger = IQueryLedger__factory.connect(contracts.queryLedger, provider);
  const datasets = IDatasetRegistry__factory.connect(contracts.datasetRegistry, provider);
  const members = IMemberRegistry__factory.connect(contracts.memberRegistry, provider);
  const published = (dataset: Hex) => datasets.filters.CommitmentPublished(dataset);
  return {
    contracts,
    chainId: async () => Number(await provider.send("eth_chainId", [])),
    instanceSalt: async () => lower(await answered(ledger.instanceSalt())),
    async session(id) {
      const found = await answered(ledger.getSession(id));
      if (found === undefined || found.querier === NOBODY) return undefined;
      return {
        querier: Number(found.querier),
        signer: lower(found.signer),
        openedAt: Number(found.openedAt),
        expiresAt: Number(found.expiresAt),
      };
    },
    async allotment(session, dataset) {
      const found = await answered(ledger.getAllotment(session, dataset));
      return found && Number(found.granted);
    },
    async dataset(id) {
      const found = await answered(datasets.getDataset(id));
      if (found === undefined || found.holder === NOBODY) return undefined;
      return { holder: Number(found.holder), label: lower(found.label) };
    },
    async commitment(dataset, epoch, revision) {
      const commitment = await answered(datasets.getCommitment(dataset, epoch, revision));
      if (commitment === undefined) return undefined;
      const { publication: found, publishedAt } = commitment;
      return {
        root: lower(found.root),
        publicKey: lower(found.publicKey),
        suite: Number(found.suite),
        schema: Number(found.schema),
        entrySize: Number(found.entrySize),
        publishedAt: Number(publishedAt),
      };
    },
    wasOperatorOf: async (member, account, moment) =>
      (await answered(members.wasOperatorOf(member, account, moment))) ?? false,
    async leavesAnchoredAt(transactionHash, logIndex) {
      const receipt = await provider.getTransactionReceipt(transactionHash);
      const log = receipt?.logs.find((each) => each.index === logIndex);
      if (log === undefined || log.address.toLowerCase() !== contracts.queryLedger) return undefined;
      const event = ledger.interface.parseLog(log);
      if (event?.name !== "LeavesAnchored") return undefined;
      const { session, leaves } = event.args.toObject() as { session: string; leaves: readonly string[] };
      const { blockNumber } = log;
      const blockTime = await timeOf(provider, blockNumber);
      return { session: lower(session), leaves: [...leaves].map((leaf) => lower(leaf)), blockNumber, blockTime };
    },
    async publications(dataset, since, until) {
      const found: PublicationFact[] = [];
      // A block is never younger than the ledger time in it.
      for (let from = await firstBlockAt(provider, since, until); from <= until; from += BLOCKS_AT_ONCE) {
        const to = Math.min(until, from + BLOCKS_AT_ONCE - 1);
        for (const { args, blockNumber } of await datasets.queryFilter(published(dataset), from, to)) {
          const { epoch, revision } = args.publication;
          const blockTime = await timeOf(provider, blockNumber);
          found.push({ epoch: Number(epoch), revision: Number(revision), blockNumber, blockTime });
        }
      }
      return found;
    },
  };
}

/** Nodes refuse to search more at once. */
const BLOCKS_AT_ONCE = 10_000;

async function timeOf(provider: JsonRpcProvider, block: number): Promise<number> {
  const found = await provider.getBlock(block);
  if (found === null) throw new Error(`the node does not have block ${String(block)}`);
  return found.timestamp;
}

/** Number of the first block of that time or later; `until` + 1 if there is none up to there. */
async function firstBlockAt(provider: JsonRpcProvider, time: number, until: number): Promise<number> {
  let [low, high] = [0, until + 1];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if ((await timeOf(provider, middle)) >= time) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** What the contract gave; undefined if it refused or there is none at this address. Rejected if the node did not answer. */
async function answered<T>(read: Promise<T>): Promise<T | undefined> {
  try {
    return await read;
  } catch (error) {
    if (isError(error, "CALL_EXCEPTION") || isError(error, "BAD_DATA")) return undefined;
    throw error;
  }
}

function lower(hex: string): Hex;
function lower(hex: string | undefined): Hex | undefined;
function lower(hex: string | undefined): Hex | undefined {
  return hex?.toLowerCase() as Hex | undefined;
}
