/** Member API: what this relayer knows of members, points and sessions, and what it saw as a holder. */
import { z } from "zod";

import type { RelayerContext } from "../../context.ts";
import { defineRoute, type Route } from "../route.ts";

const READING = ["admin", "data_officer", "credit_officer", "compliance", "auditor"] as const;
const AUDITING = ["compliance", "auditor", "data_officer"] as const;

export function ledgerRoutes(ctx: Pick<RelayerContext, "chain" | "db">): Route[] {
  return [
    defineRoute({
      method: "get",
      path: "/v1/members",
      summary: { en: "Members as registered on chain", zh: "链上登记的成员" },
      tag: "ledger",
      access: READING,
      response: z.object({
        me: z.string(),
        items: z.array(
          z.object({
            id: z.number().int(),
            name: z.string(),
            kind: z.string(),
            status: z.string(),
            endpoint: z.string(),
          }),
        ),
      }),
      handler: async () => {
        const [me, members] = await Promise.all([ctx.chain.me(), ctx.chain.members()]);
        return {
          me: me.name,
          items: members.map(({ id, name, kind, status, endpoint }) => ({ id, name, kind, status, endpoint })),
        };
      },
    }),
    defineRoute({
      method: "get",
      path: "/v1/points",
      summary: { en: "This member's points (18 decimals)", zh: "本机构积分（18 位小数）" },
      tag: "ledger",
      access: READING,
      response: z.object({ member: z.string(), balance: z.string().regex(/^\d+$/) }),
      handler: async () => {
        const me = await ctx.chain.me();
        return { member: me.name, balance: String(await ctx.chain.pointsOf(me.id)) };
      },
    }),
    defineRoute({
      method: "get",
      path: "/v1/sessions",
      summary: { en: "Query sessions of this member", zh: "本机构的查询会话" },
      tag: "ledger",
      access: READING,
      response: z.object({
        items: z.array(
          z.object({
            id: z.string(),
            state: z.string(),
            expiresAt: z.iso.datetime(),
            batchesAnchored: z.number().int(),
            allotments: z.array(z.object({ dataset: z.string(), granted: z.number().int(), used: z.number().int() })),
          }),
        ),
      }),
      handler: async () => {
        const sessions = await ctx.db
          .selectFrom("query_sessions")
          .selectAll()
          .orderBy("created_at", "desc")
          .limit(100)
          .execute();
        const allotments = await ctx.db.selectFrom("query_allotments").selectAll().execute();
        return {
          items: sessions.map((session) => ({
            id: session.id,
            state: session.state,
            expiresAt: new Date(Number(session.expires_at) * 1_000).toISOString(),
            batchesAnchored: session.next_batch,
            allotments: allotments
              .filter((row) => row.session === session.id)
              .map(({ dataset, granted, used }) => ({ dataset, granted, used })),
          })),
        };
      },
    }),
    defineRoute({
      method: "get",
      path: "/v1/peer-log",
      summary: {
        en: "What this relayer received as a holder and as an algorithm node: all of it",
        zh: "本机构作为数据方与算法节点所收到的全部内容",
      },
      tag: "ledger",
      access: AUDITING,
      query: z.object({ limit: z.coerce.number().int().min(1).max(500).default(50) }),
      response: z.object({
        items: z.array(
          z.object({
            receivedAt: z.iso.datetime(),
            querier: z.string(),
            session: z.string(),
            dataset: z.string(),
            /** A look-up in a dataset, or what this member's algorithm node does. */
            service: z.enum(["lookup", "evaluation", "location", "decryption"]),
            lane: z.number().int(),
            count: z.number().int(),
            elements: z.number().int(),
            purpose: z.string(),
            bytesReceived: z.number().int(),
            bytesSent: z.number().int(),
            preview: z.string(),
          }),
        ),
      }),
      handler: async ({ query }) => {
        const rows = await ctx.db
          .selectFrom("holder_requests")
          .selectAll()
          .orderBy("id", "desc")
          .limit(query.limit)
          .execute();
        const [members, nodes] = await Promise.all([ctx.chain.members(), ctx.chain.computation.nodes()]);
        const services = new Map(
          nodes.flatMap(({ services: { evaluation, locator, query: decryption } }) => [
            [evaluation as string, "evaluation" as const],
            [locator as string, "location" as const],
            [decryption as string, "decryption" as const],
          ]),
        );
        return {
          items: rows.map((row) => ({
            service: services.get(row.dataset) ?? ("lookup" as const),
            receivedAt: row.received_at.toISOString(),
            querier: members.find(({ id }) => id === row.querier)?.name ?? String(row.querier),
            session: row.session,
            dataset: row.dataset,
            lane: row.lane,
            count: row.count,
            elements: row.elements,
            purpose: row.purpose,
            bytesReceived: row.bytes_received,
            bytesSent: row.bytes_sent,
            preview: row.preview,
          })),
        };
      },
    }),
  ];
}
