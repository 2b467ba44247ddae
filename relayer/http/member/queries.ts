/** Member API: private queries. */
import type { Response } from "express";
import { z } from "zod";

import { purposeCodes } from "../../../protocol/oblivious-lookup/purpose.ts";
import { evidencePackage } from "../../services/evidence/evidence.ts";
import { pictureEvidence } from "../../services/evidence/picture-evidence.ts";
import type { QueryDependencies } from "../../services/query/query-context.ts";
import { MAX_SUBJECTS, type QueryService } from "../../services/query/query-service.ts";
import {
  queryModes,
  queryViewSchema,
  viewProgress,
  viewQuery,
  type QueryView,
} from "../../services/query/query-view.ts";
import { openEventStream, type EventStream } from "../event-stream.ts";
import { defineRoute, type Route } from "../route.ts";

const ASKING = ["credit_officer"] as const;
const READING = ["credit_officer", "compliance"] as const;

/** How long `Prefer: wait=n` may hold a request, seconds. */
const LONGEST_WAIT_S = 30;
/** A watcher of events looks at the store at least this often. */
const WATCH_MS = 1_000;

const document = { scheme: z.string().max(32), number: z.string().max(64) };
/** Of one investor. */
const documents = z.array(z.strictObject(document)).min(1).max(4);
const authorisation = z.string().max(64).optional();

const idParams = z.object({ id: z.uuid() });
const subjectParams = idParams.extend({ position: z.coerce.number().int().min(0) });
const documentQuery = z.object({ document: z.coerce.number().int().min(0).max(3).default(0) });

const accepted = z.object({
  id: z.uuid(),
  state: z.enum(["accepted", "partial", "answered"]),
  links: z.object({ self: z.string(), events: z.string() }),
  /** The whole answer, when the request waited for it. */
  query: queryViewSchema.optional(),
});

const listed = z.object({
  id: z.uuid(),
  state: z.enum(["accepted", "partial", "answered"]),
  purpose: z.enum(purposeCodes),
  mode: z.enum(queryModes),
  createdAt: z.iso.datetime(),
  completedAt: z.iso.datetime().nullable(),
});

