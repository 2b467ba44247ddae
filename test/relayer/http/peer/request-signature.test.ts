import { randomBytes } from "node:crypto";

import { expect } from "chai";
import { beforeEach, describe, it } from "mocha";

import { toBase64Url } from "../../../../protocol/encoding/bytes.ts";
import { isFault } from "../../../../protocol/errors/fault.ts";
import type { ChainView, MemberInfo } from "../../../../relayer/chain/chain-view.ts";
import { createOperatorKey } from "../../../../relayer/chain/operator-key.ts";
import {
  createPeerVerifier,
  NONCE_HEADER,
  OPERATOR_HEADER,
  peerRequestDigest,
  type PeerRequest,
  type PeerVerifier,
  SIGNATURE_HEADER,
  signPeerRequest,
  TIME_HEADER,
} from "../../../../relayer/http/peer/request-signature.ts";

const random = (length: number) => new Uint8Array(randomBytes(length));
const operator = createOperatorKey(new Uint8Array(32).fill(3));
const stranger = createOperatorKey(new Uint8Array(32).fill(4));
const network = { chainId: 31_337, memberRegistry: `0x${"AB".repeat(20)}` };
const request: PeerRequest = { method: "GET", path: "/peer/v1/tables/0x00/1/1?x=1", body: new Uint8Array(0) };
const RECIPIENT = 5;

