/** Gas for accounts of a local chain. On any other chain funds (or a zero gas price) are the operator's business. */
import { parseEther, type JsonRpcProvider } from "ethers";

const ENOUGH = parseEther("1000");
const GRANT = parseEther("1000000");

/** Does nothing unless the node is anvil or Hardhat's. */
export async function fundOnLocalChain(provider: JsonRpcProvider, accounts: readonly string[]): Promise<void> {
  const client = String(await provider.send("web3_clientVersion", []));
  const method = /^anvil/i.test(client)
    ? "anvil_setBalance"
    : /^hardhat/i.test(client)
      ? "hardhat_setBalance"
      : undefined;
  if (method === undefined) return;
  for (const account of accounts) {
    if ((await provider.getBalance(account)) >= ENOUGH) continue;
    await provider.send(method, [account, `0x${GRANT.toString(16)}`]);
  }
}
