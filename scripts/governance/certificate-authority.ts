/** The Association's certificate authority as files: its SM2 key, its root certificate, what it issued, what it revoked. */
import { mkdir, readdir, readFile, rename, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { z } from "zod";

import type { Hex } from "../../protocol/encoding/bytes.ts";
import { Fault } from "../../protocol/errors/fault.ts";
import {
  certificateFromPem,
  certificateToPem,
  parseCertificate,
  type Certificate,
} from "../../protocol/certificates/certificate.ts";
import { issueMember, issueRoot, type Authority } from "../../protocol/certificates/issue.ts";
import {
  issueRevocationList,
  revocationListToPem,
  revocationReasons,
  type Revocation,
  type RevocationReason,
} from "../../protocol/certificates/revocation-list.ts";
import type { Sm2PublicKey } from "../../protocol/sm/sm2-curve.ts";
import { createKeyStore } from "../../relayer/keys/key-store.ts";
import { randomSource as random } from "./random-source.ts";

export interface CertificateAuthority {
  readonly root: Certificate;
  /** The certificate that was issued for this key, or a new one: the same key gets the same certificate. */
  certify(request: CertificationRequest): Promise<Certificate>;
  /** Like `certify`, but nothing is kept: what it would look like. */
  draft(request: CertificationRequest): Promise<Certificate>;
  /** In the order in which they were issued. */
  issued(): Promise<readonly Certificate[]>;
  revoked(): Promise<readonly Revocation[]>;
  /** Puts a certificate on the list for good; one that is on it stays as it is. */
  revoke(serial: Hex, reason: RevocationReason): Promise<void>;
  /** A new revocation list with all that is revoked, in PEM, in force from now for thirty days; also kept as `crl.pem`. */
  publishRevocationList(): Promise<string>;
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

const revocationsSchema = z.strictObject({
  /** Of the last list; each list has a higher one. */
  number: z.int().nonnegative(),
  revoked: z.array(
    z.strictObject({
      serial: z.string().regex(/^0x[0-9a-f]+$/),
      at: z.int(),
      reason: z.enum(Object.keys(revocationReasons) as [RevocationReason, ...RevocationReason[]]),
    }),
  ),
});

type Revocations = z.infer<typeof revocationsSchema>;

/** Whether a directory holds a certificate authority. */
export async function isCertificateAuthority(directory: string): Promise<boolean> {
  return (await readOptional(rootFile(directory))) !== undefined;
}

/** @throws Fault AUTHORITY_MISSING if there is none in the directory */
export async function readCertificateAuthority(directory: string): Promise<CertificateAuthority> {
  if (!(await isCertificateAuthority(directory))) throw new Fault("AUTHORITY_MISSING", { directory });
  return await openCertificateAuthority(directory);
}

/** @param directory holds the authority's key, readable by its account only, and its certificates; made at first use */
export async function openCertificateAuthority(
  directory: string,
  clock: () => Date = () => new Date(),
): Promise<CertificateAuthority> {
  const now = (): number => Math.floor(clock().getTime() / 1000) - BEHIND;
  const key = await createKeyStore(directory, random).identityKey();
  const root = await keep(rootFile(directory), () =>
    issueRoot(
      { commonName: "RiskVeil Root", organisation: "Association" },
      key,
      { notBefore: now(), notAfter: now() + ROOT_DAYS * DAY },
      random,
    ),
  );
  const authority: Authority = { certificate: root, key };
  const issuedDirectory = join(directory, "issued");
  const fileOf = ({ name, publicKey }: CertificationRequest): string =>
    join(issuedDirectory, `${name}-${Buffer.from(publicKey.slice(1, 9)).toString("hex")}.pem`);

  const issue = ({ name, organisation, publicKey, endpoint }: CertificationRequest): Certificate =>
    issueMember(
      authority,
      {
        subject: { commonName: name, organisation },
        publicKey,
        uris: [`urn:riskveil:member:${name}`, endpoint],
        term: { notBefore: now(), notAfter: now() + MEMBER_DAYS * DAY },
      },
      random,
    );

  const revocationsFile = join(directory, "revocations.json");
  async function revocations(): Promise<Revocations> {
    const text = await readOptional(revocationsFile);
    return text === undefined ? { number: 0, revoked: [] } : revocationsSchema.parse(JSON.parse(text));
  }
  const write = (content: Revocations): Promise<void> =>
    replace(revocationsFile, `${JSON.stringify(content, null, 2)}\n`);
  const revoked = async (): Promise<readonly Revocation[]> =>
    (await revocations()).revoked.map((entry) => ({ ...entry, serial: entry.serial as Hex }));

  return {
    root,
    revoked,
    certify: (request) => keep(fileOf(request), () => issue(request)),
    draft: async (request) => (await readCertificate(fileOf(request))) ?? issue(request),
    async issued() {
      const names = await readdir(issuedDirectory).catch(() => []);
      const found = await Promise.all(
        names.map(async (name) => {
          const file = join(issuedDirectory, name);
          return { certificate: await readCertificate(file), writtenAt: (await stat(file)).mtimeMs };
        }),
      );
      const inOrder = found.flatMap(({ certificate, writtenAt }) => (certificate ? [{ certificate, writtenAt }] : []));
      // Within a second, what was written first was issued first.
      inOrder.sort((a, b) => a.certificate.notBefore - b.certificate.notBefore || a.writtenAt - b.writtenAt);
      return inOrder.map(({ certificate }) => certificate);
    },
    async revoke(serial, reason) {
      const known = await revocations();
      if (known.revoked.some((entry) => entry.serial === serial)) return;
      const at = Math.floor(clock().getTime() / 1000);
      await write({ ...known, revoked: [...known.revoked, { serial, at, reason }] });
    },
    async publishRevocationList() {
      const known = await revocations();
      const number = known.number + 1;
      await write({ ...known, number });
      const list = issueRevocationList(
        authority,
        { number, thisUpdate: now(), nextUpdate: now() + LIST_DAYS * DAY, revoked: await revoked() },
        random,
      );
      const pem = revocationListToPem(list.der);
      await replace(join(directory, "crl.pem"), pem);
      return pem;
    },
  };
}

function rootFile(directory: string): string {
  return join(directory, "root.pem");
}

async function readOptional(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

async function readCertificate(file: string): Promise<Certificate | undefined> {
  const text = await readOptional(file);
  return text === undefined ? undefined : parseCertificate(certificateFromPem(text));
}

/** Whole or not at all. */
async function replace(file: string, content: string): Promise<void> {
  const temporary = `${file}.partial`;
  await writeFile(temporary, content);
  await rename(temporary, file);
}

async function keep(file: string, issue: () => Certificate): Promise<Certificate> {
  const known = await readCertificate(file);
  if (known !== undefined) return known;
  const issued = issue();
  await mkdir(join(file, ".."), { recursive: true });
  // Two at once: the first one's stands.
  await writeFile(file, certificateToPem(issued.der), { flag: "wx" }).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  });
  return (await readCertificate(file)) ?? issued;
}
