/** Waiting for one transaction, by asking: ethers' own wait listens for the next block, and without traffic none comes. */
import type { JsonRpcProvider, TransactionReceipt } from "ethers";

import { refusal, revertedWith } from "../../relayer/chain/refusal.ts";

const INTERVAL_MS = 25;

/** @throws Fault what the contract refused the call with, or CHAIN_UNREACHABLE. */
export async function awaitReceipt(
  provider: JsonRpcProvider,
  sending: Promise<{ readonly hash: string }>,
): Promise<TransactionReceipt> {
  try {
    const { hash } = await sending;
    for (;;) {
      const receipt = await provider.getTransactionReceipt(hash);
      if (receipt?.status === 0) throw revertedWith("Unexplained");
      if (receipt !== null) return receipt;
      await new Promise((done) => setTimeout(done, INTERVAL_MS));
    }
  } catch (error) {
    throw refusal(error);
  }
}
