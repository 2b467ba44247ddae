/** A holder turns the vouchers it holds into points, in fixed windows: the last voucher of each lane pays for all before. */
import type { Transaction } from "kysely";

import type { Hex } from "../../../protocol/encoding/bytes.ts";
import { keccak256 } from "../../../protocol/encoding/digest.ts";
import { toHex, utf8 } from "../../../protocol/encoding/bytes.ts";
import { isNotTaken, isRetryable } from "../../chain/refusal.ts";
import type { RelayerContext } from "../../context.ts";
import type { Database } from "../../store/schema.ts";

type SettleDependencies = Pick<RelayerContext, "chain" | "db" | "outbox" | "log">;

export interface SettleService {
  /** Enqueues a settlement for every session and dataset with vouchers not yet presented. Returns their number. */
  run(): Promise<number>;
}

export function createSettleService(ctx: SettleDependencies): SettleService {
  const { interface: ledger } = ctx.chain.contracts.queryLedger;

  ctx.outbox.onMined("settle", async (trx, intent) => {
    for (const head of headsOf(ctx, intent.data)) {
      await trx
        .updateTable("holder_lanes")
        .set({ settled_count: head.count })
        .where("session", "=", head.session)
        .where("dataset", "=", head.dataset)
        .where("lane", "=", head.lane)
        .where("settled_count", "<", head.count)
        .execute();
    }
  });
  ctx.outbox.onFailed("settle", async (trx, intent, fault) => {
    ctx.log.error({ key: intent.key, code: fault.code, values: fault.values }, "a settlement was refused");
    if (isNotTaken(fault) || isRetryable(fault)) {
      // Nothing is wrong with the vouchers: they are presented again, as long as no later settlement is on its way.
      for (const head of headsOf(ctx, intent.data)) {
        await trx
          .updateTable("holder_lanes")
          .set((eb) => ({ settling_count: eb.ref("settled_count") }))
          .where("session", "=", head.session)
          .where("dataset", "=", head.dataset)
          .where("lane", "=", head.lane)
          .where("settling_count", "=", head.count)
          .execute();
      }
      return;
    }
    if (fault.values["error"] !== "VoucherStale") return;
    // A later settlement overtook this one. The lanes that it did not have are presented again, without the stale one.
    const stale = { lane: fault.values["lane"], count: Number(fault.values["settled"]) };
    for (const head of headsOf(ctx, intent.data)) {
      await trx
        .updateTable("holder_lanes")
        .set((eb) =>
          head.lane === stale.lane
            ? {
                settled_count: eb.fn<number>("greatest", ["settled_count", eb.val(stale.count)]),
                settling_count: eb.fn<number>("greatest", ["settling_count", eb.val(stale.count)]),
              }
            : { settling_count: eb.ref("settled_count") },
        )
        .where("session", "=", head.session)
        .where("dataset", "=", head.dataset)
        .where("lane", "=", head.lane)
        // Above it, another settlement is on its way.
        .$if(head.lane !== stale.lane, (query) => query.where("settling_count", "=", head.count))
        .execute();
    }
  });

  async function run(): Promise<number> {
    const due = await ctx.db
      .selectFrom("holder_lanes")
      .select(["session", "dataset"])
      .distinct()
      .whereRef("settling_count", "<", "count")
      .execute();
    for (const { session, dataset } of due) {
      await ctx.db.transaction().execute((trx) => settleOne(trx, session, dataset));
    }
    if (due.length > 0) ctx.outbox.poke();
    return due.length;
  }

  async function settleOne(trx: Transaction<Database>, session: string, dataset: string): Promise<void> {
    const lanes = await trx
      .selectFrom("holder_lanes")
      .select(["lane", "count", "transcript", "voucher"])
      .where("session", "=", session)
      .where("dataset", "=", dataset)
      .whereRef("settling_count", "<", "count")
      .orderBy("lane")
      .forUpdate()
      .execute();
    if (lanes.length === 0) return;
    const heads = lanes.map(({ lane, count, transcript, voucher }) => ({
      lane,
      count,
      transcript,
      signature: voucher,
    }));
    const data = ledger.encodeFunctionData("settle", [session, dataset, heads]) as Hex;
    const key = `settle:${session}:${dataset}:${toHex(keccak256(utf8(data)).subarray(0, 8))}`;
    const { tries } = await trx
      .selectFrom("chain_intents")
      .select((eb) => eb.fn.countAll<string>().as("tries"))
      .where("key", "like", `${key}%`)
      .executeTakeFirstOrThrow();
    await ctx.outbox.enqueue(trx, {
      // The same heads again, after their settlement failed, are another call.
      key: Number(tries) === 0 ? key : `${key}:${tries}`,
      kind: "settle",
      contract: "queryLedger",
      data,
    });
    for (const { lane, count } of lanes) {
      await trx
        .updateTable("holder_lanes")
        .set({ settling_count: count })
        .where("session", "=", session)
        .where("dataset", "=", dataset)
        .where("lane", "=", lane)
        .execute();
    }
  }

  return { run };
}

interface SettledHead {
  readonly session: string;
  readonly dataset: string;
  readonly lane: number;
  readonly count: number;
}

function headsOf(ctx: SettleDependencies, data: Hex): SettledHead[] {
  const call = ctx.chain.contracts.queryLedger.interface.decodeFunctionData("settle", data) as unknown as [
    string,
    string,
    { lane: bigint; count: bigint }[],
  ];
  const [session, dataset, heads] = call;
  return heads.map(({ lane, count }) => ({ session, dataset, lane: Number(lane), count: Number(count) }));
}
