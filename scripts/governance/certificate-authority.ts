/** The Association's certificate authority as files: its SM2 key, its root certificate, what it issued. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import {
  certificateFromPem,
  certificateToPem,
  parseCertificate,
  type Certificate,
} from "../../protocol/certificates/certificate.ts";
import { issueMember, issueRoot, type Authority } from "../../protocol/certificates/issue.ts";
import { issueRevocationList, revocationListToPem } from "../../protocol/certificates/revocation-list.ts";
import type { Sm2PublicKey } from "../../protocol/sm/sm2-curve.ts";
import { createKeyStore } from "../../relayer/keys/key-store.ts";
import { randomSource as random } from "./random-source.ts";

export interface CertificateAuthority {
  readonly root: Certificate;
  /** The certificate that was issued for this key, or a new one: the same key gets the same certificate. */
  certify(request: CertificationRequest): Promise<Certificate>;
  /** A revocation list that names nobody, in force from now. */
  emptyRevocationList(): string;
}

export interface CertificationRequest {
  /** The member's name on chain. */
  readonly name: string;
  readonly organisation: string;
  readonly publicKey: Sm2PublicKey;
  readonly endpoint: string;
}

const DAY = 86_400;
const ROOT_DAYS = 20 * 365;
const MEMBER_DAYS = 2 * 365;
const LIST_DAYS = 30;
/** A relayer whose clock is behind shall not find a certificate of the future. */
const BEHIND = 300;

/** @param directory holds the authority's key, readable by its account only, and its certificates; made at first use */
export async function openCertificateAuthority(
  directory: string,
  clock: () => Date = () => new Date(),
): Promise<CertificateAuthority> {
  const now = (): number => Math.floor(clock().getTime() / 1000) - BEHIND;
  const key = await createKeyStore(directory, random).identityKey();
  const root = await keep(join(directory, "root.pem"), () =>
    issueRoot(
      { commonName: "RiskVeil Root", organisation: "Association" },
      key,
      { notBefore: now(), notAfter: now() + ROOT_DAYS * DAY },
      random,
    ),
  );
  const authority: Authority = { certificate: root, key };
  return {
    root,
    async certify({ name, organisation, publicKey, endpoint }) {
      const file = join(directory, "issued", `${name}-${Buffer.from(publicKey.slice(1, 9)).toString("hex")}.pem`);
      return keep(file, () =>
        issueMember(
          authority,
          {
            subject: { commonName: name, organisation },
            publicKey,
            uris: [`urn:riskveil:member:${name}`, endpoint],
            term: { notBefore: now(), notAfter: now() + MEMBER_DAYS * DAY },
          },
          random,
        ),
      );
    },
    emptyRevocationList: () =>
      revocationListToPem(
        issueRevocationList(
          authority,
          { number: now(), thisUpdate: now(), nextUpdate: now() + LIST_DAYS * DAY, revoked: [] },
          random,
        ).der,
      ),
  };
}

async function keep(file: string, issue: () => Certificate): Promise<Certificate> {
  try {
    return parseCertificate(certificateFromPem(await readFile(file, "utf8")));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  const issued = issue();
  await mkdir(join(file, ".."), { recursive: true });
  // Two at once: the first one's stands.
  await writeFile(file, certificateToPem(issued.der), { flag: "wx" }).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  });
  return parseCertificate(certificateFromPem(await readFile(file, "utf8")));
}
