/** Takes consistent copies of a running anvil's ledger, one at a time. */
import { fromHex } from "../../protocol/encoding/bytes.ts";
import { callRpc } from "./json-rpc.ts";
import { writeSnapshot } from "./ledger-snapshots.ts";

/** Much longer than a block is in the making, also on a busy machine. */
const COUNTED_AFTER_MS = 250;

export interface SnapshotTaker {
  take(): Promise<void>;
  /** Takes one if there are blocks that the last copy has not. */
  takeIfAdvanced(): Promise<void>;
}

export function createSnapshotTaker(url: string, directory: string, restoredBlock: number | undefined): SnapshotTaker {
  let savedBlock = restoredBlock;
  let running: Promise<void> = Promise.resolve();

  async function takeNow(): Promise<void> {
    const snapshot = (await dumpUndisturbed(3)) ?? (await dumpPaused());
    await writeSnapshot(directory, snapshot);
    savedBlock = snapshot.block;
  }

  async function blockNumber(): Promise<number> {
    return Number(await callRpc(url, "eth_blockNumber"));
  }

  /**
   * anvil reads the blocks first and the accounts after: a block mined in between would be missing from the copy while
   * its effects are there. A dump counts only if no block came meanwhile, nor right after: the accounts of a block are
   * there a moment before anvil counts it.
   */
  async function dumpUndisturbed(tries: number): Promise<{ block: number; state: Uint8Array } | undefined> {
    for (let attempt = 0; attempt < tries; attempt++) {
      const before = await blockNumber();
      const state = fromHex((await callRpc(url, "anvil_dumpState")) as string);
      if ((await blockNumber()) !== before) continue;
      await new Promise((done) => setTimeout(done, COUNTED_AFTER_MS));
      if ((await blockNumber()) === before) return { block: before, state };
    }
    return undefined;
  }

  /** Under constant load: transactions wait in the pool while the copy is made, and are mined right after. */
  async function dumpPaused(): Promise<{ block: number; state: Uint8Array }> {
    await callRpc(url, "evm_setAutomine", [false]);
    try {
      const dump = await dumpUndisturbed(5);
      if (dump === undefined) throw new Error("blocks keep coming while mining is paused");
      return dump;
    } finally {
      await callRpc(url, "evm_setAutomine", [true]);
    }
  }

  /** One at a time. */
  function take(): Promise<void> {
    running = running.catch(() => undefined).then(takeNow);
    return running;
  }

  return {
    take,
    async takeIfAdvanced(): Promise<void> {
      if ((await blockNumber()) !== savedBlock) await take();
    },
  };
}
