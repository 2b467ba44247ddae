/** The Association's certificate authority at a terminal. */
import { join } from "node:path";

import { toHex, type Hex } from "../../../protocol/encoding/bytes.ts";
import type { Certificate } from "../../../protocol/certificates/certificate.ts";
import {
  isCertificateAuthority,
  openCertificateAuthority,
  readCertificateAuthority,
} from "../../governance/certificate-authority.ts";
import type { Text } from "../language.ts";
import { table, type Report } from "../report.ts";
import type { Session } from "../session.ts";
import { invalid, moment } from "../words/amounts.ts";
import { certificateFacts, certificateText, parseReason } from "./certificate-text.ts";
import { authorityDirectory } from "./directory.ts";

interface AuthorityArguments {
  readonly authority?: string;
}

/** Made where there is none yet; shown where there is one. */
export async function root(session: Session, args: AuthorityArguments): Promise<Report> {
  const directory = authorityDirectory(session, args.authority);
  const exists = await isCertificateAuthority(directory);
  if (!exists && !session.sending) {
    return said({ directory, made: false }, [
      {
        en: `A certificate authority would be set up in ${directory}. Add --yes.`,
        zh: `将在 ${directory} 建立证书签发机构。加 --yes 执行。`,
      },
    ]);
  }
  const { root: certificate } = await openCertificateAuthority(directory);
  const file = join(directory, "root.pem");
  return said({ directory, made: !exists, file, ...certificateFacts(certificate) }, [
    certificateText(certificate),
    {
      en: `${file} is for everybody's trust list; ${join(directory, "identity.json")} is the authority's key: keep it apart, and a copy of it elsewhere.`,
      zh: `${file} 供各方列入信任列表；${join(directory, "identity.json")} 为签发机构私钥，请单独保管并异地备份。`,
    },
  ]);
}

export async function list(session: Session, args: AuthorityArguments): Promise<Report> {
  const authority = await readCertificateAuthority(authorityDirectory(session, args.authority));
  const revoked = new Map((await authority.revoked()).map((entry) => [entry.serial, entry]));
  const issued = await authority.issued();
  return {
    json: issued.map((certificate) => ({
      ...certificateFacts(certificate),
      revoked: revoked.get(certificate.serial)?.reason ?? null,
    })),
    text: (language) =>
      table(
        [
          { title: { en: "subject", zh: "主体" }, cell: ({ subject }: Certificate) => subject.commonName },
          { title: { en: "serial", zh: "序列号" }, cell: ({ serial }) => serial },
          { title: { en: "until", zh: "有效期至" }, cell: ({ notAfter }) => moment(notAfter) },
          { title: { en: "revoked", zh: "吊销" }, cell: ({ serial }) => revoked.get(serial)?.reason ?? "-" },
          { title: { en: "SM3", zh: "SM3 摘要" }, cell: ({ digest }) => toHex(digest) },
        ],
        issued,
        language,
      ),
  };
}

export async function revoke(
  session: Session,
  args: AuthorityArguments & { readonly serial: string; readonly reason?: string },
): Promise<Report> {
  const directory = authorityDirectory(session, args.authority);
  const authority = await readCertificateAuthority(directory);
  const reason = parseReason(args.reason ?? "keyCompromise");
  const issued = await authority.issued();
  const found = issued.findLast(({ serial, subject }) => serial === args.serial || subject.commonName === args.serial);
  // A serial number alone is enough: the file of what was issued may be lost.
  const serial = found?.serial ?? serialNumber(args.serial);
  if (!session.sending) {
    return said({ revoked: false, serial, reason }, [
      {
        en: `Certificate ${serial} would be revoked (${reason}). Add --yes.`,
        zh: `将吊销证书 ${serial}（${reason}）。加 --yes 执行。`,
      },
    ]);
  }
  await authority.revoke(serial, reason);
  await authority.publishRevocationList();
  const file = join(directory, "crl.pem");
  return said({ revoked: true, serial, reason, file }, [
    {
      en: `Certificate ${serial} is revoked (${reason}). The new list is ${file}: give it to all members.`,
      zh: `证书 ${serial} 已吊销（${reason}）。新的吊销列表为 ${file}，请分发给全体成员。`,
    },
  ]);
}

export async function publish(session: Session, args: AuthorityArguments): Promise<Report> {
  const directory = authorityDirectory(session, args.authority);
  const authority = await readCertificateAuthority(directory);
  const [count, file] = [(await authority.revoked()).length, join(directory, "crl.pem")];
  if (!session.sending) {
    return said({ published: false, revoked: count }, [
      {
        en: `A list with ${count} certificates would be published. Add --yes.`,
        zh: `将发布含 ${count} 项的吊销列表。加 --yes 执行。`,
      },
    ]);
  }
  await authority.publishRevocationList();
  return said({ published: true, revoked: count, file }, [
    {
      en: `The list with ${count} certificates is ${file}: give it to all members.`,
      zh: `吊销列表（${count} 项）为 ${file}，请分发给全体成员。`,
    },
  ]);
}

function serialNumber(given: string): Hex {
  if (!/^0x[0-9a-f]{2,40}$/.test(given))
    throw invalid("serial", given, "a serial number (0x...) or a name of certificate list");
  return given as Hex;
}

function said(json: Report["json"], lines: readonly Text[]): Report {
  return { json, text: (language) => lines.map((line) => line[language]).join("\n") };
}
