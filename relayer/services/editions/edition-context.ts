/** What the parts of making an edition work with. */
import { contributionKey } from "../../../protocol/aggregate/elgamal.ts";
import { Fault } from "../../../protocol/errors/fault.ts";
import type { KeyShare, PublicKeySet } from "../../../protocol/threshold/key-set.ts";
import type { StepRunner } from "../../aggregate-pool/step-runner.ts";
import type { StepTerms } from "../../aggregate-pool/steps.ts";
import type { EditionInfo, KeyPurpose } from "../../chain/computation-view.ts";
import type { RelayerContext } from "../../context.ts";
import type { OprfPool } from "../../oprf-pool/pool.ts";
import type { PeerChannel } from "../channel/client.ts";

/** The shares that this member holds as a node. */
export interface KeyShares {
  /** Undefined if it has none of that round and purpose. */
  find(
    round: number,
    purpose: KeyPurpose,
  ): Promise<{ readonly keys: PublicKeySet; readonly share: KeyShare } | undefined>;
}

export interface EditionLimits {
  /** A connection that brings nothing for so long is given up. */
  readonly idleMs: number;
  readonly fruitlessTries: number;
  /** For one file; what came is kept for the next turn. */
  readonly turnMs: number;
}

export interface EditionContext extends Pick<
  RelayerContext,
  "config" | "log" | "db" | "clock" | "random" | "chain" | "outbox" | "jobs" | "cipher" | "keys"
> {
  readonly channel: PeerChannel;
  readonly pool: OprfPool;
  readonly keyShares: KeyShares;
  readonly steps: StepRunner;
  readonly limits: EditionLimits;
  /** Ends downloads when the relayer stops. */
  readonly stop: AbortSignal;
}

/** @throws Fault EDITION_KEY_MISSING if the chain has not the keys of its rounds */
export async function stepTerms({ chain }: Pick<RelayerContext, "chain">, edition: EditionInfo): Promise<StepTerms> {
  const [query, layer] = await Promise.all([
    chain.computation.keySet(edition.queryRound, "query"),
    chain.computation.keySet(edition.layerRound, "layer"),
  ]);
  if (!query || !layer) throw new Fault("EDITION_KEY_MISSING", { edition: edition.number });
  return {
    edition: edition.number,
    contributionKey: contributionKey(query.publicKey, layer.publicKey),
    leastContributors: edition.leastContributors,
    leastRows: edition.leastRows,
  };
}

/** The edition that runs or ran last; undefined before the first. */
export async function newestEdition({ chain }: Pick<RelayerContext, "chain">): Promise<EditionInfo | undefined> {
  return await chain.computation.edition(await chain.computation.editionCount());
}

/** Whether the time for help to come is over: after half of what a stage has, what did not come counts as refused. */
export async function isHalfOver(
  { chain }: Pick<RelayerContext, "chain">,
  { stageEndsAt }: EditionInfo,
): Promise<boolean> {
  const { stage } = await chain.contracts.consortiumTables.terms();
  return (await chain.ledgerTime()) >= stageEndsAt - Number(stage) / 2;
}
