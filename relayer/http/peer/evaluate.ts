/** Peer API: the holder's answer to a lookup. The channel says who asks, the voucher in the request who pays: the same member. */
import { z } from "zod";

import type { ChannelServer } from "../../services/channel/server.ts";
import type { EvaluateService } from "../../services/evaluate/evaluate.ts";
import { parseJson } from "../body.ts";
import { defineRoute, type Route } from "../route.ts";
import { endSealed } from "../seal.ts";
import { validate } from "../validate.ts";
import { admitPeer } from "./admit-peer.ts";
import { channelHeaders } from "./channel-headers.ts";

/** 10,000 elements are 430 KB; the rest is room for a request that is one too long to be told so. */
const LIMIT_BYTES = 1_000_000;

const anObject = z.looseObject({});

export function evaluateRoutes(evaluate: EvaluateService, channel: Pick<ChannelServer, "verify">): Route[] {
  return [
    defineRoute({
      method: "post",
      path: "/peer/v1/evaluate",
      summary: { en: "Evaluate blinded elements under a voucher", zh: "凭兑付券对盲化元素求值" },
      description: {
        en: "Over the channel of the querier. All byte strings in base64url without padding. The same request again gives the same bytes and costs nothing.",
        zh: "须经查询方自身的信道发送。所有字节串均为无填充的 base64url。重复同一请求将得到相同字节，不另计费。",
      },
      tag: "peer",
      access: "public",
      headers: channelHeaders,
      // As it came: that is what its sender authenticated.
      upload: { contentTypes: ["application/json"], limitBytes: LIMIT_BYTES },
      streams: "application/json",
      handler: async ({ bytes, raw }) => {
        const caller = await admitPeer(channel, raw, bytes);
        const answer = await evaluate.answer(validate("body", anObject, parseJson(bytes)), bytes.length, caller);
        endSealed(raw.response.status(200).type("application/json"), Buffer.from(answer, "utf8"));
      },
    }),
  ];
}
