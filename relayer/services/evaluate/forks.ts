/** A forked voucher: kept with both signatures, and proven on chain, where it costs the querier the session's rest. */
import { sql } from "kysely";

import { toHex } from "../../../protocol/encoding/bytes.ts";
import type { SignedHead, VoucherForked } from "../../../protocol/oblivious-lookup/lane-guard.ts";
import type { EvaluateRequest } from "../../../protocol/oblivious-lookup/request.ts";
import type { RelayerContext } from "../../context.ts";

type ForkDependencies = Pick<RelayerContext, "db" | "chain" | "outbox" | "clock" | "log">;

/** Stores the proof and enqueues its transaction. Does nothing where the earlier voucher itself is not held. */
export async function reportFork(ctx: ForkDependencies, request: EvaluateRequest, fork: VoucherForked): Promise<void> {
  const { first, second } = fork;
  if (first === undefined) return;
  const [session, dataset] = [toHex(request.session), toHex(request.dataset)];
  const data = ctx.chain.contracts.queryLedger.interface.encodeFunctionData("proveFork", [
    session,
    dataset,
    ledgerHead(first),
    ledgerHead(second),
  ]);
  await ctx.db.transaction().execute(async (trx) => {
    // Forks in two lanes at once: the second waits here and sees the first one's row.
    await sql`select pg_advisory_xact_lock(hashtextextended(${`fork:${session}`}, 0))`.execute(trx);
    const earlier = await trx.selectFrom("holder_forks").select("lane").where("session", "=", session).execute();
    await trx
      .insertInto("holder_forks")
      .values({
        session,
        dataset,
        lane: second.lane,
        count: second.count,
        first_transcript: toHex(first.transcript),
        first_voucher: toHex(first.signature),
        second_transcript: toHex(second.transcript),
        second_voucher: toHex(second.signature),
        seen_at: ctx.clock(),
      })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    // One proven fork faults the whole session; a second proof would only be refused.
    if (earlier.length > 0) return;
    await ctx.outbox.enqueue(trx, {
      key: `prove-fork:${session}`,
      kind: "prove-fork",
      contract: "queryLedger",
      data: data as `0x${string}`,
    });
  });
  ctx.outbox.poke();
  ctx.log.warn({ session, dataset, lane: second.lane, count: second.count }, "forked voucher: the proof goes on chain");
}

function ledgerHead(head: SignedHead): { lane: number; count: number; transcript: string; signature: string } {
  return {
    lane: head.lane,
    count: head.count,
    transcript: toHex(head.transcript),
    signature: toHex(head.signature),
  };
}
