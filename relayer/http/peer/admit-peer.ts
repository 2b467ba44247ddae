import type { Request, Response } from "express";

import { REQUEST_HEADER, RESPONSE_HEADER } from "../../../protocol/channel/request-tag.ts";
import type { ChannelServer } from "../../services/channel/server.ts";
import { sealWith } from "../seal.ts";

/**
 * The member that sent the request over its channel; whatever is answered from here on is authenticated to it.
 * @param body as it came
 * @throws Fault of {@link ChannelServer.verify}; those answers are nobody's
 */
export async function admitPeer(
  channel: Pick<ChannelServer, "verify">,
  { request, response }: { readonly request: Request; readonly response: Response },
  body: Uint8Array,
): Promise<number> {
  const { method, originalUrl: path } = request;
  const caller = await channel.verify({ method, path, body }, request.get(REQUEST_HEADER));
  sealWith(response, { header: RESPONSE_HEADER, of: caller.authenticate });
  return caller.member;
}
