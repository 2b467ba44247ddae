/** The verifier's facts, read from the three contracts over JSON-RPC. Reads only; needs no account and no relayer. */
import type { JsonRpcProvider } from "ethers";

import type { Hex } from "../../protocol/encoding/bytes.ts";
import type { ChainFacts, PublicationFact } from "../../protocol/evidence/chain-facts.ts";
import { IDatasetRegistry__factory } from "../../types/ethers-contracts/factories/data/IDatasetRegistry__factory.ts";
import { answered, createCommonFacts, lower, NOBODY, timeOf } from "./common-facts.ts";

export function createLedgerFacts(provider: JsonRpcProvider, contracts: ChainFacts["contracts"]): ChainFacts {
  const datasets = IDatasetRegistry__factory.connect(contracts.datasetRegistry, provider);
  const published = (dataset: Hex) => datasets.filters.CommitmentPublished(dataset);
  return {
    ...createCommonFacts(provider, contracts),
    contracts,
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
