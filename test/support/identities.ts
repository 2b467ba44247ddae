/** An authority of a test's own, members certified by it, and what its relayers read from files. */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import { certificateToPem, type Certificate } from "../../protocol/certificates/certificate.ts";
import { issueMember, issueRoot, type Authority } from "../../protocol/certificates/issue.ts";
import {
  issueRevocationList,
  revocationListToPem,
  type RevocationList,
  type RevocationListContent,
} from "../../protocol/certificates/revocation-list.ts";
import type { Hex } from "../../protocol/encoding/bytes.ts";
import type { Sm2KeyPair } from "../../protocol/sm/sm2-curve.ts";
import { generateKeyPair } from "../../protocol/sm/sm2-key.ts";
import { randomSource as random } from "../../scripts/governance/random-source.ts";
import type { Credential } from "../../relayer/services/channel/identity-files.ts";

const DAY = 86_400;

/** `at`: Unix seconds about which its certificates are in force. */
export function testAuthority(at = Date.now() / 1000, name = "Test Root"): Authority {
  const key = generateKeyPair(random);
  const now = Math.floor(at);
  const term = { notBefore: now - 30 * DAY, notAfter: now + 3650 * DAY };
  return { key, certificate: issueRoot({ commonName: name, organisation: "Test" }, key, term, random) };
}

export function certified(
  authority: Authority,
  name: string,
  key: Sm2KeyPair = generateKeyPair(random),
  at = Date.now() / 1000,
): Credential {
  const now = Math.floor(at);
  const request = {
    subject: { commonName: name, organisation: name },
    publicKey: key.publicKey,
    uris: [],
    term: { notBefore: now - DAY, notAfter: now + 365 * DAY },
  };
  return { key, certificate: issueMember(authority, request, random) };
}

/** The authority's list as of now, for a week. */
export function revocations(
  authority: Authority,
  serials: readonly Hex[] = [],
  at = Date.now() / 1000,
  changes: Partial<RevocationListContent> = {},
): RevocationList {
  const now = Math.floor(at);
  const revoked = serials.map((serial) => ({ serial, at: now - 60, reason: "keyCompromise" as const }));
  const content = { number: now, thisUpdate: now - 60, nextUpdate: now + 7 * DAY, revoked, ...changes };
  return issueRevocationList(authority, content, random);
}

export async function writeCertificates(file: string, ...certificates: readonly Certificate[]): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, certificates.map(({ der }) => certificateToPem(der)).join(""));
}

export async function writeTrust(directory: string, root: Certificate, list: RevocationList): Promise<void> {
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, "root.pem"), certificateToPem(root.der));
  await writeFile(join(directory, "root-revocations.pem"), revocationListToPem(list.der));
}
