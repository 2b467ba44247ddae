/**
 * Requests and responses of an open session, authenticated by HMAC-SM3: some 10 microseconds, and SM3 of the body. A request is bound
 * to its session, direction, number, time, method, path and body; a response to its request, status and body.
 *
 * Bodies are not encrypted here: confidentiality on the way is TLS's.
 */
import { bytesEqual, lengthPrefixed, uint, utf8 } from "../encoding/bytes.ts";
import { sm3 } from "../encoding/digest.ts";
import { Fault } from "../errors/fault.ts";
import { hmacSm3 } from "../sm/hmac-sm3.ts";
import { requireRegistered, type Peer } from "./parties.ts";
import { receive } from "./replay-window.ts";
import type { RequestTag } from "./request-tag.ts";
import { requireOpen, type ClientSession, type ServerSession } from "./session.ts";
import { PROTOCOL } from "./transcript.ts";

export const CLOCK_SKEW_SECONDS = 60;
const REQUEST = utf8(`${PROTOCOL}/request`);
const RESPONSE = utf8(`${PROTOCOL}/response`);

declare const bodyBrand: unique symbol;

/** SM3 of a body, 32 bytes. */
export type BodyDigest = Uint8Array & { readonly [bodyBrand]: true };

export function digestBody(body: Uint8Array): BodyDigest {
  return sm3(body) as BodyDigest;
}

/** Of a request or response without a body. */
export const EMPTY_BODY: BodyDigest = digestBody(new Uint8Array(0));

export interface ChannelRequest {
  /** Upper case. */
  readonly method: string;
  /** Path with query, as in the request line. */
  readonly path: string;
  readonly body: BodyDigest;
}

export interface ChannelResponse {
  /** HTTP status. */
  readonly status: number;
  readonly body: BodyDigest;
}

/** A request that was sent or accepted: what its response is bound to. */
export interface Exchange {
  readonly sequence: number;
  readonly requestMac: Uint8Array;
}

/**
 * The next request of the session. The returned session replaces the given one before anything else is authenticated with it:
 * a number that is used twice is refused by the other side.
 * @throws Fault CHANNEL_SESSION_EXPIRED, CHANNEL_SESSION_SPENT
 */
export function authenticateRequest(
  session: ClientSession,
  request: ChannelRequest,
  at: number,
): { readonly session: ClientSession; readonly tag: RequestTag; readonly exchange: Exchange } {
  const sequence = session.sequence + 1;
  requireOpen(session, sequence, at);
  const time = Math.floor(at);
  const mac = requestMac(session, request, sequence, time);
  return {
    session: { ...session, sequence },
    tag: { session: session.id, sequence, time, mac },
    exchange: { sequence, requestMac: mac },
  };
}

export interface RequestCheck {
  /** The session's peer as the registry has it now; undefined if it is not active. */
  readonly peer: Peer | undefined;
  /** Unix seconds. */
  readonly at: number;
}

/**
 * Whether the session's peer sent this request, just now and for the first time. The returned session replaces the given one
 * before anything else is verified with it.
 * @throws Fault CHANNEL_SESSION_UNKNOWN, CHANNEL_SESSION_EXPIRED, CHANNEL_SESSION_SPENT, CHANNEL_REQUEST_INVALID, CHANNEL_CLOCK_SKEW,
 * CHANNEL_PEER_NOT_ACTIVE, CHANNEL_CERTIFICATE_NOT_REGISTERED, CHANNEL_REPLAYED, CHANNEL_SEQUENCE_STALE
 */
export function verifyRequest(
  session: ServerSession,
  request: ChannelRequest,
  tag: RequestTag,
  { peer, at }: RequestCheck,
): { readonly session: ServerSession; readonly exchange: Exchange } {
  const { sequence, time, mac } = tag;
  if (!bytesEqual(tag.session, session.id)) throw new Fault("CHANNEL_SESSION_UNKNOWN");
  if (!bytesEqual(requestMac(session, request, sequence, time), mac)) throw new Fault("CHANNEL_REQUEST_INVALID");
  requireOpen(session, sequence, at);
  const seconds = Math.abs(Math.floor(at) - time);
  if (!(seconds <= CLOCK_SKEW_SECONDS)) {
    throw new Fault("CHANNEL_CLOCK_SKEW", { seconds, limit: CLOCK_SKEW_SECONDS });
  }
  requireRegistered(session.peer, session.peerCertificate.digest, peer);
  const window = receive(session.window, sequence);
  return { session: { ...session, window }, exchange: { sequence, requestMac: mac } };
}

/** MAC of the response to an accepted request, 32 bytes. */
export function authenticateResponse(
  session: ServerSession,
  exchange: Exchange,
  response: ChannelResponse,
): Uint8Array {
  return responseMac(session, exchange, response);
}

/** @throws Fault CHANNEL_RESPONSE_INVALID unless this is the peer's response to this very request */
export function verifyResponse(
  session: ClientSession,
  exchange: Exchange,
  response: ChannelResponse,
  mac: Uint8Array,
): void {
  if (!bytesEqual(responseMac(session, exchange, response), mac)) {
    throw new Fault("CHANNEL_RESPONSE_INVALID", { member: session.peer });
  }
}

function requestMac(
  { id, keys }: ClientSession | ServerSession,
  { method, path, body }: ChannelRequest,
  sequence: number,
  time: number,
): Uint8Array {
  const fields = [id, uint(sequence, 6), uint(time, 6), utf8(method), utf8(path), body];
  return hmacSm3(keys.request, lengthPrefixed(REQUEST, ...fields));
}

function responseMac(
  { id, keys }: ClientSession | ServerSession,
  exchange: Exchange,
  { status, body }: ChannelResponse,
): Uint8Array {
  const fields = [id, uint(exchange.sequence, 6), exchange.requestMac, uint(status, 2), body];
  return hmacSm3(keys.response, lengthPrefixed(RESPONSE, ...fields));
}
