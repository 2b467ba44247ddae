/** Peer API: this member's committed tables, for the mirrors of the other members. */
import { z } from "zod";

import type { Hex } from "../../../protocol/encoding/bytes.ts";
import { Fault } from "../../../protocol/errors/fault.ts";
import type { ChannelServer } from "../../services/channel/server.ts";
import type { PublishService } from "../../services/publish/publish-service.ts";
import { tableBytes } from "../../services/tables/table-files.ts";
import { defineRoute, type Route } from "../route.ts";
import { admitPeer } from "./admit-peer.ts";
import { channelHeaders } from "./channel-headers.ts";
import { counted } from "./counted.ts";
import { createDownloads, sendFile } from "./send-file.ts";

const NO_BODY = new Uint8Array(0);

export function tableRoutes(
  publisher: Pick<PublishService, "servedTable">,
  channel: Pick<ChannelServer, "verify">,
): Route[] {
  const downloads = createDownloads();
  return [
    defineRoute({
      method: "get",
      path: "/peer/v1/tables/{dataset}/{epoch}/{revision}",
      summary: { en: "Download a committed table", zh: "下载已承诺的密封表" },
      description: {
        en: "For active members, over their channel. Entries of one size in order of tags; a range continues a download that was cut. The Merkle root on chain checks the content.",
        zh: "仅限有效成员经其信道访问。条目等长并按标签排序；可用 Range 续传；内容以链上默克尔根校验。",
      },
      tag: "peer",
      access: "public",
      headers: channelHeaders,
      params: z.object({ dataset: z.string().regex(/^0x[0-9a-f]{64}$/), epoch: counted, revision: counted }),
      streams: "application/octet-stream",
      handler: async (asked) => {
        const { dataset, epoch, revision } = asked.params;
        const member = await admitPeer(channel, asked.raw, NO_BODY);
        await downloads.run(member, async () => {
          const table = await publisher.servedTable(dataset as Hex, epoch, revision);
          if (!table) throw new Fault("TABLE_NOT_FOUND");
          await sendFile(asked, member, { path: table.path, bytes: tableBytes(table), etag: table.root });
        });
      },
    }),
  ];
}
