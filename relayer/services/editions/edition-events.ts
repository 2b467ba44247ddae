/** What became of the sets that were to strip an edition: who was accused, and who was silent. Read from the chain's events. */
import type { RelayerContext } from "../../context.ts";
import { eventsInRanges } from "../../chain/reads.ts";
import type { SetHistory } from "./node-order.ts";

export async function readSetHistory({ chain }: Pick<RelayerContext, "chain">, edition: number): Promise<SetHistory> {
  const { consortiumTables: tables } = chain.contracts;
  const { runner } = tables;
  const { filters } = tables;
  const read = <E>(load: (from: number, to: number) => Promise<E[]>): Promise<E[]> =>
    eventsInRanges(runner, chain.deployment, load);
  const [sets, confirmed, refused] = await Promise.all([
    read((from, to) => tables.queryFilter(filters.StripSetChosen(edition), from, to)),
    read((from, to) => tables.queryFilter(filters.TableConfirmed(edition), from, to)),
    read((from, to) => tables.queryFilter(filters.StripRefused(edition), from, to)),
  ]);
  const members = new Set(sets.flatMap(({ args }) => args.nodes.map(Number)));
  const opponents = new Map<number, Set<number>>();
  for (const { args } of refused) {
    const [accused, accuser] = [Number(args.accused), Number(args.accuser)];
    // The aggregator is no node of the set: whoever accuses it has no quarrel with one.
    if (!members.has(accused)) continue;
    opponents.set(accused, (opponents.get(accused) ?? new Set()).add(accuser));
    opponents.set(accuser, (opponents.get(accuser) ?? new Set()).add(accused));
  }
  const spoke = new Set(confirmed.map(({ args }) => `${String(args.attempt)}:${String(args.node)}`));
  const silent = new Set<number>();
  for (const { args } of sets) {
    const attempt = Number(args.attempt);
    // Whoever waited for a node that was accused is not to blame.
    const spoiled = refused.some((refusal) => Number(refusal.args.attempt) === attempt);
    const posted = await Promise.all(
      args.nodes.map((node) => chain.computation.stripShares(edition, attempt, Number(node))),
    );
    // Nobody confirms before all have posted: while one is missing, it alone is silent.
    const allPosted = posted.every((digest) => digest !== undefined);
    for (const [at, node] of args.nodes.entries()) {
      const isSilent = allPosted ? !spoke.has(`${String(attempt)}:${String(node)}`) : posted[at] === undefined;
      if (isSilent && (!spoiled || opponents.has(Number(node)))) silent.add(Number(node));
    }
  }
  return { silent, quarrels: new Map([...opponents].map(([node, others]) => [node, others.size])) };
}
