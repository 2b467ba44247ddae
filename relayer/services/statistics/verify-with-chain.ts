/** Recomputing a published answer with the chain's facts of now: what it takes is asked first, the judging is `verifyAnswer`'s. */
import { fromBase64Url, type Hex } from "../../../protocol/encoding/bytes.ts";
import { decodeContribution } from "../../../protocol/statistics/contribution.ts";
import {
  admitAll,
  verifyAnswer,
  type PublishedAnswer,
  type VerifiedAnswer,
} from "../../../protocol/statistics/published-answer.ts";
import { signerOf } from "../../../protocol/statistics/signed-share.ts";
import type { StatisticsView } from "../../chain/statistics-view.ts";
import type { KnownCollection } from "./collections.ts";
import type { SaltedAnswer } from "./peers.ts";

type View = Pick<StatisticsView, "committed" | "memberOf">;

/** @throws Fault those of `verifyAnswer` */
export async function verifyWithChain(
  view: View,
  known: KnownCollection,
  { answer, salt }: SaltedAnswer,
): Promise<VerifiedAnswer> {
  const { statistic, period, threshold, collection, leastContributors, onChain } = known;
  const committed = await view.committed(statistic, period);
  const accounts = await accountsOf(view, known, answer, committed);
  return verifyAnswer(answer, {
    ...{ threshold, collection, committed, rules: { leastContributors } },
    ...(onChain.status === "released" && {
      released: { contributions: onChain.contributionsDigest, answer: onChain.answerDigest, salt },
    }),
    memberOf: (account) => accounts.get(account),
  });
}

async function accountsOf(
  view: View,
  { collection, leastContributors }: KnownCollection,
  answer: PublishedAnswer,
  committed: ReadonlyMap<number, Uint8Array>,
): Promise<ReadonlyMap<Hex, number>> {
  const contributions = answer.contributions.map((each) => decodeContribution(collection, fromBase64Url(each)));
  const release = admitAll(collection, contributions, { closed: true, committed }, { leastContributors });
  const accounts = new Map<Hex, number>();
  for (const { share, signature } of [...answer.shares, ...answer.refused]) {
    const account = signerOf(release, { share: fromBase64Url(share), signature: fromBase64Url(signature) });
    const member = await view.memberOf(account);
    if (member !== undefined) accounts.set(account, member);
  }
  return accounts;
}
