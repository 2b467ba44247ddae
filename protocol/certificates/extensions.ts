/** The extensions of certificates and revocation lists that are understood here (RFC 5280 sections 4.2 and 5.2). */
import { OctetString } from "@peculiar/asn1-schema";
import {
  AuthorityKeyIdentifier,
  BasicConstraints,
  CRLNumber,
  Extension,
  GeneralName,
  id_ce_authorityKeyIdentifier,
  id_ce_basicConstraints,
  id_ce_cRLNumber,
  id_ce_keyUsage,
  id_ce_subjectAltName,
  id_ce_subjectKeyIdentifier,
  KeyIdentifier,
  KeyUsage,
  SubjectAlternativeName,
  SubjectKeyIdentifier,
} from "@peculiar/asn1-x509";

import { sm3 } from "../encoding/digest.ts";
import { decodeDer, encodeDer, toArrayBuffer } from "../sm/der.ts";
import type { Sm2PublicKey } from "../sm/sm2-curve.ts";

/** Bits of the key usage extension, first bit of the BIT STRING lowest. */
export const KEY_USAGES = {
  digitalSignature: 1,
  keyAgreement: 16,
  keyCertSign: 32,
  cRLSign: 64,
} as const;

export type Usage = keyof typeof KEY_USAGES;

const KEY_IDENTIFIER_BYTES = 20;

/** What a certificate's extensions say. A critical extension that is not among them makes a certificate unusable. */
export interface CertificateExtensions {
  readonly isAuthority: boolean;
  /** Empty if the extension is absent: such a key is for nothing. */
  readonly usages: readonly Usage[];
  readonly subjectKeyIdentifier: Uint8Array | undefined;
  readonly authorityKeyIdentifier: Uint8Array | undefined;
  readonly uris: readonly string[];
}

/** SM3 of the point cut to 20 bytes (method 1 of RFC 7093 with SM3 in place of SHA-256). */
export function keyIdentifier(publicKey: Sm2PublicKey): Uint8Array {
  return sm3(publicKey).slice(0, KEY_IDENTIFIER_BYTES);
}

export function basicConstraints(isAuthority: boolean): Extension {
  // Path length 0: what the authority issues issues nothing.
  const value = isAuthority ? new BasicConstraints({ cA: true, pathLenConstraint: 0 }) : new BasicConstraints();
  return extension(id_ce_basicConstraints, value, true);
}

export function keyUsage(usages: readonly Usage[]): Extension {
  const bits = usages.reduce((sum, usage) => sum | KEY_USAGES[usage], 0);
  const value = new KeyUsage();
  value.fromNumber(bits);
  return extension(id_ce_keyUsage, value, true);
}

export function subjectKeyIdentifierExtension(identifier: Uint8Array): Extension {
  return extension(id_ce_subjectKeyIdentifier, new SubjectKeyIdentifier(toArrayBuffer(identifier)));
}

export function authorityKeyIdentifierExtension(identifier: Uint8Array): Extension {
  const value = new AuthorityKeyIdentifier({ keyIdentifier: new KeyIdentifier(toArrayBuffer(identifier)) });
  return extension(id_ce_authorityKeyIdentifier, value);
}

export function alternativeNames(uris: readonly string[]): Extension {
  const names = uris.map((uri) => new GeneralName({ uniformResourceIdentifier: uri }));
  return extension(id_ce_subjectAltName, new SubjectAlternativeName(names));
}

export function crlNumberExtension(number: number): Extension {
  return extension(id_ce_cRLNumber, new CRLNumber(number));
}

export function extension(extnID: string, value: unknown, critical = false): Extension {
  return new Extension({ extnID, critical, extnValue: new OctetString(toArrayBuffer(encodeDer(value))) });
}

/** The named extension decoded; undefined if absent. @throws RangeError if it is there twice or not decodable */
export function read<T>(extensions: readonly Extension[], id: string, type: new () => T): T | undefined {
  const [found, second] = extensions.filter(({ extnID }) => extnID === id);
  if (!found) return undefined;
  const value = decodeDer(new Uint8Array(found.extnValue.buffer), type);
  if (!value || second) throw new RangeError(`extension ${id}`);
  return value;
}

/** @throws RangeError naming the extension that is critical and unknown, there twice, or not decodable */
export function readCertificateExtensions(extensions: readonly Extension[]): CertificateExtensions {
  const known = [id_ce_basicConstraints, id_ce_keyUsage, id_ce_subjectAltName, id_ce_subjectKeyIdentifier];
  requireKnown(extensions, [...known, id_ce_authorityKeyIdentifier]);
  const usageBits = read(extensions, id_ce_keyUsage, KeyUsage)?.toNumber() ?? 0;
  const subjectKey = read(extensions, id_ce_subjectKeyIdentifier, SubjectKeyIdentifier);
  const names = read(extensions, id_ce_subjectAltName, SubjectAlternativeName) ?? [];
  return {
    isAuthority: read(extensions, id_ce_basicConstraints, BasicConstraints)?.cA ?? false,
    usages: (Object.keys(KEY_USAGES) as Usage[]).filter((usage) => (usageBits & KEY_USAGES[usage]) !== 0),
    subjectKeyIdentifier: subjectKey && new Uint8Array(subjectKey.buffer),
    authorityKeyIdentifier: readAuthorityKeyIdentifier(extensions),
    uris: [...names].flatMap(({ uniformResourceIdentifier: uri }) => (uri === undefined ? [] : [uri])),
  };
}

/** @throws RangeError */
export function readAuthorityKeyIdentifier(extensions: readonly Extension[]): Uint8Array | undefined {
  const identifier = read(extensions, id_ce_authorityKeyIdentifier, AuthorityKeyIdentifier)?.keyIdentifier;
  return identifier && new Uint8Array(identifier.buffer);
}

/** @throws RangeError naming a critical extension that is not `known` */
export function requireKnown(extensions: readonly Extension[], known: readonly string[]): void {
  for (const { extnID, critical } of extensions) {
    if (critical && !known.includes(extnID)) throw new RangeError(`critical extension ${extnID}`);
  }
}
