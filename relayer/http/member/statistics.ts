/** Member API: private statistics of the industry. Sums over all members, never one member's values. */
import { z } from "zod";

import { toHex, type Hex } from "../../../protocol/encoding/bytes.ts";
import { Fault } from "../../../protocol/errors/fault.ts";
import { definitions, statisticOf } from "../../../protocol/statistics/definition.ts";
import { answerSchema } from "../../../protocol/statistics/published-answer.ts";
import type { RelayerContext } from "../../context.ts";
import { listCollections } from "../../services/statistics/list.ts";
import type { StatisticsService } from "../../services/statistics/statistics.ts";
import { defineRoute, type Route } from "../route.ts";

const READING = ["admin", "data_officer", "reviewer", "credit_officer", "compliance", "auditor"] as const;

const bilingual = z.object({ en: z.string(), zh: z.string() });
const decimals = z.record(z.string(), z.string());
const params = z.object({
  statistic: z.string().regex(/^0x[0-9a-f]{64}$/),
  period: z
    .string()
    .regex(/^\d{6}$/)
    .transform(Number),
});

const collectionView = z.object({
  statistic: z.string(),
  title: bilingual.nullable(),
  period: z.int().meta({ description: "Year and month, such as 202606" }),
  status: z.enum(["open", "closed", "released", "abandoned"]),
  closesAt: z.iso.datetime(),
  waiting: z
    .object({ code: z.string(), values: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])) })
    .nullable()
    .meta({ description: "What holds it up at this relayer" }),
  mine: z.object({ version: z.int(), state: z.string(), code: z.string().nullable() }).nullable(),
  answer: z
    .object({
      contributors: z.int(),
      values: decimals,
      refused: z.array(z.object({ node: z.string(), code: z.string() })),
      contributionsDigest: z.string(),
      answerDigest: z.string(),
    })
    .nullable(),
});

export type MemberStatistics = Pick<StatisticsService, "answers" | "collections">;

export function statisticsRoutes(ctx: Pick<RelayerContext, "chain" | "db">, statistics: MemberStatistics): Route[] {
  return [
    defineRoute({
      method: "get",
      path: "/v1/statistics",
      summary: { en: "Collections and released totals", zh: "统计收集任务与已发布合计" },
      description: {
        en: "Newest period first. Before the release only the Association's relayer has an answer.",
        zh: "按期次倒序。发布前仅协会中继持有结果。",
      },
      tag: "statistics",
      access: READING,
      response: z.object({ items: z.array(collectionView) }),
      handler: async () => {
        const items = await listCollections(ctx, statistics.collections);
        return {
          items: items.map((each) => ({
            ...each,
            closesAt: each.closesAt.toISOString(),
            waiting: each.waiting && { ...each.waiting, values: { ...each.waiting.values } },
            answer: each.answer && {
              ...each.answer,
              values: { ...each.answer.values },
              refused: [...each.answer.refused],
            },
          })),
        };
      },
    }),
    defineRoute({
      method: "get",
      path: "/v1/statistics/definitions",
      summary: { en: "Definitions that this relayer contributes to", zh: "本中继参与的统计项定义" },
      description: {
        en: "The documents whose digests stand on chain: the RFC 8785 form of `definition` gives `statistic` (docs/protocol.md).",
        zh: "其摘要登记于链上的文件：`definition` 的 RFC 8785 形式对应 `statistic`（见 docs/protocol.md）。",
      },
      tag: "statistics",
      access: READING,
      response: z.object({
        items: z.array(z.object({ statistic: z.string(), definition: z.record(z.string(), z.json()) })),
      }),
      handler: () =>
        Promise.resolve({
          items: definitions.map((definition) => ({
            statistic: toHex(statisticOf(definition)),
            definition: JSON.parse(JSON.stringify(definition)) as Record<string, z.core.util.JSONType>,
          })),
        }),
    }),
    defineRoute({
      method: "get",
      path: "/v1/statistics/{statistic}/{period}/answer",
      summary: { en: "An answer with all shares, recomputed", zh: "统计结果（含全部份额），并重新核验" },
      description: {
        en: "Everything that `scripts/statistics/main.ts verify` needs. It is recomputed for this request, with what stands on chain now; one that does not hold is refused.",
        zh: "包含 `scripts/statistics/main.ts verify` 所需的全部内容。每次请求均以链上现状重新计算；核验不通过则拒绝返回。",
      },
      tag: "statistics",
      access: READING,
      params,
      response: z.object({
        answer: answerSchema,
        salt: z.string(),
        contributors: z.array(z.int()),
        liars: z.array(z.object({ node: z.int(), code: z.string() })),
      }),
      handler: async ({ params: { statistic, period } }) => {
        const given = await statistics.answers.find(statistic as Hex, period);
        if (given === undefined) throw new Fault("STATISTIC_NOT_RELEASED", { period });
        const known = await statistics.collections.find(statistic as Hex, period);
        const { contributorIds, liars } = await statistics.answers.verify(known, given);
        return { ...given, contributors: [...contributorIds], liars: [...liars] };
      },
    }),
  ];
}
