/** The key agreement: honest runs, every field changed on its way, and what an active attacker can try. */
import { createHash, createHmac, hkdfSync } from "node:crypto";

import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";

import { bytesEqual } from "../../../protocol/encoding/bytes.ts";
import { confirm, finish, initiate } from "../../../protocol/channel/initiator.ts";
import type { Answer, Confirmation } from "../../../protocol/channel/messages.ts";
import type { LocalIdentity } from "../../../protocol/channel/parties.ts";
import { accept, HANDSHAKE_SECONDS, respond } from "../../../protocol/channel/responder.ts";
import { multiply, secretScalar } from "../../../protocol/sm/sm2-curve.ts";
import { generateKeyPair } from "../../../protocol/sm/sm2-key.ts";
import { sign, verify } from "../../../protocol/sm/sm2-signature.ts";
import { member, revocationList } from "../certificates/fixtures.ts";
import { DEEP_TIMEOUT, flipBit, hex, runs } from "../sm/fixtures.ts";
import {
  agree,
  alpha,
  beta,
  check,
  DAY,
  expectFault,
  faultOf,
  mallory,
  NETWORK,
  NOW,
  party,
  peerOf,
  random,
  root,
  trust,
  type Line,
} from "./fixtures.ts";

const REFUSED = [
  "CHANNEL_CONFIRMATION_INVALID",
  "CHANNEL_SIGNATURE_INVALID",
  "CHANNEL_CERTIFICATE_NOT_REGISTERED",
  "CHANNEL_HANDSHAKE_UNKNOWN",
  "SM2_PUBLIC_KEY_INVALID",
];

const initiation = { self: alpha, responder: beta.member, network: NETWORK, random };
const responding = { self: beta, network: NETWORK, random, at: NOW };

