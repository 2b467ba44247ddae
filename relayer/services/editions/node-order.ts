/** In which order nodes are asked or chosen. Pure. */
import type { NodeInfo } from "../../chain/computation-view.ts";

/** Heartbeats within so many seconds of the newest are as good as each other. */
const FRESH_SECONDS = 900;

/** Active ones of a round, those whose heartbeats are fresh first; `turn` moves who comes first among equals. */
export function nodesByFreshness(nodes: readonly NodeInfo[], round: readonly number[], turn = 0): number[] {
  const active = nodes.filter(({ member, status }) => status === "Active" && round.includes(member));
  const newest = Math.max(0, ...active.map(({ lastHeartbeat }) => lastHeartbeat));
  const isFresh = ({ lastHeartbeat }: NodeInfo): boolean => newest - lastHeartbeat <= FRESH_SECONDS;
  const inTurn = rotated(
    active.sort((a, b) => a.member - b.member),
    turn,
  );
  return [...inTurn.filter(isFresh), ...inTurn.filter((node) => !isFresh(node))].map(({ member }) => member);
}

/** What nodes did in earlier attempts at stripping an edition. */
export interface SetHistory {
  /** Nodes that were of a set and did not finish it. */
  readonly silent: ReadonlySet<number>;
  /** With how many others a node has a quarrel: it accused them, or they it. */
  readonly quarrels: ReadonlyMap<number, number>;
}

/**
 * Exactly `threshold` of them for the next attempt, ascending: first those that have done nothing wrong, then those that were
 * silent, then those in a quarrel, the one with the most others last. Who is right in a quarrel the aggregator cannot see: if
 * only the accused were left out, one liar could have all others left out. Undefined if there are too few.
 */
export function chooseSet(order: readonly number[], threshold: number, history: SetHistory): number[] | undefined {
  const rank = (node: number): number => 2 * (history.quarrels.get(node) ?? 0) + Number(history.silent.has(node));
  const ranked = [...order].sort((a, b) => rank(a) - rank(b));
  return ranked.length < threshold ? undefined : ranked.slice(0, threshold).sort((a, b) => a - b);
}

function rotated<T>(items: readonly T[], turn: number): T[] {
  const start = items.length === 0 ? 0 : turn % items.length;
  return [...items.slice(start), ...items.slice(0, start)];
}
