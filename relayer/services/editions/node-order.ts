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

/**
 * Exactly `threshold` of them for the next attempt at stripping, ascending: first those that have not failed in this
 * edition, then those that were silent, never those that were accused. Undefined if there are too few.
 */
export function chooseSet(
  order: readonly number[],
  threshold: number,
  silent: ReadonlySet<number>,
  accused: ReadonlySet<number>,
): number[] | undefined {
  const usable = order.filter((node) => !accused.has(node));
  const ranked = [...usable.filter((node) => !silent.has(node)), ...usable.filter((node) => silent.has(node))];
  return ranked.length < threshold ? undefined : ranked.slice(0, threshold).sort((a, b) => a - b);
}

function rotated<T>(items: readonly T[], turn: number): T[] {
  const start = items.length === 0 ? 0 : turn % items.length;
  return [...items.slice(start), ...items.slice(0, start)];
}
