/**
 * SM2 and the channel between relayers: what agreeing costs once, what a request costs each time, against signing each request.
 * `sm-crypto-v2` beside it is the library that was not taken (docs/decisions/0011).
 */
import { randomBytes } from "node:crypto";

import { sm2 as smCrypto } from "sm-crypto-v2";

import { certificateDigest, parseCertificate } from "../../protocol/certificates/certificate.ts";
import { issueMember, issueRoot } from "../../protocol/certificates/issue.ts";
import { issueRevocationList } from "../../protocol/certificates/revocation-list.ts";
import { validateChain } from "../../protocol/certificates/validate-chain.ts";
import { confirm, finish, initiate } from "../../protocol/channel/initiator.ts";
import type { LocalIdentity, Peer } from "../../protocol/channel/parties.ts";
import { authenticateRequest, digestBody, verifyRequest } from "../../protocol/channel/request.ts";
import { formatRequestTag, parseRequestTag } from "../../protocol/channel/request-tag.ts";
import { accept, respond } from "../../protocol/channel/responder.ts";
import { multiply, secretScalar } from "../../protocol/sm/sm2-curve.ts";
import { generateKeyPair } from "../../protocol/sm/sm2-key.ts";
import { sign, verify } from "../../protocol/sm/sm2-signature.ts";
import { interleave } from "../rounds.ts";
import type { Section } from "../section.ts";

const ROUNDS = 9;
const AT = 1_793_491_200;
const YEAR = 31_536_000;
/** A query for one investor is about 1 KB on the way to a holder; a table range or a batch of 10,000 some 430 KB. */
const SMALL = 1_000;
const LARGE = 430_000;

const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));

export const channel: Section = {
  name: "channel",
  title: "Channel between relayers: SM2 key agreement, HMAC-SM3 requests",
  run(say) {
    const term = { notBefore: AT - YEAR, notAfter: AT + YEAR };
    const rootKey = generateKeyPair(random);
    const root = {
      key: rootKey,
      certificate: issueRoot({ commonName: "Root", organisation: "A" }, rootKey, term, random),
    };
    const list = { number: 1, thisUpdate: AT - 1, nextUpdate: AT + YEAR, revoked: [] };
    const trust = { trustList: [root.certificate], crls: [issueRevocationList(root, list, random)] };
    const member = (id: number): LocalIdentity => {
      const key = generateKeyPair(random);
      const subject = { commonName: `member-${String(id)}`, organisation: "A" };
      return {
        member: id,
        key,
        certificate: issueMember(root, { subject, publicKey: key.publicKey, uris: [], term }, random),
      };
    };
    const [a, b] = [member(1), member(2)];
    const peer = ({ member: id, certificate: { der } }: LocalIdentity): Peer => ({
      member: id,
      certificateDigests: [certificateDigest(der)],
    });
    const network = { chainId: 1, memberRegistry: `0x${"11".repeat(20)}` } as const;

    const hello = () => initiate({ self: a, responder: b.member, network, random });
    const answer = (to: ReturnType<typeof hello>) => respond({ self: b, network, random, at: AT }, to.hello);
    const agree = () => {
      const first = hello();
      const second = answer(first);
      const third = confirm(first.state, second.answer, { peer: peer(b), trust, at: AT }, random);
      const { session, acceptance } = accept(second.state, third.confirmation, { peer: peer(a), trust, at: AT });
      return { server: session, client: finish(third.state, acceptance) };
    };
    const { client, server } = agree();
    const request = (body: Uint8Array) => ({ method: "POST", path: "/peer/v1/evaluate", body: digestBody(body) });
    const seen = peer(a);
    const [small, large] = [random(SMALL), random(LARGE)];
    const send = (body: Uint8Array) => formatRequestTag(authenticateRequest(client, request(body), AT).tag);
    const headers = { small: send(small), large: send(large) };
    const receive = (body: Uint8Array, header: string) =>
      verifyRequest(server, request(body), parseRequestTag(header), { peer: seen, at: AT });

    const greeting = hello();
    const message = random(100);
    const signature = sign(a.key, message, random);
    const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
    const [secretHex, publicHex] = [hex(a.key.secretKey), hex(a.key.publicKey)];
    const theirs = { hash: true, publicKey: publicHex };
    const theirSignature = smCrypto.doSignature(message, secretHex, theirs);
    const scalar = secretScalar(a.key.secretKey);
    const one = (name: string, run: () => unknown) => ({ name, items: 1, run: () => void run() });
    const rounds = interleave(
      [
        one("sign", () => sign(a.key, message, random)),
        one("verify", () => verify(a.key.publicKey, message, signature)),
        one("multiply", () => multiply(scalar, b.key.publicKey)),
        one("their sign", () => smCrypto.doSignature(message, secretHex, theirs)),
        one("their verify", () => smCrypto.doVerifySignature(message, theirSignature, publicHex, theirs)),
        one("parse", () => parseCertificate(a.certificate.der)),
        one("validate", () => validateChain({ ...trust, certificate: a.certificate, at: AT })),
        one("hello", () => answer(greeting)),
        one("agree", agree),
        one("send small", () => send(small)),
        one("receive small", () => receive(small, headers.small)),
        one("send large", () => send(large)),
        one("receive large", () => receive(large, headers.large)),
      ],
      ROUNDS,
      say,
    );
    const millis = (name: string): number => rounds.itemMicros(name) / 1000;
    return Promise.resolve([
      { name: "SM2 signature", value: millis("sign"), unit: "ms" },
      { name: "SM2 verification", value: millis("verify"), unit: "ms" },
      { name: "SM2 multiplication of a point", value: millis("multiply"), unit: "ms" },
      { name: "sm-crypto-v2, signature", value: millis("their sign"), unit: "ms" },
      { name: "sm-crypto-v2, verification", value: millis("their verify"), unit: "ms" },
      { name: "reading a certificate", value: millis("parse"), unit: "ms" },
      { name: "validating it against trust and revocation list", value: millis("validate"), unit: "ms" },
      { name: "answer to a stranger's hello", value: millis("hello"), unit: "ms" },
      { name: "whole key agreement, both sides", value: millis("agree"), unit: "ms", goal: { atMost: 50 } },
      { name: "request of 1 KB, sender", value: rounds.itemMicros("send small"), unit: "µs", goal: { atMost: 100 } },
      {
        name: "request of 1 KB, receiver",
        value: rounds.itemMicros("receive small"),
        unit: "µs",
        goal: { atMost: 100 },
      },
      {
        name: "request of 430 KB, sender",
        value: rounds.itemMicros("send large"),
        unit: "µs",
        note: "SM3 of the body",
      },
      { name: "request of 430 KB, receiver", value: rounds.itemMicros("receive large"), unit: "µs" },
    ]);
  },
};
