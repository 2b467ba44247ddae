/** The platform's events in words: what the timeline tells besides the operations of the two desks. */
import type { Result } from "ethers";

import type { ContractName } from "../../../relayer/chain/deployment.ts";
import type { Text } from "../language.ts";
import { shortened } from "../names.ts";
import { duration, label, moment, points, scopeText } from "./amounts.ts";
import { computationEvents } from "./computation-events.ts";
import type { EventPhrase as Phrase, EventVocabulary } from "./vocabulary.ts";

const member = (args: Result, { names }: EventVocabulary): string => names.memberName(args["member"] as bigint);
const text = (args: Result, name: string): string => {
  const value = String(args[name]);
  return value.startsWith("0x") ? value.toLowerCase() : value;
};
const operation = (args: Result, vocabulary: EventVocabulary): string => vocabulary.operation(text(args, "operation"));

const about =
  (en: (name: string) => string, zh: (name: string) => string): Phrase =>
  (args, vocabulary) => ({ en: en(member(args, vocabulary)), zh: zh(member(args, vocabulary)) });

/** An event that is not here is the business of relayers, or told by the operation that brought it about. */
const phrases: Readonly<Partial<Record<ContractName, Readonly<Record<string, Phrase>>>>> = {
  ...computationEvents,
  memberRegistry: {
    MemberApplied: (args) => ({ en: `${text(args, "name")} applied`, zh: `${text(args, "name")} 申请入会` }),
    MemberReviewed: about(
      (m) => `the review of ${m} was recorded`,
      (m) => `登记 ${m} 的审核`,
    ),
    MemberAccepted: about(
      (m) => `the acceptance run of ${m} was recorded`,
      (m) => `登记 ${m} 的验收测试`,
    ),
    MemberAdmitted: about(
      (m) => `${m} was admitted`,
      (m) => `${m} 获准入`,
    ),
    MemberSuspended: about(
      (m) => `${m} was suspended`,
      (m) => `${m} 被暂停`,
    ),
    MemberReinstated: about(
      (m) => `${m} was reinstated`,
      (m) => `${m} 恢复`,
    ),
    MemberExited: about(
      (m) => `${m} left`,
      (m) => `${m} 退出`,
    ),
    EndpointChanged: (args, v) => ({
      en: `${member(args, v)} moved to ${text(args, "endpoint")}`,
      zh: `${member(args, v)} 的接入地址改为 ${text(args, "endpoint")}`,
    }),
    OperatorNominated: (args, v) => ({
      en: `${member(args, v)} nominated operator ${text(args, "operator")}`,
      zh: `${member(args, v)} 提名操作账户 ${text(args, "operator")}`,
    }),
    OperatorAppointed: (args, v) => ({
      en: `${text(args, "operator")} took office for ${member(args, v)}`,
      zh: `${text(args, "operator")} 就任 ${member(args, v)} 的操作账户`,
    }),
    OperatorRetired: (args, v) => ({
      en: `${text(args, "operator")} retired from ${member(args, v)}`,
      zh: `${text(args, "operator")} 不再是 ${member(args, v)} 的操作账户`,
    }),
    KeyPresented: (args, v) => ({
      en: `${member(args, v)} presented SM2 key ${text(args, "index")}`,
      zh: `${member(args, v)} 提交第 ${text(args, "index")} 号 SM2 密钥`,
    }),
    KeyCertified: (args, v) => ({
      en: `key ${text(args, "index")} of ${member(args, v)} was certified`,
      zh: `${member(args, v)} 的第 ${text(args, "index")} 号密钥登记证书`,
    }),
    KeyRevoked: (args, v) => ({
      en: `key ${text(args, "index")} of ${member(args, v)} was revoked`,
      zh: `${member(args, v)} 的第 ${text(args, "index")} 号密钥被吊销`,
    }),
  },
  memberCouncil: {
    SeatTaken: about(
      (m) => `${m} took a seat on the council`,
      (m) => `${m} 取得理事会席位`,
    ),
    SeatVacated: about(
      (m) => `${m} lost its seat on the council`,
      (m) => `${m} 失去理事会席位`,
    ),
    ObjectionRaised: (args, v) => ({
      en: `${member(args, v)} objected to operation ${operation(args, v)}`,
      zh: `${member(args, v)} 对操作 ${operation(args, v)} 提出异议`,
    }),
    OperationStopped: (args, v) => ({
      en: `the council stopped operation ${operation(args, v)}`,
      zh: `理事会阻止操作 ${operation(args, v)}`,
    }),
    ApprovalGiven: (args, v) => ({
      en: `${member(args, v)} approved operation ${operation(args, v)}`,
      zh: `${member(args, v)} 批准操作 ${operation(args, v)}`,
    }),
  },
  emergency: {
    PlatformFrozen: (args) => {
      const [scope, until] = [scopeText(Number(args["scope"])), moment(Number(args["until"]))];
      return { en: `froze ${scope.en}, announced until ${until}`, zh: `冻结${scope.zh}，公告至 ${until}` };
    },
    FreezeExtended: (args) => {
      const [scope, until] = [scopeText(Number(args["scope"])), moment(Number(args["until"]))];
      return { en: `extended the freeze: ${scope.en}, until ${until}`, zh: `冻结变更：${scope.zh}，至 ${until}` };
    },
    PlatformUnfrozen: (args) => {
      const lasted = duration(Number(args["frozenSeconds"]));
      return { en: `lifted the freeze after ${lasted.en}`, zh: `冻结解除，历时 ${lasted.zh}` };
    },
    ExitBegun: () => ({ en: "the exit began", zh: "退出程序启动" }),
    DisposalOpened: () => ({ en: "all parties agreed: disposal of data is open", zh: "各方一致同意，数据处置开放" }),
  },
  exitPlan: {
    DisposalPlanProposed: (args) => ({
      en: `disposal plan ${shortened(text(args, "planDigest"))} was put before the parties`,
      zh: `提交处置方案 ${shortened(text(args, "planDigest"))}`,
    }),
    DisposalPlanAgreed: (args, v) => ({
      en: `${member(args, v)} agreed to disposal plan ${shortened(text(args, "planDigest"))}, ${text(args, "missing")} missing`,
      zh: `${member(args, v)} 同意处置方案 ${shortened(text(args, "planDigest"))}，尚缺 ${text(args, "missing")} 方`,
    }),
  },
  emergencyRecords: {
    RecordFiled: (args, v) =>
      Number(args["kind"]) === 1
        ? {
            en: `${member(args, v)} filed drill record ${text(args, "id")}`,
            zh: `${member(args, v)} 填报演练记录 ${text(args, "id")}`,
          }
        : {
            en: `${member(args, v)} filed incident record ${text(args, "id")}`,
            zh: `${member(args, v)} 填报问题记录 ${text(args, "id")}`,
          },
    RecordClosed: (args) => ({ en: `record ${text(args, "id")} was closed`, zh: `记录 ${text(args, "id")} 关闭` }),
    MeasuresAdopted: (args) => ({
      en: `version ${text(args, "version")} of the emergency measures was adopted`,
      zh: `应急措施第 ${text(args, "version")} 版启用`,
    }),
  },
  contractDirectory: {
    ContractChanged: (args) => ({
      en: `${label(text(args, "name"))} is version ${text(args, "version")} now`,
      zh: `${label(text(args, "name"))} 为第 ${text(args, "version")} 版`,
    }),
    ChangeTakenBack: (args) => ({
      en: `version ${text(args, "version")} of ${label(text(args, "name"))} was taken back`,
      zh: `${label(text(args, "name"))} 第 ${text(args, "version")} 版被撤回`,
    }),
  },
  datasetRegistry: {
    CategoryDefined: (args) => ({
      en: `category ${label(text(args, "category"))} was defined`,
      zh: `定义数据类别 ${label(text(args, "category"))}`,
    }),
    CategoryAmended: (args) => ({
      en: `category ${label(text(args, "category"))} was amended`,
      zh: `修订数据类别 ${label(text(args, "category"))}`,
    }),
    DatasetRegistered: (args, { names }) => ({
      en: `${names.memberName(args["holder"] as bigint)} registered dataset ${label(text(args, "label"))}`,
      zh: `${names.memberName(args["holder"] as bigint)} 登记数据集 ${label(text(args, "label"))}`,
    }),
  },
  incentiveRules: {
    PriceChanged: (args, { names }) => ({
      en: `${names.datasetName(text(args, "dataset"))} costs ${points(args["price"] as bigint)} points`,
      zh: `${names.datasetName(text(args, "dataset"))} 的价格为 ${points(args["price"] as bigint)} 分`,
    }),
    RatesChanged: () => ({ en: "the rates were changed", zh: "费率变更" }),
  },
  platformParameters: {
    EpochLengthChanged: (args) => {
      const length = duration(Number(args["lengthSeconds"]));
      return {
        en: `epochs last ${length.en} from epoch ${text(args, "fromEpoch")} on`,
        zh: `自第 ${text(args, "fromEpoch")} 周期起周期长度为 ${length.zh}`,
      };
    },
    SettlementWindowChanged: (args) => {
      const window = duration(Number(args["seconds_"]));
      return { en: `the settlement window is ${window.en}`, zh: `结算窗口为 ${window.zh}` };
    },
    MaximumSessionDurationChanged: (args) => {
      const longest = duration(Number(args["seconds_"]));
      return { en: `the longest session is ${longest.en}`, zh: `最长会话时长为 ${longest.zh}` };
    },
    ExistingCustomersSwitched: (args) =>
      args["included"] === true
        ? { en: "existing customers take part", zh: "存量客户纳入共享" }
        : { en: "existing customers stay out", zh: "存量客户不纳入共享" },
  },
  constitution: {
    MinDelayChange: (args) => {
      const delay = duration(Number(args["newDuration"]));
      return { en: `the members' delay is ${delay.en}`, zh: `成员等待期为 ${delay.zh}` };
    },
  },
};

/** Contracts whose events are told. */
export const TOLD: readonly ContractName[] = Object.keys(phrases) as ContractName[];

/** Undefined for an event that the timeline leaves out. */
export function describeEvent(
  contract: ContractName,
  name: string,
  args: Result,
  vocabulary: EventVocabulary,
): Text | undefined {
  return phrases[contract]?.[name]?.(args, vocabulary) ?? undefined;
}
