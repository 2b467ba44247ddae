/**
 * The trust list: the authorities that issue, as a file of their certificates. All relayers need the same one; its SM3 is what
 * people compare and what a proposal's note can say.
 */
import { readFile, rename, writeFile } from "node:fs/promises";

import { toHex } from "../../../protocol/encoding/bytes.ts";
import { sm3 } from "../../../protocol/encoding/digest.ts";
import { Fault } from "../../../protocol/errors/fault.ts";
import {
  certificateFromPem,
  certificateToPem,
  parseCertificate,
  type Certificate,
} from "../../../protocol/certificates/certificate.ts";
import { table, type Report } from "../report.ts";
import type { Session } from "../session.ts";
import { invalid, moment } from "../words/amounts.ts";
import { certificateFacts } from "./certificate-text.ts";

interface TrustArguments {
  readonly list?: string;
  readonly add?: string;
  readonly remove?: string;
}

const PEM = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;

/** @throws Fault DOCUMENT_UNREADABLE, CERTIFICATE_MALFORMED, CERTIFICATE_NOT_CA, ARGUMENT_INVALID */
export async function trust(session: Session, args: TrustArguments): Promise<Report> {
  const file = args.list ?? "trust-list.pem";
  const before = await readList(file);
  const after = await changed(before, args);
  const text = after.map(({ der }) => certificateToPem(der)).join("");
  const changes = args.add !== undefined || args.remove !== undefined;
  const written = changes && session.sending;
  if (written) {
    await writeFile(`${file}.partial`, text);
    await rename(`${file}.partial`, file);
  }
  const digest = toHex(sm3(...after.map(({ der }) => der)));
  return {
    json: { file, written, sm3: digest, authorities: after.map(certificateFacts) },
    text: (language) =>
      [
        table(
          [
            {
              title: { en: "authority", zh: "签发机构" },
              cell: ({ subject }: Certificate) => `${subject.commonName} (${subject.organisation})`,
            },
            { title: { en: "serial", zh: "序列号" }, cell: ({ serial }) => serial },
            { title: { en: "until", zh: "有效期至" }, cell: ({ notAfter }) => moment(notAfter) },
          ],
          after,
          language,
        ),
        `SM3 ${digest}`,
        ...(changes && !written
          ? [{ en: "Nothing was written. Add --yes.", zh: "未写入。加 --yes 执行。" }[language]]
          : []),
      ].join("\n"),
  };
}

async function changed(list: readonly Certificate[], { add, remove }: TrustArguments): Promise<readonly Certificate[]> {
  let after = [...list];
  if (remove !== undefined) {
    const unwanted = remove.startsWith("0x") ? remove : (await readCertificate(remove)).serial;
    after = after.filter(({ serial }) => serial !== unwanted);
    if (after.length === list.length) {
      throw invalid("--remove", remove, "serial number or certificate of an authority on the list");
    }
  }
  if (add === undefined) return after;
  const certificate = await readCertificate(add);
  const { isAuthority, usages, serial } = certificate;
  if (!isAuthority || !usages.includes("keyCertSign")) throw new Fault("CERTIFICATE_NOT_CA", { serial });
  return after.some((known) => known.serial === serial) ? after : [...after, certificate];
}

async function readList(file: string): Promise<Certificate[]> {
  const text = await read(file).catch((error: unknown) => {
    if (error instanceof Fault && (error.cause as NodeJS.ErrnoException | undefined)?.code === "ENOENT") return "";
    throw error;
  });
  return [...text.matchAll(PEM)].map(([pem]) => parseCertificate(certificateFromPem(`${pem}\n`)));
}

async function readCertificate(file: string): Promise<Certificate> {
  return parseCertificate(certificateFromPem(await read(file)));
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw new Fault("DOCUMENT_UNREADABLE", { file }, error);
  }
}
