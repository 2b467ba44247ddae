import { defineFaults } from "./descriptor.ts";

/** Proposing, executing and stopping what the Association decides. */
export const governanceFaults = defineFaults({
  STAFF_NOT_DISTINCT: {
    status: 422,
    title: {
      en: "The Association's staff accounts are not three different ones",
      zh: "协会工作人员账户须为三个不同账户",
    },
    remedy: {
      en: "Give each of the three people an account of their own: what one proposes another executes.",
      zh: "三名工作人员须各用各的账户：一人提案，另一人执行。",
    },
  },
  GOVERNANCE_WAY_MIXED: {
    status: 422,
    title: {
      en: "The calls of one operation go different ways: {ways}",
      zh: "同一操作中的各项调用须经不同途径办理：{ways}",
    },
    remedy: {
      en: "Make one operation for each way: the constitution for what admits, prices or appoints, the duty desk for the rest.",
      zh: "请按途径拆分：准入、定价、任命类经章程时间锁办理，其余经值守台办理。",
    },
  },
  GOVERNANCE_WAY_NONE: {
    status: 422,
    title: {
      en: "Nobody may call function {function} of {target}",
      zh: "任何人都无权调用 {target} 的函数 {function}",
    },
    remedy: {
      en: "Check the contract and the function: it is open to everybody, or to other contracts alone.",
      zh: "请核对合约与函数：该函数或对所有人开放，或仅供其他合约调用。",
    },
  },
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
  ACCOUNT_NOT_STAFF: {
    status: 403,
    title: {
      en: "Account {account} is not one of the Association's staff",
      zh: "账户 {account} 不是协会工作人员",
    },
    remedy: {
      en: "Use the key of one of the staff (`npx hardhat staff list`). Members act by the tasks of members and of the council.",
      zh: "请使用协会工作人员的密钥（见 `npx hardhat staff list`）；成员请使用成员与理事会的任务。",
    },
  },
  COUNCIL_SEAT_MISSING: {
    status: 403,
    title: { en: "{member} has no seat on the members' council", zh: "{member} 在成员理事会没有席位" },
    remedy: {
      en: "Only members with a seat object and approve (`npx hardhat council seats`).",
      zh: "只有持席成员可以提出异议或批准（见 `npx hardhat council seats`）。",
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
  OPERATION_UNKNOWN: {
    status: 404,
    title: { en: "There is no operation {given}", zh: "不存在操作 {given}" },
    remedy: {
      en: "Use a number or the beginning of an id (0x...) of `npx hardhat governance list`.",
      zh: "请使用 `npx hardhat governance list` 所列的序号或编号开头（0x…）。",
    },
  },
  OPERATION_AMBIGUOUS: {
    status: 422,
    title: { en: "{given} may be any of the operations {matches}", zh: "{given} 可能指操作 {matches}" },
    remedy: { en: "Give more digits of the id, or the number.", zh: "请给出更长的编号，或使用序号。" },
  },
  OPERATION_NOT_DUE: {
    status: 409,
    title: { en: "Operation {number} takes effect from {due} on", zh: "操作 {number} 自 {due} 起方可执行" },
    remedy: {
      en: "The members have until then to stop it. Execute it afterwards.",
      zh: "在此之前成员可以阻止该操作，请到期后再执行。",
    },
  },
  OPERATION_OVER: {
    status: 409,
    title: { en: "Operation {number} is over: {state}", zh: "操作 {number} 已结束：{state}" },
    remedy: { en: "Propose it again if it is still wanted.", zh: "如仍需要，请重新提案。" },
  },
  OPERATION_SAME_PERSON: {
    status: 403,
    title: {
      en: "{person} proposed operation {number}, so another one of the staff executes it",
      zh: "操作 {number} 由 {person} 提案，须由另一名工作人员执行",
    },
    remedy: {
      en: "Ask a colleague. Where all other keys are lost, two thirds of the members' council can approve it.",
      zh: "请由同事执行；若其他密钥全部丢失，可由成员理事会三分之二席位批准。",
    },
  },
  OPERATION_NOT_YOURS: {
    status: 403,
    title: {
      en: "{proposer} proposed operation {number}: nobody else of the staff takes it back",
      zh: "操作 {number} 由 {proposer} 提案，其他工作人员不能撤回",
    },
    remedy: {
      en: "Two of the staff stop it together (`npx hardhat governance cancel --together`), or two members object.",
      zh: "可由两名工作人员共同终止（`npx hardhat governance cancel --together`），或由两名成员提出异议。",
    },
  },
  OPERATION_OF_DUTY_DESK: {
    status: 409,
    title: {
      en: "Operation {number} is one of the duty desk, which the members' council does not stop",
      zh: "操作 {number} 属值守台，成员理事会不能阻止",
    },
    remedy: {
      en: "The council stops what the constitution decides: admission, rules, prices, roles, changes.",
      zh: "理事会可阻止经章程程序办理的事项：准入、规则、定价、角色与变更。",
    },
  },
  GOVERNANCE_DESK_WRONG: {
    status: 422,
    title: {
      en: "The calls of this operation are not {given}'s business but {needed}'s",
      zh: "该操作应由 {needed} 办理，不归 {given}",
    },
    remedy: {
      en: "Leave --desk out: the authority on chain says which desk it is.",
      zh: "请省略 --desk：由链上授权中心决定办理途径。",
    },
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
  AUTHORITY_EXISTS: {
    status: 409,
    title: { en: "There is a certificate authority in {directory} already", zh: "目录 {directory} 中已有证书签发机构" },
    remedy: {
      en: "Make the new root in an empty directory; the old one stays where it is.",
      zh: "新的根证书请在空目录中建立，原目录保持不变。",
    },
  },
  KEY_NOT_PRESENTED: {
    status: 409,
    title: {
      en: "{member} has presented no key that waits for a certificate",
      zh: "{member} 没有待签发证书的密钥",
    },
    remedy: {
      en: "The member presents one: `npx hardhat member present-key` first, `npx hardhat member rotate` later.",
      zh: "请成员先提交密钥：首次用 `npx hardhat member present-key`，之后用 `npx hardhat member rotate`。",
    },
  },
  KEY_NOT_YET_CERTIFIED: {
    status: 409,
    title: { en: "The next key of {member} is not certified yet", zh: "{member} 的下一密钥尚未登记证书" },
    remedy: {
      en: "Present it, have it certified, and switch to it then: peers would refuse it now.",
      zh: "请先提交并取得证书后再切换，否则其他成员会拒绝。",
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
