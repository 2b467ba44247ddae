/** One evaluate call to another member's relayer. What comes back is not trusted: size, form and content are bounded. */
import { Agent, request as requestPlainly, type IncomingMessage } from "node:http";
import { Agent as SecureAgent, request as requestSecurely } from "node:https";

import { Fault } from "../../../protocol/errors/fault.ts";
import { catalogue, type FaultCode } from "../../../protocol/errors/catalogue.ts";
import { peerAddress } from "../peer-address.ts";

/** Long enough for 10,000 elements on one core; a holder that is up answers a single one in milliseconds. */
const TIMEOUT_MS = 60_000;
const RESPONSE_ELEMENT_BYTES = 43;
const RESPONSE_OVERHEAD_BYTES = 4_096;

const REDIRECTIONS = [301, 302, 303, 307, 308];

/** Connections are kept for the next call; while they are idle they keep no process alive. */
const plain = { request: requestPlainly, agent: new Agent({ keepAlive: true }) };
const secure = { request: requestSecurely, agent: new SecureAgent({ keepAlive: true }) };

/** A refusal by the holder, with its code if it is one of ours. */
export class HolderRefusal extends Error {
  readonly status: number;
  readonly code: FaultCode | undefined;

  constructor(status: number, code: FaultCode | undefined) {
    super(`the holder refused: ${String(status)} ${code ?? ""}`);
    this.name = "HolderRefusal";
    this.status = status;
    this.code = code;
  }
}

/**
 * Sends a request body (the same bytes at every try) and returns the parsed answer.
 * @throws Fault HOLDER_UNREACHABLE, or a HolderRefusal
 */
export async function callEvaluate(
  endpoint: string,
  holder: string,
  body: string,
  elements: number,
): Promise<{ readonly text: string; readonly json: unknown }> {
  const limit = elements * RESPONSE_ELEMENT_BYTES + RESPONSE_OVERHEAD_BYTES;
  let answer: Answer;
  try {
    const url = new URL(peerAddress(endpoint, "/peer/v1/evaluate"));
    answer = await post(url, body, limit, AbortSignal.timeout(TIMEOUT_MS));
  } catch (cause) {
    throw new Fault("HOLDER_UNREACHABLE", { holder }, cause);
  }
  const { status, text } = answer;
  const json = parseJson(text);
  if (status === 200) return { text, json };
  throw new HolderRefusal(status, codeOf(json));
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

/** `fetch` takes twice as much of a core for a call as small as this. */
async function post(url: URL, body: string, limit: number, signal: AbortSignal): Promise<Answer> {
  try {
    return await postOnce(url, body, limit, signal);
  } catch (error) {
    // The holder had closed the kept connection when the request went out: the same bytes again, on another one.
    if (!(error instanceof StaleConnection)) throw error;
    return await postOnce(url, body, limit, signal);
  }
}

class StaleConnection extends Error {}

function postOnce(url: URL, body: string, limit: number, signal: AbortSignal): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { request: start, agent } = url.protocol === "https:" ? secure : plain;
    const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
    const request = start(url, { method: "POST", agent, headers, signal }, (response) => {
      readAnswer(response, limit).then(resolve, (error: unknown) => {
        request.destroy();
        reject(error as Error);
      });
    });
    request.on("error", (error: NodeJS.ErrnoException) => {
      const stale = request.reusedSocket && (error.code === "ECONNRESET" || error.code === "EPIPE");
      reject(stale ? new StaleConnection(error.message, { cause: error }) : error);
    });
    request.end(body);
  });
}

async function readAnswer(response: IncomingMessage, limit: number): Promise<Answer> {
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
  return { status, text: Buffer.concat(chunks).toString("utf8") };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function codeOf(problem: unknown): FaultCode | undefined {
  const code = typeof problem === "object" && problem !== null && "code" in problem ? problem.code : undefined;
  return typeof code === "string" && Object.hasOwn(catalogue, code) ? (code as FaultCode) : undefined;
}
