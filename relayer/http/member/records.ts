/** Member API: the firm's own risk records. */
import { z } from "zod";

import { RECORD_STATUSES } from "../../services/records/record-status.ts";
import type { Records } from "../../services/records/records.ts";
import { WITHDRAWAL_REASONS } from "../../services/records/withdrawal-reason.ts";
import type { Role } from "../role.ts";
import { defineRoute, type Route } from "../route.ts";

const READING = ["data_officer", "reviewer", "credit_officer", "compliance", "auditor"] as const;
/** Who may see a masked document number. */
const SEEING: readonly Role[] = ["data_officer", "compliance", "credit_officer"];

const view = z.object({
  id: z.uuid(),
  recordId: z.string(),
  /** Masked, for roles that deal with the investor; null for others. */
  subject: z.string().nullable(),
  class: z.string(),
  status: z.enum(RECORD_STATUSES),
  statusDate: z.string(),
  eventDate: z.string(),
  /** Integer fen. */
  amountFen: z.int().nullable(),
  revision: z.int(),
  withdrawnAt: z.iso.datetime().nullable(),
});

export function recordRoutes(records: Records): Route[] {
  return [
    defineRoute({
      method: "get",
      path: "/v1/records",
      summary: { en: "List risk records", zh: "风险记录列表" },
      tag: "records",
      access: READING,
      query: z.object({
        /** Record id after which to go on. */
        after: z.string().max(64).optional(),
        limit: z.coerce.number().int().min(1).max(500).default(100),
        class: z.string().max(3).optional(),
        status: z.enum(RECORD_STATUSES).optional(),
      }),
      response: z.object({ items: z.array(view), next: z.string().nullable() }),
      handler: async ({ query, caller }) => {
        const items = await records.list(query, SEEING.includes(caller.role));
        return {
          items: items.map((item) => ({ ...item, withdrawnAt: item.withdrawnAt?.toISOString() ?? null })),
          next: items.length === query.limit ? (items.at(-1)?.recordId ?? null) : null,
        };
      },
    }),
    defineRoute({
      method: "post",
      path: "/v1/records/{id}/withdraw",
      summary: { en: "Withdraw a record", zh: "撤回记录" },
      description: {
        en: "It leaves the table with the next publication and does not come back with a later file.",
        zh: "自下一次发布起不再包含该记录，后续文件也不会使其恢复。",
      },
      tag: "records",
      access: ["data_officer", "compliance"],
      status: 204,
      params: z.object({ id: z.uuid() }),
      body: z.strictObject({ reason: z.enum(WITHDRAWAL_REASONS) }),
      handler: async ({ params, body, caller }) => {
        await records.withdraw(params.id, body.reason, caller.tokenId);
      },
    }),
  ];
}
