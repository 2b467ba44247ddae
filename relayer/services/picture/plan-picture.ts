/** What a new picture begins with: the key of the newest table here, and the nodes that are asked first. */
import { Fault } from "../../../protocol/errors/fault.ts";
import { heirOf } from "../../chain/heir-of.ts";
import type { OprfPool } from "../../oprf-pool/pool.ts";
import type { QueryDependencies } from "../query/query-context.ts";
import { askableNodes, pickNodes, type AskableNode } from "./choose-nodes.ts";

export interface PicturePlan {
  /** That made the evaluation key. */
  readonly round: number;
  /** That shares it now: whose nodes are asked. */
  readonly sharing: number;
  /** As many as are needed, or fewer: whoever drives the picture says so. */
  readonly nodes: readonly AskableNode[];
}

/** @throws Fault AGGREGATE_NOT_PUBLISHED */
export async function planPicture(
  ctx: Pick<QueryDependencies, "chain" | "consortium" | "nodeHealth" | "pool" | "log">,
): Promise<PicturePlan> {
  const { computation } = ctx.chain;
  const [here, published] = await Promise.all([ctx.consortium.newest(), computation.latestPublished()]);
  // A table that is on its way is waited for later, under its own key.
  const edition = await computation.edition(here?.edition ?? published);
  if (edition === undefined) throw new Fault("AGGREGATE_NOT_PUBLISHED");
  const round = edition.evaluationRound;
  const sharing = await heirOf(computation, round, "evaluation");
  const keys = await computation.keySet(sharing, "evaluation");
  const nodes = await askableNodes(ctx, sharing, "evaluation");
  warmUp(ctx);
  return { round, sharing, nodes: pickNodes(nodes, keys?.threshold ?? 0, ctx.nodeHealth) };
}

/** Whose thread has a table for reading sums, or is making it: a second of work, once a process, while nodes are being asked. */
const warm = new WeakSet<OprfPool>();

function warmUp({ pool, log }: Pick<QueryDependencies, "pool" | "log">): void {
  if (warm.has(pool)) return;
  warm.add(pool);
  const nothing = new Uint8Array(32);
  pool
    .run({ kind: "sums", edition: 0, queryKey: nothing, contributionKey: nothing, rows: [] })
    .catch((error: unknown) => {
      log.debug({ err: error }, "the table for reading sums is made when it is needed");
    });
}
