/** An open session, as each side holds it in memory. It holds keys: it is never stored, logged or sent. */
import type { Certificate } from "../certificates/certificate.ts";
import { validateChain, type Trust } from "../certificates/validate-chain.ts";
import { Fault } from "../errors/fault.ts";
import type { MacKey, SessionKeys } from "./key-schedule.ts";
import type { ReplayWindow } from "./replay-window.ts";
import type { Terms } from "./terms.ts";
import type { SessionId } from "./transcript.ts";

interface Session {
  readonly id: SessionId;
  readonly keys: { readonly request: MacKey; readonly response: MacKey };
  /** Member id and certificate of the other side. */
  readonly peer: number;
  readonly peerCertificate: Certificate;
  /** Unix seconds; not later than either certificate's end. */
  readonly startedAt: number;
  readonly expiresAt: number;
  readonly maximumRequests: number;
}

/** The initiator's side: it sends requests. */
export interface ClientSession extends Session {
  readonly kind: "client-session";
  /** Number of the last request sent; 0 before the first. */
  readonly sequence: number;
}

/** The responder's side: it answers them. */
export interface ServerSession extends Session {
  readonly kind: "server-session";
  readonly window: ReplayWindow;
}

export interface SessionFacts {
  readonly id: SessionId;
  readonly keys: SessionKeys;
  readonly peer: number;
  readonly peerCertificate: Certificate;
  readonly ownCertificate: Certificate;
  readonly terms: Terms;
  readonly at: number;
}

export function createSession(facts: SessionFacts): Session {
  const { id, keys, peer, peerCertificate, ownCertificate, terms, at } = facts;
  return {
    id,
    keys,
    peer,
    peerCertificate,
    startedAt: at,
    expiresAt: Math.min(at + terms.lifetimeSeconds, peerCertificate.notAfter, ownCertificate.notAfter),
    maximumRequests: terms.maximumRequests,
  };
}

/** @throws Fault CHANNEL_SESSION_EXPIRED, CHANNEL_SESSION_SPENT for the request with number `sequence` */
export function requireOpen({ expiresAt, maximumRequests }: Session, sequence: number, at: number): void {
  if (!(at <= expiresAt)) {
    throw new Fault("CHANNEL_SESSION_EXPIRED", { expiresAt: new Date(expiresAt * 1000).toISOString() });
  }
  if (sequence > maximumRequests) throw new Fault("CHANNEL_SESSION_SPENT", { maximumRequests });
}

/**
 * Whether it is time to agree on the next session: three quarters of the time or of the requests are used. The old session
 * stays usable meanwhile, on both sides.
 */
export function wantsRekey({ startedAt, expiresAt, sequence, maximumRequests }: ClientSession, at: number): boolean {
  return at - startedAt >= 0.75 * (expiresAt - startedAt) || sequence >= 0.75 * maximumRequests;
}

/**
 * Looks at the peer's certificate again, after a new revocation list or trust list came. About 3 ms.
 * @throws Fault of {@link validateChain}; the session must then be closed
 */
export function recheckPeer({ peerCertificate }: ClientSession | ServerSession, trust: Trust, at: number): void {
  validateChain({ ...trust, certificate: peerCertificate, at });
}
