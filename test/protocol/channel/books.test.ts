/** What both sides keep in memory: overlap while a session is replaced, bounds, and one effect for each message. */
import { expect } from "chai";
import { beforeEach, describe, it } from "mocha";

import { createClientBook, type ClientBook } from "../../../protocol/channel/client-book.ts";
import { confirm, finish, initiate } from "../../../protocol/channel/initiator.ts";
import type { LocalIdentity } from "../../../protocol/channel/parties.ts";
import { EMPTY_BODY, type ChannelRequest } from "../../../protocol/channel/request.ts";
import { HANDSHAKE_SECONDS, respond } from "../../../protocol/channel/responder.ts";
import { createServerBook, type ServerBook } from "../../../protocol/channel/server-book.ts";
import type { ClientSession } from "../../../protocol/channel/session.ts";
import type { Terms } from "../../../protocol/channel/terms.ts";
import { alpha, beta, check, expectFault, faultOf, mallory, NETWORK, NOW, peerOf, random } from "./fixtures.ts";

const request: ChannelRequest = { method: "GET", path: "/peer/v1/tables/0x00/1/1", body: EMPTY_BODY };
const here = { peer: peerOf(alpha), at: NOW };

function begin(book: ServerBook, self: LocalIdentity = alpha, at = NOW, terms?: Terms) {
  const { state, hello } = initiate({ self, responder: beta.member, network: NETWORK, random });
  const second = respond({ self: beta, network: NETWORK, random, at, ...(terms ? { terms } : {}) }, hello);
  book.await(second.state);
  return confirm(state, second.answer, check(peerOf(beta), { at }), random);
}

function open(book: ServerBook, self: LocalIdentity = alpha, at = NOW, terms?: Terms): ClientSession {
  const { state, confirmation } = begin(book, self, at, terms);
  return finish(state, book.accept(confirmation, check(peerOf(self), { at })));
}

describe("server book", () => {
  let book: ServerBook;
  beforeEach(() => {
    book = createServerBook({ pending: 3, sessionsPerPeer: 2 });
  });

  function ask(session: ClientSession, at = NOW) {
    const client = createClientBook();
    client.add(session);
    const { tag } = client.authenticate(beta.member, request, at)!;
    return book.verify(request, tag, { ...here, at });
  }

  it("completes an agreement once, however often the confirmation comes", () => {
    const { confirmation } = begin(book);
    expect(book.initiatorOf(confirmation.handshake, NOW)).to.equal(alpha.member);
    book.accept(confirmation, check(peerOf(alpha)));
    const replay = () => book.accept(confirmation, check(peerOf(alpha)));
    expectFault(replay, "CHANNEL_HANDSHAKE_UNKNOWN");
    expectFault(() => book.initiatorOf(confirmation.handshake, NOW), "CHANNEL_HANDSHAKE_UNKNOWN");
    expect(book.sessions()).to.have.length(1);
  });

  it("does not lose an agreement to a forged confirmation", () => {
    const { confirmation } = begin(book);
    const forged = { ...confirmation, mac: new Uint8Array(32) };
    expectFault(() => book.accept(forged, check(peerOf(alpha))), "CHANNEL_CONFIRMATION_INVALID");
    expectFault(() => book.accept(confirmation, check(undefined)), "CHANNEL_PEER_NOT_ACTIVE");
    expect(book.accept(confirmation, check(peerOf(alpha))).mac).to.have.length(32);
  });

  it("looks at a false signature once for each hello: a stranger can have the MAC right", () => {
    // Alpha's certificate is no secret: it is in every answer of alpha's.
    const { confirmation } = begin(book, { ...alpha, key: mallory.key });
    expectFault(() => book.accept(confirmation, check(peerOf(alpha))), "CHANNEL_SIGNATURE_INVALID");
    expectFault(() => book.accept(confirmation, check(peerOf(alpha))), "CHANNEL_HANDSHAKE_UNKNOWN");
  });

  it("forgets agreements that are not completed in time, and the oldest when there are too many", () => {
    const late = begin(book).confirmation;
    const at = NOW + HANDSHAKE_SECONDS + 1;
    expectFault(() => book.accept(late, check(peerOf(alpha), { at })), "CHANNEL_HANDSHAKE_UNKNOWN");
    const four = [1, 2, 3, 4].map(() => begin(book).confirmation);
    expectFault(() => book.initiatorOf(four[0]!.handshake, NOW), "CHANNEL_HANDSHAKE_UNKNOWN");
    for (const { handshake } of four.slice(1)) expect(book.initiatorOf(handshake, NOW)).to.equal(alpha.member);
  });

  it("counts each request once", () => {
    const client = createClientBook();
    client.add(open(book));
    const { tag } = client.authenticate(beta.member, request, NOW)!;
    expect(book.peerOf(tag.session, NOW)).to.equal(alpha.member);
    book.verify(request, tag, here);
    expectFault(() => book.verify(request, tag, here), "CHANNEL_REPLAYED");
  });

  it("serves the old session while the new one is there, and no third", () => {
    const [first, second, third] = [open(book), open(book), open(book)];
    expect(faultOf(() => ask(first)).code).to.equal("CHANNEL_SESSION_UNKNOWN");
    expect(() => ask(second)).not.to.throw();
    expect(() => ask(third)).not.to.throw();
    // Another member's sessions are not touched by it.
    open(book, mallory);
    expect(book.sessions()).to.have.length(3);
    expectFault(() => ask(third), "CHANNEL_REPLAYED");
  });

  it("ends sessions by time, by id and by member", () => {
    const session = open(book);
    expectFault(() => book.peerOf(session.id, session.expiresAt + 1), "CHANNEL_SESSION_UNKNOWN");
    expect(book.sessions()).to.have.length(0);
    const [a, b] = [open(book), open(book)];
    book.drop(a.id);
    expectFault(() => ask(a), "CHANNEL_SESSION_UNKNOWN");
    open(book, mallory);
    book.dropPeer(alpha.member);
    expectFault(() => ask(b), "CHANNEL_SESSION_UNKNOWN");
    expect(book.sessions().map(({ peer }) => peer)).to.deep.equal([mallory.member]);
  });
});

