/** Peer API: making the consortium table. Nodes evaluate the rows of contributors; files go where they are worked on. */
import { z } from "zod";

import { fromBase64Url } from "../../../protocol/encoding/bytes.ts";
import { Fault } from "../../../protocol/errors/fault.ts";
import type { ChannelServer } from "../../services/channel/server.ts";
import { encodeAnswer, type EvaluationDesk } from "../../services/editions/evaluation-desk.ts";
import type { ServedFile, ServedFiles } from "../../services/editions/served-files.ts";
import { parseJson } from "../body.ts";
import { defineRoute, type Route } from "../route.ts";
import { endSealed } from "../seal.ts";
import { validate } from "../validate.ts";
import { admitPeer } from "./admit-peer.ts";
import { channelHeaders } from "./channel-headers.ts";
import { counted } from "./counted.ts";
import { createDownloads, sendFile } from "./send-file.ts";

/** 1,024 elements are 44 KB. */
const LIMIT_BYTES = 65_536;
const NO_BODY = new Uint8Array(0);

const ordinal = z
  .number()
  .int()
  .min(1)
  .max(2 ** 31 - 1);

const evaluation = z.strictObject({
  edition: ordinal,
  round: ordinal,
  elements: z.string().min(43).max(44_000),
});

const ofEdition = z.object({ edition: counted });
const ofContributor = z.object({ edition: counted, contributor: counted });
const ofAttempt = z.object({ edition: counted, attempt: counted });

export function aggregateRoutes(
  desk: EvaluationDesk,
  files: ServedFiles,
  channel: Pick<ChannelServer, "verify">,
): Route[] {
  const downloads = createDownloads();

  function fileRoute<P extends z.ZodType>(
    path: `/peer/v1/aggregate/editions/{edition}${string}`,
    words: { readonly summary: { en: string; zh: string }; readonly description: { en: string; zh: string } },
    params: P,
    find: (caller: number, params: z.output<P>) => Promise<ServedFile>,
  ): Route {
    return defineRoute({
      method: "get",
      path,
      ...words,
      tag: "peer",
      access: "public",
      headers: channelHeaders,
      params,
      streams: "application/octet-stream",
      handler: async (asked) => {
        const member = await admitPeer(channel, asked.raw, NO_BODY);
        await downloads.run(member, async () => {
          const { path: file, bytes, name } = await find(member, asked.params);
          await sendFile(asked, member, { path: file, bytes, etag: name });
        });
      },
    });
  }

  return [
    defineRoute({
      method: "post",
      path: "/peer/v1/aggregate/evaluate",
      summary: { en: "Evaluate a contributor's blinded rows at a node", zh: "由算法节点对贡献方的盲化行求值" },
      description: {
        en: "For members with a published dataset, over their channel, while the edition collects, with its share of the key round that is named: at most 1,024 elements, base64url without padding, and in all as many as the member's tables have. The same elements again count once.",
        zh: "仅限已发布数据集的成员，在该期收集阶段经其信道调用，节点以所列密钥轮次的份额计算：每次最多 1,024 个元素（无填充 base64url），总数以其数据表规模为限；相同元素重复提交只计一次。",
      },
      tag: "peer",
      access: "public",
      headers: channelHeaders,
      upload: { contentTypes: ["application/json"], limitBytes: LIMIT_BYTES },
      streams: "application/json",
      handler: async ({ bytes, raw }) => {
        const caller = await admitPeer(channel, raw, bytes);
        const asked = validate("body", evaluation, parseJson(bytes)) as z.output<typeof evaluation>;
        const answer = await desk.answer(caller, { ...asked, elements: decode(asked.elements) });
        endSealed(raw.response.status(200).type("application/json"), Buffer.from(encodeAnswer(answer), "utf8"));
      },
    }),
    fileRoute(
      "/peer/v1/aggregate/editions/{edition}/contributions/{contributor}",
      {
        summary: { en: "Download a contribution to an edition", zh: "下载某期的贡献表" },
        description: {
          en: "For the edition's aggregator and active algorithm nodes. Ciphertexts under two keys, as committed on chain.",
          zh: "仅限该期汇总方和有效算法节点。内容为双重密钥下的密文，与链上承诺一致。",
        },
      },
      ofContributor,
      (caller, { edition, contributor }) => files.contribution(caller, edition, contributor),
    ),
    fileRoute(
      "/peer/v1/aggregate/editions/{edition}/merged",
      {
        summary: { en: "Download the merged table of an edition", zh: "下载某期的合并表" },
        description: {
          en: "For active algorithm nodes. Under two keys still, with the proof that it is the sum of the contributions.",
          zh: "仅限有效算法节点。仍处于双重密钥之下，附其等于各贡献之和的证明。",
        },
      },
      ofEdition,
      (caller, { edition }) => files.merged(caller, edition),
    ),
    fileRoute(
      "/peer/v1/aggregate/editions/{edition}/shares/{attempt}",
      {
        summary: { en: "Download a node's strip shares", zh: "下载节点的剥离份额" },
        description: {
          en: "For active algorithm nodes and the aggregator, once their digest is on chain.",
          zh: "仅限有效算法节点和汇总方；在其摘要上链之后提供。",
        },
      },
      ofAttempt,
      (caller, { edition, attempt }) => files.shares(caller, edition, attempt),
    ),
    fileRoute(
      "/peer/v1/aggregate/editions/{edition}/table",
      {
        summary: { en: "Download a published consortium table", zh: "下载已发布的联盟汇总表" },
        description: {
          en: "For active members, over their channel. Rows of 528 bytes in order of tags; the root on chain checks them.",
          zh: "仅限有效成员经其信道访问。每行 528 字节并按标签排序；内容以链上根校验。",
        },
      },
      ofEdition,
      (_, { edition }) => files.table(edition),
    ),
  ];
}

/** @throws Fault REQUEST_INVALID */
function decode(text: string): Uint8Array {
  try {
    return fromBase64Url(text);
  } catch (cause) {
    throw new Fault("REQUEST_INVALID", { paths: "body.elements" }, cause);
  }
}
