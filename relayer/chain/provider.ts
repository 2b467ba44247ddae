/** The chain's JSON-RPC, as all of the relayer uses it. */
import { FetchRequest, isError, JsonRpcProvider, Network } from "ethers";

import { Fault } from "../../protocol/errors/fault.ts";

/** A node that does not answer within this is down for us. */
const TIMEOUT_MS = 10_000;

/** Sends each call at once (no batching delay), asks the node each time (no hidden cache), and knows its chain already. */
export function createProvider(rpcUrl: string, chainId: number): JsonRpcProvider {
  const request = new FetchRequest(rpcUrl);
  request.timeout = TIMEOUT_MS;
  const network = Network.from(chainId);
  const provider = new JsonRpcProvider(request, network, {
    staticNetwork: network,
    batchMaxCount: 1,
    cacheTimeout: -1,
  });
  provider.pollingInterval = 100;
  return provider;
}

/** @throws Fault CHAIN_UNREACHABLE, or CHAIN_WRONG if the node serves another chain than `expected`. */
export async function requireChain(provider: JsonRpcProvider, expected: number): Promise<void> {
  const actual = Number(await reached(provider.send("eth_chainId", [])));
  if (actual !== expected) throw new Fault("CHAIN_WRONG", { actual, expected });
}

/** Passes an answer on; a node that gave none becomes Fault CHAIN_UNREACHABLE, what it refused stays as it is. */
export async function reached<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw isUnreachable(error) ? new Fault("CHAIN_UNREACHABLE", {}, error) : error;
  }
}

/** Whether the node gave no answer (as against a refusal). */
export function isUnreachable(error: unknown): boolean {
  if (isError(error, "TIMEOUT") || isError(error, "SERVER_ERROR") || isError(error, "NETWORK_ERROR")) return true;
  if (isError(error, "CANCELLED")) return true;
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  return typeof code === "string" && /^(ECONN|EPIPE|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN|ETIMEDOUT)/.test(code);
}
