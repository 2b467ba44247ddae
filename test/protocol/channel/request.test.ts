import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";

import { utf8 } from "../../../protocol/encoding/bytes.ts";
import {
  authenticateRequest,
  authenticateResponse,
  CLOCK_SKEW_SECONDS,
  digestBody,
  EMPTY_BODY,
  verifyRequest,
  verifyResponse,
  type ChannelRequest,
} from "../../../protocol/channel/request.ts";
import {
  formatRequestTag,
  formatResponseMac,
  parseRequestTag,
  parseResponseMac,
  type RequestTag,
} from "../../../protocol/channel/request-tag.ts";
import { WINDOW } from "../../../protocol/channel/replay-window.ts";
import { recheckPeer, wantsRekey, type ClientSession, type ServerSession } from "../../../protocol/channel/session.ts";
import { revocationList } from "../certificates/fixtures.ts";
import { flipBit, runs } from "../sm/fixtures.ts";
import { agree, alpha, beta, expectFault, mallory, NOW, party, peerOf, root, trust } from "./fixtures.ts";

const { client, server } = agree();
const request: ChannelRequest = {
  method: "POST",
  path: "/peer/v1/evaluate?lane=3",
  body: digestBody(utf8('{"elements":[]}')),
};
const peer = peerOf(alpha);
const here = { peer, at: NOW };
const one = authenticateRequest(client, request, NOW);

/** `count` requests one after another, as the client sends them. */
function send(session: ClientSession, count: number): { tags: RequestTag[]; session: ClientSession } {
  const tags: RequestTag[] = [];
  let current = session;
  for (let index = 0; index < count; index++) {
    const next = authenticateRequest(current, request, NOW);
    tags.push(next.tag);
    current = next.session;
  }
  return { tags, session: current };
}

function receiveAll(session: ServerSession, tags: readonly RequestTag[]): ServerSession {
  return tags.reduce((current, tag) => verifyRequest(current, request, tag, here).session, session);
}

