/** One evaluate call to another member's relayer. What comes back is not trusted: size, form and content are bounded. */
import { Fault } from "../../../protocol/errors/fault.ts";
import { catalogue, type FaultCode } from "../../../protocol/errors/catalogue.ts";
import { peerAddress } from "../peer-address.ts";

/** Long enough for 10,000 elements on one core; a holder that is up answers a single one in milliseconds. */
const TIMEOUT_MS = 60_000;
const RESPONSE_ELEMENT_BYTES = 43;
const RESPONSE_OVERHEAD_BYTES = 4_096;

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
  let status: number;
  let text: string;
  try {
    const response = await fetch(peerAddress(endpoint, "/peer/v1/evaluate"), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
      redirect: "error",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    status = response.status;
    text = await readLimited(response, limit);
  } catch (cause) {
    throw new Fault("HOLDER_UNREACHABLE", { holder }, cause);
  }
  const json = parseJson(text);
  if (status === 200) return { text, json };
  throw new HolderRefusal(status, codeOf(json));
}

async function readLimited(response: Response, limit: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    if (length > limit) throw new RangeError(`an answer of more than ${String(limit)} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
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
