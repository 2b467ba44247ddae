/** What the certificate authority hands to a member: its certificate, the root that issued it, the current revocation list. */
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import { certificateToPem, type Certificate } from "../../protocol/certificates/certificate.ts";
import type { CertificateAuthority } from "../governance/certificate-authority.ts";
import type { PartyDirectory } from "./state-directory.ts";

/**
 * Into the file that its relayer reads, after those that are there: a certificate that came later, for another key, stays in use.
 */
export async function handCertificate({ certificate: file }: PartyDirectory, { der }: Certificate): Promise<void> {
  const there = await readFile(file, "utf8").catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    return "";
  });
  const text = certificateToPem(der);
  if (!there.includes(text)) await writeWhole(file, there + text);
}

/** What the members are told of the authority, in PEM. */
export interface TrustDocuments {
  readonly root: string;
  readonly revocations: string;
}

/** Root and a new revocation list: one list for all members. */
export async function trustDocumentsOf(authority: CertificateAuthority): Promise<TrustDocuments> {
  return { root: certificateToPem(authority.root.der), revocations: await authority.publishRevocationList() };
}

export async function handTrust({ trust }: PartyDirectory, { root, revocations }: TrustDocuments): Promise<void> {
  await writeWhole(join(trust, "root.pem"), root);
  await writeWhole(join(trust, "root-revocations.pem"), revocations);
}

/** A relayer that looks meanwhile sees the old file or the new one. */
async function writeWhole(file: string, content: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await writeFile(`${file}.new`, content, { mode: 0o600 });
  await rename(`${file}.new`, file);
}
