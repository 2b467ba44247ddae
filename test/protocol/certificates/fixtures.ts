import { randomBytes } from "node:crypto";

import type { RandomBytes } from "../../../protocol/encoding/bytes.ts";
import type { Certificate } from "../../../protocol/certificates/certificate.ts";
import { issueMember, issueRoot, type Authority, type MemberRequest } from "../../../protocol/certificates/issue.ts";
import {
  issueRevocationList,
  type RevocationList,
  type RevocationListContent,
} from "../../../protocol/certificates/revocation-list.ts";
import type { Sm2KeyPair } from "../../../protocol/sm/sm2-curve.ts";
import { generateKeyPair } from "../../../protocol/sm/sm2-key.ts";

export const random: RandomBytes = (length) => new Uint8Array(randomBytes(length));

/** 2026-11-01T00:00:00Z */
export const NOW = 1_793_491_200;
export const DAY = 86_400;

export const ROOT_TERM = { notBefore: NOW - 365 * DAY, notAfter: NOW + 3650 * DAY };
export const MEMBER_TERM = { notBefore: NOW - DAY, notAfter: NOW + 365 * DAY };

export function authority(commonName = "Association Root", key: Sm2KeyPair = generateKeyPair(random)): Authority {
  return { key, certificate: issueRoot({ commonName, organisation: "示例证券业协会" }, key, ROOT_TERM, random) };
}

export interface CertifiedMember {
  readonly key: Sm2KeyPair;
  readonly certificate: Certificate;
}

export function member(issuer: Authority, name: string, changes: Partial<MemberRequest> = {}): CertifiedMember {
  const key = generateKeyPair(random);
  const request: MemberRequest = {
    subject: { commonName: name, organisation: `${name} 证券股份有限公司` },
    publicKey: key.publicKey,
    uris: [`urn:riskveil:member:${name}`, `https://${name}.example/peer`],
    term: MEMBER_TERM,
    ...changes,
  };
  return { key, certificate: issueMember(issuer, request, random) };
}

export function revocationList(issuer: Authority, changes: Partial<RevocationListContent> = {}): RevocationList {
  const content = { number: 1, thisUpdate: NOW - DAY, nextUpdate: NOW + 7 * DAY, revoked: [], ...changes };
  return issueRevocationList(issuer, content, random);
}
