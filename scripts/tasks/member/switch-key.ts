import { Fault } from "../../../protocol/errors/fault.ts";
import { toHex } from "../../../protocol/encoding/bytes.ts";
import { createKeyStore } from "../../../relayer/keys/key-store.ts";
import { randomSource } from "../../governance/random-source.ts";
import type { Report } from "../report.ts";
import type { Session } from "../session.ts";
import { required } from "../words/amounts.ts";
import { keyState, readKeys } from "./member-keys.ts";

/**
 * Puts the next key in the place of the one in use. A relayer that runs takes it up with its certificate, whichever file
 * comes first; one that starts needs both.
 * @throws Fault KEY_DIRECTORY_EMPTY if there is no next key, KEY_NOT_YET_CERTIFIED
 */
export async function switchKey(
  session: Session,
  args: { readonly member: string; readonly identity?: string },
): Promise<Report> {
  const platform = await session.platform();
  const member = (await session.names()).findMember(args.member);
  const directory = required("--identity", args.identity);
  const store = createKeyStore(directory, randomSource);
  const next = await store.findNextIdentityKey();
  if (next === undefined) throw new Fault("KEY_DIRECTORY_EMPTY", { file: `${directory}/identity-next.json` });
  const x = toHex(next.publicKey.slice(1, 33));
  const [keys, now] = [await readKeys(platform, member.id), Number(await platform.contracts.emergency.time())];
  const key = keys.find((each) => each.x === x);
  if (key === undefined || keyState(key, now) !== "valid") {
    throw new Fault("KEY_NOT_YET_CERTIFIED", { member: member.name });
  }
  if (session.sending) await store.adoptNextIdentityKey();
  return {
    json: { switched: session.sending, member: member.name, index: key.index },
    text: (language) =>
      session.sending
        ? {
            en: `Key ${key.index} of ${member.name} is in use now. Put its certificate into RISKVEIL_CERTIFICATE: the relayer takes both up, and does not start with a certificate of another key.`,
            zh: `${member.name} 已启用第 ${key.index} 号密钥。请将其证书放入 RISKVEIL_CERTIFICATE：中继会自动启用两者；证书与密钥不符时中继无法启动。`,
          }[language]
        : {
            en: `Key ${key.index} of ${member.name} is certified and would be put into use. Add --yes.`,
            zh: `${member.name} 的第 ${key.index} 号密钥已登记证书，将予启用。加 --yes 执行。`,
          }[language],
  };
}
