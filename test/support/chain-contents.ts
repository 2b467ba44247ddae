/** What everybody reads on chain: the transactions of a range of blocks with their events. */
import { concatBytes, fromHex, type Hex } from "../../protocol/encoding/bytes.ts";

export interface ChainTransaction {
  readonly hash: Hex;
  readonly from: Hex;
  readonly to: Hex | null;
  readonly input: Hex;
  readonly logs: readonly { readonly address: Hex; readonly topics: readonly Hex[]; readonly data: Hex }[];
}

interface Rpc {
  send(method: string, params: unknown[]): Promise<unknown>;
}

/** Of the blocks after `after`, in order. */
export async function transactionsAfter(rpc: Rpc, after: number): Promise<ChainTransaction[]> {
  const latest = Number(await rpc.send("eth_blockNumber", []));
  const found: ChainTransaction[] = [];
  for (let number = after + 1; number <= latest; number += 1) {
    const block = `0x${number.toString(16)}`;
    const { transactions } = (await rpc.send("eth_getBlockByNumber", [block, true])) as {
      transactions: Omit<ChainTransaction, "logs">[];
    };
    if (transactions.length === 0) continue;
    const receipts = (await rpc.send("eth_getBlockReceipts", [block])) as {
      transactionHash: Hex;
      logs: ChainTransaction["logs"];
    }[];
    for (const transaction of transactions) {
      const receipt = receipts.find(({ transactionHash }) => transactionHash === transaction.hash);
      found.push({ ...transaction, logs: receipt?.logs ?? [] });
    }
  }
  return found;
}

/** Calldata and events as bytes. */
export function contentsOf(transactions: readonly ChainTransaction[]): Uint8Array[] {
  return transactions.flatMap(({ input, logs }) => [
    fromHex(input),
    ...logs.map(({ topics, data }) => concatBytes(...topics.map((topic) => fromHex(topic)), fromHex(data))),
  ]);
}
