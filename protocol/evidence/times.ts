/**
 * When an answer's table was committed and its leaf anchored, whether a newer table stood on chain by then, and what the
 * chain says about when it was asked. All revisions of an epoch are under one key, so a querier can look its answer up in
 * any of them: the chain cannot say in which it looked, only which there were.
 */
import type { AnchorFact, CommitmentFact, SessionFact } from "./chain-facts.ts";
import { requireThat, type CheckRun } from "./check-run.ts";
import type { EvidenceAnswer, EvidencePackage } from "./package.ts";
import type { AnswerTimes, EvidenceTimes } from "./report.ts";

/**
 * Seconds that `requestedAt` may lie outside its bounds: the querier takes ledger time from its own clock between blocks.
 */
export const CLOCK_ALLOWANCE = 120;

/** What one answer's other checks have read. */
export interface DatedAnswer {
  readonly answer: EvidenceAnswer;
  readonly committed: Pick<CommitmentFact, "publishedAt"> | undefined;
  readonly session: SessionFact | undefined;
  readonly anchor: AnchorFact | undefined;
}

export async function verifyTimes(
  run: CheckRun,
  query: EvidencePackage["query"],
  dated: readonly DatedAnswer[],
): Promise<EvidenceTimes> {
  const answers: AnswerTimes[] = [];
  for (const { answer, committed, anchor } of dated) {
    const times = await run
      .about(answer.dataset)
      .check("TABLE_TIME", [committed, anchor], ({ publishedAt }, leaf) => tableTimes(run, answer, publishedAt, leaf));
    if (times) answers.push(times);
  }
  const known = dated.flatMap(({ session, anchor }) => [session, anchor]);
  const asked = await run.check("ASKED_TIME", known, () => {
    const sessionOpenedAt = Math.min(...dated.map(({ session }) => session?.openedAt ?? Infinity));
    const anchoredAt = Math.min(...dated.map(({ anchor }) => anchor?.blockTime ?? Infinity));
    const stated = Date.parse(query.requestedAt) / 1000;
    requireThat(stated >= sessionOpenedAt - CLOCK_ALLOWANCE, "ASKED_BEFORE_SESSION");
    requireThat(stated <= anchoredAt + CLOCK_ALLOWANCE, "ASKED_AFTER_ANCHOR");
    return { sessionOpenedAt, anchoredAt };
  });
  return { answers, ...(asked && { asked }) };
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
