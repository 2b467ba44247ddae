/**
 * Certificate revocation lists, version 2 (RFC 5280 section 5), signed by SM2: complete lists only, with a number, a reason for
 * each certificate and a time by which the next list comes.
 */
import type { Extension } from "@peculiar/asn1-x509";
import { Time, TBSCertList, RevokedCertificate } from "@peculiar/asn1-x509";
import {
  CertificateList,
  CRLNumber,
  CRLReason,
  id_ce_authorityKeyIdentifier,
  id_ce_cRLNumber,
  id_ce_cRLReasons,
  Version,
} from "@peculiar/asn1-x509";

import { fromHex, type Hex, type RandomBytes } from "../encoding/bytes.ts";
import { Fault } from "../errors/fault.ts";
import { decodeDer, encodeDer, integerContent, toArrayBuffer } from "../sm/der.ts";
import { allFromPem, fromPem, toPem } from "../sm/pem.ts";
import { signatureFromDer, signatureToDer } from "../sm/sm2-signature-der.ts";
import { sign, type Sm2Signature } from "../sm/sm2-signature.ts";
import { isSm2WithSm3, parseSerial, sm2WithSm3, unixSeconds } from "./certificate.ts";
import {
  authorityKeyIdentifierExtension,
  crlNumberExtension,
  extension,
  keyIdentifier,
  read,
  readAuthorityKeyIdentifier,
  requireKnown,
} from "./extensions.ts";
import { nameOf, requireAuthority, type Authority } from "./issue.ts";

/** 5,000 entries, which take about a second to read: once, when the list comes. The Association revokes a few a year. */
export const REVOCATION_LIST_BYTES_MAXIMUM = 250_000;
const LABEL = "X509 CRL";
const ENUMERATED = 0x0a;

/** Reasons that a complete list can give (RFC 5280 section 5.3.1). A certificate on hold is as revoked as any other. */
export const revocationReasons = {
  unspecified: 0,
  keyCompromise: 1,
  cACompromise: 2,
  affiliationChanged: 3,
  superseded: 4,
  cessationOfOperation: 5,
  certificateHold: 6,
  privilegeWithdrawn: 9,
  aACompromise: 10,
} as const;

export type RevocationReason = keyof typeof revocationReasons;

export interface Revocation {
  readonly serial: Hex;
  /** Unix seconds. */
  readonly at: number;
  readonly reason: RevocationReason;
}

export interface RevocationList {
  readonly der: Uint8Array;
  /** DER, for exact comparison. */
  readonly issuerName: Uint8Array;
  readonly authorityKeyIdentifier: Uint8Array | undefined;
  /** Counts up with each list of an authority; 0 if the list has none. */
  readonly number: number;
  /** Unix seconds, both inclusive. */
  readonly thisUpdate: number;
  readonly nextUpdate: number;
  readonly revoked: ReadonlyMap<Hex, Revocation>;
  readonly signed: Uint8Array;
  readonly signature: Sm2Signature;
}

export interface RevocationListContent {
  readonly number: number;
  readonly thisUpdate: number;
  readonly nextUpdate: number;
  readonly revoked: readonly Revocation[];
}

/** @throws Fault CERTIFICATE_REQUEST_INVALID */
export function issueRevocationList(
  authority: Authority,
  { number, thisUpdate, nextUpdate, revoked }: RevocationListContent,
  random: RandomBytes,
): RevocationList {
  requireAuthority(authority);
  if (!authority.certificate.usages.includes("cRLSign")) throw refused("authority");
  if (!(nextUpdate > thisUpdate)) throw refused("term");
  if (!Number.isSafeInteger(number) || number < 1) throw refused("number");
  if (new Set(revoked.map(({ serial }) => serial)).size < revoked.length) throw refused("serial number");
  const identifier = authority.certificate.subjectKeyIdentifier ?? keyIdentifier(authority.key.publicKey);
  const tbsCertList = new TBSCertList({
    version: Version.v2,
    signature: sm2WithSm3(),
    issuer: nameOf(authority.certificate),
    thisUpdate: time(thisUpdate),
    nextUpdate: time(nextUpdate),
    // RFC 5280: absent rather than empty.
    ...(revoked.length === 0 ? {} : { revokedCertificates: revoked.map(encodeEntry) }),
    crlExtensions: [authorityKeyIdentifierExtension(identifier), crlNumberExtension(number)],
  });
  const signature = signatureToDer(sign(authority.key, encodeDer(tbsCertList), random));
  const list = new CertificateList({
    tbsCertList,
    signatureAlgorithm: sm2WithSm3(),
    signature: toArrayBuffer(signature),
  });
  return parseRevocationList(encodeDer(list));
}

