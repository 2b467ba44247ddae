/** Trying a call on the chain without sending it, and asking why one that was sent failed. */
import { isError, type JsonRpcProvider } from "ethers";

import type { Hex } from "../../protocol/encoding/bytes.ts";
import type { Fault } from "../../protocol/errors/fault.ts";
import { isUnreachable } from "./provider.ts";
import { decodeRevert, refusal, revertedWith } from "./refusal.ts";

export interface PlainCall {
  readonly from: Hex;
  readonly to: Hex;
  readonly data: Hex;
}

/** An estimate is a convenience: it is not waited for longer than this. */
const ESTIMATE_PATIENCE_MS = 1_500;

/**
 * Runs the call on the pending block, whose time is now, also on a chain that makes blocks only when there is something
 * to put in; a node that knows no pending block gets "latest".
 * @throws Fault what the contract refuses it with, or CHAIN_UNREACHABLE.
 */
export async function tryCall(provider: JsonRpcProvider, call: PlainCall): Promise<string> {
  try {
    return await provider.call({ ...call, blockTag: "pending" });
  } catch (error) {
    if (isError(error, "CALL_EXCEPTION") || isUnreachable(error)) throw refusal(error);
  }
  try {
    return await provider.call({ ...call, blockTag: "latest" });
  } catch (error) {
    throw refusal(error);
  }
}

/** Gas of the call on the state of now, or undefined if it would fail there or the node takes its time. */
export async function estimateGas(provider: JsonRpcProvider, call: PlainCall): Promise<bigint | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<undefined>((done) => {
    timer = setTimeout(() => {
      done(undefined);
    }, ESTIMATE_PATIENCE_MS);
  });
  const answer = provider.estimateGas({ ...call, blockTag: "pending" }).catch(() => undefined);
  const gas = await Promise.race([answer, patience]);
  clearTimeout(timer);
  return gas;
}

export interface FailedCall extends PlainCall {
  readonly blockNumber: number;
  readonly gasUsed: bigint;
  readonly gasLimit: bigint;
}

/**
 * Why a mined call failed: it is run again on the block before, on its block, and now; the first that fails tells. What
 * fails nowhere any more met a state inside its block that is gone: CHAIN_REVERTED with error "Unexplained".
 */
export async function explainFailure(provider: JsonRpcProvider, call: FailedCall): Promise<Fault> {
  // EIP-150 keeps back a 64th from an inner call, so running out there leaves a little.
  if (call.gasUsed >= (call.gasLimit * 62n) / 64n) return revertedWith("OutOfGas");
  const { from, to, data } = call;
  for (const blockTag of [call.blockNumber - 1, call.blockNumber, "latest"]) {
    try {
      await provider.call({ from, to, data, blockTag });
    } catch (error) {
      if (isError(error, "CALL_EXCEPTION") && error.data !== null && error.data !== "0x")
        return decodeRevert(error.data);
    }
  }
  return revertedWith("Unexplained");
}