describe("requests of a session", () => {
  it("are accepted once, in the header's form", () => {
    const tag = parseRequestTag(formatRequestTag(one.tag));
    expect(tag).to.deep.equal(one.tag);
    const { session, exchange } = verifyRequest(server, request, tag, here);
    expect(exchange).to.deep.equal(one.exchange);
    expectFault(() => verifyRequest(session, request, tag, here), "CHANNEL_REPLAYED");
  });

  it("count up from 1 and are never the same twice", () => {
    const { tags } = send(client, 3);
    expect(tags.map(({ sequence }) => sequence)).to.deep.equal([1, 2, 3]);
    expect(new Set(tags.map(formatRequestTag)).size).to.equal(3);
  });

  it("are refused with any field changed", () => {
    const other = [
      { ...request, method: "GET" },
      { ...request, method: "post" },
      { ...request, path: "/peer/v1/evaluate?lane=4" },
      { ...request, path: "/peer/v1/evaluate" },
      { ...request, body: EMPTY_BODY },
      // One field's end moved to the next one's beginning.
      { ...request, method: "POST/", path: "peer/v1/evaluate?lane=3" },
    ];
    for (const changed of other) {
      expectFault(() => verifyRequest(server, changed, one.tag, here), "CHANNEL_REQUEST_INVALID");
    }
    for (const changed of [
      { ...one.tag, sequence: 2 },
      { ...one.tag, time: NOW + 1 },
    ]) {
      expectFault(() => verifyRequest(server, request, changed, here), "CHANNEL_REQUEST_INVALID");
    }
    fc.assert(
      fc.property(fc.nat({ max: 52 * 8 - 1 }), (bit) => {
        const header = Buffer.from(formatRequestTag(one.tag), "base64url");
        const changed = parseRequestTag(Buffer.from(flipBit(header, bit)).toString("base64url"));
        const code = bit < 8 * 8 ? "CHANNEL_SESSION_UNKNOWN" : "CHANNEL_REQUEST_INVALID";
        expectFault(() => verifyRequest(server, request, changed, here), code);
      }),
      { numRuns: runs(200) },
    );
    fc.assert(
      fc.property(fc.nat({ max: 32 * 8 - 1 }), (bit) => {
        const changed = { ...request, body: flipBit(request.body, bit) as typeof request.body };
        expectFault(() => verifyRequest(server, changed, one.tag, here), "CHANNEL_REQUEST_INVALID");
      }),
    );
  });

  it("are refused in a header that is cut, long, padded or in another alphabet", () => {
    const header = formatRequestTag(one.tag);
    expect(header).to.have.length(70);
    for (const bad of [
      undefined,
      "",
      header.slice(0, -1),
      header.slice(0, -4),
      `${header}AAAA`,
      `${header}=`,
      ` ${header}`,
      "+".repeat(70),
      "A".repeat(1_000_000),
    ]) {
      expectFault(() => parseRequestTag(bad), "CHANNEL_TAG_MALFORMED");
    }
  });

  it("have no sixteen bytes or characters in common with each other", () => {
    const headers = send(client, 600).tags.map(formatRequestTag);
    const runs = (bytes: Buffer): string[] =>
      Array.from({ length: bytes.length - 15 }, (_, at) => bytes.toString("latin1", at, at + 16));
    const seen = new Set<string>();
    for (const header of headers) {
      const own = new Set([...runs(Buffer.from(header)), ...runs(Buffer.from(header, "base64url"))]);
      expect([...own].filter((run) => seen.has(run))).to.deep.equal([]);
      for (const run of own) seen.add(run);
    }
  });

  it("arrive in any order within the window, each once", () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([...Array(40).keys()], { minLength: 2 }), (order) => {
        const { tags } = send(client, 40);
        const picked = order.map((index) => tags[index]!);
        const after = receiveAll(server, picked);
        for (const tag of picked) expectFault(() => verifyRequest(after, request, tag, here), "CHANNEL_REPLAYED");
        for (const tag of tags) {
          if (!picked.includes(tag)) expect(() => verifyRequest(after, request, tag, here)).not.to.throw();
        }
      }),
      { numRuns: 20 },
    );
  });

  it("are stale once 1,024 later ones were received", () => {
    const { tags } = send(client, WINDOW + 1);
    const after = verifyRequest(server, request, tags[WINDOW]!, here).session;
    expectFault(() => verifyRequest(after, request, tags[0]!, here), "CHANNEL_SEQUENCE_STALE");
    expect(() => verifyRequest(after, request, tags[1]!, here)).not.to.throw();
  });

  it("do not move the window when forged", () => {
    const forged = { ...one.tag, sequence: 2 ** 47 };
    expectFault(() => verifyRequest(server, request, forged, here), "CHANNEL_REQUEST_INVALID");
    expect(() => verifyRequest(server, request, one.tag, here)).not.to.throw();
  });

  it("are of one session: not of the next with the same peer, nor of another peer's", () => {
    for (const other of [agree(), agree({}, { initiator: mallory })]) {
      expectFault(() => verifyRequest(other.server, request, one.tag, here), "CHANNEL_SESSION_UNKNOWN");
      const renamed = { ...one.tag, session: other.server.id };
      expectFault(() => verifyRequest(other.server, request, renamed, here), "CHANNEL_REQUEST_INVALID");
    }
  });

  it("cannot be sent back to their sender: not where it answers, nor as a response", () => {
    const back = agree({}, { initiator: beta, responder: alpha });
    const returned = { ...one.tag, session: back.server.id };
    expectFault(() => verifyRequest(back.server, request, returned, here), "CHANNEL_REQUEST_INVALID");
    // Even the sender's own session read as a server's has another key for requests than for responses.
    expect(client.keys.request).not.to.deep.equal(client.keys.response);
    const response = { status: 200, body: request.body };
    expectFault(() => verifyResponse(client, one.exchange, response, one.tag.mac), "CHANNEL_RESPONSE_INVALID");
    const swapped = { ...server, keys: { request: server.keys.response, response: server.keys.request } };
    expectFault(() => verifyRequest(swapped, request, one.tag, here), "CHANNEL_REQUEST_INVALID");
  });

  it("are taken within a minute of this clock", () => {
    for (const [at, taken] of [
      [NOW - CLOCK_SKEW_SECONDS, true],
      [NOW + CLOCK_SKEW_SECONDS, true],
      [NOW - CLOCK_SKEW_SECONDS - 1, false],
      [NOW + CLOCK_SKEW_SECONDS + 1, false],
    ] as const) {
      const verify = () => verifyRequest(server, request, one.tag, { peer, at });
      if (taken) expect(verify).not.to.throw();
      else expectFault(verify, "CHANNEL_CLOCK_SKEW");
    }
    expectFault(() => verifyRequest(server, request, one.tag, { peer, at: Number.NaN }), "CHANNEL_SESSION_EXPIRED");
  });

  it("end with the session's time, on both sides", () => {
    const { expiresAt } = client;
    expect(expiresAt).to.equal(NOW + 3600);
    const last = authenticateRequest(client, request, expiresAt);
    expect(() => verifyRequest(server, request, last.tag, { peer, at: expiresAt })).not.to.throw();
    expectFault(() => authenticateRequest(client, request, expiresAt + 1), "CHANNEL_SESSION_EXPIRED");
    const at = expiresAt + 1;
    expectFault(() => verifyRequest(server, request, last.tag, { peer, at }), "CHANNEL_SESSION_EXPIRED");
  });

  it("end with the session's number of requests, on both sides", () => {
    const few = agree({}, { responderTerms: { lifetimeSeconds: 60, maximumRequests: 3 } });
    const { tags, session } = send(few.client, 3);
    const after = receiveAll(few.server, tags);
    expectFault(() => authenticateRequest(session, request, NOW), "CHANNEL_SESSION_SPENT");
    // A client that does not keep to it is held to it.
    const fourth = authenticateRequest({ ...session, maximumRequests: 10 }, request, NOW);
    expectFault(() => verifyRequest(after, request, fourth.tag, here), "CHANNEL_SESSION_SPENT");
  });

  it("end with the peer's membership and with its certificate's registration", () => {
    const check = (now: typeof peer | undefined) => () =>
      verifyRequest(server, request, one.tag, { peer: now, at: NOW });
    expectFault(check(undefined), "CHANNEL_PEER_NOT_ACTIVE");
    expectFault(check(peerOf(mallory)), "CHANNEL_PEER_NOT_ACTIVE");
    expectFault(check(peerOf(party(alpha.member, "alpha"))), "CHANNEL_CERTIFICATE_NOT_REGISTERED");
    expect(check(peerOf(alpha, party(alpha.member, "alpha")))).not.to.throw();
  });
});

