/**
 * A contract of 14 bytes for tests that need blocks, state and logs but no rules: called with some bytes, it writes the
 * block number under the first word and logs all of them.
 */
import { Wallet } from "ethers";

import { toHex, type Hex } from "../../protocol/encoding/bytes.ts";
import { callRpc } from "../../scripts/embedded/json-rpc.ts";

// CALLDATACOPY(0, 0, size); SSTORE(calldata[0], NUMBER); LOG1(0, size, calldata[0]); STOP
const RUNTIME = "365f5f37" + "435f3555" + "5f35365f" + "a100";
// PUSH14 runtime; MSTORE(0); RETURN(18, 14)
const CREATION = `0x6d${RUNTIME}5f52600e6012f3`;

export interface LoggerContract {
  readonly address: Hex;
  /** The account that deployed it, with nonce 0, and calls it. */
  readonly caller: string;
  /** Sends one call and waits for its receipt; returns the transaction's hash. */
  log(payload: Uint8Array): Promise<Hex>;
  logs(): Promise<readonly { readonly data: Hex; readonly transactionHash: Hex }[]>;
  /** Signed but not sent. */
  sign(nonce: number, payload: Uint8Array): Promise<Hex>;
}

/** Deploys it from a fresh funded account. */
export async function deployLoggerContract(rpcUrl: string): Promise<LoggerContract> {
  const wallet = new Wallet(Wallet.createRandom().privateKey);
  await callRpc(rpcUrl, "anvil_setBalance", [wallet.address, "0xffffffffffffffffff"]);
  const chainId = Number(await callRpc(rpcUrl, "eth_chainId"));
  const creation = await send(rpcUrl, await signed(wallet, chainId, 0, CREATION));
  const address = (await receipt(rpcUrl, creation)).contractAddress;
  const sign = (nonce: number, payload: Uint8Array) => signed(wallet, chainId, nonce, toHex(payload), address);

  return {
    address,
    caller: wallet.address,
    sign,
    async log(payload) {
      const nonce = Number(await callRpc(rpcUrl, "eth_getTransactionCount", [wallet.address, "latest"]));
      const hash = await send(rpcUrl, await sign(nonce, payload));
      await receipt(rpcUrl, hash);
      return hash;
    },
    async logs() {
      const filter = { fromBlock: "0x0", toBlock: "latest", address };
      return (await callRpc(rpcUrl, "eth_getLogs", [filter])) as Awaited<ReturnType<LoggerContract["logs"]>>;
    },
  };
}

async function signed(wallet: Wallet, chainId: number, nonce: number, data: string, to?: Hex): Promise<Hex> {
  const fees = { type: 2, maxFeePerGas: 4_000_000_000n, maxPriorityFeePerGas: 1n };
  const fields = { chainId, nonce, data, gasLimit: 1_000_000n, ...fees, ...(to === undefined ? {} : { to }) };
  return (await wallet.signTransaction(fields)) as Hex;
}

async function send(rpcUrl: string, raw: Hex): Promise<Hex> {
  return (await callRpc(rpcUrl, "eth_sendRawTransaction", [raw])) as Hex;
}

async function receipt(rpcUrl: string, hash: Hex): Promise<{ readonly contractAddress: Hex }> {
  for (;;) {
    const found = (await callRpc(rpcUrl, "eth_getTransactionReceipt", [hash])) as { contractAddress: Hex } | null;
    if (found !== null) return found;
    await new Promise((done) => setTimeout(done, 10));
  }
}
