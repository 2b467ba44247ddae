/** When an edition was published and its leaf anchored, and whether a newer edition had been published by then. */
import type { AnchorFact } from "../evidence/chain-facts.ts";
import { requireThat, type CheckRun } from "../evidence/check-run.ts";
import type { EvidenceTimes } from "../evidence/report.ts";
import type { EditionFact, PictureChainFacts } from "./chain-facts.ts";
import type { EvidencedPicture } from "./package.ts";

export interface PictureTimes {
  readonly edition?: EditionTimes;
  /** As in `EvidenceTimes`. */
  readonly asked?: NonNullable<EvidenceTimes["asked"]>;
}

export interface EditionTimes {
  readonly edition: number;
  /** Ledger time, Unix seconds, like that of `newer`. */
  readonly publishedAt: number;
  /** Block time, Unix seconds, of the first anchor of a decryption. */
  readonly anchoredAt: number;
  /** The newest edition that had been published earlier than that, if it is not the picture's. */
  readonly newer?: { readonly edition: number; readonly publishedAt: number };
}

/** @param anchors of all decryptions */
export async function verifyEditionTime(
  run: CheckRun<PictureChainFacts>,
  { edition }: EvidencedPicture,
  published: EditionFact | undefined,
  anchors: readonly (AnchorFact | undefined)[],
): Promise<EditionTimes | undefined> {
  return await run.check("TABLE_TIME", [published, ...anchors], async ({ publishedAt }) => {
    requireThat(anchors.length > 0, "PARTS_TOO_FEW");
    const anchoredAt = Math.min(...anchors.map((anchor) => anchor?.blockTime ?? Infinity));
    requireThat(publishedAt <= anchoredAt, "TABLE_AFTER_ANCHOR");
    const newer = await newestBefore(run, edition, anchoredAt);
    return { edition, publishedAt, anchoredAt, ...(newer && { newer }) };
  });
}

/** The newest edition after `edition` that was published before `moment`. */
async function newestBefore(
  run: CheckRun<PictureChainFacts>,
  edition: number,
  moment: number,
): Promise<EditionTimes["newer"]> {
  for (let number = await run.chain.latestEdition(); number > edition; number -= 1) {
    const publishedAt = (await run.chain.edition(number))?.publishedAt;
    if (publishedAt !== undefined && publishedAt < moment) return { edition: number, publishedAt };
  }
  return undefined;
}