export function queryRoutes(ctx: QueryDependencies, queries: QueryService): Route[] {
  return [
    defineRoute({
      method: "post",
      path: "/v1/queries",
      summary: { en: "Ask whether investors have records elsewhere", zh: "查询投资者在其他机构的风险记录" },
      description: {
        en:
          "Each subject needs an authorisation to be queried for the purpose. Ask all holders unless there is a reason: a " +
          "subset tells those asked that something was known. Up to four `documents` of one investor are asked about under one " +
          "authorisation, which names one of them, at the price of as many evaluations, and answered together. " +
          "`mode` asks for records (detail), for sums over all institutions by the algorithm nodes (aggregate), or for both; too few " +
          "nodes keep the request waiting and say how many are missing. `Prefer: wait=n` holds the request up to n seconds for the answer.",
        zh:
          "每个查询对象须具有覆盖该用途的查询授权。如无特殊原因请查询全部数据方：只问部分数据方会泄露线索。" +
          "同一投资者的证件可用 `documents` 一并查询（最多四个），授权须载明其中之一；按证件数量计次，结果合并返回。" +
          "`mode` 可选明细（detail）、由算法节点给出的各机构合计（aggregate）或两者（both）；节点不足时请求保留等待，并说明还差几个。" +
          "使用 `Prefer: wait=n` 可最多等待 n 秒直接取得结果。",
      },
      tag: "queries",
      access: ASKING,
      status: 202,
      idempotent: true,
      body: z.strictObject({
        subjects: z
          .array(
            z.union([z.strictObject({ ...document, authorisation }), z.strictObject({ documents, authorisation })]),
          )
          .max(MAX_SUBJECTS * 10),
        purpose: z.enum(purposeCodes),
        mode: z.enum(queryModes).default("detail").meta({
          description:
            "detail: records, holder by holder. aggregate: sums over all institutions, and nobody is named. both: both.",
        }),
        holders: z.union([z.literal("all"), z.array(z.string().max(64)).min(1).max(1_024)]).default("all"),
      }),
      response: accepted,
      // Consent may end before the key does: a repetition gives the way to the answer, where that is looked at.
      replayed: ({ id, state, links }) => ({ id, state, links }),
      handler: async ({ body, caller, raw }) => {
        const id = await queries.create({ ...body, caller: caller.tokenId });
        const links = { self: `/v1/queries/${id}`, events: `/v1/queries/${id}/events` };
        raw.response.location(links.self);
        const wait = preferredWait(raw.request.get("prefer"));
        if (wait === 0) return { id, state: "accepted" as const, links };
        const query = await waitForAnswer(ctx, id, caller.tokenId, wait);
        return { id, state: query.state, links, query };
      },
    }),
    defineRoute({
      method: "get",
      path: "/v1/queries",
      summary: { en: "List queries, newest first", zh: "查询列表（新到旧）" },
      tag: "queries",
      access: READING,
      query: z.object({
        limit: z.coerce.number().int().min(1).max(200).default(50),
        before: z.iso.datetime().optional(),
      }),
      response: z.object({ items: z.array(listed) }),
      handler: async ({ query }) => {
        const before = query.before === undefined ? undefined : new Date(query.before);
        const rows = await ctx.db
          .selectFrom("queries")
          .selectAll()
          .$if(before !== undefined, (builder) => builder.where("created_at", "<", before ?? new Date()))
          .orderBy("created_at", "desc")
          .limit(query.limit)
          .execute();
        return {
          items: rows.map((row) => ({
            id: row.id,
            state: row.state,
            purpose: row.purpose as (typeof purposeCodes)[number],
            mode: row.mode,
            createdAt: row.created_at.toISOString(),
            completedAt: row.completed_at?.toISOString() ?? null,
          })),
        };
      },
    }),
    defineRoute({
      method: "get",
      path: "/v1/queries/{id}",
      summary: { en: "Read a query and its answer", zh: "查看查询及结果" },
      tag: "queries",
      access: READING,
      params: idParams,
      response: queryViewSchema,
      handler: ({ params, caller }) => viewQuery(ctx, params.id, caller.tokenId),
    }),
    defineRoute({
      method: "get",
      path: "/v1/queries/{id}/events",
      summary: { en: "Watch a query (server-sent events)", zh: "订阅查询进度（SSE）" },
      tag: "queries",
      access: READING,
      params: idParams,
      streams: "text/event-stream",
      handler: async ({ params, signal, raw }) => {
        let view = await viewProgress(ctx, params.id);
        const stream = openEventStream(raw, signal);
        let sent = await sendProgress(stream, view, 1);
        for await (const _ of ctx.progress.watch(params.id, WATCH_MS, signal)) {
          if (view.final) break;
          view = await viewProgress(ctx, params.id);
          sent = await sendProgress(stream, view, sent + 1);
        }
        stream.close();
      },
    }),
    defineRoute({
      method: "get",
      path: "/v1/queries/{id}/subjects/{position}/evidence",
      summary: { en: "Evidence package of one subject's answer", zh: "单个对象结果的证据包" },
      description: {
        en:
          "Holds personal data and opens that subject until the epoch ends: it stays with the querier. Of an investor with " +
          "several documents there is a package for each: `document`, counted from 0.",
        zh:
          "证据包含个人信息，且在本周期内可打开该对象的数据，须由查询方自行保管。" +
          "投资者有多个证件时每个证件各有一份，用 `document` 指定（从 0 起）。",
      },
      tag: "queries",
      access: READING,
      params: subjectParams,
      query: documentQuery,
      streams: "application/json",
      handler: async ({ params, query, caller, raw }) => {
        const place = { query: params.id, investor: params.position, document: query.document };
        const pkg = await evidencePackage(ctx, place, caller.tokenId);
        sendFile(raw.response, `evidence-${params.id}-${String(params.position)}.json`, pkg);
      },
    }),
    defineRoute({
      method: "get",
      path: "/v1/queries/{id}/subjects/{position}/picture-evidence",
      summary: { en: "Evidence package of one subject's overall picture", zh: "单个对象整体视图的证据包" },
      description: {
        en:
          "Holds personal data and opens that subject's row of the edition: it stays with the querier. Of an investor with " +
          "several documents there is a package for each: `document`, counted from 0.",
        zh:
          "证据包含个人信息，且可打开该对象在本期汇总表中的数据，须由查询方自行保管。" +
          "投资者有多个证件时每个证件各有一份，用 `document` 指定（从 0 起）。",
      },
      tag: "queries",
      access: READING,
      params: subjectParams,
      query: documentQuery,
      streams: "application/json",
      handler: async ({ params, query, caller, raw }) => {
        const place = { query: params.id, investor: params.position, document: query.document };
        const pkg = await pictureEvidence(ctx, place, caller.tokenId);
        sendFile(raw.response, `picture-evidence-${params.id}-${String(params.position)}.json`, pkg);
      },
    }),
  ];
}

function sendFile(response: Response, name: string, content: unknown): void {
  response
    .status(200)
    .type("application/json")
    .set("content-disposition", `attachment; filename="${name}"`)
    .send(JSON.stringify(content, undefined, 2));
}

/** Counts and holders only: an event names no person. Returns the event's number. */
async function sendProgress(
  stream: EventStream,
  view: Pick<QueryView, "state" | "final" | "holders" | "picture">,
  number: number,
): Promise<number> {
  const { state, final } = view;
  // As in an answer: nothing undeclared leaves.
  const holders = queryViewSchema.shape.holders.parse(view.holders);
  const answered = holders.filter((holder) => holder.state === "answered").length;
  const picture = queryViewSchema.shape.picture.parse(view.picture);
  const data = { state, final, answered, asked: holders.length, holders, picture };
  await stream.send({ id: String(number), event: final ? "done" : "progress", data });
  return number;
}

/** Seconds of RFC 7240 `Prefer: wait=n`; 0 if not asked for. */
function preferredWait(header: string | undefined): number {
  const match = /(?:^|,)\s*wait=(\d{1,6})\s*(?:,|$)/.exec(header ?? "");
  return Math.min(LONGEST_WAIT_S, Number(match?.[1] ?? 0));
}

async function waitForAnswer(ctx: QueryDependencies, id: string, caller: string, seconds: number): Promise<QueryView> {
  const until = performance.now() + seconds * 1_000;
  for (;;) {
    const left = until - performance.now();
    const final = await ctx.progress.next(id, Math.max(0, Math.min(left, WATCH_MS)));
    if (final === true || left <= 0) return viewQuery(ctx, id, caller);
    // Somebody else's process may have moved it, or this one before we listened.
    if (final === undefined && (await isCompleted(ctx, id))) return viewQuery(ctx, id, caller);
  }
}

async function isCompleted(ctx: QueryDependencies, id: string): Promise<boolean> {
  const row = await ctx.db.selectFrom("queries").select("completed_at").where("id", "=", id).executeTakeFirst();
  return row !== undefined && row.completed_at !== null;
}
