import { Certificate as CertificateAsn } from "@peculiar/asn1-x509";
import { expect } from "chai";
import { describe, it } from "mocha";

import { parseCertificate, type Certificate } from "../../../protocol/certificates/certificate.ts";
import { basicConstraints, keyUsage } from "../../../protocol/certificates/extensions.ts";
import { issueRoot, type Authority } from "../../../protocol/certificates/issue.ts";
import type { RevocationList } from "../../../protocol/certificates/revocation-list.ts";
import { validateChain, type ChainQuestion } from "../../../protocol/certificates/validate-chain.ts";
import { decodeDer, encodeDer, toArrayBuffer } from "../../../protocol/sm/der.ts";
import { generateKeyPair } from "../../../protocol/sm/sm2-key.ts";
import { signatureToDer } from "../../../protocol/sm/sm2-signature-der.ts";
import { sign } from "../../../protocol/sm/sm2-signature.ts";
import { expectFault, faultOf } from "../oprf/fixtures.ts";
import { authority, DAY, member, MEMBER_TERM, NOW, random, revocationList, ROOT_TERM } from "./fixtures.ts";

const root = authority();
const { certificate } = member(root, "alpha");
const crl = revocationList(root);
const question: ChainQuestion = { certificate, trustList: [root.certificate], crls: [crl], at: NOW };
const ask = (changes: Partial<ChainQuestion>) => () => validateChain({ ...question, ...changes });

/** An authority whose certificate says other usages than it should. */
function authorityFor(
  usages: Parameters<typeof keyUsage>[0],
  key = generateKeyPair(random),
  isAuthority = true,
): Authority {
  const asn = decodeDer(authority("Association Root", key).certificate.der, CertificateAsn)!;
  const { extensions } = asn.tbsCertificate;
  extensions![0] = basicConstraints(isAuthority);
  extensions![1] = keyUsage(usages);
  asn.signatureValue = toArrayBuffer(signatureToDer(sign(key, encodeDer(asn.tbsCertificate), random)));
  return { key, certificate: parseCertificate(encodeDer(new CertificateAsn({ ...asn }))) };
}

