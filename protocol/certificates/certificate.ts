/**
 * X.509 version 3 certificates with SM2 (GM/T 0015, RFC 5280): the DER encoding and what it says. Parsing checks form only; who
 * signed it and whether it is in force is `validate-chain.ts`.
 */
import { AlgorithmIdentifier, Certificate as CertificateAsn, Version } from "@peculiar/asn1-x509";

import { bytesEqual, type Hex, toHex } from "../encoding/bytes.ts";
import { sm3 } from "../encoding/digest.ts";
import { Fault } from "../errors/fault.ts";
import { decodeDer, encodeDer, integerContent } from "../sm/der.ts";
import { SM2_WITH_SM3 } from "../sm/object-identifiers.ts";
import { allFromPem, fromPem, toPem } from "../sm/pem.ts";
import type { Sm2PublicKey } from "../sm/sm2-curve.ts";
import { publicKeyFromInfo } from "../sm/sm2-public-key-info.ts";
import { signatureFromDer } from "../sm/sm2-signature-der.ts";
import { verify, type Sm2Signature } from "../sm/sm2-signature.ts";
import { readName, type Subject } from "./distinguished-name.ts";
import { readCertificateExtensions, type CertificateExtensions } from "./extensions.ts";

/** Ours have 500 to 700 bytes; a certificate that carries logos and policies is not for this. */
export const CERTIFICATE_BYTES_MAXIMUM = 4096;
const LABEL = "CERTIFICATE";
const NULL_PARAMETERS = Uint8Array.of(0x05, 0x00);

declare const digestBrand: unique symbol;

/** SM3 of a certificate's DER encoding, 32 bytes: what stands on chain for it (docs/decisions/0011). */
export type CertificateDigest = Uint8Array & { readonly [digestBrand]: true };

export interface Certificate extends CertificateExtensions {
  readonly der: Uint8Array;
  readonly digest: CertificateDigest;
  /** Lower-case hex with 0x, up to 20 bytes. */
  readonly serial: Hex;
  readonly subject: Subject;
  readonly issuer: Subject;
  /** DER, for exact comparison. */
  readonly subjectName: Uint8Array;
  readonly issuerName: Uint8Array;
  /** Unix seconds, both inclusive. */
  readonly notBefore: number;
  readonly notAfter: number;
  readonly publicKey: Sm2PublicKey;
  /** What the issuer signed. */
  readonly signed: Uint8Array;
  readonly signature: Sm2Signature;
}

export function certificateDigest(der: Uint8Array): CertificateDigest {
  return sm3(der) as CertificateDigest;
}

/** @throws Fault CERTIFICATE_MALFORMED, CERTIFICATE_KEY_INVALID */
export function parseCertificate(der: Uint8Array): Certificate {
  if (der.length > CERTIFICATE_BYTES_MAXIMUM) throw malformed("size");
  const asn = decodeDer(der, CertificateAsn);
  if (!asn?.tbsCertificateRaw) throw malformed("encoding");
  const { tbsCertificate: content } = asn;
  if (content.version !== Version.v3) throw malformed("version");
  if (!isSm2WithSm3(asn.signatureAlgorithm, content.signature)) throw malformed("signature algorithm");
  const signature = signatureFromDer(new Uint8Array(asn.signatureValue));
  if (!signature) throw malformed("signature");
  const serial = parseSerial(content.serialNumber, () => malformed("serial number"));
  const { notBefore, notAfter } = content.validity;
  return {
    der: der.slice(),
    digest: certificateDigest(der),
    serial,
    subject: readName(content.subject),
    issuer: readName(content.issuer),
    subjectName: encodeDer(content.subject),
    issuerName: encodeDer(content.issuer),
    notBefore: unixSeconds(notBefore.getTime(), () => malformed("validity")),
    notAfter: unixSeconds(notAfter.getTime(), () => malformed("validity")),
    publicKey: parseKey(content.subjectPublicKeyInfo, serial),
    signed: new Uint8Array(asn.tbsCertificateRaw),
    signature,
    ...parseExtensions(content.extensions ?? []),
  };
}

/** Whether `issuer`'s key signed this certificate; says nothing about whether it was allowed to. */
export function isSignedBy(
  { signed, signature }: Pick<Certificate, "signed" | "signature">,
  issuer: Sm2PublicKey,
): boolean {
  return verify(issuer, signed, signature);
}

export function certificateToPem(der: Uint8Array): string {
  return toPem(LABEL, der);
}

/** @throws Fault CERTIFICATE_MALFORMED if the text holds no certificate in PEM */
export function certificateFromPem(text: string): Uint8Array {
  const der = fromPem(LABEL, text);
  if (!der) throw malformed("PEM");
  return der;
}

/** All certificates of a file, in their order; none of a text without any. @throws Fault CERTIFICATE_MALFORMED */
export function certificatesFromPem(text: string): Certificate[] {
  const blocks = allFromPem(LABEL, text);
  if (!blocks) throw malformed("PEM");
  return blocks.map(parseCertificate);
}

export function sm2WithSm3(): AlgorithmIdentifier {
  return new AlgorithmIdentifier({ algorithm: SM2_WITH_SM3 });
}

/** Outside and inside of what is signed, and the same. Parameters absent as in RFC 8998, or NULL as national authorities write. */
export function isSm2WithSm3(outer: AlgorithmIdentifier, inner: AlgorithmIdentifier): boolean {
  const { algorithm, parameters } = outer;
  if (algorithm !== SM2_WITH_SM3 || !bytesEqual(encodeDer(outer), encodeDer(inner))) return false;
  return !parameters || bytesEqual(new Uint8Array(parameters), NULL_PARAMETERS);
}

/** A positive INTEGER of at most 20 bytes as RFC 5280 wants it, minimally encoded. */
export function parseSerial(content: ArrayBuffer, fault: () => Fault): Hex {
  const bytes = new Uint8Array(content);
  const positive = bytes.length > 0 && bytes.length <= 20 && (bytes[0] ?? 0) < 0x80 && bytes.some((byte) => byte !== 0);
  if (!positive || !bytesEqual(bytes, integerContent(bytes))) throw fault();
  return toHex(bytes[0] === 0 ? bytes.subarray(1) : bytes);
}

/** A date that is none would be neither before nor after any time: such a certificate would never end. */
export function unixSeconds(date: Date, fault: () => Fault): number {
  const seconds = Math.floor(date.getTime() / 1000);
  if (!Number.isSafeInteger(seconds)) throw fault();
  return seconds;
}

function parseKey(info: Parameters<typeof publicKeyFromInfo>[0], serial: Hex): Sm2PublicKey {
  try {
    return publicKeyFromInfo(info);
  } catch (cause) {
    throw new Fault("CERTIFICATE_KEY_INVALID", { serial }, cause);
  }
}

function parseExtensions(extensions: Parameters<typeof readCertificateExtensions>[0]): CertificateExtensions {
  try {
    return readCertificateExtensions(extensions);
  } catch (cause) {
    throw malformed(cause instanceof RangeError ? cause.message : "extensions", cause);
  }
}

function malformed(part: string, cause?: unknown): Fault {
  return new Fault("CERTIFICATE_MALFORMED", { part }, cause);
}
