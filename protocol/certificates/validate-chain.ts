/**
 * Whether a member's certificate is in force at a time: issued by an authority of the governed trust list, within both terms,
 * for this use, and not on the authority's current revocation list.
 *
 * The trust list names the *issuing* authorities themselves, the Association's root and others. So a chain is one step long, and
 * there is no path to build and none to be misled on: where a bank's certificate comes from a subordinate authority, that one is listed.
 * An authority is trusted because it is listed, so its own signature is not looked at, but its term and its rights are.
 */
import { bytesEqual } from "../encoding/bytes.ts";
import { Fault } from "../errors/fault.ts";
import { isSignedBy, type Certificate } from "./certificate.ts";
import type { Usage } from "./extensions.ts";
import type { RevocationList } from "./revocation-list.ts";

export interface Trust {
  readonly trustList: readonly Certificate[];
  /** The authorities' revocation lists; the newest valid one of each counts. */
  readonly crls: readonly RevocationList[];
}

export interface ChainQuestion extends Trust {
  readonly certificate: Certificate;
  /** Unix seconds. */
  readonly at: number;
  /** What the key is wanted for; signatures unless said. */
  readonly usage?: Usage;
}

/**
 * The authority that vouches for the certificate.
 * @throws Fault CERTIFICATE_USAGE_WRONG, CERTIFICATE_NOT_YET_VALID, CERTIFICATE_EXPIRED, CERTIFICATE_ISSUER_UNKNOWN,
 * CERTIFICATE_NOT_CA, CERTIFICATE_SIGNATURE_INVALID, CERTIFICATE_REVOKED, REVOCATION_LIST_MISSING, REVOCATION_LIST_STALE,
 * REVOCATION_LIST_SIGNATURE_INVALID
 */
export function validateChain({ certificate, trustList, crls, at, usage }: ChainQuestion): Certificate {
  requireUsage(certificate, usage ?? "digitalSignature");
  requireTerm(certificate, at);
  const authority = issuerOf(certificate, trustList, at);
  requireNotRevoked(certificate, currentList(certificate, authority, crls, at));
  return authority;
}

function requireUsage(certificate: Certificate, usage: Usage): void {
  const { serial, isAuthority, usages } = certificate;
  const reserved = isAuthority || usages.includes("keyCertSign");
  if (reserved || !usages.includes(usage)) throw new Fault("CERTIFICATE_USAGE_WRONG", { serial, usage });
}

function requireTerm({ serial, notBefore, notAfter }: Certificate, at: number): void {
  if (!Number.isFinite(at)) throw new RangeError("a time is a number of seconds");
  if (at < notBefore) throw new Fault("CERTIFICATE_NOT_YET_VALID", { serial, notBefore: isoTime(notBefore) });
  if (at > notAfter) throw new Fault("CERTIFICATE_EXPIRED", { serial, notAfter: isoTime(notAfter) });
}

/** By name, and by key identifier where both say one: an authority that changed its key is listed twice under one name. */
function issuerOf(certificate: Certificate, trustList: readonly Certificate[], at: number): Certificate {
  const { serial, issuerName, authorityKeyIdentifier } = certificate;
  const named = trustList.filter(
    ({ subjectName, subjectKeyIdentifier }) =>
      bytesEqual(subjectName, issuerName) && agree(authorityKeyIdentifier, subjectKeyIdentifier),
  );
  if (named.length === 0) throw new Fault("CERTIFICATE_ISSUER_UNKNOWN", { serial });
  const signers = named.filter(({ publicKey }) => isSignedBy(certificate, publicKey));
  const [first] = signers;
  if (!first) throw new Fault("CERTIFICATE_SIGNATURE_INVALID", { serial });
  // One key may be certified twice, the old certificate still listed: any that is in force will do.
  const authority = signers.find(({ notBefore, notAfter }) => at >= notBefore && at <= notAfter) ?? first;
  if (!authority.isAuthority || !authority.usages.includes("keyCertSign")) {
    throw new Fault("CERTIFICATE_NOT_CA", { serial: authority.serial });
  }
  requireTerm(authority, at);
  return authority;
}

/** Of the lists that the authority's key signed, the one with the highest number: an older one may be replayed. */
function currentList(
  { serial }: Certificate,
  authority: Certificate,
  crls: readonly RevocationList[],
  at: number,
): RevocationList {
  const named = crls.filter(
    (list) =>
      bytesEqual(list.issuerName, authority.subjectName) &&
      agree(list.authorityKeyIdentifier, authority.subjectKeyIdentifier),
  );
  if (named.length === 0) throw new Fault("REVOCATION_LIST_MISSING", { serial });
  if (!authority.usages.includes("cRLSign")) throw new Fault("REVOCATION_LIST_SIGNATURE_INVALID");
  const signed = named.filter((list) => isSignedBy(list, authority.publicKey));
  const newest = signed.sort((a, b) => b.number - a.number || b.thisUpdate - a.thisUpdate)[0];
  if (!newest) throw new Fault("REVOCATION_LIST_SIGNATURE_INVALID");
  const { thisUpdate, nextUpdate } = newest;
  if (at < thisUpdate || at > nextUpdate) {
    throw new Fault("REVOCATION_LIST_STALE", { thisUpdate: isoTime(thisUpdate), nextUpdate: isoTime(nextUpdate) });
  }
  return newest;
}

/** Listed is revoked, also before the date in the entry: a key is often stolen earlier than somebody notices. */
function requireNotRevoked({ serial }: Certificate, list: RevocationList): void {
  const revocation = list.revoked.get(serial);
  if (revocation) throw new Fault("CERTIFICATE_REVOKED", { serial, reason: revocation.reason });
}

function agree(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a === undefined || b === undefined || bytesEqual(a, b);
}

function isoTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}
