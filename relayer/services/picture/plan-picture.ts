/** What a new picture begins with: the key of the newest table here, and the nodes that are asked first. */
import { Fault } from "../../../protocol/errors/fault.ts";
import type { QueryDependencies } from "../query/query-context.ts";
import { askableNodes, pickNodes, type AskableNode } from "./choose-nodes.ts";

export interface PicturePlan {
  /** Of the evaluation key. */
  readonly round: number;
  /** As many as are needed, or fewer: whoever drives the picture says so. */
  readonly nodes: readonly AskableNode[];
}

/** @throws Fault AGGREGATE_NOT_PUBLISHED */
export async function planPicture(
  ctx: Pick<QueryDependencies, "chain" | "consortium" | "nodeHealth">,
): Promise<PicturePlan> {
  const { computation } = ctx.chain;
  const [here, published] = await Promise.all([ctx.consortium.newest(), computation.latestPublished()]);
  // A table that is on its way is waited for later, under its own key.
  const edition = await computation.edition(here?.edition ?? published);
  if (edition === undefined) throw new Fault("AGGREGATE_NOT_PUBLISHED");
  const round = edition.evaluationRound;
  const keys = await computation.keySet(round, "evaluation");
  const nodes = await askableNodes(ctx, round, "evaluation");
  return { round, nodes: pickNodes(nodes, keys?.threshold ?? 0, ctx.nodeHealth) };
}
