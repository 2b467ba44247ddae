/** One call to another member's relayer. What comes back is not trusted: its size is bounded, and it leads nowhere else. */
import { Agent, request as requestPlainly, type IncomingHttpHeaders, type IncomingMessage } from "node:http";
import { Agent as SecureAgent, request as requestSecurely } from "node:https";

const REDIRECTIONS = [301, 302, 303, 307, 308];

/** Connections are kept for the next call; while they are idle they keep no process alive. */
const plain = { request: requestPlainly, agent: new Agent({ keepAlive: true }) };
const secure = { request: requestSecurely, agent: new SecureAgent({ keepAlive: true }) };

/** The other side had closed the kept connection when the request went out: send it anew, on a fresh one. */
export class StaleConnection extends Error {}

export interface PeerPost {
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON. */
  readonly body: Uint8Array;
  /** Largest answer, in bytes. */
  readonly limit: number;
  readonly signal: AbortSignal;
  /** On a connection of its own: after a restart of the other side, every kept one is stale. */
  readonly fresh?: boolean;
}

export interface PeerAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** `fetch` takes twice as much of a core for a call as small as this. @throws StaleConnection, RangeError, and those of Node */
export function postPeer({ url, headers, body, limit, signal, fresh = false }: PeerPost): Promise<PeerAnswer> {
  return new Promise((resolve, reject) => {
    const { request: start, agent } = url.protocol === "https:" ? secure : plain;
    const sent = { "content-type": "application/json", "content-length": body.length, ...headers };
    const options = { method: "POST", agent: fresh ? false : agent, headers: sent, signal };
    const request = start(url, options, (response) => {
      readAnswer(response, limit).then(resolve, (error: unknown) => {
        request.destroy();
        reject(error instanceof Error ? error : new Error("no answer", { cause: error }));
      });
    });
    request.on("error", (error: NodeJS.ErrnoException) => {
      const stale = request.reusedSocket && (error.code === "ECONNRESET" || error.code === "EPIPE");
      reject(stale ? new StaleConnection(error.message, { cause: error }) : error);
    });
    request.end(body);
  });
}

async function readAnswer(response: IncomingMessage, limit: number): Promise<PeerAnswer> {
  const { statusCode: status = 0, headers } = response;
  if (REDIRECTIONS.includes(status)) throw new RangeError("redirections are not followed");
  // None was asked for, and a small compressed answer can unfold to any size.
  if (headers["content-encoding"] !== undefined) throw new RangeError("a compressed answer");
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    if (length > limit) throw new RangeError(`an answer of more than ${String(limit)} bytes`);
    chunks.push(chunk);
  }
  return { status, headers, body: Buffer.concat(chunks) };
}

/** Undefined for what is no JSON. */
export function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    return undefined;
  }
}
