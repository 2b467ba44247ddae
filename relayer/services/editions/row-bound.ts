/**
 * How many rows a contribution can have: as many as its contributor may have evaluated. Who posts a root names a number of rows
 * that others make room for on their disks and in their memory; rows of dummies cost who encrypts them nothing else.
 */
import type { EditionInfo } from "../../chain/computation-view.ts";
import type { Hex } from "../../../protocol/encoding/bytes.ts";
import { Fault } from "../../../protocol/errors/fault.ts";
import { eventsInRanges } from "../../chain/reads.ts";
import type { RelayerContext } from "../../context.ts";
import { mostEvaluations } from "./evaluation-desk.ts";

/**
 * By contributor, from the commitments that each named when it contributed: what those say never changes, so the aggregator
 * and all nodes reach the same bounds.
 */
export async function rowBounds(
  { chain }: Pick<RelayerContext, "chain">,
  { number, leastRows }: Pick<EditionInfo, "number" | "leastRows">,
): Promise<ReadonlyMap<number, number>> {
  const { consortiumTables: tables } = chain.contracts;
  const posted = await eventsInRanges(tables.runner, chain.deployment, (from, to) =>
    tables.queryFilter(tables.filters.ContributionPosted(number), from, to),
  );
  const bounds = posted.map(async ({ args }): Promise<[number, number]> => {
    const basis = await Promise.all(
      args.datasets.map((dataset, at) =>
        chain.commitment(dataset as Hex, Number(args.epochs[at]), Number(args.revisions[at])),
      ),
    );
    const known = basis.filter((commitment) => commitment !== undefined);
    // The contract had them when it took the contribution: the node that was asked is behind.
    if (known.length < basis.length) throw behind();
    return [Number(args.contributor), mostEvaluations(known, leastRows)];
  });
  return new Map(await Promise.all(bounds));
}

/** What the chain says of an edition is of two moments: nobody is judged by it, and it is read again later. */
export function behind(): Fault {
  return new Fault("EDITION_STEP_FAILED", { reason: "the chain's contributions have just changed" });
}
