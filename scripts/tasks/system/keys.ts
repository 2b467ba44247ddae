/** Key directories: a person's or a relayer's. Private keys are never shown. */
import { computeAddress } from "ethers";

import { toHex } from "../../../protocol/encoding/bytes.ts";
import { Fault } from "../../../protocol/errors/fault.ts";
import { createKeyStore, type KeyStore } from "../../../relayer/keys/key-store.ts";
import { randomSource } from "../../governance/random-source.ts";
import { sheet, type Report } from "../report.ts";
import type { Session } from "../session.ts";

interface DirectoryArguments {
  readonly directory: string;
  readonly staff?: boolean;
  readonly address?: boolean;
}

/** What is there stays: keys are never replaced. @throws Fault KEY_FILE_EXPOSED, KEY_FILE_INVALID */
export async function makeKeys(session: Session, { directory, staff = false }: DirectoryArguments): Promise<Report> {
  const store = createKeyStore(directory, randomSource);
  if (session.sending) {
    await store.operatorKey();
    if (!staff) await store.identityKey();
  }
  const shown = await show(store, directory);
  if (session.sending) return shown;
  return {
    ...shown,
    text: (language) =>
      `${shown.text(language)}\n${{ en: "Nothing was made. Add --yes to make what is missing.", zh: "未生成任何密钥。加 --yes 生成缺少的密钥。" }[language]}`,
  };
}

/** @throws Fault KEY_DIRECTORY_EMPTY if only the address is wanted and there is none */
export async function showKeys(_session: Session, { directory, address = false }: DirectoryArguments): Promise<Report> {
  const store = createKeyStore(directory, randomSource);
  if (!address) return await show(store, directory);
  const key = await store.findOperatorKey();
  if (key === undefined) throw new Fault("KEY_DIRECTORY_EMPTY", { file: `${directory}/operator.json` });
  const account = computeAddress(toHex(key)).toLowerCase();
  return { json: { account }, text: () => account };
}

async function show(store: KeyStore, directory: string): Promise<Report> {
  const [operator, identity, next] = await Promise.all([
    store.findOperatorKey(),
    store.findIdentityKey(),
    store.findNextIdentityKey(),
  ]);
  const account = operator === undefined ? null : computeAddress(toHex(operator)).toLowerCase();
  const [current, following] = [identity, next].map((key) => (key === undefined ? null : toHex(key.publicKey)));
  return {
    json: { directory, account, identity: current ?? null, nextIdentity: following ?? null },
    text: (language) =>
      sheet(
        [
          [{ en: "directory", zh: "目录" }, directory],
          [{ en: "account", zh: "账户" }, account ?? "-"],
          [{ en: "SM2 key", zh: "SM2 公钥" }, current ?? "-"],
          [{ en: "next SM2 key", zh: "下一 SM2 公钥" }, following ?? "-"],
        ],
        language,
      ),
  };
}
