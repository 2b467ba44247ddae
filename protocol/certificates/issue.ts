/**
 * Certificates of the Association and of members (GM/T 0015). The authority's key signs; times, serial numbers and names are
 * arguments. A member's key is made by the member; that it holds it is shown at admission, before anything is issued.
 */
import { Certificate as CertificateAsn, Extensions, TBSCertificate, Validity, Version } from "@peculiar/asn1-x509";
import type { Extension, Name } from "@peculiar/asn1-x509";

import { bytesEqual, type RandomBytes } from "../encoding/bytes.ts";
import { Fault } from "../errors/fault.ts";
import { decodeDer, encodeDer, integerContent, toArrayBuffer } from "../sm/der.ts";
import type { Sm2KeyPair, Sm2PublicKey } from "../sm/sm2-curve.ts";
import { publicKeyInfo } from "../sm/sm2-public-key-info.ts";
import { signatureToDer } from "../sm/sm2-signature-der.ts";
import { sign } from "../sm/sm2-signature.ts";
import { parseCertificate, sm2WithSm3, type Certificate } from "./certificate.ts";
import { encodeName, type Subject } from "./distinguished-name.ts";
import {
  alternativeNames,
  authorityKeyIdentifierExtension,
  basicConstraints,
  keyIdentifier,
  keyUsage,
  subjectKeyIdentifierExtension,
} from "./extensions.ts";

const SERIAL_BYTES = 16;
/** Year 9999 in RFC 5280's GeneralizedTime. */
const LATEST = 253_402_300_799;
const URI_MAXIMUM = 200;

/** Unix seconds, both inclusive. */
export interface Term {
  readonly notBefore: number;
  readonly notAfter: number;
}

export interface Authority {
  readonly certificate: Certificate;
  readonly key: Sm2KeyPair;
}

/** Self-signed, for signing certificates and revocation lists. @throws Fault CERTIFICATE_REQUEST_INVALID */
export function issueRoot(subject: Subject, key: Sm2KeyPair, term: Term, random: RandomBytes): Certificate {
  requireTerm(term);
  const identifier = keyIdentifier(key.publicKey);
  const extensions = [
    basicConstraints(true),
    keyUsage(["keyCertSign", "cRLSign"]),
    subjectKeyIdentifierExtension(identifier),
    authorityKeyIdentifierExtension(identifier),
  ];
  const name = encodeName(subject);
  return issue({ subject: name, issuer: name, publicKey: key.publicKey, term, extensions }, key, random);
}

export interface MemberRequest {
  readonly subject: Subject;
  readonly publicKey: Sm2PublicKey;
  /** URIs of the subject alternative name: the member (`urn:riskveil:member:NAME`), its endpoint. ASCII, at most 200 characters. */
  readonly uris: readonly string[];
  readonly term: Term;
}

/** For signatures and key agreement between relayers. @throws Fault CERTIFICATE_REQUEST_INVALID */
export function issueMember(authority: Authority, request: MemberRequest, random: RandomBytes): Certificate {
  const { certificate, key } = authority;
  const { subject, publicKey, uris, term } = request;
  requireAuthority(authority);
  requireTerm(term);
  if (term.notBefore < certificate.notBefore || term.notAfter > certificate.notAfter) throw refused("term");
  if (bytesEqual(publicKey, key.publicKey)) throw refused("key");
  if (uris.some((uri) => !isUri(uri))) throw refused("URI");
  const extensions = [
    basicConstraints(false),
    keyUsage(["digitalSignature", "keyAgreement"]),
    subjectKeyIdentifierExtension(keyIdentifier(publicKey)),
    authorityKeyIdentifierExtension(certificate.subjectKeyIdentifier ?? keyIdentifier(key.publicKey)),
    ...(uris.length === 0 ? [] : [alternativeNames(uris)]),
  ];
  return issue({ subject: encodeName(subject), issuer: nameOf(certificate), publicKey, term, extensions }, key, random);
}

/** The authority's own name, byte for byte as its certificate has it. */
export function nameOf({ der }: Certificate): Name {
  const asn = decodeDer(der, CertificateAsn);
  if (!asn) throw refused("authority");
  return asn.tbsCertificate.subject;
}

/** @throws Fault CERTIFICATE_REQUEST_INVALID if the key is not that of the certificate, or it may not sign */
export function requireAuthority({ certificate, key }: Authority): void {
  const maySign = certificate.isAuthority && certificate.usages.includes("keyCertSign");
  if (!maySign || !bytesEqual(certificate.publicKey, key.publicKey)) throw refused("authority");
}

interface Content {
  readonly subject: Name;
  readonly issuer: Name;
  readonly publicKey: Sm2PublicKey;
  readonly term: Term;
  readonly extensions: readonly Extension[];
}

function issue(content: Content, signer: Sm2KeyPair, random: RandomBytes): Certificate {
  const { subject, issuer, publicKey, term, extensions } = content;
  const tbsCertificate = new TBSCertificate({
    version: Version.v3,
    serialNumber: toArrayBuffer(randomSerial(random)),
    signature: sm2WithSm3(),
    issuer,
    subject,
    validity: new Validity({ notBefore: new Date(term.notBefore * 1000), notAfter: new Date(term.notAfter * 1000) }),
    subjectPublicKeyInfo: publicKeyInfo(publicKey),
    extensions: new Extensions([...extensions]),
  });
  const signature = signatureToDer(sign(signer, encodeDer(tbsCertificate), random));
  const certificate = new CertificateAsn({
    tbsCertificate,
    signatureAlgorithm: sm2WithSm3(),
    signatureValue: toArrayBuffer(signature),
  });
  return parseCertificate(encodeDer(certificate));
}

/** 128 random bits as a positive INTEGER; the first bit after the sign is set, so that it is never zero or short. */
function randomSerial(random: RandomBytes): Uint8Array {
  const serial = random(SERIAL_BYTES);
  if (serial.length !== SERIAL_BYTES || serial.every((byte) => byte === 0)) throw refused("serial number");
  return integerContent(serial);
}

function requireTerm({ notBefore, notAfter }: Term): void {
  const inRange = (time: number): boolean => Number.isSafeInteger(time) && time >= 0 && time <= LATEST;
  if (!inRange(notBefore) || !inRange(notAfter) || notBefore > notAfter) throw refused("term");
}

function isUri(text: string): boolean {
  return text.length <= URI_MAXIMUM && /^[a-z][a-z0-9+.-]*:[\x21-\x7e]+$/.test(text);
}

function refused(part: string): Fault {
  return new Fault("CERTIFICATE_REQUEST_INVALID", { part });
}
