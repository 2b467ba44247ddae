/** Our certificates and lists under `openssl`, and `openssl`'s certificates under our checks. */
import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";

import { CertificateList } from "@peculiar/asn1-x509";

import { bytesEqual } from "../../../protocol/encoding/bytes.ts";
import {
  certificateFromPem,
  certificateToPem,
  parseCertificate,
  type Certificate,
} from "../../../protocol/certificates/certificate.ts";
import {
  parseRevocationList,
  revocationListFromPem,
  revocationListToPem,
  type RevocationList,
} from "../../../protocol/certificates/revocation-list.ts";
import { validateChain } from "../../../protocol/certificates/validate-chain.ts";
import { privateKeyFromPem, privateKeyToPem, publicKeyToPem } from "../../../protocol/sm/sm2-key-pem.ts";
import { signatureToDer } from "../../../protocol/sm/sm2-signature-der.ts";
import { DEFAULT_USER_ID, sign, type Sm2Signature } from "../../../protocol/sm/sm2-signature.ts";
import { decodeDer, encodeDer, toArrayBuffer } from "../../../protocol/sm/der.ts";
import { openssl, type Openssl } from "../../support/openssl.ts";
import { expectFault } from "../oprf/fixtures.ts";
import { authority, DAY, member, NOW, random, revocationList } from "./fixtures.ts";

const DISTID = ["-vfyopt", "distid:1234567812345678"];
const SIGN = ["-sm3", "-sigopt", "distid:1234567812345678"];
const AT = ["-attime", String(NOW)];

