/** Members as a table, one member in full. */
import type { RegisteredMember, MemberKind, MemberStatus } from "../../../relayer/chain/chain-view.ts";
import { chainTime } from "../chain-log.ts";
import { same, type Text } from "../language.ts";
import { sheet, table, type Column, type Report } from "../report.ts";
import type { Session } from "../session.ts";
import { duration, iso, moment, points } from "../words/amounts.ts";
import { keyState, readKeys, type KeyState, type MemberKey } from "./member-keys.ts";

const KINDS: Readonly<Record<MemberKind, Text>> = {
  Association: { en: "Association", zh: "协会" },
  SecuritiesFirm: { en: "SecuritiesFirm", zh: "证券公司" },
  Bank: { en: "Bank", zh: "银行" },
  Insurer: { en: "Insurer", zh: "保险公司" },
  FuturesFirm: { en: "FuturesFirm", zh: "期货公司" },
  FundManager: { en: "FundManager", zh: "基金公司" },
  Regulator: { en: "Regulator", zh: "监管机构" },
  NodeOperator: { en: "NodeOperator", zh: "算法节点" },
};
const STATUSES: Readonly<Record<MemberStatus, Text>> = {
  Applied: { en: "applied", zh: "已申请" },
  Active: { en: "active", zh: "有效" },
  Suspended: { en: "suspended", zh: "暂停" },
  Exited: { en: "exited", zh: "已退出" },
};
const KEY_STATES: Readonly<Record<KeyState, Text>> = {
  presented: { en: "presented, not certified", zh: "已提交，未登记证书" },
  valid: { en: "valid", zh: "有效" },
  ended: { en: "ended", zh: "已失效" },
};

const COLUMNS: readonly Column<RegisteredMember>[] = [
  { title: { en: "no", zh: "编号" }, cell: ({ id }) => String(id) },
  { title: { en: "name", zh: "名称" }, cell: ({ name }) => name },
  { title: { en: "kind", zh: "类型" }, cell: ({ kind }, language) => KINDS[kind][language] },
  { title: { en: "status", zh: "状态" }, cell: ({ status }, language) => STATUSES[status][language] },
  { title: { en: "endpoint", zh: "接入地址" }, cell: ({ endpoint }) => endpoint },
  { title: { en: "operators", zh: "操作账户" }, cell: ({ operators }) => operators.join("\n") },
];

export async function listMembers(session: Session): Promise<Report> {
  const { members } = await session.names();
  return {
    json: members.map((member) => ({ ...member, operators: [...member.operators] })),
    text: (language) => table(COLUMNS, members, language),
  };
}

export async function showMember(session: Session, args: { readonly member: string }): Promise<Report> {
  const platform = await session.platform();
  const { contracts, provider } = platform;
  const names = await session.names();
  const member = names.findMember(args.member);
  const [record, keys, ledgerTime, balance, seats] = await Promise.all([
    contracts.members.getMember(member.id),
    readKeys(platform, member.id),
    contracts.emergency.time().then(Number),
    contracts.points.pointsOf(member.id),
    contracts.memberCouncil.seats(),
  ]);
  const [statusAt, hasSeat] = [Number(record.statusAt), seats.includes(BigInt(member.id))];
  const behind = (await chainTime(provider)) - ledgerTime;
  return {
    json: {
      ...{ ...member, operators: [...member.operators] },
      statusSince: iso(statusAt),
      reviewed: !/^0x0+$/.test(record.reviewDigest),
      accepted: !/^0x0+$/.test(record.acceptanceDigest),
      seat: hasSeat,
      points: points(balance),
      keys: keys.map((key) => ({
        index: key.index,
        state: keyState(key, ledgerTime),
        x: key.x,
        y: key.y,
        certificateDigest: key.certificateDigest,
        presentedAt: iso(key.presentedAt),
        since: iso(key.since),
        until: iso(key.until),
      })),
    },
    text: (language) =>
      sheet(
        [
          [{ en: "member", zh: "成员" }, `${member.name} (${member.id})`],
          [{ en: "kind", zh: "类型" }, KINDS[member.kind][language]],
          [{ en: "status", zh: "状态" }, `${STATUSES[member.status][language]} (${moment(statusAt)})`],
          [{ en: "endpoint", zh: "接入地址" }, member.endpoint],
          [{ en: "operators", zh: "操作账户" }, member.operators.join("\n")],
          [{ en: "council", zh: "理事会" }, (hasSeat ? { en: "seat", zh: "持席" } : same("-"))[language]],
          [{ en: "points", zh: "积分" }, points(balance)],
          [{ en: "SM2 keys", zh: "SM2 密钥" }, keys.map((key) => keyLine(key, ledgerTime)[language]).join("\n") || "-"],
          ...(behind > CLOCKS_S ? [[{ en: "times", zh: "时间" }, ledgerTimeText(behind)[language]] as const] : []),
        ],
        language,
      ),
  };
}

/** The chain's clock may be ahead of the last block by this. */
const CLOCKS_S = 60;

function ledgerTimeText(behind: number): Text {
  const { en, zh } = duration(behind);
  return {
    en: `ledger time: ${en} behind the clock, for as long as anything stood frozen`,
    zh: `账本时间：因冻结比时钟慢 ${zh}`,
  };
}

function keyLine(key: MemberKey, ledgerTime: number): Text {
  const state = KEY_STATES[keyState(key, ledgerTime)];
  const ended = keyState(key, ledgerTime) === "ended";
  const until: Text =
    key.until === 0
      ? { en: "", zh: "" }
      : { en: `${ended ? "" : " until"} ${moment(key.until)}`, zh: `，${ended ? "" : "至 "}${moment(key.until)}` };
  return {
    en: `${key.index}: ${key.x.slice(0, 18)}… ${state.en}${until.en}`,
    zh: `${key.index}：${key.x.slice(0, 18)}… ${state.zh}${until.zh}`,
  };
}