describe("validating a certificate", () => {
  it("names the authority that vouches for it", () => {
    expect(validateChain(question)).to.equal(root.certificate);
    expect(ask({ usage: "keyAgreement" })()).to.equal(root.certificate);
  });

  it("finds its authority among others, of the same name too", () => {
    const other = authority("Bank Root");
    const namesake = authority();
    const trustList = [other.certificate, namesake.certificate, root.certificate];
    const crls = [revocationList(other), revocationList(namesake), crl];
    expect(ask({ trustList, crls })()).to.equal(root.certificate);
    const theirs = member(other, "bank").certificate;
    expect(ask({ certificate: theirs, trustList, crls })()).to.equal(other.certificate);
  });

  it("holds from its first to its last second", () => {
    const { notBefore, notAfter } = MEMBER_TERM;
    const wide = [revocationList(root, { thisUpdate: notBefore - DAY, nextUpdate: notAfter + DAY })];
    for (const at of [notBefore, notAfter]) expect(ask({ at, crls: wide })).not.to.throw();
    const early = faultOf(ask({ at: notBefore - 1, crls: wide }));
    expect([early.code, early.values["notBefore"]]).to.deep.equal([
      "CERTIFICATE_NOT_YET_VALID",
      "2026-10-31T00:00:00.000Z",
    ]);
    expectFault(ask({ at: notAfter + 1, crls: wide }), "CERTIFICATE_EXPIRED");
    expect(ask({ at: Number.NaN })).to.throw(RangeError);
  });

  it("does not outlive its authority", () => {
    const key = generateKeyPair(random);
    const subject = { commonName: "Association Root", organisation: "示例证券业协会" };
    const short = { key, certificate: issueRoot(subject, key, { notBefore: NOW - DAY, notAfter: NOW + DAY }, random) };
    const long = { key, certificate: issueRoot(subject, key, ROOT_TERM, random) };
    const theirs = member(long, "beta").certificate;
    const crls = [revocationList(long)];
    const at = NOW + 2 * DAY;
    const expired = faultOf(ask({ certificate: theirs, trustList: [short.certificate], crls, at }));
    expect([expired.code, expired.values["serial"]]).to.deep.equal(["CERTIFICATE_EXPIRED", short.certificate.serial]);
    // The authority's key was certified anew: the certificate in force counts, wherever it stands in the list.
    const both = [short.certificate, long.certificate];
    expect(ask({ certificate: theirs, trustList: both, crls, at })()).to.equal(long.certificate);
  });

  it("is refused when nobody listed issued it", () => {
    expectFault(ask({ trustList: [] }), "CERTIFICATE_ISSUER_UNKNOWN");
    expectFault(ask({ trustList: [authority("Bank Root").certificate] }), "CERTIFICATE_ISSUER_UNKNOWN");
    expectFault(ask({ trustList: [authority().certificate] }), "CERTIFICATE_ISSUER_UNKNOWN");
    expectFault(ask({ trustList: [certificate] }), "CERTIFICATE_ISSUER_UNKNOWN");
    // The same key under another name is another authority.
    expectFault(ask({ trustList: [authority("Bank Root", root.key).certificate] }), "CERTIFICATE_ISSUER_UNKNOWN");
  });

  it("is refused when its signature is not the authority's", () => {
    const asn = decodeDer(certificate.der, CertificateAsn)!;
    asn.signatureValue = toArrayBuffer(signatureToDer(sign(generateKeyPair(random), certificate.signed, random)));
    const forged = parseCertificate(encodeDer(new CertificateAsn({ ...asn })));
    expectFault(ask({ certificate: forged }), "CERTIFICATE_SIGNATURE_INVALID");
  });

  it("is refused when a member issued it, even one on the trust list", () => {
    const { key } = member(root, "alpha");
    const pretending = authority("alpha", key);
    const theirs = member(pretending, "victim").certificate;
    const crls = [revocationList(pretending)];
    expectFault(ask({ certificate: theirs, crls }), "CERTIFICATE_ISSUER_UNKNOWN");
    for (const usages of [["digitalSignature"], ["cRLSign"], []] as const) {
      const weak = authorityFor(usages, root.key);
      expectFault(ask({ trustList: [weak.certificate] }), "CERTIFICATE_NOT_CA");
    }
    const noAuthority = authorityFor(["keyCertSign", "cRLSign"], root.key, false);
    expectFault(ask({ trustList: [noAuthority.certificate] }), "CERTIFICATE_NOT_CA");
  });

  it("is refused for another use, and an authority's for any", () => {
    expectFault(ask({ usage: "keyCertSign" }), "CERTIFICATE_USAGE_WRONG");
    expectFault(ask({ certificate: root.certificate }), "CERTIFICATE_USAGE_WRONG");
    expectFault(ask({ certificate: root.certificate, usage: "keyCertSign" }), "CERTIFICATE_USAGE_WRONG");
    const both: Certificate = { ...certificate, usages: ["digitalSignature", "keyCertSign"] };
    expectFault(ask({ certificate: both }), "CERTIFICATE_USAGE_WRONG");
  });

  describe("against revocation lists", () => {
    const revoking = (serial: Certificate["serial"], changes = {}): RevocationList =>
      revocationList(root, { number: 2, revoked: [{ serial, at: NOW, reason: "keyCompromise" }], ...changes });

    it("is refused when listed, for whatever reason and whatever date", () => {
      const fault = faultOf(ask({ crls: [revoking(certificate.serial)] }));
      expect([fault.code, fault.values["reason"]]).to.deep.equal(["CERTIFICATE_REVOKED", "keyCompromise"]);
      for (const entry of [
        { serial: certificate.serial, at: NOW + DAY, reason: "superseded" as const },
        { serial: certificate.serial, at: NOW - DAY, reason: "certificateHold" as const },
        { serial: certificate.serial, at: 0, reason: "unspecified" as const },
      ]) {
        expectFault(ask({ crls: [revoking(certificate.serial, { revoked: [entry] })] }), "CERTIFICATE_REVOKED");
      }
      expect(ask({ crls: [revoking(member(root, "other").certificate.serial)] })).not.to.throw();
    });

    it("goes by the list with the highest number, wherever it stands: an old one is no way out", () => {
      for (const crls of [
        [crl, revoking(certificate.serial)],
        [revoking(certificate.serial), crl],
      ]) {
        expectFault(ask({ crls }), "CERTIFICATE_REVOKED");
      }
    });

    it("is refused without a list of its authority's key", () => {
      expectFault(ask({ crls: [] }), "REVOCATION_LIST_MISSING");
      expectFault(ask({ crls: [revocationList(authority("Bank Root"))] }), "REVOCATION_LIST_MISSING");
      expectFault(ask({ crls: [revocationList(authority())] }), "REVOCATION_LIST_MISSING");
      expectFault(ask({ crls: [revocationList(authority("Bank Root", root.key))] }), "REVOCATION_LIST_MISSING");
    });

    it("is refused with a list before or after its time", () => {
      const { thisUpdate, nextUpdate } = crl;
      const of = (changes: Partial<RevocationList>) => [revocationList(root, { ...changes, revoked: [] })];
      for (const at of [thisUpdate, nextUpdate]) expect(ask({ at })).not.to.throw();
      expectFault(ask({ at: nextUpdate + 1 }), "REVOCATION_LIST_STALE");
      expectFault(ask({ crls: of({ thisUpdate: NOW + 1 }) }), "REVOCATION_LIST_STALE");
      // A newer list that has run out is not replaced by an older one that would still be in time.
      const ended = of({ number: 9, thisUpdate: NOW - 2 * DAY, nextUpdate: NOW - DAY });
      expectFault(ask({ crls: [...ended, crl] }), "REVOCATION_LIST_STALE");
    });

    it("is refused with a list that somebody else signed in the authority's name", () => {
      const forged: RevocationList = { ...crl, signature: sign(generateKeyPair(random), crl.signed, random) };
      expectFault(ask({ crls: [forged] }), "REVOCATION_LIST_SIGNATURE_INVALID");
      // A forged list beside the real one does not count, also with a higher number.
      expect(ask({ crls: [{ ...forged, number: 99 }, crl] })).not.to.throw();
      expectFault(ask({ crls: [{ ...forged, number: 99 }, revoking(certificate.serial)] }), "CERTIFICATE_REVOKED");
    });

    it("is refused with a list of an authority that may sign none", () => {
      const weak = authorityFor(["keyCertSign"], root.key);
      expectFault(ask({ trustList: [weak.certificate] }), "REVOCATION_LIST_SIGNATURE_INVALID");
    });
  });
});
