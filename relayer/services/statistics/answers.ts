/** Released answers: the collector's own, and every other member's copy, which it has recomputed itself before it keeps it. */
import { fromHex, toHex, type Hex } from "../../../protocol/encoding/bytes.ts";
import { SALT_BYTES } from "../../../protocol/encoding/digest.ts";
import { canonicalJson } from "../../../protocol/evidence/canonical-json.ts";
import { Fault } from "../../../protocol/errors/fault.ts";
import {
  answerDigest,
  type PublishedAnswer,
  type VerifiedAnswer,
} from "../../../protocol/statistics/published-answer.ts";
import type { RelayerContext } from "../../context.ts";
import type { Collections, KnownCollection } from "./collections.ts";
import type { SaltedAnswer, StatisticsPeers } from "./peers.ts";
import { verifyWithChain } from "./verify-with-chain.ts";

export type AnswersDependencies = Pick<RelayerContext, "chain" | "db" | "clock"> & { readonly peers: StatisticsPeers };

export interface Answers {
  /** Fetches the answer of a released collection from the collector, recomputes it, and keeps it. Nothing if it is there. @throws Fault */
  mirror(known: KnownCollection): Promise<void>;
  /** Undefined if there is none here. */
  find(statistic: Hex, period: number): Promise<SaltedAnswer | undefined>;
  /** For other members: as it was put on chain. @throws Fault STATISTIC_NOT_RELEASED, those of `Collections.find` */
  handOut(statistic: Hex, period: number): Promise<SaltedAnswer>;
  /** Recomputes an answer with the chain's facts of now. @throws Fault those of `verifyAnswer` */
  verify(known: KnownCollection, given: SaltedAnswer): Promise<VerifiedAnswer>;
}

export function createAnswers(ctx: AnswersDependencies, collections: Collections): Answers {
  async function find(statistic: Hex, period: number): Promise<SaltedAnswer | undefined> {
    const stored = await ctx.db
      .selectFrom("statistic_answers")
      .select(["answer", "salt"])
      .where("statistic", "=", statistic)
      .where("period", "=", period)
      .executeTakeFirst();
    return stored && { answer: JSON.parse(stored.answer) as PublishedAnswer, salt: stored.salt };
  }

  return {
    find,
    verify: (known, given) => verifyWithChain(collections.view, known, given),
    async mirror(known) {
      const { statistic, period, onChain } = known;
      const here = await find(statistic, period);
      if (here !== undefined) {
        if (toHex(answerDigest(here.answer, fromHex(here.salt, SALT_BYTES))) === onChain.answerDigest) return;
        throw new Fault("STATISTIC_ANSWER_INVALID", { part: "digest" });
      }
      const collector = (await ctx.chain.members()).find(({ kind }) => kind === "Association");
      if (!collector) throw new Fault("STATISTIC_NOT_RELEASED");
      const given = await ctx.peers.answer(collector.id, statistic, period);
      await verifyWithChain(collections.view, known, given);
      await ctx.db
        .insertInto("statistic_answers")
        .values({
          ...{ statistic, period, contributions: onChain.contributionsDigest, digest: onChain.answerDigest },
          answer: canonicalJson(given.answer),
          salt: given.salt,
          created_at: ctx.clock(),
        })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    },
    async handOut(statistic, period) {
      const { onChain, threshold } = await collections.find(statistic, period);
      const stored = onChain.status === "released" ? await find(statistic, period) : undefined;
      if (stored?.answer.key !== toHex(threshold.digest)) throw new Fault("STATISTIC_NOT_RELEASED");
      return stored;
    },
  };
}
