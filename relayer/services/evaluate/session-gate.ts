/**
 * What the chain must say before a holder looks at a request: the session is of this ledger and of the member that calls, open, not
 * expired, its querier active, and it may spend at a dataset that this member holds, in an epoch whose key is still in use; or at
 * one of the services of this member's algorithm node, for the key of a round of which it has a share.
 */
import { toHex, type Hex } from "../../../protocol/encoding/bytes.ts";
import { Fault } from "../../../protocol/errors/fault.ts";
import type { NodeService } from "../../../protocol/key-round/round.ts";
import type { EvaluateRequest } from "../../../protocol/oblivious-lookup/request.ts";
import type { KeyPair } from "../../../protocol/oprf/oprf.ts";
import { standardSchema } from "../../../protocol/aggregate/schema.ts";
import type { KeyShare, PublicKeySet } from "../../../protocol/threshold/key-set.ts";
import type { SharedUse } from "../../oprf-pool/aggregate-tasks.ts";
import type { AllotmentInfo, SessionInfo } from "../../chain/chain-view.ts";
import type { RelayerContext } from "../../context.ts";
import { isServed } from "../served-epochs.ts";

export interface AdmittedSession {
  readonly session: SessionInfo;
  readonly allotment: AllotmentInfo;
  readonly work: PaidWork;
}

/** What is computed for the elements of a request, and how many of them are paid for as one. */
export type PaidWork = { readonly width: number } & (
  | { readonly kind: "evaluate"; readonly key: KeyPair }
  | { readonly kind: "partial"; readonly use: SharedUse; readonly keys: PublicKeySet; readonly share: KeyShare }
);

/** A node's shares, by the round that made them. */
export interface NodeShares {
  find(
    round: number,
    purpose: NodeService,
  ): Promise<{ readonly keys: PublicKeySet; readonly share: KeyShare } | undefined>;
}

export interface GateDependencies extends Pick<RelayerContext, "chain" | "keys"> {
  readonly nodeShares: NodeShares;
}

/**
 * @throws Fault PLATFORM_FROZEN, SESSION_UNKNOWN, VOUCHER_OF_ANOTHER_MEMBER, SESSION_NOT_OPEN, SESSION_EXPIRED, MEMBER_SUSPENDED, DATASET_NOT_HELD,
 * DATASET_NOT_IN_SESSION, EPOCH_STALE, NODE_ROLE_MISSING
 */
export async function admitSession(
  ctx: GateDependencies,
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
  const service = await ownService(ctx, dataset);
  const allotment = await session.allotment(dataset);
  if (allotment === undefined) throw new Fault("DATASET_NOT_IN_SESSION", { session: id, dataset });
  const work =
    service === undefined
      ? { kind: "evaluate" as const, width: 1, key: await epochKey(ctx, dataset, request.epoch) }
      : await sharedWork(ctx, service, request.epoch);
  return { session, allotment, work };
}

/** Which of this member's node's services it is; undefined for a dataset that this member holds. */
async function ownService(ctx: Pick<RelayerContext, "chain">, dataset: Hex): Promise<NodeService | undefined> {
  const [me, datasets, service] = await Promise.all([
    ctx.chain.me(),
    ctx.chain.datasets(),
    ctx.chain.computation.service(dataset),
  ]);
  if (me.status !== "Active") throw new Fault("MEMBER_SUSPENDED", { member: me.name, status: me.status });
  if (service !== undefined && service.node.member === me.id && service.node.status === "Active")
    return service.purpose;
  if (!datasets.some(({ id, holder }) => id === dataset && holder === me.id)) {
    throw new Fault("DATASET_NOT_HELD", { dataset });
  }
  return undefined;
}

/** The request's epoch is the key's round here. */
async function sharedWork(
  { nodeShares }: Pick<GateDependencies, "nodeShares">,
  purpose: NodeService,
  round: number,
): Promise<PaidWork> {
  const found = await nodeShares.find(round, purpose);
  if (found === undefined) throw new Fault("NODE_ROLE_MISSING", { purpose, round });
  const { keys, share } = found;
  return purpose === "query"
    ? { kind: "partial", use: "decryption", width: standardSchema.slotCount, keys, share }
    : { kind: "partial", use: "evaluation", width: 1, keys, share };
}

async function epochKey(ctx: Pick<RelayerContext, "chain" | "keys">, dataset: Hex, epoch: number): Promise<KeyPair> {
  const current = await ctx.chain.currentEpoch();
  const key = isServed(epoch, current) ? await ctx.keys.findEpochKey(dataset, epoch) : undefined;
  if (key === undefined) throw new Fault("EPOCH_STALE", { epoch, current });
  return key;
}
