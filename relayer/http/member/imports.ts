/** Member API: files of records and of authorisations. */
import { setTimeout as sleep } from "node:timers/promises";

import { z } from "zod";

import { catalogue, type FaultCode } from "../../../protocol/errors/catalogue.ts";
import type { Language } from "../../../protocol/errors/fault.ts";
import { ENCODINGS } from "../../services/import/encoding.ts";
import type { Imports, ImportView } from "../../services/import/imports.ts";
import type { ImportKind } from "../../store/tables/records.ts";
import { openEventStream } from "../event-stream.ts";
import { defineRoute, type Route } from "../route.ts";

const FILE_BYTES = 64 * 1024 * 1024;
const READING = ["data_officer", "reviewer", "compliance", "auditor"] as const;
/** How often a watcher looks at the store. */
const WATCH_MS = 300;

const counts = z.object({
  lines: z.int(),
  added: z.int(),
  corrected: z.int(),
  unchanged: z.int(),
  leftWithdrawn: z.int(),
  refused: z.int(),
});

const fault = z.object({
  line: z.int(),
  /** Key of the column; empty if it is the line as a whole. */
  column: z.string(),
  code: z.string(),
  /** What kind of value stood there, such as "18 characters, digits, check digit wrong": never the value. */
  valueClass: z.string(),
  title: z.string(),
  remedy: z.string(),
});

export const importViewSchema = z.object({
  id: z.uuid(),
  kind: z.enum(["records", "authorisations"]),
  state: z.enum(["waiting", "running", "done", "refused", "failed"]),
  progress: z.number().min(0).max(1),
  createdAt: z.iso.datetime(),
  finishedAt: z.iso.datetime().nullable(),
  report: z
    .object({
      duplicate: z.boolean(),
      duplicateOf: z.uuid().nullable(),
      applied: z.boolean(),
      encoding: z.string().nullable(),
      delimiter: z.string().nullable(),
      counts,
      droppedColumns: z.array(z.string()),
      ignoredColumns: z.array(z.string()),
      reasons: z.record(z.string(), z.int()),
      faults: z.array(fault),
      truncated: z.boolean(),
      fileFault: z
        .object({ code: z.string(), values: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])) })
        .nullable(),
    })
    .nullable(),
});

const accepted = z.object({
  id: z.uuid(),
  links: z.object({ self: z.string(), events: z.string() }),
});

const fileQuery = z.object({
  /** Applies the lines that are in order though others are not. */
  skipBadLines: z.stringbool().default(false),
  /** Detected unless given. */
  encoding: z.enum(ENCODINGS).optional(),
});

const idParams = z.object({ id: z.uuid() });

export function importRoutes(imports: Imports): Route[] {
  return [
    fileRoute(imports, "records", { en: "Import a file of risk records", zh: "导入风险记录文件" }),
    fileRoute(imports, "authorisations", { en: "Import a file of authorisations", zh: "导入授权文件" }),
    defineRoute({
      method: "get",
      path: "/v1/imports/{id}",
      summary: { en: "Read an import and its report", zh: "查看导入结果" },
      tag: "imports",
      access: READING,
      params: idParams,
      response: importViewSchema,
      handler: async ({ params, language }) => present(await imports.find(params.id), language),
    }),
    defineRoute({
      method: "get",
      path: "/v1/imports/{id}/events",
      summary: { en: "Watch an import (server-sent events)", zh: "订阅导入进度（SSE）" },
      tag: "imports",
      access: READING,
      params: idParams,
      streams: "text/event-stream",
      handler: async ({ params, raw, signal }) => {
        let view = await imports.find(params.id);
        const stream = openEventStream(raw, signal);
        for (let last = -1; !signal.aborted; view = await imports.find(params.id)) {
          const { state, progress, report } = view;
          if (report !== null) {
            await stream.send({ id: "done", event: "done", data: { state, progress, counts: report.counts } });
            break;
          }
          if (progress !== last) {
            await stream.send({ id: String(progress), event: "progress", data: { state, progress } });
            last = progress;
          }
          await sleep(WATCH_MS);
        }
        stream.close();
      },
    }),
  ];
}

function fileRoute(imports: Imports, kind: ImportKind, summary: { en: string; zh: string }): Route {
  return defineRoute({
    method: "post",
    path: `/v1/imports/${kind}`,
    summary,
    description: {
      en:
        "CSV in UTF-8 or GB18030, with commas, tabs or semicolons and a header line in Chinese or English. All or nothing, " +
        "unless skipBadLines=true. The same file again changes nothing.",
      zh:
        "CSV 文件，UTF-8 或 GB18030 编码，以逗号、制表符或分号分隔，首行为中文或英文列名。除非 skipBadLines=true，否则有一行错误即整体不导入。" +
        "重复提交同一文件不会产生任何变化。",
    },
    tag: "imports",
    access: ["data_officer"],
    status: 202,
    idempotent: true,
    query: fileQuery,
    upload: { contentTypes: ["text/csv", "text/tab-separated-values", "text/plain"], limitBytes: FILE_BYTES },
    response: accepted,
    handler: async ({ query, bytes, caller, raw }) => {
      const id = await imports.submit({
        kind,
        file: bytes,
        skipBadLines: query.skipBadLines,
        by: caller.tokenId,
        ...(query.encoding === undefined ? {} : { encoding: query.encoding }),
      });
      const links = { self: `/v1/imports/${id}`, events: `/v1/imports/${id}/events` };
      raw.response.location(links.self);
      return { id, links };
    },
  });
}

function present(view: ImportView, language: Language): z.input<typeof importViewSchema> {
  return {
    ...view,
    createdAt: view.createdAt.toISOString(),
    finishedAt: view.finishedAt?.toISOString() ?? null,
    report:
      view.report === null
        ? null
        : {
            ...view.report,
            droppedColumns: [...view.report.droppedColumns],
            ignoredColumns: [...view.report.ignoredColumns],
            faults: view.report.faults.map((entry) => ({ ...entry, ...explain(entry.code, language) })),
          },
  };
}

function explain(code: FaultCode, language: Language): { title: string; remedy: string } {
  return { title: catalogue[code].title[language], remedy: catalogue[code].remedy[language] };
}
