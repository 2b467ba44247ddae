/** Brings the contributions of an edition together, for who merges them and who checks the merge. */
import { existsSync } from "node:fs";

import { fromHex } from "../../../protocol/encoding/bytes.ts";
import { standardSchema } from "../../../protocol/aggregate/schema.ts";
import { contributionBytes } from "../../../protocol/aggregate/table-bytes.ts";
import { Fault, isFault } from "../../../protocol/errors/fault.ts";
import type { ContributionFile } from "../../aggregate-pool/steps.ts";
import type { ContributionInfo, EditionInfo } from "../../chain/computation-view.ts";
import { stepTerms, type EditionContext } from "./edition-context.ts";
import { contributionFile } from "./edition-files.ts";
import { isUnreachable, pull } from "./pull.ts";

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

/** All of the edition that are not excluded. Those who can be asked for one: its contributor, then the aggregator. */
export async function gather(ctx: EditionContext, edition: EditionInfo): Promise<Gathered> {
  const me = (await ctx.chain.me()).id;
  const counted = (await ctx.chain.computation.contributions(edition.number)).filter(({ excluded }) => !excluded);
  const rejected: Missing[] = [];
  const unreachable: Missing[] = [];
  const contributions: ContributionFile[] = [];
  for (const contribution of counted) {
    const { contributor, root, proof } = contribution;
    const path = contributionFile(ctx.config.dataDir, edition.number, contributor);
    try {
      if (!existsSync(path)) await bring(ctx, edition, contribution, me);
      contributions.push({ contributor, root: fromHex(root, 32), proof, path });
    } catch (error) {
      if (!isFault(error)) throw error;
      (isUnreachable(error) ? unreachable : rejected).push({ contributor, fault: error });
    }
  }
  return { contributions, rejected, unreachable };
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