describe("a signed peer request", () => {
  let now: Date;
  let member: MemberInfo;
  let verifier: PeerVerifier;
  const clock = () => now;
  const signer = { operator, network, clock, random };

  beforeEach(() => {
    now = new Date("2026-06-01T00:00:00.900Z");
    member = {
      id: 2,
      name: "m",
      kind: "SecuritiesFirm",
      status: "Active",
      endpoint: "",
      operators: [operator.address],
    };
    const chain = {
      deployment: { chainId: network.chainId, addresses: { memberRegistry: network.memberRegistry } },
      me: () => Promise.resolve({ ...member, id: RECIPIENT }),
      memberByOperator: (address: string) =>
        Promise.resolve(member.operators.some((known) => known === address) ? member : undefined),
    } as unknown as ChainView;
    verifier = createPeerVerifier({ chain, clock });
  });

  async function codeOf(headers: Record<string, string>, received: PeerRequest = request): Promise<string> {
    try {
      const sender = await verifier.verify(received, (name) => headers[name]);
      return `accepted from ${String(sender.id)}`;
    } catch (error) {
      if (isFault(error)) return error.code;
      throw error;
    }
  }

  it("is accepted from the active member whose operator signed it", async () => {
    expect(await codeOf(signPeerRequest(signer, request, RECIPIENT))).to.equal("accepted from 2");
  });

  it("is refused with any other method, path, query, body or recipient than the signed ones", async () => {
    for (const changed of [
      { ...request, method: "POST" },
      { ...request, path: "/peer/v1/tables/0x00/1/2?x=1" },
      { ...request, path: "/peer/v1/tables/0x00/1/1?x=2" },
      { ...request, body: new Uint8Array(1) },
    ]) {
      expect(await codeOf(signPeerRequest(signer, request, RECIPIENT), changed)).to.equal("PEER_SIGNATURE_INVALID");
    }
    expect(await codeOf(signPeerRequest(signer, request, RECIPIENT + 1))).to.equal("PEER_SIGNATURE_INVALID");
  });

  it("is refused when signed for another chain or registry", async () => {
    for (const other of [
      { ...network, chainId: 1 },
      { ...network, memberRegistry: `0x${"cd".repeat(20)}` },
    ]) {
      const headers = signPeerRequest({ ...signer, network: other }, request, RECIPIENT);
      expect(await codeOf(headers)).to.equal("PEER_SIGNATURE_INVALID");
    }
  });

  it("is refused with any header missing, malformed, of another signer or with one bit flipped", async () => {
    const headers = signPeerRequest(signer, request, RECIPIENT);
    for (const name of [OPERATOR_HEADER, TIME_HEADER, NONCE_HEADER, SIGNATURE_HEADER]) {
      for (const value of [undefined, "", "0x", "ä", "-1", "1e3", "null", "A".repeat(10_000)]) {
        const { [name]: _dropped, ...rest } = headers;
        const code = await codeOf(value === undefined ? rest : { ...rest, [name]: value });
        expect(code, `${name}=${String(value)}`).to.equal("PEER_SIGNATURE_INVALID");
      }
    }
    expect(await codeOf({ ...headers, [OPERATOR_HEADER]: stranger.address })).to.equal("PEER_SIGNATURE_INVALID");
    expect(await codeOf({ ...headers, [NONCE_HEADER]: toBase64Url(random(16)) })).to.equal("PEER_SIGNATURE_INVALID");
    const signature = Buffer.from(headers[SIGNATURE_HEADER] ?? "", "base64url");
    for (let bit = 0; bit < 65 * 8; bit += 7) {
      const flipped = Uint8Array.from(signature);
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      expect(await codeOf({ ...headers, [SIGNATURE_HEADER]: toBase64Url(flipped) })).to.equal("PEER_SIGNATURE_INVALID");
    }
    expect(await codeOf(headers)).to.equal("accepted from 2");
  });

  it("is accepted within 60 s of this clock either way, and no further", async () => {
    const headers = () => signPeerRequest(signer, request, RECIPIENT);
    const at = now.getTime();
    for (const [seconds, code] of [
      [60, "accepted from 2"],
      [-60, "accepted from 2"],
      [61, "PEER_CLOCK_SKEW"],
      [-61, "PEER_CLOCK_SKEW"],
    ] as const) {
      now = new Date(at);
      const signed = headers();
      now = new Date(at + seconds * 1000);
      expect(await codeOf(signed)).to.equal(code);
    }
  });

  it("is accepted once: a replay is refused for as long as its time is acceptable", async () => {
    const headers = signPeerRequest(signer, request, RECIPIENT);
    const at = now.getTime();
    expect(await codeOf(headers)).to.equal("accepted from 2");
    expect(await codeOf(headers)).to.equal("PEER_REPLAYED");
    now = new Date(at + 60_000);
    expect(await codeOf(headers)).to.equal("PEER_REPLAYED");
    now = new Date(at + 62_000);
    expect(await codeOf(headers)).to.equal("PEER_CLOCK_SKEW");
  });

  it("is accepted once also when two copies arrive together", async () => {
    const headers = signPeerRequest(signer, request, RECIPIENT);
    const codes = await Promise.all([codeOf(headers), codeOf(headers)]);
    expect(codes.sort()).to.deep.equal(["PEER_REPLAYED", "accepted from 2"]);
  });

  it("is refused from who is not, or no longer, an active member's operator", async () => {
    const foreign = signPeerRequest({ ...signer, operator: stranger }, request, RECIPIENT);
    expect(await codeOf(foreign)).to.equal("PEER_NOT_ACTIVE");
    for (const status of ["Applied", "Suspended", "Exited"] as const) {
      member = { ...member, status };
      expect(await codeOf(signPeerRequest(signer, request, RECIPIENT))).to.equal("PEER_NOT_ACTIVE");
    }
  });

  it("is no transaction and no typed data: it starts with 0x19 and version byte 0x52, and every field counts", () => {
    const fields = { ...request, operator: operator.address, time: 1, nonce: new Uint8Array(16), recipient: 1 };
    const digests = [
      fields,
      { ...fields, time: 2 },
      { ...fields, nonce: new Uint8Array(16).fill(1) },
      { ...fields, recipient: 2 },
      { ...fields, operator: stranger.address },
      // Lengths are part of it: moving a character from method to path is another request.
      { ...fields, method: "GE", path: `T${fields.path}` },
    ].map((each) => toBase64Url(peerRequestDigest(network, each)));
    expect(new Set(digests).size).to.equal(6);
  });

  it("cannot fill the memory: beyond 10,000 in two minutes a member is told to wait, others are not", async function () {
    this.timeout(120_000);
    for (let i = 0; i < 10_000; i++) {
      await verifier.verify(request, (name) => signed[name]);
      signed = signPeerRequest(signer, request, RECIPIENT);
    }
    expect(await codeOf(signed)).to.equal("PEER_BUSY");
    member = { ...member, id: 3 };
    expect(await codeOf(signed)).to.equal("accepted from 3");
    member = { ...member, id: 2 };
    now = new Date(now.getTime() + 130_000);
    expect(await codeOf(signPeerRequest(signer, request, RECIPIENT))).to.equal("accepted from 2");
  });

  let signed: Record<string, string>;
  beforeEach(() => {
    signed = signPeerRequest(signer, request, RECIPIENT);
  });
});
