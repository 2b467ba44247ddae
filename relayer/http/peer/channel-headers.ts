import { z } from "zod";

import { REQUEST_HEADER } from "../../../protocol/channel/request-tag.ts";

/** For the documents; what is in it is judged by the channel, in its own words. */
export const channelHeaders = z.looseObject({
  [REQUEST_HEADER]: z
    .string()
    .optional()
    .meta({ description: "session | MAC | number | time, base64url (docs/protocol.md)" }),
});
