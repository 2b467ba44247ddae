/** Peer API: the holder's answer to a lookup. The voucher in the request says who asks and pays; there is no token. */
import { z } from "zod";

import type { EvaluateService } from "../../services/evaluate/evaluate.ts";
import { defineRoute, type Route } from "../route.ts";

/** 10,000 elements are 430 KB; the rest is room for a request that is one too long to be told so. */
const LIMIT_BYTES = 1_000_000;

export function evaluateRoutes(evaluate: EvaluateService): Route[] {
  return [
    defineRoute({
      method: "post",
      path: "/peer/v1/evaluate",
      summary: { en: "Evaluate blinded elements under a voucher", zh: "凭兑付券对盲化元素求值" },
      description: {
        en: "All byte strings in base64url without padding. The same request again gives the same bytes and costs nothing.",
        zh: "所有字节串均为无填充的 base64url。重复同一请求将得到相同字节，不另计费。",
      },
      tag: "peer",
      access: "public",
      limitBytes: LIMIT_BYTES,
      body: z.looseObject({}),
      streams: "application/json",
      handler: async ({ body, raw }) => {
        const received = Number(raw.request.get("content-length") ?? Buffer.byteLength(JSON.stringify(body)));
        const answer = await evaluate.answer(body, received);
        raw.response.status(200).type("application/json").send(answer);
      },
    }),
  ];
}
