/**
 * A picture and the resharings of the keys that it needs. A stage is asked of the nodes that share its key now. Parts of two
 * sharings do not go together: too few that were answered under an older round count no more. All nodes get the same
 * elements, so nothing is learnt twice.
 */
import { haveSameKey, heirOf } from "../../chain/heir-of.ts";
import { Fault } from "../../../protocol/errors/fault.ts";
import type { RelayerContext } from "../../context.ts";
import { drop } from "../query/exchanges.ts";
import { roundOf, type AskableNode } from "./choose-nodes.ts";
import type { StageExchange } from "./exchanges-of-stage.ts";
import type { Stage } from "./stages.ts";

type ChainDependency = Pick<RelayerContext, "chain">;

/**
 * The stage under the round in which it was answered by enough nodes, else the newest that shares its key.
 * @throws Fault CHAIN_UNREACHABLE if the chain's node is behind one that was asked before
 */
export async function follow(
  { chain: { computation } }: ChainDependency,
  stage: Stage,
  exchanges: readonly StageExchange[],
): Promise<Stage> {
  const good = exchanges.flatMap(({ state, reason, epoch }) =>
    state === "answered" && reason === null && epoch !== undefined ? [epoch] : [],
  );
  for (const round of new Set(good)) {
    const keys = await computation.keySet(round, stage.service);
    if (keys && good.filter((epoch) => epoch === round).length >= keys.threshold) return { ...stage, round };
  }
  const round = await heirOf(computation, stage.round, stage.service);
  // Another process has seen a later one, and asked its nodes: nothing of that is ended over an older view.
  for (const { state, epoch = 0 } of exchanges) {
    if (epoch <= round || (state !== "answered" && state !== "prepared")) continue;
    if ((await computation.keySet(epoch, stage.service)) === undefined) throw new Fault("CHAIN_UNREACHABLE");
  }
  return { ...stage, round };
}

/**
 * Ends what was sent under older rounds and is not answered, and what still waits for a node that cannot be asked.
 * @returns those of `nodes` that have not answered under an older round (in evidence each node's service stands once), and
 * whether anything was left
 */
export async function leaveOlderRounds(
  ctx: Pick<RelayerContext, "db">,
  exchanges: readonly StageExchange[],
  stage: Stage,
  nodes: readonly AskableNode[],
): Promise<{ readonly nodes: readonly AskableNode[]; readonly left: boolean }> {
  const answered = new Set<number>();
  let left = false;
  for (const { id, state, holder, epoch } of exchanges) {
    if (state === "answered" && epoch !== stage.round) answered.add(holder);
    const isOld = state === "prepared" && epoch !== stage.round;
    const isNowhere = state === "waiting" && nodes.every(({ member }) => member !== holder);
    if (!isOld && !isNowhere) continue;
    await drop(ctx, id, "NODE_NOT_NEEDED");
    left = true;
  }
  return { nodes: nodes.filter(({ member }) => !answered.has(member)), left };
}

/** Those of the stage's round, and those that are not signed for any yet. */
export function ofRound(exchanges: readonly StageExchange[], { round }: Stage): StageExchange[] {
  return exchanges.filter(({ epoch }) => epoch === undefined || epoch === round);
}

/** Whether the newest published edition is read under the key: then nodes without a share are to have one soon. */
export async function isInUse({ chain }: ChainDependency, { round, service }: Stage): Promise<boolean> {
  const { computation } = chain;
  const edition = await computation.edition(await computation.latestPublished());
  if (edition === undefined) return false;
  return (await haveSameKey(computation, [roundOf(edition, service), round], service)) !== false;
}

/** Whether the round's keys are there for good and none of this service among them: an edition from before there was one. */
export async function lacksKey({ chain }: ChainDependency, { round, service }: Stage): Promise<boolean> {
  const facts = await chain.computation.round(round);
  return facts !== undefined && !facts.purposes.includes(service);
}
