/** An API with one route of each kind, over real HTTP and a real database: what the tests of this directory talk to. */
import { randomBytes } from "node:crypto";
import { pino } from "pino";
import { z } from "zod";

import { Fault } from "../../../protocol/errors/fault.ts";
import { createApp, type AppOptions } from "../../../relayer/http/app.ts";
import { openEventStream } from "../../../relayer/http/event-stream.ts";
import { ROLES } from "../../../relayer/http/role.ts";
import { defineRoute, type Route } from "../../../relayer/http/route.ts";
import { serve } from "../../../relayer/http/serve.ts";
import { createColumnCipher } from "../../../relayer/store/column-cipher.ts";
import { createIdempotencyStore } from "../../../relayer/store/idempotency.ts";
import { createTokens } from "../../../relayer/store/tokens.ts";
import { testDatabase } from "../../support/postgres.ts";

const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));

const order = z.object({
  name: z.string().min(1).max(20),
  amountFen: z.int().nonnegative(),
  tags: z.array(z.object({ code: z.enum(["A", "B"]) })).optional(),
});

export interface TestApi {
  readonly url: string;
  readonly port: number;
  /** Tokens by role. */
  readonly token: Readonly<Record<string, string>>;
  readonly logged: () => string;
  /** Times that the order handler ran. */
  readonly orders: () => number;
  readonly aborted: Promise<void>;
  call(method: string, path: string, init?: RequestInit & { role?: string }): Promise<Response>;
  close(): Promise<void>;
}

export async function startTestApi(options: Partial<AppOptions> = {}): Promise<TestApi> {
  const database = await testDatabase();
  const clock = (): Date => new Date();
  const tokens = createTokens(database.db, clock, random);
  const keys = { encryption: random(16), authentication: random(32), index: random(32) };
  const cipher = createColumnCipher(keys, random);
  let written = "";
  let orders = 0;
  let noteAborted: () => void = () => undefined;
  const aborted = new Promise<void>((resolve) => (noteAborted = resolve));
  const log = pino({ level: "trace" }, { write: (line: string) => void (written += line) });

  const routes: Route[] = [
    defineRoute({
      method: "post",
      path: "/v1/orders",
      summary: { en: "Place an order", zh: "下单" },
      tag: "orders",
      access: ["admin", "credit_officer"],
      status: 202,
      idempotent: true,
      body: order,
      response: z.object({ id: z.string(), name: z.string() }),
      async handler({ body, raw }) {
        await Promise.resolve();
        orders += 1;
        if (body.name === "refuse") throw new Fault("REQUEST_INVALID", { paths: "body.name" });
        raw.response.setHeader("Location", `/v1/orders/${String(orders)}`);
        return { id: String(orders), name: body.name, secret: "not declared" };
      },
    }),
    defineRoute({
      method: "get",
      path: "/v1/orders/{id}",
      summary: { en: "Read an order", zh: "查看" },
      tag: "orders",
      access: ROLES,
      params: z.object({ id: z.string().regex(/^\d+$/) }),
      query: z.object({ limit: z.coerce.number().int().max(10).optional() }),
      response: z.object({ id: z.string(), limit: z.number().optional() }),
      handler: ({ params, query }) => Promise.resolve({ id: params.id, limit: query.limit }),
    }),
    defineRoute({
      method: "post",
      path: "/v1/files",
      summary: { en: "Upload", zh: "上传" },
      tag: "files",
      access: ["data_officer"],
      upload: { contentTypes: ["text/csv"], limitBytes: 3 * 1024 * 1024 },
      response: z.object({ bytes: z.number() }),
      handler: ({ bytes }) => Promise.resolve({ bytes: bytes.length }),
    }),
    defineRoute({
      method: "get",
      path: "/v1/broken",
      summary: { en: "Fails", zh: "失败" },
      tag: "orders",
      access: "public",
      handler: () => Promise.reject(new Error("the cause of it all")),
    }),
    defineRoute({
      method: "get",
      path: "/v1/events",
      summary: { en: "Progress", zh: "进度" },
      tag: "orders",
      access: "public",
      streams: "text/event-stream",
      query: z.object({ forever: z.string().optional() }),
      async handler({ raw, signal, query }) {
        const stream = openEventStream(raw, signal, 50);
        const from = Number(stream.lastEventId ?? 0);
        for (let n = from + 1; n <= 3; n++) {
          await stream.send({ id: String(n), event: "progress", data: { step: n, text: "a\nb" } });
        }
        if (query.forever === undefined) stream.close();
        else {
          await new Promise((resolve) => {
            signal.addEventListener("abort", resolve);
          });
          noteAborted();
        }
      },
    }),
  ];
  const app = createApp({
    routes,
    info: { title: { en: "Test", zh: "测试" }, version: "1.2.3" },
    checks: { db: () => Promise.resolve(true), chain: () => Promise.resolve(true) },
    log,
    clock,
    tokens,
    idempotency: createIdempotencyStore(database.db, cipher, clock),
    ...options,
  });
  const serving = await serve(app, { port: 0, bind: "127.0.0.1", service: "test" });
  const url = `http://127.0.0.1:${String(serving.port)}`;
  const token: Record<string, string> = {};
  for (const role of ROLES) token[role] = (await tokens.create({ role, label: role })).token;

  return {
    url,
    port: serving.port,
    token,
    logged: () => written,
    orders: () => orders,
    aborted,
    call(method, path, { role, headers, ...init } = {}) {
      const all = new Headers(headers);
      if (role !== undefined) all.set("Authorization", `Bearer ${token[role] ?? ""}`);
      return fetch(url + path, { method, headers: all, ...init });
    },
    async close() {
      await serving.close(100);
      await database.close();
    },
  };
}

/** Status and code of an answer. */
export async function outcome(response: Response | Promise<Response>): Promise<string> {
  const settled = await response;
  const text = await settled.text();
  const code = text.startsWith("{") ? (JSON.parse(text) as { code?: string }).code : undefined;
  return `${String(settled.status)} ${code ?? ""}`.trim();
}

export const JSON_HEADERS = { "Content-Type": "application/json" };
