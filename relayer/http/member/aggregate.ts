/** Member API: the editions of the consortium table, and the opening of a contributed row in a dispute. */
import { z } from "zod";

import { ROW_OPENING_FORMAT } from "../../../protocol/aggregate/opening-package.ts";
import { parseSubject } from "../../../protocol/subject/subject.ts";
import type { RelayerContext } from "../../context.ts";
import { editionViewSchema, type EditionViews } from "../../services/editions/edition-view.ts";
import type { OpenContributedRow } from "../../services/editions/row-openings.ts";
import { counted } from "../peer/counted.ts";
import { defineRoute, type Route } from "../route.ts";

const READING = ["admin", "data_officer", "reviewer", "credit_officer", "compliance", "auditor"] as const;
/** Whoever answers for what the firm says about a person. */
const OPENING = ["compliance"] as const;

const text = z.string();

const opening = z.object({
  format: z.literal(ROW_OPENING_FORMAT),
  chain: z.object({ chainId: z.number().int(), consortiumTables: text, keyRounds: text }),
  edition: z.number().int(),
  contributor: z.number().int(),
  subject: text,
  opening: z.object({ evaluation: text, values: z.array(z.number().int()), randomness: z.array(text) }),
  evidence: z.object({ tag: text, next: text, entryHash: text, path: z.array(text), row: text.optional() }),
});

export interface AggregateServices {
  readonly views: EditionViews;
  readonly openRow: OpenContributedRow;
}

export function memberAggregateRoutes(
  ctx: Pick<RelayerContext, "clock">,
  { editions }: { readonly editions: AggregateServices },
): Route[] {
  return [
    defineRoute({
      method: "get",
      path: "/v1/aggregate/editions",
      summary: { en: "Editions of the consortium table, newest first", zh: "联盟汇总表各期（新到旧）" },
      description: {
        en:
          "Where each edition stands and until when, who contributed, who was left out and why, and this member's own part: " +
          "`progress` from 0 to 1, `reason` and `missing` if it waits for algorithm nodes, `mirrored` once the table is here.",
        zh:
          "各期所处阶段及截止时间、已贡献成员、被排除成员及原因，以及本机构的进度：`progress` 为 0 至 1；" +
          "等待算法节点时给出 `reason` 和 `missing`；`mirrored` 表示汇总表已在本地。",
      },
      tag: "aggregate",
      access: READING,
      query: z.object({
        limit: z.coerce.number().int().min(1).max(50).default(20),
        before: counted.optional(),
      }),
      response: z.object({ items: z.array(editionViewSchema) }),
      handler: async ({ query }) => ({ items: await editions.views.list(query.limit, query.before) }),
    }),
    defineRoute({
      method: "get",
      path: "/v1/aggregate/editions/{edition}",
      summary: { en: "One edition of the consortium table", zh: "查看联盟汇总表的某一期" },
      tag: "aggregate",
      access: READING,
      params: z.object({ edition: counted }),
      response: editionViewSchema,
      handler: ({ params }) => editions.views.find(params.edition),
    }),
    defineRoute({
      method: "post",
      path: "/v1/aggregate/contributions/{edition}/opening",
      summary: { en: "Open what was contributed about one subject", zh: "打开就某一对象所作的贡献" },
      description: {
        en:
          "For a dispute: the subject's row in this member's contribution, opened, with its proof under the root on chain. " +
          "Holds personal data; aggregator and nodes of that edition can tell the subject's row by it, the published table does not show it. Each opening is in the audit log. " +
          "Possible until the edition after the next begins. Check it with scripts/aggregate/verify-opening.ts.",
        zh:
          "用于争议处理：打开本机构贡献中该对象的一行，并附其在链上根之下的证明。内容含个人信息；该期的汇总方与节点可据此认出该对象的行，在已发布的表中则无法定位。" +
          "每次打开均记入审计日志；仅在后第二期开始之前可用。可用 scripts/aggregate/verify-opening.ts 核验。",
      },
      tag: "aggregate",
      access: OPENING,
      params: z.object({ edition: counted }),
      body: z.strictObject({ scheme: z.string().max(32), number: z.string().max(64) }),
      response: opening,
      handler: ({ params, body, caller }) =>
        editions.openRow(params.edition, parseSubject(body, { asOf: ctx.clock() }), caller.tokenId),
    }),
  ];
}
