/**
 * The side that calls: sessions with the other members, agreed on ahead of need, replaced before they run out, and given up when
 * the other side, the registry or the revocation lists say so.
 */
import type { ClientBook } from "../../../protocol/channel/client-book.ts";
import { requireRegistered } from "../../../protocol/channel/parties.ts";
import { digestBody, verifyResponse, type ChannelRequest } from "../../../protocol/channel/request.ts";
import { formatRequestTag, parseResponseMac } from "../../../protocol/channel/request-tag.ts";
import type { ClientSession } from "../../../protocol/channel/session.ts";
import type { FaultCode } from "../../../protocol/errors/catalogue.ts";
import { Fault, isFault } from "../../../protocol/errors/fault.ts";
import type { MemberInfo } from "../../chain/chain-view.ts";
import type { RelayerContext } from "../../context.ts";
import { agree, type AgreeDependencies } from "./agree.ts";
import { createBackOff } from "./back-off.ts";

/** What a relayer says that has lost the session, or takes this side's certificate no more: a new agreement is the remedy. */
const LOST: readonly FaultCode[] = [
  "CHANNEL_SESSION_UNKNOWN",
  "CHANNEL_SESSION_EXPIRED",
  "CHANNEL_SESSION_SPENT",
  "CHANNEL_CERTIFICATE_NOT_REGISTERED",
];
/** Background agreements at once: each takes 10 ms of a core here. */
const AT_ONCE = 4;
/** Sessions tried for one request: more are only wanted by a peer whose sessions carry next to nothing. */
const TRIES = 4;
/**
 * A session as new as this was lost by no restart since: a peer that opens one to us has ours, and one that says it has lost it is
 * left alone for a while.
 */
const RECENT_S = 10;

export interface OutgoingRequest {
  /** Value of the request's header, for one sending. */
  readonly header: string;
  /** The answer is the peer's, to this request. @throws Fault CHANNEL_RESPONSE_INVALID, CHANNEL_TAG_MALFORMED */
  verify(status: number, body: Uint8Array, header: string): void;
  /** Takes note of an answer without a MAC. Whether the session is gone, and another try with a new one makes sense. */
  unauthenticated(code: FaultCode | undefined): boolean;
}

export interface PeerChannel {
  /**
   * The next request to a member. Where there is no session it is agreed on first, once for all who wait.
   * @throws Fault CHANNEL_PEER_NOT_ACTIVE, and those of an agreement, also of one that failed a moment ago
   */
  authenticate(member: number, request: ChannelRequest): Promise<OutgoingRequest>;
}

export interface ChannelClient extends PeerChannel {
  /** Agrees in the background where a session is missing or nearly used up. */
  agreeAhead(): Promise<void>;
  /** Has every session replaced: this relayer has another certificate. */
  renewAll(): void;
  /** A member opened a session with us: it is up, and may have been restarted. */
  seen(member: number): void;
  /** Ends agreements under way. */
  close(): Promise<void>;
}

export interface ChannelClientDependencies extends AgreeDependencies, Pick<RelayerContext, "log"> {
  readonly book: ClientBook;
  readonly chain: Pick<RelayerContext["chain"], "me" | "member" | "members">;
}

