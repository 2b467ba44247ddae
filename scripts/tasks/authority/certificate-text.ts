/** A certificate as people and programs read it. */
import { toHex } from "../../../protocol/encoding/bytes.ts";
import type { Certificate } from "../../../protocol/certificates/certificate.ts";
import { revocationReasons, type RevocationReason } from "../../../protocol/certificates/revocation-list.ts";
import type { Text } from "../language.ts";
import type { Json } from "../report.ts";
import { invalid, iso, moment } from "../words/amounts.ts";

export function certificateFacts(certificate: Certificate): Readonly<Record<string, Json>> {
  return {
    serial: certificate.serial,
    subject: certificate.subject.commonName,
    organisation: certificate.subject.organisation,
    issuer: certificate.issuer.commonName,
    notBefore: iso(certificate.notBefore),
    notAfter: iso(certificate.notAfter),
    uris: [...certificate.uris],
    digest: toHex(certificate.digest),
  };
}

export function certificateText(certificate: Certificate): Text {
  const { subject, serial, notBefore, notAfter, digest } = certificate;
  const [from, to] = [moment(notBefore), moment(notAfter)];
  return {
    en: `Certificate of ${subject.commonName} (${subject.organisation}): serial ${serial}, ${from} to ${to}, SM3 ${toHex(digest)}`,
    zh: `${subject.commonName}（${subject.organisation}）的证书：序列号 ${serial}，有效期 ${from} 至 ${to}，SM3 ${toHex(digest)}`,
  };
}

/** @throws Fault ARGUMENT_INVALID */
export function parseReason(given: string): RevocationReason {
  if (!Object.hasOwn(revocationReasons, given))
    throw invalid("--reason", given, Object.keys(revocationReasons).join(", "));
  return given as RevocationReason;
}