/** @throws Fault REVOCATION_LIST_MALFORMED */
export function parseRevocationList(der: Uint8Array): RevocationList {
  if (der.length > REVOCATION_LIST_BYTES_MAXIMUM) throw malformed("size");
  const asn = decodeDer(der, CertificateList);
  if (!asn?.tbsCertListRaw) throw malformed("encoding");
  const { tbsCertList: content } = asn;
  if (content.version !== Version.v2) throw malformed("version");
  if (!isSm2WithSm3(asn.signatureAlgorithm, content.signature)) throw malformed("signature algorithm");
  const signature = signatureFromDer(new Uint8Array(asn.signature));
  if (!signature) throw malformed("signature");
  if (!content.nextUpdate) throw malformed("no next update");
  return {
    der: der.slice(),
    issuerName: encodeDer(content.issuer),
    ...readListExtensions(content.crlExtensions ?? []),
    thisUpdate: unixSeconds(content.thisUpdate.getTime(), () => malformed("this update")),
    nextUpdate: unixSeconds(content.nextUpdate.getTime(), () => malformed("next update")),
    revoked: new Map((content.revokedCertificates ?? []).map(decodeEntry).map((entry) => [entry.serial, entry])),
    signed: new Uint8Array(asn.tbsCertListRaw),
    signature,
  };
}

export function revocationListToPem(der: Uint8Array): string {
  return toPem(LABEL, der);
}

/** @throws Fault REVOCATION_LIST_MALFORMED if the text holds no list in PEM */
export function revocationListFromPem(text: string): Uint8Array {
  const der = fromPem(LABEL, text);
  if (!der) throw malformed("PEM");
  return der;
}

/** All lists of a file, in their order; none of a text without any. @throws Fault REVOCATION_LIST_MALFORMED */
export function revocationListsFromPem(text: string): RevocationList[] {
  const blocks = allFromPem(LABEL, text);
  if (!blocks) throw malformed("PEM");
  return blocks.map(parseRevocationList);
}

function encodeEntry({ serial, at, reason }: Revocation): RevokedCertificate {
  // RFC 5280: unspecified is said by no reason at all.
  const reasons = [extension(id_ce_cRLReasons, new CRLReason(revocationReasons[reason]))];
  return new RevokedCertificate({
    userCertificate: toArrayBuffer(integerContent(fromHex(serial))),
    revocationDate: time(at),
    ...(reason === "unspecified" ? {} : { crlEntryExtensions: reasons }),
  });
}

function decodeEntry(entry: RevokedCertificate): Revocation {
  const serial = parseSerial(entry.userCertificate, () => malformed("serial number"));
  const extensions = entry.crlEntryExtensions ?? [];
  const code: number = reading(() => {
    requireKnown(extensions, [id_ce_cRLReasons]);
    return readReason(extensions);
  });
  const reason = (Object.keys(revocationReasons) as RevocationReason[]).find(
    (name) => (revocationReasons[name] as number) === code,
  );
  // removeFromCRL belongs to delta lists.
  if (reason === undefined) throw malformed("reason");
  return { serial, at: unixSeconds(entry.revocationDate.getTime(), () => malformed("revocation date")), reason };
}

/** ENUMERATED of one byte, read by hand: the library takes longer for it than for the rest of the entry. */
function readReason(extensions: readonly Extension[]): number {
  const [found, second] = extensions.filter(({ extnID }) => extnID === id_ce_cRLReasons);
  if (!found) return revocationReasons.unspecified;
  const [tag, length, code, ...rest] = new Uint8Array(found.extnValue.buffer);
  if (tag !== ENUMERATED || length !== 1 || code === undefined || rest.length > 0 || second) {
    throw new RangeError("reason");
  }
  return code;
}

function readListExtensions(
  extensions: readonly Extension[],
): Pick<RevocationList, "authorityKeyIdentifier" | "number"> {
  return reading(() => {
    // A delta list or one for a part of the certificates says so in a critical extension, and is refused here.
    requireKnown(extensions, [id_ce_authorityKeyIdentifier, id_ce_cRLNumber]);
    return {
      authorityKeyIdentifier: readAuthorityKeyIdentifier(extensions),
      number: read(extensions, id_ce_cRLNumber, CRLNumber)?.value ?? 0,
    };
  });
}

function reading<T>(action: () => T): T {
  try {
    return action();
  } catch (cause) {
    throw malformed(cause instanceof RangeError ? cause.message : "extensions", cause);
  }
}

function time(seconds: number): Time {
  if (!Number.isSafeInteger(seconds) || seconds < 0) throw refused("term");
  return new Time(new Date(seconds * 1000));
}

function malformed(part: string, cause?: unknown): Fault {
  return new Fault("REVOCATION_LIST_MALFORMED", { part }, cause);
}

function refused(part: string): Fault {
  return new Fault("CERTIFICATE_REQUEST_INVALID", { part });
}