describe("certificates and openssl", () => {
  let ssl: Openssl;
  beforeEach(function () {
    ssl = openssl(this);
  });
  afterEach(() => ssl?.remove());

  describe("ours under openssl", () => {
    const root = authority();
    const { certificate, key } = member(root, "alpha");

    beforeEach(() => {
      ssl.write("root.pem", certificateToPem(root.certificate.der));
      ssl.write("member.pem", certificateToPem(certificate.der));
      ssl.write("key.pem", privateKeyToPem(key));
    });

    it("verifies a member's certificate against the root", () => {
      const strict = ["-x509_strict", "-CAfile", "root.pem", "member.pem"];
      expect(ssl.run("verify", ...DISTID, ...AT, ...strict)).to.contain("member.pem: OK");
      // As a target of `verify` the root's own signature is not looked at, and -check_ss_sig knows no user id.
      expect(verifies(root.certificate)).to.contain("Signature Verified Successfully");
    });

    it("prints names, usages, identifiers and algorithms as they are", () => {
      const text = ssl.run("x509", "-in", "member.pem", "-noout", "-text", "-nameopt", "utf8,sep_comma_plus");
      for (const part of [
        "Version: 3 (0x2)",
        "Signature Algorithm: SM2-with-SM3",
        "Issuer: C=CN,O=示例证券业协会,CN=Association Root",
        "Subject: C=CN,O=alpha 证券股份有限公司,CN=alpha",
        "ASN1 OID: SM2",
        "Not Before: Oct 31 00:00:00 2026 GMT",
        "Not After : Nov  1 00:00:00 2027 GMT",
        "X509v3 Basic Constraints: critical\n                CA:FALSE",
        "X509v3 Key Usage: critical\n                Digital Signature, Key Agreement\n",
        "URI:urn:riskveil:member:alpha, URI:https://alpha.example/peer",
      ]) {
        expect(text).to.contain(part);
      }
      const rootText = ssl.run("x509", "-in", "root.pem", "-noout", "-text");
      expect(rootText).to.contain("CA:TRUE, pathlen:0");
      expect(rootText).to.contain("X509v3 Key Usage: critical\n                Certificate Sign, CRL Sign\n");
      const identifier = /Subject Key Identifier: \n\s+([0-9A-F:]+)/.exec(rootText)?.[1];
      expect(identifier).to.be.a("string");
      expect(text).to.match(new RegExp(`Authority Key Identifier: \\n\\s+(?:keyid:)?${identifier ?? ""}`));
      const serial = /serial=([0-9A-F]+)/.exec(ssl.run("x509", "-in", "member.pem", "-noout", "-serial"))?.[1];
      expect(`0x${serial?.toLowerCase() ?? ""}`).to.equal(certificate.serial);
    });

    it("has the key that the certificate is for, and the SM3 fingerprint that stands on chain", () => {
      expect(ssl.run("x509", "-in", "member.pem", "-noout", "-pubkey")).to.equal(publicKeyToPem(key.publicKey));
      expect(ssl.run("pkey", "-in", "key.pem", "-pubout")).to.equal(publicKeyToPem(key.publicKey));
      const fingerprint = ssl.run("x509", "-in", "member.pem", "-noout", "-fingerprint", "-sm3").split("=")[1] ?? "";
      expect(fingerprint.trim().replaceAll(":", "").toLowerCase()).to.equal(
        Buffer.from(certificate.digest).toString("hex"),
      );
    });

    it("does not verify a changed certificate, nor one of another authority under the same name", () => {
      const changed = certificate.der.slice();
      const at = Buffer.from(changed).indexOf("urn:riskveil:member:alpha");
      changed[at + 20] = 0x62;
      ssl.write("changed.pem", certificateToPem(changed));
      ssl.fails("verify", ...DISTID, ...AT, "-CAfile", "root.pem", "changed.pem");
      ssl.write("other.pem", certificateToPem(member(authority(), "alpha").certificate.der));
      ssl.fails("verify", ...DISTID, ...AT, "-CAfile", "root.pem", "other.pem");
    });

    it("accepts the signature and the form of our revocation list", () => {
      const revoked = [{ serial: certificate.serial, at: NOW - DAY / 2, reason: "keyCompromise" }] as const;
      const list = revocationList(root, { number: 7, revoked });
      ssl.write("crl.pem", revocationListToPem(list.der));
      const text = ssl.run("crl", "-in", "crl.pem", "-noout", "-text");
      for (const part of [
        "Version 2",
        "SM2-with-SM3",
        "X509v3 CRL Number: \n                7",
        `Serial Number: ${certificate.serial.slice(2).toUpperCase()}`,
        "Revocation Date: Oct 31 12:00:00 2026 GMT",
        "Key Compromise",
        "Next Update: Nov  8 00:00:00 2026 GMT",
      ]) {
        expect(text).to.contain(part);
      }
      expect(verifies(list)).to.contain("Signature Verified Successfully");
    });

    it("goes by our list with -crl_check, which knows no user id: with the list signed under the empty one", () => {
      // OpenSSL takes a distid for certificates and none for lists (X509_CRL_verify), so it checks lists with the empty id. The
      // list under the standard's id fails there for that reason alone: under the empty id the same bytes are accepted.
      const gone = member(root, "omega").certificate;
      const revoked = [{ serial: gone.serial, at: NOW - DAY / 2, reason: "keyCompromise" }] as const;
      ssl.write("gone.pem", certificateToPem(gone.der));
      const check = (list: RevocationList, userId: Uint8Array): string[] => {
        ssl.write("crl.pem", revocationListToPem(signedAnew(list, sign(root.key, list.signed, random, userId))));
        const files = ["-CRLfile", "crl.pem", "-CAfile", "root.pem"];
        return ["verify", ...DISTID, ...AT, "-crl_check", "-x509_strict", ...files];
      };
      const empty = new Uint8Array(0);
      expect(ssl.run(...check(revocationList(root), empty), "gone.pem")).to.contain("gone.pem: OK");
      expect(ssl.run(...check(revocationList(root, { revoked }), empty), "member.pem")).to.contain("member.pem: OK");
      expect(ssl.fails(...check(revocationList(root, { revoked }), empty), "gone.pem")).to.contain(
        "certificate revoked",
      );
      const standard = ssl.fails(...check(revocationList(root), DEFAULT_USER_ID), "gone.pem");
      expect(standard).to.contain("CRL signature failure");
    });

    /** OpenSSL's word on the authority's signature over a certificate's or a list's content. */
    const verifies = ({ signed, signature }: Pick<Certificate, "signed" | "signature">): string => {
      ssl.write("issuer.pub", publicKeyToPem(root.key.publicKey));
      ssl.write("signed", signed);
      ssl.write("signature", signatureToDer(signature));
      const input = ["-rawin", "-digest", "sm3", "-in", "signed", "-sigfile", "signature"];
      return ssl.run("pkeyutl", "-verify", "-pubin", "-inkey", "issuer.pub", ...input, "-pkeyopt", DISTID[1] ?? "");
    };
  });

  describe("openssl's under our checks", () => {
    /** OpenSSL certifies from its own present on. */
    const soon = (): number => Math.floor(Date.now() / 1000) + 60;
    const USAGE = "keyUsage=critical,keyCertSign,cRLSign";

    /** A root and a member made by openssl alone; the root's usage may be left out, as openssl does by itself. */
    const make = (usage: readonly string[] = ["-addext", USAGE]): void => {
      ssl.run("genpkey", "-algorithm", "SM2", "-out", "ca.key");
      const subject = ["-subj", "/C=CN/O=Bank CA/CN=Bank Root", "-days", "100"];
      ssl.run("req", "-x509", "-key", "ca.key", ...SIGN, ...subject, ...usage, "-out", "ca.pem");
      ssl.run("genpkey", "-algorithm", "SM2", "-out", "m.key");
      ssl.run("req", "-new", "-key", "m.key", ...SIGN, "-subj", "/C=CN/O=Bank/CN=bank", "-out", "m.csr");
      const extensions = [
        "basicConstraints=critical,CA:FALSE",
        "keyUsage=critical,digitalSignature,keyAgreement",
        "subjectKeyIdentifier=hash",
        "authorityKeyIdentifier=keyid",
        "subjectAltName=URI:https://bank.example/",
      ];
      ssl.write("m.ext", extensions.join("\n"));
      const csr = ["-in", "m.csr", "-vfyopt", "distid:1234567812345678"];
      const issuer = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", ...SIGN, "-days", "30"];
      ssl.run("x509", "-req", ...csr, ...issuer, "-extfile", "m.ext", "-out", "m.pem");
    };

    /** What `openssl ca` needs to make a list of the certificates in its index. */
    const makeList = (...revoke: string[]): void => {
      ssl.write("index.txt", "");
      ssl.write("crlnumber", "2A\n");
      const config =
        "[ca]\ndefault_ca=d\n[d]\ndatabase=index.txt\ncrlnumber=crlnumber\ndefault_md=sm3\nprivate_key=ca.key";
      ssl.write(
        "ca.cnf",
        `${config}\ncertificate=ca.pem\ndefault_crl_days=5\ncrl_extensions=x\n[x]\nauthorityKeyIdentifier=keyid\n`,
      );
      for (const file of revoke) ssl.run("ca", "-config", "ca.cnf", "-revoke", file, "-crl_reason", "superseded");
      ssl.run("ca", "-config", "ca.cnf", "-gencrl", "-sigopt", "distid:1234567812345678", "-out", "ca.crl");
    };

    const read = (name: string) => parseCertificate(certificateFromPem(ssl.readText(name)));
    const readList = () => parseRevocationList(revocationListFromPem(ssl.readText("ca.crl")));

    it("accepts a certificate of openssl req and x509 with a list of openssl ca", () => {
      make();
      makeList();
      const certificate = read("m.pem");
      expect(certificate.subject).to.deep.equal({ commonName: "bank", organisation: "Bank" });
      expect(certificate.uris).to.deep.equal(["https://bank.example/"]);
      expect(certificate.usages).to.deep.equal(["digitalSignature", "keyAgreement"]);
      expect(bytesEqual(certificate.publicKey, privateKeyFromPem(ssl.readText("m.key")).publicKey)).to.equal(true);
      const list = readList();
      expect(list.number).to.equal(0x2a);
      const root = read("ca.pem");
      expect(validateChain({ certificate, trustList: [root], crls: [list], at: soon() })).to.equal(root);
    });

    it("refuses one that openssl ca revoked", () => {
      make();
      makeList("m.pem");
      const question = { certificate: read("m.pem"), trustList: [read("ca.pem")], crls: [readList()], at: soon() };
      expectFault(() => validateChain(question), "CERTIFICATE_REVOKED");
    });

    it("refuses a root without the right to sign, as openssl makes one unless told otherwise", () => {
      make([]);
      makeList();
      const question = { certificate: read("m.pem"), trustList: [read("ca.pem")], crls: [readList()], at: soon() };
      expectFault(() => validateChain(question), "CERTIFICATE_NOT_CA");
    });

    it("refuses a certificate for a key of another curve, and one signed by another algorithm", () => {
      make();
      ssl.run("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", "p256.key");
      ssl.run("pkey", "-in", "p256.key", "-pubout", "-out", "p256.pub");
      const issuer = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", ...SIGN, "-days", "30"];
      const csr = ["-in", "m.csr", "-vfyopt", "distid:1234567812345678"];
      ssl.run("x509", "-req", ...csr, ...issuer, "-force_pubkey", "p256.pub", "-extfile", "m.ext", "-out", "p256.pem");
      expectFault(() => read("p256.pem"), "CERTIFICATE_KEY_INVALID");
      ssl.run("req", "-x509", "-key", "p256.key", "-sha256", "-subj", "/CN=x", "-out", "ecdsa.pem");
      expectFault(() => read("ecdsa.pem"), "CERTIFICATE_MALFORMED");
    });
  });
});

function signedAnew(list: RevocationList, signature: Sm2Signature): Uint8Array {
  const asn = decodeDer(list.der, CertificateList);
  if (!asn) throw new Error("not a list");
  return encodeDer(
    new CertificateList({
      tbsCertList: asn.tbsCertList,
      signatureAlgorithm: asn.signatureAlgorithm,
      signature: toArrayBuffer(signatureToDer(signature)),
    }),
  );
}
