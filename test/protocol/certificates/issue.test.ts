import { expect } from "chai";
import { describe, it } from "mocha";

import { isSignedBy, type Certificate } from "../../../protocol/certificates/certificate.ts";
import { issueMember, issueRoot } from "../../../protocol/certificates/issue.ts";
import { generateKeyPair } from "../../../protocol/sm/sm2-key.ts";
import { expectFault } from "../oprf/fixtures.ts";
import { authority, DAY, member, MEMBER_TERM, NOW, random, ROOT_TERM } from "./fixtures.ts";

const root = authority();

describe("issuing certificates", () => {
  it("makes a self-signed root that may sign certificates and lists, and nothing else", () => {
    const { certificate, key } = root;
    expect(certificate.issuerName).to.deep.equal(certificate.subjectName);
    expect(isSignedBy(certificate, key.publicKey)).to.equal(true);
    expect([certificate.isAuthority, certificate.usages]).to.deep.equal([true, ["keyCertSign", "cRLSign"]]);
    expect(certificate.authorityKeyIdentifier).to.deep.equal(certificate.subjectKeyIdentifier);
  });

  it("signs a member's certificate with the root's key, under the root's name and key identifier", () => {
    const { certificate } = member(root, "alpha");
    expect(isSignedBy(certificate, root.key.publicKey)).to.equal(true);
    expect(certificate.issuerName).to.deep.equal(root.certificate.subjectName);
    expect(certificate.authorityKeyIdentifier).to.deep.equal(root.certificate.subjectKeyIdentifier);
  });

  it("draws a positive serial number of 128 bits", () => {
    const serials = Array.from({ length: 40 }, () => member(root, "alpha").certificate.serial);
    expect(new Set(serials).size).to.equal(40);
    for (const serial of serials) expect(serial.length).to.be.within(2 + 24, 2 + 32);
    const fixed = (first: number) => (length: number) => {
      const bytes = random(length);
      return length === 16 ? Uint8Array.of(first, ...bytes.subarray(1)) : bytes;
    };
    const issue = (first: number): Certificate =>
      issueRoot({ commonName: "R", organisation: "O" }, root.key, ROOT_TERM, fixed(first));
    expect(issue(0xff).serial.startsWith("0xff")).to.equal(true);
    expect(issue(0x80).serial).to.have.length(34);
    expect(issue(0x01).serial).to.have.length(34);
    const zeros = (length: number): Uint8Array => (length === 16 ? new Uint8Array(16) : random(length));
    expectFault(
      () => issueRoot({ commonName: "R", organisation: "O" }, root.key, ROOT_TERM, zeros),
      "CERTIFICATE_REQUEST_INVALID",
    );
  });

  it("writes terms on both sides of 2050", () => {
    for (const notAfter of [2_524_607_999, 2_524_608_000, 253_402_300_799]) {
      const term = { notBefore: NOW, notAfter };
      const certificate = issueRoot({ commonName: "R", organisation: "O" }, root.key, term, random);
      expect([certificate.notBefore, certificate.notAfter]).to.deep.equal([NOW, notAfter]);
    }
  });

  it("refuses names, terms, URIs and keys that do not do", () => {
    const subject = { commonName: "alpha", organisation: "Alpha" };
    const { publicKey } = generateKeyPair(random);
    const request = { subject, publicKey, uris: [], term: MEMBER_TERM };
    for (const bad of [
      { subject: { ...subject, commonName: "" } },
      { subject: { ...subject, organisation: "" } },
      { subject: { ...subject, commonName: "x".repeat(65) } },
      { subject: { ...subject, commonName: "al\u0000pha" } },
      { subject: { ...subject, commonName: "al\u202epha" } },
      { term: { notBefore: NOW, notAfter: NOW - 1 } },
      { term: { notBefore: ROOT_TERM.notBefore - 1, notAfter: NOW } },
      { term: { notBefore: NOW, notAfter: ROOT_TERM.notAfter + 1 } },
      { term: { notBefore: NOW + 0.5, notAfter: NOW + DAY } },
      { term: { notBefore: Number.NaN, notAfter: NOW } },
      { uris: ["not a uri"] },
      { uris: ["https://exämple.org"] },
      { uris: [`https://${"x".repeat(200)}`] },
      { publicKey: root.key.publicKey },
    ]) {
      expectFault(() => issueMember(root, { ...request, ...bad }, random), "CERTIFICATE_REQUEST_INVALID");
    }
    expect(issueMember(root, request, random).uris).to.deep.equal([]);
  });

  it("refuses to sign by a key that is not the authority's, or with a member's certificate", () => {
    const request = {
      subject: { commonName: "beta", organisation: "Beta" },
      publicKey: generateKeyPair(random).publicKey,
      uris: [],
      term: MEMBER_TERM,
    };
    const wrongKey = { ...root, key: generateKeyPair(random) };
    expectFault(() => issueMember(wrongKey, request, random), "CERTIFICATE_REQUEST_INVALID");
    expectFault(() => issueMember(member(root, "alpha"), request, random), "CERTIFICATE_REQUEST_INVALID");
  });
});
