/** Which algorithm nodes are asked, and what of theirs a session pays for. */
import type { Hex } from "../../../protocol/encoding/bytes.ts";
import type { EditionInfo } from "../../chain/computation-view.ts";
import { heirOf } from "../../chain/heir-of.ts";
import type { RelayerContext } from "../../context.ts";
import { NODE_SERVICES, type NodeService } from "../../../protocol/key-round/round.ts";
import type { NodeHealth } from "./node-health.ts";

export interface AskableNode {
  readonly member: number;
  /** In the protocol: from 1, by the round. */
  readonly index: number;
  readonly service: Hex;
}

type ChainDependency = Pick<RelayerContext, "chain">;

/**
 * Nodes of a key round that can be asked: active on chain, as members too, and another's. Nobody asks its own node: it would
 * be paid by itself, and its view adds nothing to what the querier knows.
 */
export async function askableNodes(
  { chain }: ChainDependency,
  round: number,
  service: NodeService,
): Promise<readonly AskableNode[]> {
  const [facts, nodes, members, me] = await Promise.all([
    chain.computation.round(round),
    chain.computation.nodes(),
    chain.members(),
    chain.me(),
  ]);
  const active = new Set(members.filter(({ status }) => status === "Active").map(({ id }) => id));
  return (facts?.nodes ?? []).flatMap((member, position) => {
    const node = nodes.find((each) => each.member === member);
    const usable = node?.status === "Active" && active.has(member) && member !== me.id;
    return usable ? [{ member, index: position + 1, service: node.services[service] }] : [];
  });
}

/** The key round under which an edition is asked for a service. */
export function roundOf(
  { evaluationRound, layerRound, queryRound }: Pick<EditionInfo, "evaluationRound" | "layerRound" | "queryRound">,
  service: NodeService,
): number {
  return { evaluation: evaluationRound, locator: layerRound, query: queryRound }[service];
}

/** Every node service that a session has an allotment for: of the rounds in use, so that no session shows who is asked. */
export async function paidServices(ctx: ChainDependency): Promise<Hex[]> {
  const { computation } = ctx.chain;
  const published = await computation.latestPublished();
  const edition = published === 0 ? undefined : await computation.edition(published);
  const lists = await Promise.all(
    NODE_SERVICES.map(async (service) => {
      const used = edition ? await heirOf(computation, roundOf(edition, service), service) : 0;
      const rounds = [...new Set([await computation.currentRound(service), used])];
      return (await Promise.all(rounds.map((round) => askableNodes(ctx, round, service)))).flat();
    }),
  );
  return [...new Set(lists.flat().map(({ service }) => service))];
}

/** Up to `count` of them, at random, those that answered last time. @param random a number from 0 to below 1 */
export function pickNodes(
  nodes: readonly AskableNode[],
  count: number,
  health: Pick<NodeHealth, "usable">,
  random: () => number = Math.random,
): AskableNode[] {
  const usable = nodes.filter(({ member }) => health.usable(member));
  return usable
    .map((node) => ({ node, order: random() }))
    .toSorted((a, b) => a.order - b.order)
    .slice(0, Math.max(0, count))
    .map(({ node }) => node);
}
