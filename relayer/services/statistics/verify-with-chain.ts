/** Recomputing a published answer with the chain's facts of now, and asking it whose the signatures are. */
import { Fault } from "../../../protocol/errors/fault.ts";
import { verification, type VerifiedAnswer } from "../../../protocol/statistics/published-answer.ts";
import type { StatisticsView } from "../../chain/statistics-view.ts";
import { breathing } from "./breathing.ts";
import type { KnownCollection } from "./collections.ts";
import type { SaltedAnswer } from "./peers.ts";

/** @throws Fault those of `verifyAnswer` */
export async function verifyWithChain(
  view: Pick<StatisticsView, "committed" | "memberOf">,
  known: KnownCollection,
  { answer, salt }: SaltedAnswer,
): Promise<VerifiedAnswer> {
  const { statistic, period, threshold, collection, leastContributors, onChain } = known;
  const committed = await view.committed(statistic, period);
  const facts = { threshold, collection, committed, rules: { leastContributors } };
  const released = { contributions: onChain.contributionsDigest, answer: onChain.answerDigest, salt };
  const isReleased = onChain.status === "released";
  const verified = await breathing(verification(answer, { ...facts, released: isReleased ? released : undefined }));
  for (const { node, account } of verified.signers) {
    if ((await view.memberOf(account)) === node) continue;
    throw new Fault("STATISTIC_ANSWER_INVALID", { part: `signature of node ${String(node)}` });
  }
  return verified;
}
