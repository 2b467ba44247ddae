/** The holder's lanes in the store, and what the ledger knows of them that the store does not. */
import { sql, type Transaction } from "kysely";

import { bytesEqual, fromHex, toHex, type Hex } from "../../../protocol/encoding/bytes.ts";
import {
  initialLane,
  LANES,
  type LaneAllotment,
  type LaneState,
} from "../../../protocol/oblivious-lookup/lane-guard.ts";
import {
  requestDigest,
  type EvaluateRequest,
  type LaneHead,
  type UndecodedRequest,
} from "../../../protocol/oblivious-lookup/request.ts";
import type { AllotmentInfo } from "../../chain/chain-view.ts";
import type { RelayerContext } from "../../context.ts";
import { together } from "../../store/postgres-dialect.ts";
import type { Database } from "../../store/schema.ts";

export interface LaneView {
  readonly state: LaneState;
  readonly allotment: LaneAllotment;
  /** Answer to the lane's last request, as it was sent. */
  readonly response: string | undefined;
}

/**
 * Locks all lanes of the request's session at its dataset until the transaction ends (they share one allotment) and reads
 * the request's own.
 */
export async function lockLane(
  trx: Transaction<Database>,
  ctx: Pick<RelayerContext, "chain">,
  request: EvaluateRequest,
  { granted, settled }: AllotmentInfo,
): Promise<LaneView> {
  const [session, dataset] = [toHex(request.session), toHex(request.dataset)];
  const [, { rows: lanes }] = await together(trx, [
    sql`select pg_advisory_xact_lock(hashtextextended(${`lanes:${session}:${dataset}`}, 0))`.compile(trx),
    // Reads what is there when it runs, which is when the lock is held.
    trx.selectFrom("holder_lanes").selectAll().where("session", "=", session).where("dataset", "=", dataset).compile(),
  ]);
  const stored = lanes.find(({ lane }) => lane === request.lane);
  const known: LaneState = stored
    ? {
        count: stored.count,
        transcript: fromHex(stored.transcript, 32),
        lastRequestDigest: fromHex(stored.request_digest, 32),
        lastVoucher: fromHex(stored.voucher),
      }
    : initialLane(request.session, request.dataset, request.lane);
  // More was settled than this store knows of: it came back from a backup, and the ledger knows better.
  const behind = settled > lanes.reduce((sum, lane) => sum + lane.settled_count, 0);
  const heads = behind ? await ledgerHeads(ctx, session, dataset) : [];
  const head = heads[request.lane];
  const countOf = (lane: number): number =>
    Math.max(heads[lane]?.count ?? 0, lanes.find((known) => known.lane === lane)?.count ?? 0);
  const otherLanes = Array.from({ length: LANES }, (_, lane) => (lane === request.lane ? 0 : countOf(lane)));
  return {
    state: head === undefined ? known : { ...known, settled: head },
    allotment: { granted, otherLanes: otherLanes.reduce((sum, count) => sum + count, 0) },
    response: stored?.response,
  };
}

/** All lanes as the ledger has settled them: one that this store has forgotten has spent of the allotment too. */
async function ledgerHeads(
  { chain }: Pick<RelayerContext, "chain">,
  session: Hex,
  dataset: Hex,
): Promise<(LaneHead | undefined)[]> {
  return await Promise.all(
    Array.from({ length: LANES }, async (_, lane) => {
      const { count, transcript } = await chain.contracts.queryLedger.getLane(session, dataset, lane);
      return count === 0n ? undefined : { count: Number(count), transcript: fromHex(transcript.toLowerCase(), 32) };
    }),
  );
}

/** The caller's answer to this very request, voucher included, if it was the lane's last: paid for already, whatever is now. */
export async function findRepeated(
  { db }: Pick<RelayerContext, "db">,
  request: UndecodedRequest,
  caller: number,
): Promise<string | undefined> {
  const stored = await db
    .selectFrom("holder_lanes")
    .select(["count", "request_digest", "voucher", "response", "transcript"])
    .where("session", "=", toHex(request.session))
    .where("dataset", "=", toHex(request.dataset))
    .where("lane", "=", request.lane)
    .where("querier", "=", caller)
    .executeTakeFirst();
  if (stored?.count !== request.count) return undefined;
  const same =
    bytesEqual(request.voucher, fromHex(stored.voucher)) &&
    bytesEqual(request.transcript, fromHex(stored.transcript, 32)) &&
    bytesEqual(requestDigest(request.decode()), fromHex(stored.request_digest, 32));
  return same ? stored.response : undefined;
}
