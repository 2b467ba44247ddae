import { AlgorithmIdentifier, Certificate as CertificateAsn, Extension, Extensions } from "@peculiar/asn1-x509";
import { OctetString } from "@peculiar/asn1-schema";
import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";

import { concatBytes } from "../../../protocol/encoding/bytes.ts";
import { sm3 } from "../../../protocol/encoding/digest.ts";
import {
  certificateDigest,
  certificateFromPem,
  certificateToPem,
  isSignedBy,
  parseCertificate,
  sm2WithSm3,
} from "../../../protocol/certificates/certificate.ts";
import { validateChain } from "../../../protocol/certificates/validate-chain.ts";
import { isFault } from "../../../protocol/errors/fault.ts";
import { decodeDer, encodeDer, toArrayBuffer } from "../../../protocol/sm/der.ts";
import { signatureToDer } from "../../../protocol/sm/sm2-signature-der.ts";
import { sign } from "../../../protocol/sm/sm2-signature.ts";
import { expectFault, faultOf } from "../oprf/fixtures.ts";
import { flipBit, runs } from "../sm/fixtures.ts";
import { authority, member, MEMBER_TERM, NOW, random, revocationList } from "./fixtures.ts";
import { GUANGDONG_AUTHORITY, NATIONAL_ROOT } from "./national-root.ts";

const root = authority();
const { certificate, key } = member(root, "alpha");

/** The certificate with its content changed, signed anew by the root: what only a careless authority would issue. */
function reissue(change: (asn: CertificateAsn) => void): Uint8Array {
  const asn = decodeDer(certificate.der, CertificateAsn)!;
  change(asn);
  const signature = sign(root.key, encodeDer(asn.tbsCertificate), random);
  asn.signatureValue = toArrayBuffer(signatureToDer(signature));
  return encodeDer(new CertificateAsn({ ...asn }));
}

const unknown = (critical: boolean): Extension =>
  new Extension({ extnID: "1.2.3.4", critical, extnValue: new OctetString(toArrayBuffer(Uint8Array.of(5, 0))) });

