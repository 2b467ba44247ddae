/** The verifier's facts, read from the three contracts over JSON-RPC. Reads only; needs no account and no relayer. */
import { isError, type JsonRpcProvider } from "ethers";

import type { Hex } from "../../protocol/encoding/bytes.ts";
import type { ChainFacts } from "../../protocol/evidence/chain-facts.ts";
import { IDatasetRegistry__factory } from "../../types/ethers-contracts/factories/data/IDatasetRegistry__factory.ts";
import { IMemberRegistry__factory } from "../../types/ethers-contracts/factories/membership/IMemberRegistry__factory.ts";
import { IQueryLedger__factory } from "../../types/ethers-contracts/factories/query/IQueryLedger__factory.ts";

/** Members are counted from 1; the contracts answer with zeros where they know nothing. */
const NOBODY = 0n;

export function createLedgerFacts(provider: JsonRpcProvider, contracts: ChainFacts["contracts"]): ChainFacts {
  const ledger = IQueryLedger__factory.connect(contracts.queryLedger, provider);
  const datasets = IDatasetRegistry__factory.connect(contracts.datasetRegistry, provider);
  const members = IMemberRegistry__factory.connect(contracts.memberRegistry, provider);
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
      const found = (await answered(datasets.getCommitment(dataset, epoch, revision)))?.publication;
      if (found === undefined) return undefined;
      return {
        root: lower(found.root),
        publicKey: lower(found.publicKey),
        suite: Number(found.suite),
        schema: Number(found.schema),
        entrySize: Number(found.entrySize),
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
      return { session: lower(session), leaves: [...leaves].map((leaf) => lower(leaf)), blockNumber: log.blockNumber };
    },
  };
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
