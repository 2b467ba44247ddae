/** One evaluate call to another member's relayer, over the channel. What comes back is not trusted: size, form and content are bounded. */
import type { FaultCode } from "../../../protocol/errors/catalogue.ts";
import { digestBody } from "../../../protocol/channel/request.ts";
import { REQUEST_HEADER, RESPONSE_HEADER } from "../../../protocol/channel/request-tag.ts";
import { utf8 } from "../../../protocol/encoding/bytes.ts";
import { Fault, isFault } from "../../../protocol/errors/fault.ts";
import type { OutgoingRequest, PeerChannel } from "../channel/client.ts";
import { peerAddress } from "../peer/peer-address.ts";
import { jsonOf, postPeer, StaleConnection, type PeerAnswer } from "../peer/peer-http.ts";
import { refusalCode } from "../peer/refusal-code.ts";

/**
 * A holder that is up answers one element in milliseconds, and 10,000 on one core within a minute. Whoever says nothing holds up
 * a worker for so long, which other queries wait for.
 */
const TIMEOUT_MS = { call: 10_000, element: 5 };
const RESPONSE_ELEMENT_BYTES = 43;
const RESPONSE_OVERHEAD_BYTES = 4_096;
const PATH = "/peer/v1/evaluate";

/** Where elements are evaluated: under a dataset's key for a voucher, or under the shared key for an edition. */
type EvaluatePath = typeof PATH | "/peer/v1/aggregate/evaluate";
/** Of one call: the first may meet a connection that was closed, or a holder that has lost the session; then both. */
const TRIES = 3;

/** A refusal by the holder, with its code if it is one of ours. */
export class HolderRefusal extends Error {
  readonly status: number;
  readonly code: FaultCode | undefined;
  /** False if anybody between the two relayers could have said it. */
  readonly authenticated: boolean;

  constructor(status: number, code: FaultCode | undefined, authenticated: boolean) {
    super(`the holder refused: ${String(status)} ${code ?? ""}`);
    this.name = "HolderRefusal";
    this.status = status;
    this.code = code;
    this.authenticated = authenticated;
  }
}

export interface EvaluateCall {
  readonly holder: { readonly id: number; readonly name: string; readonly endpoint: string };
  /** The same at every try. */
  readonly body: string;
  readonly elements: number;
  readonly path?: EvaluatePath;
}

/**
 * Sends the request and returns the parsed answer, which is the holder's own.
 * @throws Fault HOLDER_UNREACHABLE, CHANNEL_*, CERTIFICATE_*, REVOCATION_LIST_*, or a HolderRefusal
 */
export async function callEvaluate(
  channel: PeerChannel,
  { holder, body, elements, path = PATH }: EvaluateCall,
): Promise<{ readonly text: string; readonly json: unknown }> {
  const limit = elements * RESPONSE_ELEMENT_BYTES + RESPONSE_OVERHEAD_BYTES;
  const bytes = utf8(body);
  // What is authenticated begins at /peer: a proxy may take the endpoint's own path away.
  const request = { method: "POST", path, body: digestBody(bytes) };
  const signal = AbortSignal.timeout(TIMEOUT_MS.call + elements * TIMEOUT_MS.element);
  let fresh = false;
  for (let tries = 1; ; tries += 1) {
    const outgoing = await authenticate(channel, holder, request);
    let answer: PeerAnswer;
    try {
      const url = new URL(peerAddress(holder.endpoint, path));
      const headers = { [REQUEST_HEADER]: outgoing.header };
      answer = await postPeer({ url, headers, body: bytes, limit, signal, fresh });
    } catch (cause) {
      fresh = cause instanceof StaleConnection;
      if (fresh && tries < TRIES) continue;
      throw new Fault("HOLDER_UNREACHABLE", { holder: holder.name }, cause);
    }
    const { status, headers, body: received } = answer;
    const mac = headers[RESPONSE_HEADER];
    const code = status === 200 ? undefined : refusalCode(jsonOf(received));
    if (typeof mac === "string") outgoing.verify(status, received, mac);
    else if (outgoing.unauthenticated(code) && tries < TRIES) continue;
    if (status !== 200) throw new HolderRefusal(status, code, mac !== undefined);
    if (mac === undefined) throw new Fault("CHANNEL_RESPONSE_INVALID", { member: holder.id });
    return { text: received.toString("utf8"), json: jsonOf(received) };
  }
}

async function authenticate(
  channel: PeerChannel,
  holder: EvaluateCall["holder"],
  request: Parameters<PeerChannel["authenticate"]>[1],
): Promise<OutgoingRequest> {
  try {
    return await channel.authenticate(holder.id, request);
  } catch (error) {
    if (!isFault(error, "CHANNEL_UNREACHABLE")) throw error;
    throw new Fault("HOLDER_UNREACHABLE", { holder: holder.name }, error);
  }
}
