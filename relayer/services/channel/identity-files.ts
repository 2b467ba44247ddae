/** What a relayer is told of identities by files: its own certificate, and whom it trusts to issue certificates. PEM. */
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";

import { certificatesFromPem, type Certificate } from "../../../protocol/certificates/certificate.ts";
import { revocationListsFromPem } from "../../../protocol/certificates/revocation-list.ts";
import type { Trust } from "../../../protocol/certificates/validate-chain.ts";
import { bytesEqual } from "../../../protocol/encoding/bytes.ts";
import { Fault } from "../../../protocol/errors/fault.ts";
import type { KeyStore } from "../../keys/key-store.ts";
import type { Sm2KeyPair } from "../../../protocol/sm/sm2-curve.ts";

/** A certificate with the key that it is for. */
export interface Credential {
  readonly certificate: Certificate;
  readonly key: Sm2KeyPair;
}

/**
 * The certificates of the file that this relayer has the keys of, in the order of the file.
 * @throws Fault IDENTITY_CERTIFICATE_MISSING, IDENTITY_KEY_MISSING, CERTIFICATE_MALFORMED, CERTIFICATE_KEY_INVALID
 */
export async function readCredentials(file: string, keyStore: Pick<KeyStore, "identityKeys">): Promise<Credential[]> {
  const certificates = certificatesFromPem(await textOf(file));
  if (certificates.length === 0) throw new Fault("IDENTITY_CERTIFICATE_MISSING", { file });
  const keys = await keyStore.identityKeys();
  const credentials = certificates.flatMap((certificate) => {
    const key = keys.find(({ publicKey }) => bytesEqual(publicKey, certificate.publicKey));
    return key ? [{ certificate, key }] : [];
  });
  if (credentials.length === 0) throw new Fault("IDENTITY_KEY_MISSING", { file });
  return credentials;
}

/**
 * Every certificate and revocation list in the directory's `*.pem`. A revocation list takes a quarter of a millisecond an entry.
 * @throws Fault TRUST_FILE_UNUSABLE for a file that holds neither or is cut off, TRUST_LIST_EMPTY
 */
export async function readTrust(directory: string): Promise<Trust> {
  const trust = { trustList: [] as Certificate[], crls: [] as Trust["crls"][number][] };
  for (const file of await pemFiles(directory)) {
    try {
      const text = await readFile(file, "utf8");
      const [certificates, lists] = [certificatesFromPem(text), revocationListsFromPem(text)];
      if (certificates.length + lists.length === 0) throw new RangeError("neither certificate nor revocation list");
      trust.trustList.push(...certificates);
      trust.crls.push(...lists);
    } catch (cause) {
      throw new Fault("TRUST_FILE_UNUSABLE", { file }, cause);
    }
  }
  if (trust.trustList.length === 0) throw new Fault("TRUST_LIST_EMPTY", { directory });
  return trust;
}

/** Changes when one of the files does: names, sizes, times and places on disk. */
export async function versionOf(files: readonly string[]): Promise<string> {
  const facts = await Promise.all(
    files.map(async (file) => {
      const found = await stat(file, { bigint: true }).catch(() => undefined);
      return [file, found?.size, found?.mtimeNs, found?.ino].map(String).join(" ");
    }),
  );
  return facts.join("\n");
}

/** Sorted; none of a directory that is not there. */
export async function pemFiles(directory: string): Promise<string[]> {
  const names = await readdir(directory).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    return [];
  });
  return names
    .filter((name) => name.endsWith(".pem"))
    .sort()
    .map((name) => join(directory, name));
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    throw new Fault("IDENTITY_CERTIFICATE_MISSING", { file }, cause);
  }
}
