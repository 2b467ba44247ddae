/** One JSON call to another member's relayer, over the channel. What comes back is bounded, and authenticated before it is looked at. */
import { digestBody } from "../../../protocol/channel/request.ts";
import { REQUEST_HEADER, RESPONSE_HEADER } from "../../../protocol/channel/request-tag.ts";
import { utf8 } from "../../../protocol/encoding/bytes.ts";
import type { FaultCode } from "../../../protocol/errors/catalogue.ts";
import { Fault } from "../../../protocol/errors/fault.ts";
import type { PeerChannel } from "../channel/client.ts";
import { peerAddress } from "./peer-address.ts";
import { jsonOf, postPeer, StaleConnection, type PeerAnswer } from "./peer-http.ts";
import { refusalCode } from "./refusal-code.ts";

/** The first may meet a connection that was closed, or a relayer that has lost the session; then both. */
const TRIES = 3;

/** The other side's own word that it does not do this, with its code if it is one of ours. */
export class PeerRefusal extends Error {
  readonly member: number;
  readonly status: number;
  readonly code: FaultCode | undefined;

  constructor(member: number, status: number, code: FaultCode | undefined) {
    super(`member ${String(member)} refused: ${String(status)} ${code ?? ""}`);
    this.name = "PeerRefusal";
    this.member = member;
    this.status = status;
    this.code = code;
  }
}

export interface PeerCall {
  readonly peer: { readonly id: number; readonly endpoint: string };
  readonly path: `/peer/v1/${string}`;
  readonly body: unknown;
  /** Largest answer, in bytes. */
  readonly limit: number;
  readonly timeoutMs: number;
}

/**
 * The parsed answer, undefined for what is no JSON.
 * @throws Fault PEER_UNREACHABLE, CHANNEL_*, CERTIFICATE_*, REVOCATION_LIST_*, ENDPOINT_UNUSABLE, or a PeerRefusal
 */
export async function callPeer(channel: PeerChannel, call: PeerCall): Promise<unknown> {
  const { peer, path, limit, timeoutMs } = call;
  const body = utf8(JSON.stringify(call.body));
  const request = { method: "POST", path, body: digestBody(body) };
  const signal = AbortSignal.timeout(timeoutMs);
  let fresh = false;
  for (let tries = 1; ; tries += 1) {
    const outgoing = await channel.authenticate(peer.id, request);
    let answer: PeerAnswer;
    try {
      const url = new URL(peerAddress(peer.endpoint, path));
      answer = await postPeer({ url, headers: { [REQUEST_HEADER]: outgoing.header }, body, limit, signal, fresh });
    } catch (cause) {
      fresh = cause instanceof StaleConnection;
      if (fresh && tries < TRIES) continue;
      throw new Fault("PEER_UNREACHABLE", { member: peer.id }, cause);
    }
    const { status, headers, body: received } = answer;
    const mac = headers[RESPONSE_HEADER];
    const code = status === 200 ? undefined : refusalCode(jsonOf(received));
    if (typeof mac === "string") outgoing.verify(status, received, mac);
    else if (outgoing.unauthenticated(code) && tries < TRIES) continue;
    // Anybody between the two relayers could have said it.
    if (typeof mac !== "string") throw new Fault("PEER_UNREACHABLE", { member: peer.id });
    if (status !== 200) throw new PeerRefusal(peer.id, status, code);
    return jsonOf(received);
  }
}
