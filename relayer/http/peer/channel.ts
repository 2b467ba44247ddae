/** Peer API: the key agreement between two members' relayers. Who calls is not known before its second message. */
import { z } from "zod";

import { toWire } from "../../../protocol/channel/messages.ts";
import type { ChannelServer } from "../../services/channel/server.ts";
import { createRateLimiter, networkOf, type RateLimit } from "../rate-limit.ts";
import { defineRoute, type Route } from "../route.ts";

/** Two messages with a certificate of 4,096 bytes at most. */
const LIMIT_BYTES = 16_384;
/**
 * By address. A hello costs this side 3.5 ms: a stranger gets 7 % of a core. After a restart all members come at once, and behind
 * a proxy from one address.
 */
const HELLOS: RateLimit = { perSecond: 20, burst: 200 };

const message = z.record(z.string(), z.union([z.string(), z.number()]));

export function channelRoutes(
  channel: Pick<ChannelServer, "hello" | "confirm">,
  clock: () => Date,
  limit: RateLimit = HELLOS,
): Route[] {
  const limiter = createRateLimiter(limit, clock);
  return [
    defineRoute({
      method: "post",
      path: "/peer/v1/channel",
      summary: { en: "Begin a key agreement", zh: "发起密钥协商" },
      description: {
        en: "hello: initiator, responder, ephemeral. The answer is signed with this member's SM2 key.",
        zh: "请求为 initiator、responder、ephemeral；应答以本成员 SM2 密钥签名。",
      },
      tag: "peer",
      access: "public",
      limitBytes: LIMIT_BYTES,
      body: z.looseObject({}),
      response: message,
      handler: async ({ body, raw }) => {
        limiter.admit(networkOf(raw.request.socket.remoteAddress ?? ""));
        return toWire(await channel.hello(body));
      },
    }),
    defineRoute({
      method: "post",
      path: "/peer/v1/channel/confirm",
      summary: { en: "Complete a key agreement", zh: "完成密钥协商" },
      description: {
        en: "confirmation: handshake, certificate, signature, mac. The certificate's digest must stand on chain for an active member.",
        zh: "请求为 handshake、certificate、signature、mac；证书摘要须已在链上登记于有效成员名下。",
      },
      tag: "peer",
      access: "public",
      limitBytes: LIMIT_BYTES,
      body: z.looseObject({}),
      response: message,
      handler: async ({ body }) => toWire(await channel.confirm(body)),
    }),
  ];
}