describe("responses of a session", () => {
  const { session, exchange } = verifyRequest(server, request, one.tag, here);
  const response = { status: 200, body: digestBody(utf8("answer")) };
  const mac = authenticateResponse(session, exchange, response);

  it("are accepted for their request, in the header's form", () => {
    const header = formatResponseMac(mac);
    expect(header).to.have.length(43);
    expect(() => verifyResponse(one.session, one.exchange, response, parseResponseMac(header))).not.to.throw();
    for (const bad of [undefined, "", header.slice(1), `${header}A`, `${header}=`]) {
      expectFault(() => parseResponseMac(bad), "CHANNEL_TAG_MALFORMED");
    }
  });

  it("are refused with status, body or any bit of the MAC changed, or cut", () => {
    for (const changed of [
      { ...response, status: 500 },
      { ...response, body: EMPTY_BODY },
    ]) {
      expectFault(() => verifyResponse(one.session, one.exchange, changed, mac), "CHANNEL_RESPONSE_INVALID");
    }
    for (let bit = 0; bit < 256; bit++) {
      const flipped = flipBit(mac, bit);
      expectFault(() => verifyResponse(one.session, one.exchange, response, flipped), "CHANNEL_RESPONSE_INVALID");
    }
    for (const length of [0, 16, 31]) {
      const cut = mac.subarray(0, length);
      expectFault(() => verifyResponse(one.session, one.exchange, response, cut), "CHANNEL_RESPONSE_INVALID");
    }
  });

  it("are refused for another request, also for the same one sent again", () => {
    const again = authenticateRequest(one.session, request, NOW);
    expectFault(() => verifyResponse(again.session, again.exchange, response, mac), "CHANNEL_RESPONSE_INVALID");
    // Nor for another one under the same number, as a client that was restored from a snapshot would send it.
    const twin = authenticateRequest(client, { ...request, path: "/peer/v1/other" }, NOW);
    expect(twin.exchange.sequence).to.equal(one.exchange.sequence);
    expectFault(() => verifyResponse(twin.session, twin.exchange, response, mac), "CHANNEL_RESPONSE_INVALID");
    const other = agree();
    const elsewhere = authenticateRequest(other.client, request, NOW);
    expectFault(() => verifyResponse(elsewhere.session, elsewhere.exchange, response, mac), "CHANNEL_RESPONSE_INVALID");
  });
});

describe("a session", () => {
  it("wants the next one after three quarters of its time or of its requests", () => {
    const short = agree({}, { responderTerms: { lifetimeSeconds: 100, maximumRequests: 8 } });
    expect(wantsRekey(short.client, NOW + 74)).to.equal(false);
    expect(wantsRekey(short.client, NOW + 75)).to.equal(true);
    expect(wantsRekey(send(short.client, 5).session, NOW)).to.equal(false);
    expect(wantsRekey(send(short.client, 6).session, NOW)).to.equal(true);
  });

  it("looks at its peer's certificate again when the revocation list changes", () => {
    expect(() => recheckPeer(server, trust, NOW)).not.to.throw();
    const revoked = [{ serial: alpha.certificate.serial, at: NOW, reason: "keyCompromise" as const }];
    const crls = [...trust.crls, revocationList(root, { number: 2, revoked })];
    expectFault(() => recheckPeer(server, { ...trust, crls }, NOW), "CERTIFICATE_REVOKED");
    expect(() => recheckPeer(client, { ...trust, crls }, NOW)).not.to.throw();
  });
});
