/** Brings the contributions of an edition together, for who merges them and who checks the merge. */
import { existsSync, rmSync } from "node:fs";

import { fromHex } from "../../../protocol/encoding/bytes.ts";
import { standardSchema } from "../../../protocol/aggregate/schema.ts";
import { contributionBytes } from "../../../protocol/aggregate/table-bytes.ts";
import { Fault, isFault } from "../../../protocol/errors/fault.ts";
import type { ContributionFile } from "../../aggregate-pool/steps.ts";
import type { ContributionInfo, EditionInfo } from "../../chain/computation-view.ts";
import { stepTerms, type EditionContext } from "./edition-context.ts";
import { contributionFile } from "./edition-files.ts";
import { hurried, isUnreachable, pull } from "./pull.ts";
import { behind, rowBounds } from "./row-bound.ts";

export interface Missing {
  readonly contributor: number;
  readonly fault: Fault;
}

export interface Gathered {
  /** Admitted, and here. */
  readonly contributions: readonly ContributionFile[];
  /** What came does not hold. */
  readonly rejected: readonly Missing[];
  /** Did not come yet. */
  readonly unreachable: readonly Missing[];
}

/** Files that are pulled at a time: as many as a member has downloads running at another. */
const AT_ONCE = 8;
/** Who can be asked for one: its contributor, then the aggregator. */
const SOURCES = 2;
/**
 * All of the edition that are not excluded. Ends within a quarter of a stage and the time that checks take, whatever is served
 * how slowly: what came of a file is kept for the next go.
 */
export async function gather(given: EditionContext, edition: EditionInfo): Promise<Gathered> {
  const me = (await given.chain.me()).id;
  const counted = (await given.chain.computation.contributions(edition.number)).filter(({ excluded }) => !excluded);
  // Of two moments, they would say that the aggregator merged others than the chain counts, or that one came too late.
  if (counted.length !== edition.contributors) throw behind();
  const ctx = await hurried(given, SOURCES * Math.ceil(counted.length / AT_ONCE));
  const pathOf = (contributor: number): string => contributionFile(ctx.config.dataDir, edition.number, contributor);
  const faults = new Map<number, Fault>();
  const queue = [...counted];
  const isHere = ({ contributor }: ContributionInfo): boolean => existsSync(pathOf(contributor));
  const isLarge = (each: ContributionInfo): boolean => each.rows > edition.leastRows && !isHere(each);
  const bounds = counted.some(isLarge) ? await rowBounds(ctx, edition) : undefined;
  if (bounds && counted.some(({ contributor }) => !bounds.has(contributor))) throw behind();
  const { maxContributors } = standardSchema;
  // In the order of the chain: what came after could not be added up.
  for (const { contributor } of queue.splice(maxContributors)) {
    const values = { contributors: counted.length, most: maxContributors };
    faults.set(contributor, new Fault("AGGREGATE_CONTRIBUTORS_TOO_MANY", values));
  }
  const work = async (): Promise<void> => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      try {
        const { contributor, rows } = next;
        if (isLarge(next) && rows > (bounds?.get(contributor) ?? 0))
          throw new Fault("AGGREGATE_ROW_COUNT", { count: rows });
        if (!isHere(next)) await bring(ctx, edition, next, me);
      } catch (error) {
        if (!isFault(error)) throw error;
        faults.set(next.contributor, error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, counted.length) }, work));
  const missing = counted.flatMap(({ contributor }): Missing[] => {
    const fault = faults.get(contributor);
    return fault ? [{ contributor, fault }] : [];
  });
  return {
    contributions: counted
      .filter(({ contributor }) => !faults.has(contributor))
      .map(({ contributor, root, proof }) => ({
        ...{ contributor, root: fromHex(root, 32), proof, path: pathOf(contributor) },
      })),
    rejected: missing.filter(({ fault }) => !isUnreachable(fault)),
    unreachable: missing.filter(({ fault }) => isUnreachable(fault)),
  };
}

/**
 * Throws away a contribution that is not any more what was admitted, so that it is brought again: while it lay here no step
 * would get past it. @returns whether that was it
 */
export function discardDamaged({ config }: Pick<EditionContext, "config">, edition: number, fault: Fault): boolean {
  if (fault.code !== "AGGREGATE_ROOT_WRONG") return false;
  rmSync(contributionFile(config.dataDir, edition, Number(fault.values["contributor"])), { force: true });
  return true;
}

/** @throws Fault what the contributor's own answer, or the lack of one, is worth */
async function bring(
  ctx: EditionContext,
  edition: EditionInfo,
  contribution: ContributionInfo,
  me: number,
): Promise<void> {
  const { contributor, root, rows, proof } = contribution;
  const terms = await stepTerms(ctx, edition);
  const file = contributionFile(ctx.config.dataDir, edition.number, contributor);
  const sources = [...new Set([contributor, edition.aggregator])].filter((member) => member !== me);
  let first: Fault | undefined;
  for (const from of sources) {
    try {
      await pull(
        ctx,
        {
          ...{ from, file, name: root },
          path: `/peer/v1/aggregate/editions/${String(edition.number)}/contributions/${String(contributor)}`,
          bytes: contributionBytes(rows, standardSchema.slotCount),
        },
        (path) =>
          ctx.steps.run({ kind: "admit", terms, contribution: { contributor, root: fromHex(root, 32), proof, path } }),
      );
      ctx.log.info({ edition: edition.number, contributor, from }, "contribution pulled");
      return;
    } catch (error) {
      if (!isFault(error)) throw error;
      if (ctx.stop.aborted) throw new Fault("TABLE_UNREACHABLE", { reason: "the relayer stops" });
      ctx.log.info({ edition: edition.number, contributor, from, code: error.code }, "contribution not had");
      first ??= error;
    }
  }
  throw first ?? new Fault("TABLE_UNREACHABLE", { reason: "its file is not here" });
}
