/** What packages of every format are checked against, read over JSON-RPC. Reads only; needs no account and no relayer. */
import { isError, type JsonRpcProvider } from "ethers";

import type { Hex } from "../../protocol/encoding/bytes.ts";
import type { LedgerFacts } from "../../protocol/evidence/chain-facts.ts";
import { IMemberRegistry__factory } from "../../types/ethers-contracts/factories/membership/IMemberRegistry__factory.ts";
import { IQueryLedger__factory } from "../../types/ethers-contracts/factories/query/IQueryLedger__factory.ts";

/** Members are counted from 1; the contracts answer with zeros where they know nothing. */
export const NOBODY = 0n;

export function createCommonFacts(
  provider: JsonRpcProvider,
  contracts: { readonly queryLedger: Hex; readonly memberRegistry: Hex },
): LedgerFacts {
  const ledger = IQueryLedger__factory.connect(contracts.queryLedger, provider);
  const members = IMemberRegistry__factory.connect(contracts.memberRegistry, provider);
  return {
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
  };
}

export async function timeOf(provider: JsonRpcProvider, block: number): Promise<number> {
  const found = await provider.getBlock(block);
  if (found === null) throw new Error(`the node does not have block ${String(block)}`);
  return found.timestamp;
}

/** What the contract gave; undefined if it refused or there is none at this address. Rejected if the node did not answer. */
export async function answered<T>(read: Promise<T>): Promise<T | undefined> {
  try {
    return await read;
  } catch (error) {
    if (isError(error, "CALL_EXCEPTION") || isError(error, "BAD_DATA")) return undefined;
    throw error;
  }
}

export function lower(hex: string): Hex;
export function lower(hex: string | undefined): Hex | undefined;
export function lower(hex: string | undefined): Hex | undefined {
  return hex?.toLowerCase() as Hex | undefined;
}