describe("key agreement between relayers", () => {
  it("gives both sides one session, each with the other's identity, and other keys each time", () => {
    const first = agree();
    expect(first.client.id).to.deep.equal(first.server.id);
    expect(first.client.keys).to.deep.equal(first.server.keys);
    expect([first.client.peer, first.server.peer]).to.deep.equal([beta.member, alpha.member]);
    expect(first.client.peerCertificate.digest).to.deep.equal(beta.certificate.digest);
    expect(first.server.peerCertificate.digest).to.deep.equal(alpha.certificate.digest);
    const second = agree();
    const all = [first, second].flatMap(({ client: { id, keys } }) => [id, keys.request, keys.response].map(hex));
    expect(new Set(all).size).to.equal(6);
  });

  it("is what docs/protocol.md says, written out by hand", () => {
    const sm3 = (...parts: Uint8Array[]): Buffer =>
      parts.reduce((hash, part) => hash.update(part), createHash("sm3")).digest();
    const lp = (...fields: Uint8Array[]): Buffer =>
      Buffer.concat(
        fields.flatMap((field) => {
          const length = Buffer.alloc(4);
          length.writeUInt32BE(field.length);
          return [length, field];
        }),
      );
    const ascii = (name: string): Buffer => Buffer.from(name, "latin1");
    const mac = (key: Uint8Array, ...fields: Uint8Array[]): Buffer =>
      createHmac("sm3", key)
        .update(lp(...fields))
        .digest();
    const ephemeral = generateKeyPair(random);
    const wide = Buffer.from((secretScalar(ephemeral.secretKey) - 1n).toString(16).padStart(96, "0"), "hex");
    const first = initiate({ ...initiation, random: () => new Uint8Array(wide) });
    expect(first.hello.ephemeral).to.deep.equal(ephemeral.publicKey);
    const second = respond(responding, first.hello);
    const third = confirm(first.state, second.answer, check(peerOf(beta)), random);
    const { session, acceptance } = accept(second.state, third.confirmation, check(peerOf(alpha)));
    const { answer } = second;
    const { confirmation } = third;

    const registry = Buffer.from("5fbdb2315678afecb367f032d93f642f64180aa3", "hex");
    const parties = lp(
      Buffer.from("000000007a69", "hex"),
      registry,
      Buffer.from("00000002", "hex"),
      Buffer.from("00000003", "hex"),
    );
    const terms = [Buffer.from("00000e10", "hex"), Buffer.from("000f4240", "hex")];
    const label = ascii("riskveil/channel/1");
    const opening = sm3(lp(label, parties, ephemeral.publicKey, answer.ephemeral, answer.certificate, ...terms));
    expect(hex(confirmation.handshake)).to.equal(hex(opening));
    const shared = multiply(secretScalar(ephemeral.secretKey), answer.ephemeral).x;
    const key = (transcript: Uint8Array, use: string): Uint8Array =>
      new Uint8Array(hkdfSync("sm3", shared, transcript, ascii(`riskveil/channel/1/${use}`), 32));
    expect(verify(beta.key.publicKey, lp(ascii("riskveil/channel/1/responder"), opening), answer.signature)).to.equal(
      true,
    );
    expect(hex(answer.mac)).to.equal(hex(mac(key(opening, "answer"), opening, answer.signature)));
    const proving = sm3(lp(opening, answer.signature, answer.mac, alpha.certificate.der));
    expect(
      verify(alpha.key.publicKey, lp(ascii("riskveil/channel/1/initiator"), proving), confirmation.signature),
    ).to.equal(true);
    expect(hex(confirmation.mac)).to.equal(hex(mac(key(opening, "confirmation"), proving, confirmation.signature)));
    const final = sm3(lp(proving, confirmation.signature, confirmation.mac));
    expect(hex(acceptance.mac)).to.equal(hex(mac(key(opening, "acceptance"), final)));
    expect(hex(session.id)).to.equal(hex(sm3(lp(ascii("riskveil/channel/1/session"), final))).slice(0, 16));
    expect(hex(session.keys.request)).to.equal(hex(key(final, "request")));
    expect(hex(session.keys.response)).to.equal(hex(key(final, "response")));
  });

  it("leaves no ephemeral secret behind", () => {
    const first = initiate(initiation);
    const second = respond(responding, first.hello);
    const third = confirm(first.state, second.answer, check(peerOf(beta)), random);
    accept(second.state, third.confirmation, check(peerOf(alpha)));
    expect(hex(first.state.ephemeral.secretKey)).to.match(/^0+$/);
    expect(hex(second.state.shared)).to.match(/^0+$/);
  });

  describe("with a message changed on its way", () => {
    const changes: readonly [keyof Line, string, readonly string[]][] = [
      ["hello", "ephemeral", ["CHANNEL_CONFIRMATION_INVALID", "SM2_PUBLIC_KEY_INVALID"]],
      ["answer", "ephemeral", ["CHANNEL_CONFIRMATION_INVALID", "SM2_PUBLIC_KEY_INVALID"]],
      [
        "answer",
        "certificate",
        ["CERTIFICATE_MALFORMED", "CERTIFICATE_KEY_INVALID", "CHANNEL_CERTIFICATE_NOT_REGISTERED"],
      ],
      ["answer", "signature", ["CHANNEL_CONFIRMATION_INVALID"]],
      ["answer", "mac", ["CHANNEL_CONFIRMATION_INVALID"]],
      ["confirmation", "handshake", ["CHANNEL_HANDSHAKE_UNKNOWN"]],
      ["confirmation", "certificate", ["CHANNEL_CONFIRMATION_INVALID"]],
      ["confirmation", "signature", ["CHANNEL_CONFIRMATION_INVALID"]],
      ["confirmation", "mac", ["CHANNEL_CONFIRMATION_INVALID"]],
      ["acceptance", "mac", ["CHANNEL_CONFIRMATION_INVALID"]],
    ];
    for (const [message, field, codes] of changes) {
      it(`${message}.${field}, any bit: ${codes.join(" or ")}`, () => {
        fc.assert(
          fc.property(fc.nat({ max: 1_000_000 }), (choice) => {
            const change = <T extends object>(sent: T): T => {
              const value = (sent as Record<string, Uint8Array>)[field] ?? new Uint8Array(1);
              return { ...sent, [field]: flipBit(value, choice % (value.length * 8)) };
            };
            expect(codes).to.include(faultOf(() => agree({ [message]: change })).code);
          }),
          { numRuns: Math.min(runs(12), 60) },
        );
      }).timeout(DEEP_TIMEOUT);

      it(`${message}.${field}, replaced by another agreement's`, () => {
        const other: Record<string, object> = {};
        const keep =
          (name: string) =>
          <T extends object>(sent: T): T => {
            other[name] = sent;
            return sent;
          };
        const of = field === "certificate" ? { initiator: mallory, responder: party(9, "iota") } : {};
        agree(
          {
            hello: keep("hello"),
            answer: keep("answer"),
            confirmation: keep("confirmation"),
            acceptance: keep("acceptance"),
          },
          of,
        );
        const change = <T extends object>(sent: T): T => ({
          ...sent,
          [field]: (other[message] as Record<string, Uint8Array>)[field],
        });
        expect(REFUSED).to.include(faultOf(() => agree({ [message]: change })).code);
      });
    }

    it("terms made longer or shorter", () => {
      for (const change of [{ lifetimeSeconds: 86_400 }, { lifetimeSeconds: 1 }, { maximumRequests: 2 ** 31 }]) {
        expectFault(() => agree({ answer: (sent) => ({ ...sent, ...change }) }), "CHANNEL_CONFIRMATION_INVALID");
      }
    });

    it("the initiator's or the responder's name", () => {
      expectFault(() => agree({ hello: (sent) => ({ ...sent, initiator: 9 }) }), "CHANNEL_CONFIRMATION_INVALID");
      expectFault(() => agree({ hello: (sent) => ({ ...sent, responder: 9 }) }), "CHANNEL_PARTIES_WRONG");
      expectFault(() => agree({ hello: (sent) => ({ ...sent, initiator: 3 }) }), "CHANNEL_PARTIES_WRONG");
    });
  });

  describe("and an attacker", () => {
    /** Mallory in the middle: own ephemeral keys towards both, signing as whoever it can. */
    it("in the middle cannot pose as the responder, with its own certificate or with the victim's", () => {
      const { state, hello } = initiate(initiation);
      const own = respond({ ...responding, self: { ...mallory, member: beta.member } }, hello).answer;
      expectFault(() => confirm(state, own, check(peerOf(beta)), random), "CHANNEL_CERTIFICATE_NOT_REGISTERED");
      const posing: LocalIdentity = { member: beta.member, key: mallory.key, certificate: beta.certificate };
      const forged = respond({ ...responding, self: posing }, hello).answer;
      expectFault(() => confirm(state, forged, check(peerOf(beta)), random), "CHANNEL_SIGNATURE_INVALID");
    });

    it("cannot pose as the initiator, not even holding the responder's own key (key compromise impersonation)", () => {
      const posing: LocalIdentity = { member: alpha.member, key: beta.key, certificate: alpha.certificate };
      expectFault(() => agree({}, { initiator: posing }), "CHANNEL_SIGNATURE_INVALID");
      const own: LocalIdentity = { ...mallory, member: alpha.member };
      expectFault(
        () => agree({}, { initiator: own, seenInitiator: peerOf(alpha) }),
        "CHANNEL_CERTIFICATE_NOT_REGISTERED",
      );
    });

    it("cannot make the responder believe that the initiator's messages are its own (identity misbinding)", () => {
      // Mallory relays everything and puts its own name, certificate and signature in place of alpha's.
      const { state, hello } = initiate(initiation);
      const second = respond(responding, { ...hello, initiator: mallory.member });
      // Alpha already refuses: beta's signature names another initiator.
      expectFault(() => confirm(state, second.answer, check(peerOf(beta)), random), "CHANNEL_CONFIRMATION_INVALID");
      // Nor does beta take alpha's confirmation with mallory's certificate and signature in it: the MAC needs the shared secret.
      const honest = initiate(initiation);
      const answered = respond(responding, honest.hello);
      const { confirmation } = confirm(honest.state, answered.answer, check(peerOf(beta)), random);
      const swapped = {
        ...confirmation,
        certificate: mallory.certificate.der,
        signature: sign(mallory.key, confirmation.handshake, random),
      };
      for (const peer of [peerOf(alpha), peerOf(mallory)]) {
        expectFault(() => accept(answered.state, swapped, check(peer)), "CHANNEL_CONFIRMATION_INVALID");
      }
    });

    it("cannot register another member's certificate and pass for that member", () => {
      // The registry lets anybody apply with any digest: mallory's entry carries alpha's certificate, but not alpha's key.
      const copy: LocalIdentity = { member: mallory.member, key: mallory.key, certificate: alpha.certificate };
      expectFault(() => agree({}, { initiator: copy }), "CHANNEL_SIGNATURE_INVALID");
      // Nor can it have alpha, who signs as member 2, taken for member 4.
      const { state, hello } = initiate(initiation);
      const second = respond(responding, { ...hello, initiator: mallory.member });
      expect(faultOf(() => confirm(state, second.answer, check(peerOf(beta)), random)).code).to.equal(
        "CHANNEL_CONFIRMATION_INVALID",
      );
    });

    it("cannot send a party's own messages back to it (reflection)", () => {
      const { state, hello } = initiate(initiation);
      expectFault(() => respond({ ...responding, self: alpha }, hello), "CHANNEL_PARTIES_WRONG");
      const turned = { ...hello, initiator: hello.responder, responder: hello.initiator };
      // Alpha answers a hello "from beta" that carries its own ephemeral key: its answer cannot pass as beta's.
      const { answer } = respond({ ...responding, self: alpha }, turned);
      expectFault(() => confirm(state, answer, check(peerOf(beta)), random), "CHANNEL_CERTIFICATE_NOT_REGISTERED");
      expectFault(() => confirm(state, answer, check(peerOf(alpha)), random), "CHANNEL_PEER_NOT_ACTIVE");
      const sameDigest = { member: beta.member, certificateDigests: [alpha.certificate.digest] };
      expectFault(() => confirm(state, answer, check(sameDigest), random), "CHANNEL_CONFIRMATION_INVALID");
    });

    it("cannot use a responder's signature as an initiator's (swapped roles)", () => {
      const { hello } = initiate(initiation);
      const second = respond(responding, hello);
      const shared = second.state;
      const confirmation: Confirmation = {
        handshake: shared.opening,
        certificate: beta.certificate.der,
        signature: second.answer.signature,
        mac: second.answer.mac,
      };
      expectFault(() => accept(shared, confirmation, check(peerOf(beta))), "CHANNEL_CONFIRMATION_INVALID");
    });

    it("cannot replay a confirmation: neither to the same agreement nor to another", () => {
      const first = initiate(initiation);
      const second = respond(responding, first.hello);
      const { confirmation } = confirm(first.state, second.answer, check(peerOf(beta)), random);
      const opened = accept(second.state, confirmation, check(peerOf(alpha)));
      expect(opened.session.peer).to.equal(alpha.member);
      expectFault(() => accept(second.state, confirmation, check(peerOf(alpha))), "CHANNEL_HANDSHAKE_UNKNOWN");
      const again = respond(responding, first.hello);
      expectFault(() => accept(again.state, confirmation, check(peerOf(alpha))), "CHANNEL_HANDSHAKE_UNKNOWN");
      const moved = { ...confirmation, handshake: again.state.opening };
      expectFault(() => accept(again.state, moved, check(peerOf(alpha))), "CHANNEL_CONFIRMATION_INVALID");
    });

    it("cannot use an initiator's state twice, once its secret is gone", () => {
      const first = initiate(initiation);
      const { answer } = respond(responding, first.hello);
      confirm(first.state, answer, check(peerOf(beta)), random);
      expectFault(() => confirm(first.state, answer, check(peerOf(beta)), random), "CHANNEL_HANDSHAKE_UNKNOWN");
    });

    it("cannot carry an agreement into another network", () => {
      for (const responderNetwork of [
        { ...NETWORK, chainId: 1 },
        { ...NETWORK, memberRegistry: "0x0000000000000000000000000000000000000001" as const },
      ]) {
        expectFault(() => agree({}, { responderNetwork }), "CHANNEL_CONFIRMATION_INVALID");
      }
    });

    it("cannot force a weak shared secret", () => {
      for (const ephemeral of [new Uint8Array(65), Uint8Array.of(4, ...new Uint8Array(64))]) {
        expectFault(() => agree({ hello: (sent) => ({ ...sent, ephemeral }) }), "SM2_PUBLIC_KEY_INVALID");
        expectFault(() => agree({ answer: (sent) => ({ ...sent, ephemeral }) }), "SM2_PUBLIC_KEY_INVALID");
      }
    });

    it("gains nothing from a signature made for something else", () => {
      const { state, hello } = initiate(initiation);
      const { answer } = respond(responding, hello);
      const signature = sign(beta.key, answer.certificate, random);
      expectFault(
        () => confirm(state, { ...answer, signature }, check(peerOf(beta)), random),
        "CHANNEL_CONFIRMATION_INVALID",
      );
    });
  });

  describe("checks certificate and registry", () => {
    it("of both sides: not active, not registered, another member's", () => {
      for (const seen of ["seenInitiator", "seenResponder"] as const) {
        const of = seen === "seenInitiator" ? alpha : beta;
        expectFault(() => agree({}, { [seen]: undefined }), "CHANNEL_PEER_NOT_ACTIVE");
        expectFault(() => agree({}, { [seen]: peerOf(mallory) }), "CHANNEL_PEER_NOT_ACTIVE");
        const none = { member: of.member, certificateDigests: [] };
        expectFault(() => agree({}, { [seen]: none }), "CHANNEL_CERTIFICATE_NOT_REGISTERED");
      }
    });

    it("of both sides: expired, revoked, of an unknown authority, without a revocation list", () => {
      const short = { notBefore: NOW - DAY, notAfter: NOW + 10 };
      const old = (id: number, name: string): LocalIdentity => ({ member: id, ...member(root, name, { term: short }) });
      const at = NOW + 11;
      expectFault(() => agree({}, { initiator: old(2, "alpha"), at }), "CERTIFICATE_EXPIRED");
      expectFault(() => agree({}, { responder: old(3, "beta"), at }), "CERTIFICATE_EXPIRED");
      for (const { certificate } of [alpha, beta]) {
        const revoked = [{ serial: certificate.serial, at: NOW, reason: "keyCompromise" as const }];
        const crls = [revocationList(root, { revoked })];
        expectFault(() => agree({}, { trust: { ...trust, crls } }), "CERTIFICATE_REVOKED");
      }
      expectFault(() => agree({}, { trust: { ...trust, trustList: [] } }), "CERTIFICATE_ISSUER_UNKNOWN");
      expectFault(() => agree({}, { trust: { ...trust, crls: [] } }), "REVOCATION_LIST_MISSING");
    });

    it("and takes either of two certificates while a member changes its key", () => {
      const next: LocalIdentity = { member: alpha.member, ...member(root, "alpha") };
      const both = peerOf(alpha, next);
      for (const initiator of [alpha, next]) {
        expect(agree({}, { initiator, seenInitiator: both }).server.peer).to.equal(alpha.member);
      }
      const nextBeta: LocalIdentity = { member: beta.member, ...member(root, "beta") };
      for (const responder of [beta, nextBeta]) {
        expect(agree({}, { responder, seenResponder: peerOf(beta, nextBeta) }).client.peer).to.equal(beta.member);
      }
      expectFault(
        () => agree({}, { initiator: alpha, seenInitiator: peerOf(next) }),
        "CHANNEL_CERTIFICATE_NOT_REGISTERED",
      );
    });
  });

  describe("terms", () => {
    it("are the stricter of both sides' for the initiator, the responder's own for the responder", () => {
      const { client, server } = agree(
        {},
        {
          initiatorTerms: { lifetimeSeconds: 100, maximumRequests: 9 },
          responderTerms: { lifetimeSeconds: 50, maximumRequests: 20 },
        },
      );
      expect([client.expiresAt, client.maximumRequests]).to.deep.equal([NOW + 50, 9]);
      expect([server.expiresAt, server.maximumRequests]).to.deep.equal([NOW + 50, 20]);
    });

    it("end with either certificate", () => {
      const term = { notBefore: NOW - DAY, notAfter: NOW + 100 };
      const shortly: LocalIdentity = { member: alpha.member, ...member(root, "alpha", { term }) };
      const { client, server } = agree({}, { initiator: shortly });
      expect([client.expiresAt, server.expiresAt]).to.deep.equal([NOW + 100, NOW + 100]);
    });

    it("are refused without end or without use", () => {
      for (const terms of [
        { lifetimeSeconds: 0, maximumRequests: 1 },
        { lifetimeSeconds: 86_401, maximumRequests: 1 },
        { lifetimeSeconds: 1, maximumRequests: 0 },
        { lifetimeSeconds: 1.5, maximumRequests: 1 },
      ]) {
        expectFault(() => agree({}, { initiatorTerms: terms }), "CHANNEL_TERMS_REFUSED");
        expectFault(() => agree({}, { responderTerms: terms }), "CHANNEL_TERMS_REFUSED");
      }
      const change = (sent: Answer): Answer => ({ ...sent, lifetimeSeconds: 100_000 });
      expectFault(() => agree({ answer: change }), "CHANNEL_TERMS_REFUSED");
    });

    it("leave half a minute for the agreement itself", () => {
      expect(agree({}, { confirmedAt: NOW + HANDSHAKE_SECONDS }).server.startedAt).to.equal(NOW + HANDSHAKE_SECONDS);
      expectFault(() => agree({}, { confirmedAt: NOW + HANDSHAKE_SECONDS + 1 }), "CHANNEL_HANDSHAKE_EXPIRED");
      expectFault(() => agree({}, { confirmedAt: Number.NaN }), "CHANNEL_HANDSHAKE_EXPIRED");
    });
  });

  it("is not made with oneself", () => {
    expectFault(() => initiate({ ...initiation, responder: alpha.member }), "CHANNEL_PARTIES_WRONG");
  });

  it("does not finish by another agreement's acceptance", () => {
    const first = initiate(initiation);
    const second = respond(responding, first.hello);
    const third = confirm(first.state, second.answer, check(peerOf(beta)), random);
    expectFault(() => finish(third.state, { mac: new Uint8Array(32) }), "CHANNEL_CONFIRMATION_INVALID");
    expect(bytesEqual(third.state.final, second.state.opening)).to.equal(false);
  });
});
