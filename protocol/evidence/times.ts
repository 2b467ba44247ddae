/**
 * When an answer's table was committed and its leaf anchored, and whether a newer table stood on chain by then. All revisions
 * of an epoch are under one key, so a querier can look its answer up in any of them: the chain cannot say in which it
 * looked, only which there were.
 */
import type { AnchorFact, CommitmentFact } from "./chain-facts.ts";
import { requireThat, type CheckRun } from "./check-run.ts";
import type { EvidenceAnswer } from "./package.ts";
import type { AnswerTimes } from "./report.ts";

/** What one answer's other checks have read. */
export interface DatedAnswer {
  readonly answer: EvidenceAnswer;
  readonly committed: Pick<CommitmentFact, "publishedAt"> | undefined;
  readonly anchor: AnchorFact | undefined;
}

export async function verifyTableTimes(run: CheckRun, dated: readonly DatedAnswer[]): Promise<readonly AnswerTimes[]> {
  const answers: AnswerTimes[] = [];
  for (const { answer, committed, anchor } of dated) {
    const times = await run
      .about(answer.dataset)
      .check("TABLE_TIME", [committed, anchor], ({ publishedAt }, leaf) => tableTimes(run, answer, publishedAt, leaf));
    if (times) answers.push(times);
  }
  return answers;
}

async function tableTimes(
  run: CheckRun,
  { dataset, epoch, revision }: EvidenceAnswer,
  publishedAt: number,
  anchor: AnchorFact,
): Promise<AnswerTimes> {
  const publications = await run.chain.publications(dataset, publishedAt, anchor.blockNumber);
  const own = publications.find((each) => each.epoch === epoch && each.revision === revision);
  requireThat(own !== undefined, "TABLE_AFTER_ANCHOR");
  // In one block neither can be said to have been known to who did the other.
  const before = publications.filter(({ blockNumber }) => blockNumber < anchor.blockNumber);
  const last = before.at(-1);
  const isNewer = last && (last.epoch > epoch || (last.epoch === epoch && last.revision > revision));
  return {
    ...{ dataset, epoch, revision, committedAt: own.blockTime, anchoredAt: anchor.blockTime },
    ...(isNewer && { newer: { epoch: last.epoch, revision: last.revision, committedAt: last.blockTime } }),
  };
}
