/** The side that is called: answers key agreements, and says who sent a request. */
import type { Acceptance, Answer } from "../../../protocol/channel/messages.ts";
import { parseConfirmation, parseHello } from "../../../protocol/channel/messages.ts";
import type { ChannelNetwork } from "../../../protocol/channel/parties.ts";
import { authenticateResponse, digestBody } from "../../../protocol/channel/request.ts";
import { formatResponseMac, parseRequestTag } from "../../../protocol/channel/request-tag.ts";
import { respond } from "../../../protocol/channel/responder.ts";
import type { ServerBook } from "../../../protocol/channel/server-book.ts";
import { Fault } from "../../../protocol/errors/fault.ts";
import type { RelayerContext } from "../../context.ts";
import type { Identity } from "./identity.ts";
import type { FindPeer } from "./peers.ts";

export interface PeerRequest {
  /** Upper case. */
  readonly method: string;
  /** Path with query, as in the request line. */
  readonly path: string;
  /** As it came; empty for a request without one. */
  readonly body: Uint8Array;
}

export interface PeerCaller {
  /** Id of the member that sent the request. */
  readonly member: number;
  /** Value of the response's header. */
  authenticate(status: number, body: Uint8Array): string;
}

export interface ChannelServer {
  /** @throws Fault CHANNEL_MESSAGE_MALFORMED, CHANNEL_PARTIES_WRONG, CHANNEL_PEER_NOT_ACTIVE; 3.5 ms otherwise */
  hello(body: unknown): Promise<Answer>;
  /** @throws Fault CHANNEL_MESSAGE_MALFORMED and those of `accept` */
  confirm(body: unknown): Promise<Acceptance>;
  /** Who sent this request, just now and for the first time. @throws Fault CHANNEL_TAG_MALFORMED and those of `verifyRequest` */
  verify(request: PeerRequest, header: string | undefined): Promise<PeerCaller>;
}

export interface ChannelServerDependencies extends Pick<RelayerContext, "clock" | "random" | "log"> {
  readonly network: ChannelNetwork;
  readonly identity: Identity;
  readonly findPeer: FindPeer;
  readonly book: ServerBook;
  /** A member opened a session: it is up. */
  readonly opened: (member: number) => void;
}

export function createChannelServer(ctx: ChannelServerDependencies): ChannelServer {
  const { network, identity, findPeer, book, random } = ctx;
  const now = (): number => ctx.clock().getTime() / 1000;

  return {
    async hello(body) {
      const hello = parseHello(body);
      const self = await identity.self();
      // Nothing is computed for whom nobody could be; who it really is shows at the confirmation.
      if (hello.responder === self.member && hello.initiator !== self.member && !(await findPeer(hello.initiator))) {
        throw new Fault("CHANNEL_PEER_NOT_ACTIVE", { member: hello.initiator });
      }
      const { state, answer } = respond({ self, network, random, at: now() }, hello);
      book.await(state);
      return answer;
    },
    async confirm(body) {
      const confirmation = parseConfirmation(body);
      const trust = await identity.trust();
      const member = book.initiatorOf(confirmation.handshake, now());
      const peer = await findPeer(member);
      const acceptance = book.accept(confirmation, { peer, trust, at: now() });
      ctx.log.debug({ peer: member }, "a member opened a session");
      ctx.opened(member);
      return acceptance;
    },
    async verify({ method, path, body }, header) {
      const tag = parseRequestTag(header);
      const peer = await findPeer(book.peerOf(tag.session, now()));
      const request = { method, path, body: digestBody(body) };
      const { session, exchange } = book.verify(request, tag, { peer, at: now() });
      return {
        member: session.peer,
        authenticate: (status, sent) =>
          formatResponseMac(authenticateResponse(session, exchange, { status, body: digestBody(sent) })),
      };
    },
  };
}