export function createChannelClient(ctx: ChannelClientDependencies): ChannelClient {
  const { book, chain } = ctx;
  const backOff = createBackOff();
  const underWay = new Map<number, Promise<void>>();
  /** Seconds of the last agreement with each member. */
  const agreedAt = new Map<number, number>();
  const renewing = new Set<number>();
  const stop = new AbortController();

  const now = (): number => ctx.clock().getTime() / 1000;
  const wanted = (member: number): boolean => renewing.has(member) || book.wanted(member, now());

  /** One agreement with a member at a time; who comes meanwhile waits for it. */
  async function session(member: number): Promise<void> {
    const known = underWay.get(member);
    if (known) {
      await known;
      return;
    }
    const reason = backOff.reason(member, now());
    if (reason) throw reason;
    const agreeing = open(member).finally(() => underWay.delete(member));
    underWay.set(member, agreeing);
    await agreeing;
  }

  async function open(member: number): Promise<void> {
    try {
      book.add(await agree(ctx, await chain.member(member), stop.signal));
      agreedAt.set(member, now());
      renewing.delete(member);
      ctx.log.debug({ peer: member }, "session agreed");
    } catch (error) {
      const fault = isFault(error) ? error : new Fault("CHANNEL_UNREACHABLE", { member }, error);
      backOff.failed(member, fault, now());
      throw fault;
    }
  }

  function inBackground(member: number): Promise<void> {
    return session(member).catch((error: unknown) => {
      const code = isFault(error) ? error.code : "INTERNAL";
      if (!stop.signal.aborted) ctx.log.debug({ peer: member, code, err: error }, "no session; it is tried again");
    });
  }

  async function authenticate(member: number, request: ChannelRequest): Promise<OutgoingRequest> {
    const peer = await ctx.findPeer(member);
    if (!peer) {
      book.dropPeer(member);
      throw new Fault("CHANNEL_PEER_NOT_ACTIVE", { member });
    }
    for (let tries = 0; tries < TRIES; tries += 1) {
      const made = book.authenticate(member, request, now());
      if (!made) {
        await session(member);
        continue;
      }
      if (!isRegistered(member, made.session.peerCertificate.digest, peer)) {
        book.drop(made.session.id);
        continue;
      }
      return {
        header: formatRequestTag(made.tag),
        verify(status, body, header) {
          const response = { status, body: digestBody(body) };
          verifyResponse(made.session, made.exchange, response, parseResponseMac(header));
          backOff.succeeded(member);
        },
        unauthenticated(code) {
          if (code === undefined || !LOST.includes(code)) return false;
          lost(member, made.session, code);
          return true;
        },
      };
    }
    throw new Fault("CHANNEL_UNREACHABLE", { member });
  }

  /** Of many requests that hear of it, the first does this. */
  function lost(member: number, { id, keys, startedAt }: ClientSession, code: FaultCode): void {
    const sessions = book.sessions().filter(({ peer }) => peer === member);
    if (!sessions.some((session) => session.keys === keys)) return;
    // Whoever has lost the newest has lost those before it.
    if (sessions.at(-1)?.keys === keys) book.dropPeer(member);
    else book.drop(id);
    // Nobody vouches for that answer: who only says so must not have us agree as fast as it can speak.
    if (now() - startedAt < RECENT_S) backOff.failed(member, new Fault("CHANNEL_REFUSED", { member, code }), now());
  }

  async function agreeAhead(): Promise<void> {
    const me = await chain.me();
    if (me.status !== "Active") return;
    for (const { id } of (await chain.members()).filter((member) => isCallable(member, me))) {
      if (underWay.size >= AT_ONCE) return;
      if (!underWay.has(id) && wanted(id) && !backOff.reason(id, now())) void inBackground(id);
    }
  }

  return {
    authenticate,
    agreeAhead,
    renewAll() {
      for (const { peer } of book.sessions()) renewing.add(peer);
    },
    seen(member) {
      backOff.succeeded(member);
      if (now() - (agreedAt.get(member) ?? -Infinity) > RECENT_S) renewing.add(member);
    },
    async close() {
      stop.abort();
      await Promise.allSettled(underWay.values());
    },
  };
}

function isCallable({ id, status, endpoint }: MemberInfo, me: MemberInfo): boolean {
  return id !== me.id && status === "Active" && endpoint !== "";
}

function isRegistered(...[member, digest, peer]: Parameters<typeof requireRegistered>): boolean {
  try {
    requireRegistered(member, digest, peer);
    return true;
  } catch (error) {
    if (isFault(error, "CHANNEL_CERTIFICATE_NOT_REGISTERED")) return false;
    throw error;
  }
}
