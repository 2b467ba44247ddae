/** Member API: datasets, their publication, and the mirrors of the others' tables. */
import { randomUUID } from "node:crypto";

import { z } from "zod";

import type { RelayerContext } from "../../context.ts";
import type { DatasetService } from "../../services/datasets/datasets.ts";
import type { MirrorService } from "../../services/mirror/mirror-service.ts";
import { ownDataset } from "../../services/publish/publish-dataset.ts";
import type { Records } from "../../services/records/records.ts";
import { defineRoute, type Route } from "../route.ts";

const READING = ["admin", "data_officer", "reviewer", "credit_officer", "compliance", "auditor"] as const;
const PUBLISHING = ["data_officer"] as const;
/** True counts and the firm's record ids are for those who answer for the data. */
const REVIEWING = ["data_officer", "reviewer", "compliance"] as const;

const label = z.string().regex(/^[A-Z][A-Z0-9_]{1,30}$/);

const datasetView = z.object({
  id: z.string(),
  holder: z.string(),
  label: z.string(),
  categories: z.array(z.string()),
  mine: z.boolean(),
  latestEpoch: z.number().int(),
  latestRevision: z.number().int(),
  entryCount: z.number().int(),
  price: z.string(),
});

export function datasetRoutes(
  ctx: Pick<RelayerContext, "chain" | "jobs" | "clock">,
  datasets: DatasetService,
  mirrors: Pick<MirrorService, "list">,
  records: Pick<Records, "collectPublishable">,
): Route[] {
  return [
    defineRoute({
      method: "get",
      path: "/v1/datasets",
      summary: { en: "Datasets of all members", zh: "全部成员的数据集" },
      tag: "datasets",
      access: READING,
      response: z.object({ items: z.array(datasetView) }),
      handler: async () => ({
        items: (await datasets.list()).map((each) => ({ ...each, categories: [...each.categories] })),
      }),
    }),
    defineRoute({
      method: "post",
      path: "/v1/datasets",
      summary: { en: "Register a dataset on chain", zh: "在链上登记数据集" },
      tag: "datasets",
      access: PUBLISHING,
      status: 201,
      body: z.strictObject({
        label,
        categories: z
          .array(z.string().regex(/^[A-Z]{1,8}$/))
          .min(1)
          .max(16),
      }),
      response: z.object({ id: z.string() }),
      handler: async ({ body }) => ({ id: await datasets.register(body.label, body.categories) }),
    }),
    defineRoute({
      method: "post",
      path: "/v1/datasets/{label}/publish",
      summary: { en: "Seal and publish a dataset", zh: "封装并发布数据集" },
      description: {
        en: "Runs as a job. Unchanged data makes no new revision. GET /v1/datasets shows the outcome.",
        zh: "以任务方式执行；数据未变时不产生新版本。结果见 GET /v1/datasets。",
      },
      tag: "datasets",
      access: PUBLISHING,
      status: 202,
      params: z.object({ label }),
      response: z.object({ id: z.string(), label: z.string() }),
      handler: async ({ params }) => {
        await ownDataset(ctx, params.label);
        const id = `publish-${params.label}-${randomUUID()}`;
        await ctx.jobs.enqueue("publish", { id: params.label }, { jobId: id });
        return { id, label: params.label };
      },
    }),
    defineRoute({
      method: "get",
      path: "/v1/datasets/{label}/review",
      summary: { en: "What would be published now, and what not and why", zh: "当前可发布与不可发布的记录及原因" },
      description: {
        en: "Refused records by code, with the firm's own record ids (the first 1,000 a code).",
        zh: "按代码列出不可发布的记录，附本机构记录编号（每个代码最多 1,000 条）。",
      },
      tag: "datasets",
      access: REVIEWING,
      params: z.object({ label }),
      response: z.object({
        asOf: z.string(),
        subjects: z.number().int(),
        records: z.number().int(),
        byClass: z.record(z.string(), z.number().int()),
        refused: z.array(z.object({ code: z.string(), count: z.number().int(), recordIds: z.array(z.string()) })),
      }),
      handler: async ({ params }) => {
        const { categories } = await ownDataset(ctx, params.label);
        const publishable = records.collectPublishable({
          asOf: ctx.clock(),
          categories,
          existingCustomersIncluded: await ctx.chain.existingCustomersIncluded(),
          expiryMonths: await ctx.chain.recordExpiry(),
        });
        for await (const _ of publishable);
        const { refused, byClass, ...report } = publishable.report();
        return {
          ...report,
          byClass: { ...byClass },
          refused: refused.map((each) => ({ ...each, recordIds: [...each.recordIds] })),
        };
      },
    }),
    defineRoute({
      method: "get",
      path: "/v1/mirrors",
      summary: { en: "Local copies of the other members' sealed tables", zh: "其他成员封装数据表的本地镜像" },
      tag: "datasets",
      access: READING,
      response: z.object({
        items: z.array(
          z.object({
            dataset: z.string(),
            holder: z.string(),
            epoch: z.number().int(),
            revision: z.number().int(),
            entryCount: z.number().int(),
            state: z.string(),
            code: z.string().nullable(),
            verifiedAt: z.iso.datetime().nullable(),
          }),
        ),
      }),
      handler: async () => {
        const [rows, members] = await Promise.all([mirrors.list(), ctx.chain.members()]);
        return {
          items: rows.map((row) => ({
            dataset: row.dataset,
            holder: members.find(({ id }) => id === row.holder)?.name ?? String(row.holder),
            epoch: row.epoch,
            revision: row.revision,
            entryCount: row.entry_count,
            state: row.state,
            code: row.fault_code,
            verifiedAt: row.verified_at?.toISOString() ?? null,
          })),
        };
      },
    }),
  ];
}