describe("client book", () => {
  let server: ServerBook;
  let book: ClientBook;
  beforeEach(() => {
    server = createServerBook();
    book = createClientBook();
  });

  it("wants a session where there is none, and none where there is a fresh one", () => {
    expect(book.wanted(beta.member, NOW)).to.equal(true);
    expect(book.authenticate(beta.member, request, NOW)).to.equal(undefined);
    book.add(open(server));
    expect(book.wanted(beta.member, NOW)).to.equal(false);
    expect(book.wanted(mallory.member, NOW)).to.equal(true);
  });

  it("gives no number twice, also when the session was added before", () => {
    book.add(open(server));
    const tags = [1, 2, 3].map(() => book.authenticate(beta.member, request, NOW)!.tag);
    expect(tags.map(({ sequence }) => sequence)).to.deep.equal([1, 2, 3]);
    for (const tag of tags) server.verify(request, tag, here);
  });

  it("goes over to the next session without a gap: the old one carries requests until then", () => {
    const terms = { lifetimeSeconds: 100, maximumRequests: 1000 };
    book.add(open(server, alpha, NOW, terms));
    const at = NOW + 80;
    expect(book.wanted(beta.member, at)).to.equal(true);
    const before = book.authenticate(beta.member, request, at)!;
    const next = open(server, alpha, at, terms);
    const between = book.authenticate(beta.member, request, at)!;
    book.add(next);
    expect(book.wanted(beta.member, at)).to.equal(false);
    const after = book.authenticate(beta.member, request, at)!;
    expect(before.tag.session).to.deep.equal(between.tag.session);
    expect(after.tag.session).to.deep.equal(next.id);
    for (const { tag } of [after, between, before]) {
      expect(() => server.verify(request, tag, { peer: peerOf(alpha), at })).not.to.throw();
    }
  });

  it("falls back to nothing when sessions are spent, expired or dropped", () => {
    book.add(open(server, alpha, NOW, { lifetimeSeconds: 100, maximumRequests: 1 }));
    expect(book.authenticate(beta.member, request, NOW)).not.to.equal(undefined);
    expect(book.authenticate(beta.member, request, NOW)).to.equal(undefined);
    const session = open(server);
    book.add(session);
    expect(book.authenticate(beta.member, request, session.expiresAt + 1)).to.equal(undefined);
    expect(book.sessions()).to.have.length(0);
    for (const drop of [(id: typeof session.id) => book.drop(id), () => book.dropPeer(beta.member)]) {
      const another = open(server);
      book.add(another);
      drop(another.id);
      expect(book.wanted(beta.member, NOW)).to.equal(true);
    }
  });
});
