/** Certificates for presented keys, and their end: issued and revoked by the Association's authority, recorded on chain. */
import { join } from "node:path";

import { toHex } from "../../../protocol/encoding/bytes.ts";
import { Fault } from "../../../protocol/errors/fault.ts";
import type { Certificate } from "../../../protocol/certificates/certificate.ts";
import { parsePublicKey, type Sm2PublicKey } from "../../../protocol/sm/sm2-curve.ts";
import type { MemberInfo } from "../../../relayer/chain/chain-view.ts";
import {
  readCertificateAuthority,
  type CertificateAuthority,
  type CertificationRequest,
} from "../../governance/certificate-authority.ts";
import { authorityDirectory } from "../authority/directory.ts";
import { certificateFacts, certificateText, parseReason } from "../authority/certificate-text.ts";
import { digestOf, type DocumentArguments } from "../documents.ts";
import type { Plan } from "../plan.ts";
import type { Session } from "../session.ts";
import { invalid } from "../words/amounts.ts";
import { planOf } from "../platform-call.ts";
import { readKeys, type MemberKey } from "./member-keys.ts";

interface CertifyArguments {
  readonly members: readonly string[];
  readonly authority?: string;
  readonly organisation?: string;
}

/** A trial shows certificates as they would be; kept, and so the same ever after, are those of a proposal that was sent. */
export async function certify(session: Session, args: CertifyArguments): Promise<Plan> {
  const names = await session.names();
  const authority = await readCertificateAuthority(authorityDirectory(session, args.authority));
  if (args.organisation !== undefined && args.members.length > 1) {
    throw invalid("--organisation", args.organisation, "left out where there are several members");
  }
  const waiting = await Promise.all(
    args.members.map((given) => waitingKey(session, names.findMember(given), args.organisation)),
  );
  const issued: Certificate[] = [];
  for (const { request } of waiting) {
    issued.push(await (session.sending ? authority.certify(request) : authority.draft(request)));
  }
  const calls = waiting.map(({ id, index }, i) => {
    const certificate = issued[i];
    if (certificate === undefined) throw new RangeError("a certificate for each key");
    return [id, index, toHex(certificate.digest)];
  });
  const plan = await planOf(session, "desk", "memberRegistry", "certifyKey", calls);
  return { ...plan, remarks: issued.map(certificateText), facts: { certificates: issued.map(certificateFacts) } };
}

interface Waiting {
  readonly id: number;
  readonly index: number;
  readonly request: CertificationRequest;
}

async function waitingKey(session: Session, member: MemberInfo, organisation: string | undefined): Promise<Waiting> {
  const keys = await readKeys(await session.platform(), member.id);
  const key = keys.findLast(({ since, until }) => since === 0 && until === 0);
  if (key === undefined) throw new Fault("KEY_NOT_PRESENTED", { member: member.name });
  const { name, endpoint } = member;
  const request = { name, organisation: organisation ?? name, publicKey: publicKeyOf(key), endpoint };
  return { id: member.id, index: key.index, request };
}

function publicKeyOf({ x, y }: MemberKey): Sm2PublicKey {
  return parsePublicKey(new Uint8Array(Buffer.from(`04${x.slice(2)}${y.slice(2)}`, "hex")));
}

interface RevokeArguments extends DocumentArguments {
  readonly member: string;
  readonly index?: string;
  readonly authority?: string;
  readonly reason?: string;
}

/** On chain by the member itself or by the duty desk; with `--authority` its certificate also goes on the revocation list. */
export async function revokeKey(session: Session, args: RevokeArguments): Promise<Plan> {
  const [names, { address }] = [await session.names(), await session.account()];
  const member = names.findMember(args.member);
  const keys = await readKeys(await session.platform(), member.id);
  const key =
    args.index === undefined
      ? keys.findLast(({ since, until }) => since > 0 && until === 0)
      : keys.find(({ index }) => String(index) === args.index);
  if (key === undefined) throw invalid("--index", args.index ?? "latest", `0 to ${String(keys.length - 1)}`);
  const { digest, keep } = await digestOf(args);
  const own = names.memberOf(address)?.id === member.id;
  const plan = await planOf(session, own ? "direct" : "desk", "memberRegistry", "revokeKey", [
    [member.id, key.index, digest],
  ]);
  if (args.authority === undefined) return { ...plan, afterwards: keep };
  const directory = args.authority;
  const authority = await readCertificateAuthority(directory);
  const reason = parseReason(args.reason ?? "keyCompromise");
  const serial = await serialOf(authority, key);
  return {
    ...plan,
    facts: { serial: serial ?? null, reason },
    async afterwards() {
      if (serial !== undefined) await authority.revoke(serial, reason);
      await authority.publishRevocationList();
      const file = join(directory, "crl.pem");
      const said = {
        en: `The new revocation list is ${file}: give it to all members.`,
        zh: `新的吊销列表为 ${file}，请分发给全体成员。`,
      };
      return [...(await keep()), said];
    },
  };
}

async function serialOf(authority: CertificateAuthority, key: MemberKey): Promise<`0x${string}` | undefined> {
  const issued = await authority.issued();
  return issued.find(({ digest }) => toHex(digest) === key.certificateDigest)?.serial;
}
