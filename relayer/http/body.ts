/** Reading request bodies: bounded, uncompressed, and only of the declared type. */
import type { IncomingMessage } from "node:http";

import { Fault } from "../../protocol/errors/fault.ts";

/** Media type in lower case, without parameters; empty if none was sent. */
export function mediaTypeOf(request: IncomingMessage): string {
  return (request.headers["content-type"] ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
}

export function hasBody(request: IncomingMessage): boolean {
  return request.headers["transfer-encoding"] !== undefined || Number(request.headers["content-length"] ?? 0) > 0;
}

/** @throws Fault CONTENT_TYPE_UNSUPPORTED, CONTENT_ENCODING_UNSUPPORTED */
export function checkContent(request: IncomingMessage, accepted: readonly string[]): void {
  const charset = /charset\s*=\s*"?([^";\s]+)/i.exec(request.headers["content-type"] ?? "")?.[1]?.toLowerCase();
  const json = accepted.includes("application/json");
  const foreign = json && charset !== undefined && charset !== "utf-8" && charset !== "utf8";
  if (!accepted.includes(mediaTypeOf(request)) || foreign) {
    throw new Fault("CONTENT_TYPE_UNSUPPORTED", { accepted: accepted.join(", ") });
  }
  // A small compressed body can unfold to any size; bodies here are not worth the risk.
  const encoding = request.headers["content-encoding"]?.toLowerCase();
  if (encoding !== undefined && encoding !== "identity") throw new Fault("CONTENT_ENCODING_UNSUPPORTED");
}

/** @throws Fault BODY_TOO_LARGE, BODY_INCOMPLETE */
export function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    // Gone while its token was looked up: no event will tell any more.
    if (request.destroyed) {
      reject(new Fault("BODY_INCOMPLETE"));
      return;
    }
    const chunks: Buffer[] = [];
    let length = 0;
    const stop = (): void => {
      request.off("data", onData).off("end", onEnd).off("close", onLoss).off("error", onLoss);
    };
    const refuse = (): void => {
      stop();
      chunks.length = 0;
      // The rest is thrown away as it comes: a client that is cut off while sending never reads why.
      request.resume();
      reject(new Fault("BODY_TOO_LARGE", { limit }));
    };
    const onData = (chunk: Buffer): void => {
      length += chunk.length;
      if (length > limit) refuse();
      else chunks.push(chunk);
    };
    const onEnd = (): void => {
      stop();
      resolve(Buffer.concat(chunks, length));
    };
    const onLoss = (): void => {
      stop();
      reject(new Fault("BODY_INCOMPLETE"));
    };
    request.on("error", onLoss).on("close", onLoss);
    if (Number(request.headers["content-length"] ?? 0) > limit) refuse();
    else request.on("data", onData).on("end", onEnd);
  });
}

/** @throws Fault BODY_MALFORMED. Its cause is left out: it quotes the body. */
export function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body)) as unknown;
  } catch {
    throw new Fault("BODY_MALFORMED");
  }
}
