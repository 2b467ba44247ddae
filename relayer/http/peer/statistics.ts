/** Peer API: contributions to statistics, decryption shares, released answers. The channel says who asks. */
import { z } from "zod";

import type { Hex } from "../../../protocol/encoding/bytes.ts";
import { Fault } from "../../../protocol/errors/fault.ts";
import type { ChannelServer } from "../../services/channel/server.ts";
import type { StatisticsService } from "../../services/statistics/statistics.ts";
import { parseJson } from "../body.ts";
import { defineRoute, type Route } from "../route.ts";
import { endSealed } from "../seal.ts";
import { validate } from "../validate.ts";
import { admitPeer } from "./admit-peer.ts";
import { channelHeaders } from "./channel-headers.ts";

const SMALL_BYTES = 4_096;
/** 128 contributions of 1,461 bytes are 250 KB in base64url. */
const SHARE_BYTES = 2_000_000;
/** A release takes a node seconds of a core: one at a time, and few wait. */
const SHARES_AT_ONCE = 2;
const RETRY_SECONDS = 10;

const statistic = z
  .string()
  .regex(/^0x[0-9a-f]{64}$/)
  .transform((text) => text as Hex);
const collection = z.strictObject({ statistic, period: z.int().min(0).max(999_999) });
const bytes = z.string().max(100_000);
const shareCall = collection.extend({ contributions: z.array(bytes).max(10_000), ciphertext: bytes });

export type PeerStatistics = Pick<StatisticsService, "handOut" | "release" | "answers">;

export function statisticsPeerRoutes(
  statistics: PeerStatistics,
  channel: Pick<ChannelServer, "verify">,
  members: { member(id: number): Promise<{ readonly status: string }> },
): Route[] {
  let running = 0;

  function route<T>(
    facts: Pick<Parameters<typeof defineRoute>[0], "summary" | "description"> & {
      readonly path: `/peer/v1/statistics/${string}`;
      readonly limitBytes: number;
    },
    schema: z.ZodType<T>,
    answer: (body: T, caller: number) => Promise<unknown>,
  ): Route {
    const { path, summary, description, limitBytes } = facts;
    return defineRoute({
      method: "post",
      path,
      summary,
      ...(description === undefined ? {} : { description }),
      tag: "peer",
      access: "public",
      headers: channelHeaders,
      // As it came: that is what its sender authenticated.
      upload: { contentTypes: ["application/json"], limitBytes },
      streams: "application/json",
      handler: async ({ bytes: received, raw }) => {
        const caller = await admitPeer(channel, raw, received);
        const body = validate("body", schema, parseJson(received)) as T;
        const text = JSON.stringify(await answer(body, caller));
        endSealed(raw.response.status(200).type("application/json"), Buffer.from(text, "utf8"));
      },
    });
  }

  return [
    route(
      {
        path: "/peer/v1/statistics/contribution",
        summary: { en: "This member's contribution to a closed collection", zh: "本成员对已截止收集任务的贡献" },
        description: {
          en: "statistic, period. For the collector and active nodes; encrypted, as its digest on chain says.",
          zh: "请求为 statistic、period。仅限收集方与在册节点；内容为密文，与链上摘要一致。",
        },
        limitBytes: SMALL_BYTES,
      },
      collection,
      async ({ statistic: of, period }, caller) => ({ contribution: await statistics.handOut(of, period, caller) }),
    ),
    route(
      {
        path: "/peer/v1/statistics/share",
        summary: {
          en: "A decryption share for the sum of all committed contributions",
          zh: "全部已承诺贡献之和的解密份额",
        },
        description: {
          en: "statistic, period, contributions, ciphertext. For the collector; the same set of contributions gives the same share again, another set is refused for ever.",
          zh: "请求为 statistic、period、contributions、ciphertext。仅限收集方；同一组贡献重复请求得到相同份额，另一组贡献永不受理。",
        },
        limitBytes: SHARE_BYTES,
      },
      shareCall,
      async (call, caller) => {
        if (running >= SHARES_AT_ONCE) throw new Fault("RATE_LIMITED", { seconds: RETRY_SECONDS });
        running += 1;
        try {
          return await statistics.release(call, caller);
        } finally {
          running -= 1;
        }
      },
    ),
    route(
      {
        path: "/peer/v1/statistics/answer",
        summary: { en: "A released answer with all shares", zh: "已发布的统计结果（含全部份额）" },
        description: {
          en: "statistic, period. For active members. The salt opens the digest on chain.",
          zh: "请求为 statistic、period。仅限有效成员。盐值用于核对链上摘要。",
        },
        limitBytes: SMALL_BYTES,
      },
      collection,
      async ({ statistic: of, period }, caller) => {
        const { status } = await members.member(caller);
        if (status !== "Active") throw new Fault("STATISTIC_NOT_ALLOWED", { member: caller });
        return await statistics.answers.handOut(of, period);
      },
    ),
  ];
}