describe("certificate", () => {
  it("says what was asked for", () => {
    const { subject, issuer, uris, usages, isAuthority, notBefore, notAfter, publicKey } = parseCertificate(
      certificate.der,
    );
    expect(subject).to.deep.equal({ commonName: "alpha", organisation: "alpha 证券股份有限公司" });
    expect(issuer).to.deep.equal({ commonName: "Association Root", organisation: "示例证券业协会" });
    expect(uris).to.deep.equal(["urn:riskveil:member:alpha", "https://alpha.example/peer"]);
    expect([isAuthority, usages]).to.deep.equal([false, ["digitalSignature", "keyAgreement"]]);
    expect({ notBefore, notAfter }).to.deep.equal(MEMBER_TERM);
    expect(publicKey).to.deep.equal(key.publicKey);
  });

  it("has the SM3 digest of its DER encoding", () => {
    expect(certificate.digest).to.deep.equal(sm3(certificate.der));
    expect(certificateDigest(certificate.der)).to.deep.equal(certificate.digest);
  });

  it("comes back from PEM as it went", () => {
    expect(certificateFromPem(certificateToPem(certificate.der))).to.deep.equal(certificate.der);
    for (const bad of ["", "-----BEGIN CERTIFICATE-----", certificateToPem(certificate.der).replace("M", "*")]) {
      expectFault(() => certificateFromPem(bad), "CERTIFICATE_MALFORMED");
    }
  });

  it("is read where the national root and the Guangdong authority issued theirs", () => {
    const national = parseCertificate(certificateFromPem(NATIONAL_ROOT));
    const guangdong = parseCertificate(certificateFromPem(GUANGDONG_AUTHORITY));
    expect(national.subject).to.deep.equal({ commonName: "ROOTCA", organisation: "NRCAC" });
    expect(guangdong.subject.commonName).to.equal("Guangdong Certificate Authority");
    expect(guangdong.usages).to.deep.equal(["keyCertSign", "cRLSign"]);
    expect(isSignedBy(national, national.publicKey)).to.equal(true);
    expect(isSignedBy(guangdong, national.publicKey)).to.equal(true);
    expect(isSignedBy(national, guangdong.publicKey)).to.equal(false);
  });

  it("with any bit flipped is malformed or not signed, never another error and never accepted", () => {
    const trust = { trustList: [root.certificate], crls: [revocationList(root)] };
    fc.assert(
      fc.property(fc.nat({ max: certificate.der.length * 8 - 1 }), (bit) => {
        try {
          validateChain({ ...trust, certificate: parseCertificate(flipBit(certificate.der, bit)), at: NOW });
        } catch (error) {
          if (isFault(error)) return;
          throw error;
        }
        throw new Error(`bit ${String(bit)} was not noticed`);
      }),
      { numRuns: runs(200) },
    );
  });

  it("is malformed when cut, continued, too long, or any bytes at all", () => {
    const { der } = certificate;
    for (const bad of [
      new Uint8Array(0),
      der.subarray(0, der.length - 1),
      der.subarray(1),
      concatBytes(der, Uint8Array.of(0)),
      concatBytes(der, der),
      new Uint8Array(5000),
    ]) {
      expectFault(() => parseCertificate(bad), "CERTIFICATE_MALFORMED");
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) =>
        expectFault(() => parseCertificate(bytes), "CERTIFICATE_MALFORMED"),
      ),
    );
  });

  it("is malformed in any encoding but DER", () => {
    const { der } = certificate;
    // The outer SEQUENCE with an indefinite length, and with a length one byte longer than needed.
    const indefinite = concatBytes(Uint8Array.of(0x30, 0x80), der.subarray(4), new Uint8Array(2));
    const long = concatBytes(Uint8Array.of(0x30, 0x83, 0, der[2]!, der[3]!), der.subarray(4));
    for (const bad of [indefinite, long]) expectFault(() => parseCertificate(bad), "CERTIFICATE_MALFORMED");
  });

  it("is malformed with another version, algorithm, serial number or a critical extension nobody knows", () => {
    const ecdsa = new AlgorithmIdentifier({ algorithm: "1.2.840.10045.4.3.2" });
    const parameters = toArrayBuffer(Uint8Array.of(5, 0));
    const withNull = new AlgorithmIdentifier({ algorithm: "1.2.156.10197.1.501", parameters });
    const serial = (bytes: readonly number[]) => (asn: CertificateAsn) => {
      asn.tbsCertificate.serialNumber = toArrayBuffer(Uint8Array.from(bytes));
    };
    const changes: readonly [string, (asn: CertificateAsn) => void][] = [
      ["version", (asn) => (asn.tbsCertificate.version = 1)],
      ["signature algorithm", (asn) => (asn.tbsCertificate.signature = ecdsa)],
      ["signature algorithm", (asn) => (asn.signatureAlgorithm = ecdsa)],
      ["signature algorithm", (asn) => (asn.signatureAlgorithm = withNull)],
      ["serial number", serial([0])],
      ["serial number", serial([0x80])],
      ["serial number", serial([0, 1])],
      ["serial number", serial(new Array<number>(21).fill(1))],
      ["critical extension 1.2.3.4", (asn) => asn.tbsCertificate.extensions?.push(unknown(true))],
    ];
    for (const [part, change] of changes) {
      const fault = faultOf(() => parseCertificate(reissue(change)));
      expect([fault.code, fault.values["part"]]).to.deep.equal(["CERTIFICATE_MALFORMED", part]);
    }
    for (const twice of ["2.5.29.15", "2.5.29.19", "2.5.29.17"]) {
      const der = reissue(({ tbsCertificate: { extensions } }) => {
        extensions?.push(extensions.find(({ extnID }) => extnID === twice)!);
      });
      expectFault(() => parseCertificate(der), "CERTIFICATE_MALFORMED");
    }
    expect(() =>
      parseCertificate(reissue((asn) => asn.tbsCertificate.extensions?.push(unknown(false)))),
    ).not.to.throw();
  });

  it("is refused for a key off the curve, compressed, or of another curve", () => {
    const keyOf = (change: (bytes: Uint8Array) => Uint8Array) => (asn: CertificateAsn) => {
      const info = asn.tbsCertificate.subjectPublicKeyInfo;
      info.subjectPublicKey = toArrayBuffer(change(new Uint8Array(info.subjectPublicKey)));
    };
    for (const change of [
      keyOf((bytes) => flipBit(bytes, 500)),
      keyOf((bytes) => Uint8Array.of(2 + ((bytes[64] ?? 0) & 1), ...bytes.subarray(1, 33))),
      keyOf(() => new Uint8Array(0)),
      (asn: CertificateAsn) => {
        const p256 = toArrayBuffer(Uint8Array.of(6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7));
        asn.tbsCertificate.subjectPublicKeyInfo.algorithm.parameters = p256;
      },
    ]) {
      expectFault(() => parseCertificate(reissue(change)), "CERTIFICATE_KEY_INVALID");
    }
  });

  it("is malformed with a time that is none", () => {
    const text = Buffer.from(certificate.signed);
    const at = text.indexOf("261031000000Z");
    expect(at).to.be.greaterThan(0);
    for (const time of [
      "261331000000Z",
      "260230000000Z",
      "26103100000xZ",
      "2610310000000",
      "261031250000Z",
      "-61031000000Z",
    ]) {
      const signed = new Uint8Array(text);
      signed.set(Buffer.from(time, "latin1"), at);
      const signature = signatureToDer(sign(root.key, signed, random));
      const bits = concatBytes(Uint8Array.of(3, signature.length + 1, 0), signature);
      const content = concatBytes(signed, encodeDer(sm2WithSm3()), bits);
      const der = concatBytes(Uint8Array.of(0x30, 0x82, content.length >> 8, content.length & 255), content);
      expectFault(() => parseCertificate(der), "CERTIFICATE_MALFORMED");
    }
  });

  it("without extensions is for nothing", () => {
    const bare = parseCertificate(reissue((asn) => (asn.tbsCertificate.extensions = new Extensions([unknown(false)]))));
    expect([bare.usages, bare.isAuthority, bare.uris]).to.deep.equal([[], false, []]);
  });
});
