/** Collections as staff see them: what became of each, what this member sent, and the released sums. */
import type { Hex } from "../../../protocol/encoding/bytes.ts";
import type { FaultCode } from "../../../protocol/errors/catalogue.ts";
import type { FaultValues } from "../../../protocol/errors/fault.ts";
import type { PublishedAnswer } from "../../../protocol/statistics/published-answer.ts";
import type { CollectionStatus } from "../../chain/statistics-view.ts";
import type { RelayerContext } from "../../context.ts";
import type { Collections } from "./collections.ts";

export interface CollectionView {
  readonly statistic: Hex;
  readonly title: { readonly en: string; readonly zh: string } | null;
  readonly period: number;
  readonly status: CollectionStatus;
  readonly closesAt: Date;
  /** What holds it up here. */
  readonly waiting: { readonly code: FaultCode; readonly values: FaultValues } | null;
  /** This member's newest contribution. */
  readonly mine: { readonly version: number; readonly state: string; readonly code: FaultCode | null } | null;
  readonly answer: AnswerView | null;
}

export interface AnswerView {
  readonly contributors: number;
  readonly values: Readonly<Record<string, string>>;
  /** Nodes whose shares were refused, and why. */
  readonly refused: readonly { readonly node: string; readonly code: string }[];
  /** What the duty desk puts on chain with `release`. */
  readonly contributionsDigest: string;
  readonly answerDigest: string;
}

/** Newest first. */
export async function listCollections(
  ctx: Pick<RelayerContext, "chain" | "db">,
  { view, definition }: Collections,
): Promise<CollectionView[]> {
  const [rows, members] = await Promise.all([
    ctx.db
      .selectFrom("statistic_collections")
      .select(["statistic", "period", "closes_at", "fault_code", "fault_values"])
      .orderBy("period", "desc")
      .orderBy("statistic")
      .execute(),
    ctx.chain.members(),
  ]);
  const nameOf = (id: number): string => members.find((each) => each.id === id)?.name ?? String(id);
  return await Promise.all(
    rows.map(async ({ statistic: text, period, closes_at, fault_code, fault_values }) => {
      const statistic = text as Hex;
      const [onChain, mine, answer] = await Promise.all([
        view.collection(statistic, period),
        newestContribution(ctx, statistic, period),
        storedAnswer(ctx, statistic, period, nameOf),
      ]);
      return {
        statistic,
        title: definition(statistic)?.title ?? null,
        period,
        status: onChain?.status ?? "abandoned",
        closesAt: new Date(Number(closes_at) * 1000),
        waiting: fault_code === null ? null : { code: fault_code, values: fault_values ?? {} },
        mine: mine ?? null,
        answer,
      };
    }),
  );
}

async function newestContribution({ db }: Pick<RelayerContext, "db">, statistic: Hex, period: number) {
  return await db
    .selectFrom("statistic_contributions")
    .select(["version", "state", "fault_code as code"])
    .where("statistic", "=", statistic)
    .where("period", "=", period)
    .orderBy("version", "desc")
    .limit(1)
    .executeTakeFirst();
}

async function storedAnswer(
  { db }: Pick<RelayerContext, "db">,
  statistic: Hex,
  period: number,
  nameOf: (member: number) => string,
): Promise<AnswerView | null> {
  const stored = await db
    .selectFrom("statistic_answers")
    .select(["answer", "digest", "contributions"])
    .where("statistic", "=", statistic)
    .where("period", "=", period)
    .executeTakeFirst();
  if (stored === undefined) return null;
  const answer = JSON.parse(stored.answer) as PublishedAnswer;
  return {
    contributors: answer.contributions.length,
    values: answer.values,
    refused: answer.refused.map(({ node, code }) => ({ node: nameOf(node), code })),
    contributionsDigest: stored.contributions,
    answerDigest: stored.digest,
  };
}
