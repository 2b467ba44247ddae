import type { JsonRpcProvider } from "ethers";
import { expect } from "chai";
import { describe, it } from "mocha";

import { createLedgerClock } from "../../../relayer/chain/ledger-clock.ts";
import type { IEmergency } from "../../../types/ethers-contracts/governance/IEmergency.ts";
import { IEmergency__factory } from "../../../types/ethers-contracts/factories/governance/IEmergency__factory.ts";

const HOUR = 3_600;
const NOW = 500_000 * HOUR;
const ADDRESS = `0x${"11".repeat(20)}`;

const hex = (value: number): string => `0x${value.toString(16)}`;

interface Circumstances {
  readonly made: number;
  readonly frozen?: number;
  /** Whether the clock has read the ledger once before, when no block was made. */
  readonly again?: boolean;
}

/** A chain whose last block is two hours old, and whose node makes blocks of now while it answers calls, out of the newest. */
async function ledgerTimeWhere({ made, frozen = 0, again = false }: Circumstances): Promise<number> {
  const blocks = [NOW - 2 * HOUR];
  let most = 0;
  const newest = (): number => blocks.at(-1)!;
  const abi = IEmergency__factory.createInterface();
  const provider = {
    send: () => Promise.resolve({ number: hex(blocks.length), hash: hex(blocks.length), timestamp: hex(newest()) }),
    call: () => Promise.resolve(abi.encodeFunctionResult("time", [newest() - frozen])),
  } as unknown as JsonRpcProvider;
  const emergency = {
    interface: abi,
    getAddress: () => Promise.resolve(ADDRESS),
    time() {
      if (blocks.length <= most) blocks.push(NOW);
      return Promise.resolve(BigInt(newest() - frozen));
    },
    frozenScope: () => Promise.resolve(0n),
  } as unknown as IEmergency;
  const clock = createLedgerClock({ provider, emergency, clock: () => new Date(NOW * 1_000), fresh: () => false });
  if (again) expect(await clock.time()).to.equal(NOW - frozen);
  most = made;
  return await clock.time();
}

describe("ledger time between blocks", () => {
  it("is the time of now, however old the last block is", async () => {
    expect(await ledgerTimeWhere({ made: 0 })).to.equal(NOW);
    expect(await ledgerTimeWhere({ made: 0, frozen: 5 * HOUR })).to.equal(NOW - 5 * HOUR);
  });

  it("is not ahead while a block is being made", async () => {
    for (const made of [1, 100]) {
      for (const again of [false, true]) {
        expect(await ledgerTimeWhere({ made, again })).to.equal(NOW);
        expect(await ledgerTimeWhere({ made, again, frozen: 5 * HOUR })).to.equal(NOW - 5 * HOUR);
      }
    }
  });
});
