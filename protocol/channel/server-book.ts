/**
 * The key agreements under way and the sessions with which others call this relayer, in bounded memory. Each method is one step
 * without a gap, so that neither a confirmation nor a request counts twice, however calls interleave.
 *
 * Strangers can begin agreements. Beyond the limit the oldest gives way: pushing out an agreement before its second message comes,
 * milliseconds later, would take more hellos a second than a processor answers (3 ms each).
 */
import { toHex, type Hex } from "../encoding/bytes.ts";
import type { FaultCode } from "../errors/catalogue.ts";
import { Fault, isFault } from "../errors/fault.ts";
import type { PeerCheck } from "./initiator.ts";
import type { Acceptance, Confirmation } from "./messages.ts";
import { verifyRequest, type ChannelRequest, type Exchange, type RequestCheck } from "./request.ts";
import type { RequestTag } from "./request-tag.ts";
import { accept, HANDSHAKE_SECONDS, type AwaitingConfirmation } from "./responder.ts";
import type { ServerSession } from "./session.ts";
import type { SessionId } from "./transcript.ts";

export interface ServerBookLimits {
  /** Agreements under way, of all who call. */
  readonly pending: number;
  /** Open sessions of one member; the oldest gives way. Two overlap while a session is replaced. */
  readonly sessionsPerPeer: number;
}

/**
 * Faults of a confirmation that are found by hashing alone: anybody on the way can cause them, so they end nothing. Any other comes
 * from whoever sent the hello, and after milliseconds of signatures: its next try costs it another hello.
 */
const CHEAP: readonly FaultCode[] = [
  "CHANNEL_HANDSHAKE_UNKNOWN",
  "CHANNEL_HANDSHAKE_EXPIRED",
  "CHANNEL_CONFIRMATION_INVALID",
  "CHANNEL_PEER_NOT_ACTIVE",
  "CHANNEL_CERTIFICATE_NOT_REGISTERED",
];

const DEFAULT_LIMITS: ServerBookLimits = { pending: 1024, sessionsPerPeer: 4 };

export interface ServerBook {
  /** Takes up an agreement after `respond`. */
  await(state: AwaitingConfirmation): void;
  /** The member that the agreement's hello named. @throws Fault CHANNEL_HANDSHAKE_UNKNOWN */
  initiatorOf(handshake: Uint8Array, at: number): number;
  /**
   * Completes the agreement, once. After a fault that took no signature to find it can be tried again until its time is over.
   * @throws Fault CHANNEL_HANDSHAKE_UNKNOWN and those of `accept`
   */
  accept(confirmation: Confirmation, check: PeerCheck): Acceptance;
  /** The member whose session this is. @throws Fault CHANNEL_SESSION_UNKNOWN, also for one that has ended */
  peerOf(id: SessionId, at: number): number;
  /** @throws Fault CHANNEL_SESSION_UNKNOWN and those of `verifyRequest` */
  verify(request: ChannelRequest, tag: RequestTag, check: RequestCheck): AcceptedRequest;
  drop(id: SessionId): void;
  dropPeer(member: number): void;
  sessions(): readonly ServerSession[];
}

export interface AcceptedRequest {
  readonly session: ServerSession;
  readonly exchange: Exchange;
}

export function createServerBook(limits: ServerBookLimits = DEFAULT_LIMITS): ServerBook {
  /** In the order of their beginning. */
  const awaiting = new Map<Hex, AwaitingConfirmation>();
  const open = new Map<Hex, ServerSession>();

  function pending(handshake: Uint8Array, at: number): AwaitingConfirmation {
    for (const [id, { startedAt }] of awaiting) {
      if (at - startedAt > HANDSHAKE_SECONDS) awaiting.delete(id);
    }
    const state = awaiting.get(toHex(handshake));
    if (!state) throw new Fault("CHANNEL_HANDSHAKE_UNKNOWN");
    return state;
  }

  function acceptPending(confirmation: Confirmation, check: PeerCheck): ReturnType<typeof accept> {
    const state = pending(confirmation.handshake, check.at);
    try {
      return accept(state, confirmation, check);
    } catch (error) {
      if (!isFault(error) || !CHEAP.includes(error.code)) awaiting.delete(toHex(confirmation.handshake));
      throw error;
    }
  }

  function sessionOf(id: SessionId, at: number): ServerSession {
    const session = open.get(toHex(id));
    if (session && at > session.expiresAt) open.delete(toHex(id));
    if (!session || at > session.expiresAt) throw new Fault("CHANNEL_SESSION_UNKNOWN");
    return session;
  }

  return {
    await(state) {
      const [oldest] = awaiting.keys();
      if (oldest !== undefined && awaiting.size >= limits.pending) awaiting.delete(oldest);
      awaiting.set(toHex(state.opening), state);
    },
    initiatorOf: (handshake, at) => pending(handshake, at).initiator,
    accept(confirmation, check) {
      const { session, acceptance } = acceptPending(confirmation, check);
      // Eight bytes may meet by chance, or by 2^64 tries: nobody's session gives way to another's.
      if (open.has(toHex(session.id))) throw new Fault("CHANNEL_HANDSHAKE_UNKNOWN");
      awaiting.delete(toHex(confirmation.handshake));
      const [oldest, ...rest] = [...open.keys()].filter((id) => open.get(id)?.peer === session.peer);
      if (oldest && rest.length + 1 >= limits.sessionsPerPeer) open.delete(oldest);
      open.set(toHex(session.id), session);
      return acceptance;
    },
    peerOf: (id, at) => sessionOf(id, at).peer,
    verify(request, tag, check) {
      const verified = verifyRequest(sessionOf(tag.session, check.at), request, tag, check);
      open.set(toHex(tag.session), verified.session);
      return verified;
    },
    drop: (id) => void open.delete(toHex(id)),
    dropPeer(member) {
      for (const [id, { peer }] of open) if (peer === member) open.delete(id);
    },
    sessions: () => [...open.values()],
  };
}
