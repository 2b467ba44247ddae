/**
 * What a transaction offers for gas. A stored transaction may be sent much later, so the cap is generous: what is not
 * needed is not paid. A chain without gas price (Besu with zero base fee) is offered nothing, for accounts there own nothing.
 */
import type { JsonRpcProvider, TransactionLike } from "ethers";

import type { OutboxKind } from "./intent.ts";

/** Decimal strings of wei, as JSON keeps them. */
export interface Fees {
  readonly legacyGasPrice?: string;
  readonly maxFeePerGas?: string;
  readonly maxPriorityFeePerGas?: string;
  readonly blockGasLimit: string;
}

/** The base fee may rise by an eighth a block: 8 times is 18 full blocks in a row. */
const BASE_FEE_HEADROOM = 8n;
const TEN_GWEI = 10_000_000_000n;

export async function readFees(provider: JsonRpcProvider): Promise<Fees> {
  const [block, price] = (await Promise.all([
    provider.send("eth_getBlockByNumber", ["latest", false]),
    provider.send("eth_gasPrice", []),
  ])) as [{ baseFeePerGas?: string | null; gasLimit: string }, string];
  const blockGasLimit = BigInt(block.gasLimit).toString();
  const gasPrice = BigInt(price);
  if (block.baseFeePerGas === undefined || block.baseFeePerGas === null) {
    return { legacyGasPrice: (2n * gasPrice).toString(), blockGasLimit };
  }
  const base = BigInt(block.baseFeePerGas);
  // eth_maxPriorityFeePerGas is not everywhere; what the suggested price has above the base fee is the same.
  const priority = gasPrice > base ? gasPrice - base : 0n;
  const free = base === 0n && gasPrice === 0n;
  const maxFeePerGas = free ? 0n : base * BASE_FEE_HEADROOM + priority + TEN_GWEI;
  return { maxFeePerGas: maxFeePerGas.toString(), maxPriorityFeePerGas: priority.toString(), blockGasLimit };
}

export function feeFields(fees: Fees): TransactionLike {
  if (fees.legacyGasPrice !== undefined) return { type: 0, gasPrice: fees.legacyGasPrice };
  return {
    type: 2,
    maxFeePerGas: fees.maxFeePerGas ?? "0",
    maxPriorityFeePerGas: fees.maxPriorityFeePerGas ?? "0",
  };
}

/** What a transaction offered, in wei. */
export interface OfferedFees {
  readonly gasPrice: bigint | null;
  readonly maxFeePerGas: bigint | null;
  readonly maxPriorityFeePerGas: bigint | null;
}

/** Fees of now, but so far above `earlier` that a node takes the new transaction in its place: nodes ask for a tenth more. */
export function feesAbove(fees: Fees, earlier: OfferedFees): Fees {
  const above = (now: string | undefined, then: bigint | null): string => {
    const [current, raised] = [BigInt(now ?? "0"), ((then ?? 0n) * 5n) / 4n];
    return (current > raised ? current : raised).toString();
  };
  if (fees.legacyGasPrice !== undefined) {
    return { ...fees, legacyGasPrice: above(fees.legacyGasPrice, earlier.gasPrice ?? earlier.maxFeePerGas) };
  }
  return {
    ...fees,
    maxFeePerGas: above(fees.maxFeePerGas, earlier.maxFeePerGas ?? earlier.gasPrice),
    maxPriorityFeePerGas: above(fees.maxPriorityFeePerGas, earlier.maxPriorityFeePerGas),
  };
}

/** Gas for a call of `bytes` of calldata that cannot be estimated now: opening a session costs most a byte (two slots a dataset). */
export function defaultGas(kind: OutboxKind, bytes: number): bigint {
  const perByte = kind === "open-session" ? 1_500 : kind === "anchor" ? 120 : 400;
  return 600_000n + BigInt(perByte * bytes);
}

/** `wanted`, doubled for each attempt that ran out, and never more than a block takes. */
export function gasLimit(wanted: bigint, doublings: number, fees: Fees): bigint {
  const limit = wanted << BigInt(Math.min(doublings, 8));
  const most = (BigInt(fees.blockGasLimit) * 9n) / 10n;
  return limit < most ? limit : most;
}
