import { expect } from "chai";
import type { JsonRpcProvider } from "ethers";
import { describe, it } from "mocha";

import { defaultGas, feeFields, feesAbove, gasLimit, readFees } from "../../../relayer/chain/fees.ts";

/** A node with these two answers. */
function node(gasPrice: bigint, baseFeePerGas?: bigint): JsonRpcProvider {
  const block = {
    gasLimit: "0x1c9c380",
    ...(baseFeePerGas === undefined ? {} : { baseFeePerGas: `0x${baseFeePerGas.toString(16)}` }),
  };
  const answers: Record<string, unknown> = {
    eth_gasPrice: `0x${gasPrice.toString(16)}`,
    eth_getBlockByNumber: block,
  };
  return { send: (method: string) => Promise.resolve(answers[method]) } as unknown as JsonRpcProvider;
}

describe("fees", () => {
  it("offer a legacy gas price, doubled, to a chain without a base fee", async () => {
    expect(feeFields(await readFees(node(7n)))).deep.equal({ type: 0, gasPrice: "14" });
    expect(feeFields(await readFees(node(0n)))).deep.equal({ type: 0, gasPrice: "0" });
  });

  it("offer nothing to a chain that asks nothing: accounts own nothing there", async () => {
    expect(feeFields(await readFees(node(0n, 0n)))).deep.equal({
      type: 2,
      maxFeePerGas: "0",
      maxPriorityFeePerGas: "0",
    });
  });

  it("cap far above today's base fee, and tip what the node suggests", async () => {
    const fees = feeFields(await readFees(node(1_500_000_000n, 1_000_000_000n)));
    expect(fees.maxPriorityFeePerGas).equal("500000000");
    expect(BigInt(fees.maxFeePerGas as string)).least(8n * 1_000_000_000n + 500_000_000n);
  });

  it("never tip more than the cap, which nodes refuse", async () => {
    for (const [price, base] of [
      [10n ** 12n, 0n],
      [10n ** 12n, 7n],
      [1n, 10n ** 12n],
    ] as const) {
      const fees = feeFields(await readFees(node(price, base)));
      expect(BigInt(fees.maxPriorityFeePerGas as string) <= BigInt(fees.maxFeePerGas as string)).equal(true);
    }
  });
});

describe("fees in place of a transaction that is stuck", () => {
  const none = { gasPrice: null, maxFeePerGas: null, maxPriorityFeePerGas: null };
  const dynamic = { maxFeePerGas: "100", maxPriorityFeePerGas: "10", blockGasLimit: "1" };

  it("are those of now, or a quarter above what it offered if that is more", () => {
    const offered = { ...none, maxFeePerGas: 88n, maxPriorityFeePerGas: 2n };
    expect(feesAbove(dynamic, offered)).include({ maxFeePerGas: "110", maxPriorityFeePerGas: "10" });
    expect(feesAbove(dynamic, { ...offered, maxFeePerGas: 40n })).include({ maxFeePerGas: "100" });
    const legacy = { legacyGasPrice: "7", blockGasLimit: "1" };
    expect(feesAbove(legacy, { ...none, gasPrice: 8n }).legacyGasPrice).equal("10");
  });

  it("stay nothing on a chain without gas price", () => {
    const free = { maxFeePerGas: "0", maxPriorityFeePerGas: "0", blockGasLimit: "1" };
    expect(feesAbove(free, { ...none, maxFeePerGas: 0n, maxPriorityFeePerGas: 0n })).deep.equal(free);
  });
});

describe("gas limits", () => {
  const fees = { blockGasLimit: "30000000" };

  it("double with each time that gas ran out, and stay below what a block takes", () => {
    expect(gasLimit(1_000_000n, 0, fees)).equal(1_000_000n);
    expect(gasLimit(1_000_000n, 3, fees)).equal(8_000_000n);
    expect(gasLimit(1_000_000n, 40, fees)).equal(27_000_000n);
  });

  it("by default cover the largest anchor (1,024 leaves) and a session with 16 datasets", () => {
    // Measured: about 2,100 gas a leaf; two storage slots, a price and a dataset read for each dataset.
    expect(defaultGas("anchor", 4 + 4 * 32 + 1_024 * 32)).greaterThan(BigInt(2_100 * 1_024));
    expect(defaultGas("open-session", 4 + 6 * 32 + 16 * 64)).greaterThan(BigInt(16 * 80_000));
  });
});
