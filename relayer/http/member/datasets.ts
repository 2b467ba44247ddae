/** Member API: datasets, their publication, and the mirrors of the others' tables. */
import { randomUUID } from "node:crypto";

import { z } from "zod";

import type { RelayerContext } from "../../context.ts";
import type { DatasetService } from "../../services/datasets/datasets.ts";
import type { MirrorService } from "../../services/mirror/mirror-service.ts";
import { ownDataset } from "../../services/publish/publish-dataset.ts";
import { defineRoute, type Route } from "../route.ts";

const READING = ["admin", "data_officer", "reviewer", "credit_officer", "compliance", "auditor"] as const;
const PUBLISHING = ["data_officer"] as const;

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
  ctx: Pick<RelayerContext, "chain" | "jobs">,
  datasets: DatasetService,
  mirrors: Pick<MirrorService, "list">,
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
