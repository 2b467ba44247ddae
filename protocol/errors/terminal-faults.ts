import { defineFaults } from "./descriptor.ts";

/** What a person at a terminal gives: keys, accounts, arguments, documents. */
export const terminalFaults = defineFaults({
  ACCOUNT_AMBIGUOUS: {
    status: 422,
    title: { en: "More than one account is named", zh: "指定了多个账户" },
    remedy: {
      en: "Give one of --keys (a key directory), --key (a name in Hardhat's keystore) and --from (an address, for a trial).",
      zh: "--keys（密钥目录）、--key（Hardhat 密钥库中的名称）、--from（仅供试运行的地址）三者只能选一。",
    },
  },
  ACCOUNT_CANNOT_SIGN: {
    status: 422,
    title: { en: "There is no key for account {account}: it cannot send", zh: "没有账户 {account} 的密钥，无法发送" },
    remedy: {
      en: "--from is for a trial. To send, give --keys with the key directory, or --key with a name in the keystore.",
      zh: "--from 仅供试运行；发送时请用 --keys 指定密钥目录，或用 --key 指定密钥库中的名称。",
    },
  },
  ACCOUNT_ADDRESS_INVALID: {
    status: 422,
    title: { en: "{given} is no address of an account", zh: "{given} 不是账户地址" },
    remedy: {
      en: "An address is 0x and 40 hex digits; with mixed case, its check sum must be right.",
      zh: "地址为 0x 加 40 位十六进制数；大小写混用时校验和须正确。",
    },
  },
  KEY_DIRECTORY_EMPTY: {
    status: 422,
    title: { en: "There is no key file {file}", zh: "密钥文件 {file} 不存在" },
    remedy: {
      en: "Name the right directory, or make keys with `npx hardhat keys make`.",
      zh: "请指定正确的目录，或用 `npx hardhat keys make` 生成密钥。",
    },
  },
  KEY_IN_ENVIRONMENT: {
    status: 422,
    title: { en: "The environment holds a key in clear: {name}", zh: "环境变量 {name} 以明文保存了密钥" },
    remedy: {
      en: "Unset it, and consider the key seen: other processes can read it. Keep keys in the keystore (`npx hardhat keystore set`) or in a key directory.",
      zh: "请清除该变量并视密钥为已泄露（其他进程可读取）；密钥应存入密钥库（`npx hardhat keystore set`）或密钥目录。",
    },
  },
  KEY_NOT_IN_KEYSTORE: {
    status: 422,
    title: { en: "Hardhat's keystore has no key {name}", zh: "Hardhat 密钥库中没有密钥 {name}" },
    remedy: {
      en: "Put it there with `npx hardhat keystore set`, or name a key directory with --keys, or try without a key by --from.",
      zh: "请用 `npx hardhat keystore set` 存入，或用 --keys 指定密钥目录，或用 --from 进行无密钥试运行。",
    },
  },
  KEY_VALUE_INVALID: {
    status: 422,
    title: { en: "What the keystore holds as {name} is no private key", zh: "密钥库中的 {name} 不是私钥" },
    remedy: {
      en: "A key is 64 hex digits, 1 to the order of secp256k1 less 1. Put it in again with `npx hardhat keystore set --force`.",
      zh: "私钥为 64 位十六进制数且在 secp256k1 取值范围内；请用 `npx hardhat keystore set --force` 重新存入。",
    },
  },
  STAFF_UNKNOWN: {
    status: 404,
    title: { en: "Nobody of the Association's staff is {given}", zh: "协会工作人员中没有 {given}" },
    remedy: {
      en: "Use a name or an address of `npx hardhat staff list`.",
      zh: "请使用 `npx hardhat staff list` 所列的名称或地址。",
    },
  },
  DATASET_AMBIGUOUS: {
    status: 422,
    title: { en: "{given} may be any of {matches}", zh: "{given} 可能指 {matches}" },
    remedy: { en: "Give more of the id, or member/LABEL.", zh: "请给出更长的编号，或使用 成员/标签 形式。" },
  },
  NOTE_PERSONAL: {
    status: 422,
    title: {
      en: "A text for the chain holds what looks like the number of an identity document",
      zh: "拟上链文字中疑似包含证件号码",
    },
    remedy: {
      en: "What is on chain stays there for good and all members read it. Describe the matter without the person.",
      zh: "上链内容永久保存且全体成员可见；请勿写入个人信息。",
    },
  },
  ARGUMENT_MISSING: {
    status: 422,
    title: { en: "{argument} is missing", zh: "缺少 {argument}" },
    remedy: { en: "See the task's --help.", zh: "请查看该任务的 --help。" },
  },
  ARGUMENT_INVALID: {
    status: 422,
    title: { en: "{argument} is not valid: {given}", zh: "{argument} 无效：{given}" },
    remedy: { en: "It is {expected}.", zh: "应为 {expected}。" },
  },
  ACTION_UNKNOWN: {
    status: 422,
    title: { en: "{given} is nothing that can be proposed", zh: "{given} 不是可提案的事项" },
    remedy: {
      en: 'Write a task with its arguments in quotes ("member admit alpha"), or a call: "memberRegistry.admit(3)".',
      zh: '请写成带引号的任务（如 "member admit alpha"），或合约调用："memberRegistry.admit(3)"。',
    },
  },
  DOCUMENT_UNREADABLE: {
    status: 422,
    title: { en: "The document {file} cannot be read", zh: "文件 {file} 无法读取" },
    remedy: { en: "Name a file that exists and that you may read.", zh: "请指定存在且可读取的文件。" },
  },
  DOCUMENT_DIGEST_DIFFERS: {
    status: 422,
    title: { en: "{file} is not the document that its digest was made of", zh: "{file} 与其摘要不符" },
    remedy: {
      en: "Use the document as it was, or move its .digest.json aside to make another digest.",
      zh: "请使用原文件；如需重新生成摘要，请移走其 .digest.json 文件。",
    },
  },
  AUTHORITY_MISSING: {
    status: 422,
    title: { en: "There is no certificate authority in {directory}", zh: "目录 {directory} 中没有证书签发机构" },
    remedy: {
      en: "Name its directory with --authority, or set one up with `npx hardhat certificate root`.",
      zh: "请用 --authority 指定其目录，或用 `npx hardhat certificate root` 建立。",
    },
  },
  STAFF_NOT_THREE: {
    status: 422,
    title: {
      en: "Three accounts of the Association's staff are needed, {given} are named",
      zh: "需要三名协会工作人员账户，现为 {given} 个",
    },
    remedy: {
      en: "Give --staff with three addresses, separated by commas.",
      zh: "请用 --staff 给出三个地址，以逗号分隔。",
    },
  },
});
