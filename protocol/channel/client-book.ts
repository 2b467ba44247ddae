/**
 * The sessions with which this relayer calls others: the newest usable one for each, and when to agree on the next. Each method
 * is one step without a gap: no two requests get one number.
 */
import { toHex, type Hex } from "../encoding/bytes.ts";
import { authenticateRequest, type ChannelRequest, type Exchange } from "./request.ts";
import type { RequestTag } from "./request-tag.ts";
import { wantsRekey, type ClientSession } from "./session.ts";
import type { SessionId } from "./transcript.ts";

export interface AuthenticatedRequest {
  readonly session: ClientSession;
  readonly tag: RequestTag;
  readonly exchange: Exchange;
}

export interface ClientBook {
  /** Takes up a new session. The one before stays until it ends, for its responses under way. */
  add(session: ClientSession): void;
  /** Whether to agree on a session with this member now: there is none, or the newest one is nearly used up. */
  wanted(member: number, at: number): boolean;
  /** The next request to this member, by the newest session; undefined if none can carry it. */
  authenticate(member: number, request: ChannelRequest, at: number): AuthenticatedRequest | undefined;
  /** The other side does not know the session any more, or it must not be used any longer. */
  drop(id: SessionId): void;
  dropPeer(member: number): void;
  sessions(): readonly ClientSession[];
}

export function createClientBook(): ClientBook {
  /** Of each member, in the order in which they were agreed. */
  const byPeer = new Map<number, Map<Hex, ClientSession>>();

  function newest(member: number, at: number): ClientSession | undefined {
    const sessions = byPeer.get(member) ?? new Map<Hex, ClientSession>();
    for (const [id, { expiresAt, sequence, maximumRequests }] of sessions) {
      if (at > expiresAt || sequence >= maximumRequests) sessions.delete(id);
    }
    return [...sessions.values()].at(-1);
  }

  return {
    add(session) {
      const sessions = byPeer.get(session.peer) ?? new Map<Hex, ClientSession>();
      byPeer.set(session.peer, sessions);
      sessions.set(toHex(session.id), session);
    },
    wanted(member, at) {
      const session = newest(member, at);
      return session === undefined || wantsRekey(session, at);
    },
    authenticate(member, request, at) {
      const session = newest(member, at);
      if (!session) return undefined;
      const authenticated = authenticateRequest(session, request, at);
      byPeer.get(member)?.set(toHex(session.id), authenticated.session);
      return authenticated;
    },
    drop(id) {
      for (const sessions of byPeer.values()) sessions.delete(toHex(id));
    },
    dropPeer: (member) => void byPeer.delete(member),
    sessions: () => [...byPeer.values()].flatMap((sessions) => [...sessions.values()]),
  };
}
