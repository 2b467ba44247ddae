/** Puts the leaves of an asking relayer on its ledger, as anchor service and outbox do. */
import { toHex, type Hex } from "../../protocol/encoding/bytes.ts";
import { createAnchorService } from "../../relayer/services/anchor/anchor.ts";
import { LEDGER, random } from "./asking-ledger.ts";
import type { Asking } from "./asking.ts";

const SENDER = `0x${"5e".repeat(20)}`;

/** Where a batch stands. */
export interface AnchoredBatch {
  readonly session: Hex;
  readonly leaves: readonly Hex[];
  readonly transactionHash: Hex;
  readonly blockNumber: number;
  readonly logIndex: number;
}

/** Anchors all that is pending, each batch in a block of its own. */
export async function anchorLeaves({ ctx, outbox }: Asking, firstBlock = 101): Promise<AnchoredBatch[]> {
  const before = outbox.calls.length;
  await createAnchorService({ ...ctx, outbox: outbox.outbox }).run();
  const { interface: ledger } = ctx.chain.contracts.queryLedger;
  const { topicHash } = ledger.getEvent("LeavesAnchored");
  await ctx.db
    .insertInto("chain_accounts")
    .values({ sender: SENDER, next_nonce: 1, instance: "0x", fees: "{}" })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const batches: AnchoredBatch[] = [];
  for (const { key, kind, data } of outbox.calls.slice(before)) {
    if (kind !== "anchor") continue;
    const place = { transactionHash: toHex(random(32)), blockNumber: firstBlock + batches.length, logIndex: 3 };
    const logs = [{ address: LEDGER, topics: [topicHash], data: "0x", logIndex: place.logIndex }];
    const mined = { hash: place.transactionHash, block_number: place.blockNumber, block_hash: "0x", gas_used: 1 };
    await ctx.db
      .insertInto("chain_intents")
      .values({ key, sender: SENDER, kind, contract: "queryLedger", data: Buffer.alloc(0), attempt: 1 })
      .execute();
    await ctx.db
      .updateTable("chain_intents")
      .set({ state: "mined", ...mined, logs: JSON.stringify(logs) })
      .where("key", "=", key)
      .execute();
    const [session, , leaves] = ledger.decodeFunctionData("anchor", data) as unknown as [Hex, bigint, Hex[]];
    batches.push({ session, leaves: [...leaves], ...place });
  }
  return batches;
}
