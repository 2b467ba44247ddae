/**
 * What the chain must say before a holder looks at a request: the session is of this ledger and of the member that calls, open, not
 * expired, its querier active, and it may spend at a dataset that this member holds, in an epoch whose key is still in use.
 */
import { toHex, type Hex } from "../../../protocol/encoding/bytes.ts";
import { Fault } from "../../../protocol/errors/fault.ts";
import type { EvaluateRequest } from "../../../protocol/oblivious-lookup/request.ts";
import type { KeyPair } from "../../../protocol/oprf/oprf.ts";
import type { AllotmentInfo, SessionInfo } from "../../chain/chain-view.ts";
import type { RelayerContext } from "../../context.ts";
import { isServed } from "../served-epochs.ts";

export interface AdmittedSession {
  readonly session: SessionInfo;
  readonly allotment: AllotmentInfo;
  readonly key: KeyPair;
}

/**
 * @throws Fault PLATFORM_FROZEN, SESSION_UNKNOWN, VOUCHER_OF_ANOTHER_MEMBER, SESSION_NOT_OPEN, SESSION_EXPIRED, MEMBER_SUSPENDED, DATASET_NOT_HELD,
 * DATASET_NOT_IN_SESSION, EPOCH_STALE
 */
export async function admitSession(
  ctx: Pick<RelayerContext, "chain" | "keys">,
  request: Pick<EvaluateRequest, "session" | "dataset" | "epoch">,
  caller: number,
): Promise<AdmittedSession> {
  const id = toHex(request.session);
  const dataset = toHex(request.dataset);
  if (await ctx.chain.frozen()) throw new Fault("PLATFORM_FROZEN");
  const session = await ctx.chain.session(id);
  if (session === undefined) throw new Fault("SESSION_UNKNOWN", { session: id });
  if (session.querier !== caller) throw new Fault("VOUCHER_OF_ANOTHER_MEMBER", { session: id });
  if (session.status !== "Open") throw new Fault("SESSION_NOT_OPEN", { session: id, status: session.status });
  if ((await ctx.chain.ledgerTime()) > session.expiresAt) {
    throw new Fault("SESSION_EXPIRED", { session: id, expiresAt: session.expiresAt });
  }
  const querier = await ctx.chain.member(session.querier);
  if (querier.status !== "Active") {
    throw new Fault("MEMBER_SUSPENDED", { member: querier.name, status: querier.status });
  }
  await requireHeld(ctx, dataset);
  const allotment = await session.allotment(dataset);
  if (allotment === undefined) throw new Fault("DATASET_NOT_IN_SESSION", { session: id, dataset });
  return { session, allotment, key: await epochKey(ctx, dataset, request.epoch) };
}

async function requireHeld(ctx: Pick<RelayerContext, "chain">, dataset: Hex): Promise<void> {
  const [me, datasets] = await Promise.all([ctx.chain.me(), ctx.chain.datasets()]);
  if (me.status !== "Active") throw new Fault("MEMBER_SUSPENDED", { member: me.name, status: me.status });
  if (!datasets.some(({ id, holder }) => id === dataset && holder === me.id)) {
    throw new Fault("DATASET_NOT_HELD", { dataset });
  }
}

async function epochKey(ctx: Pick<RelayerContext, "chain" | "keys">, dataset: Hex, epoch: number): Promise<KeyPair> {
  const current = await ctx.chain.currentEpoch();
  const key = isServed(epoch, current) ? await ctx.keys.findEpochKey(dataset, epoch) : undefined;
  if (key === undefined) throw new Fault("EPOCH_STALE", { epoch, current });
  return key;
}
