/** What the functions of the platform's contracts do, in words. */
import type { Result } from "ethers";

import { MEMBER_KINDS } from "../../../relayer/chain/codes.ts";
import type { ContractName } from "../../../relayer/chain/deployment.ts";
import type { Call } from "../../governance/operation.ts";
import { joined, same, type Text } from "../language.ts";
import { shortened } from "../names.ts";
import { duration, label, points, scopeText } from "./amounts.ts";
import { computationPhrases } from "./computation-phrases.ts";
import type { Phrase, Vocabulary } from "./vocabulary.ts";

const ROLES = [
  "ADMIN",
  "ASSOCIATION",
  "RULES",
  "REGISTRY",
  "GUARDIAN",
  "STAFF",
  "DUTY",
  "RESTART",
  "CHANGE",
  "DISPOSAL",
];
const ROLE_WORDS: Readonly<Record<string, Text>> = {
  STAFF: { en: "staff", zh: "工作人员" },
  GUARDIAN: { en: "guardian", zh: "守护人" },
};

const member = (args: Result, { names }: Vocabulary): string => names.memberName(args["member"] as bigint);
const account = (args: Result, { names }: Vocabulary): string => names.accountName(String(args["account"]));
const role = (args: Result): Text => {
  const name = ROLES[Number(args["roleId"])] ?? String(args["roleId"]);
  return ROLE_WORDS[name] ?? same(name);
};
const seconds = (args: Result, name = "seconds_"): Text => duration(Number(args[name]));
const address = (args: Result, name: string): string => String(args[name]).toLowerCase();
const category = (args: Result): string => label(String(args["category"]));

const terms = (args: Result): Text => {
  const { owners, mandatory, dueWorkingDays, title } = args["terms"] as {
    owners: bigint;
    mandatory: boolean;
    dueWorkingDays: bigint;
    title: string;
  };
  const kinds = MEMBER_KINDS.filter((_, i) => (Number(owners) & (1 << i)) !== 0).join(", ");
  return {
    en: `${title}: owned by ${kinds}, ${mandatory ? "mandatory" : "voluntary"}, due in ${dueWorkingDays.toString()} working days`,
    zh: `${title}：归属 ${kinds}，${mandatory ? "必报" : "自愿"}，${dueWorkingDays.toString()} 个工作日内报送`,
  };
};

const changes = (args: Result): Text =>
  joined(
    (args["changes"] as { name: string; implementation: string; reversible: boolean }[]).map(
      ({ name, implementation, reversible }) => ({
        en: `${label(name)} to ${implementation.toLowerCase()}${reversible ? "" : " (irreversible)"}`,
        zh: `${label(name)} 至 ${implementation.toLowerCase()}${reversible ? "" : "（不可逆）"}`,
      }),
    ),
  );

const memberPhrase =
  (en: (name: string) => string, zh: (name: string) => string): Phrase =>
  (args, vocabulary) => ({ en: en(member(args, vocabulary)), zh: zh(member(args, vocabulary)) });

const executed = (calls: readonly Call[], { words }: Vocabulary): Text => {
  const { en, zh } = joined(calls.map(words), { en: "; ", zh: "；" });
  return { en: `execute: ${en}`, zh: `执行：${zh}` };
};

const desk: Readonly<Record<string, Phrase>> = {
  execute: (args, vocabulary) =>
    executed([{ target: String(args["target"]), data: String(args["payload"]) }], vocabulary),
  executeBatch: (args, vocabulary) => {
    const [targets, payloads] = [args["targets"] as string[], args["payloads"] as string[]];
    return executed(
      targets.map((target, i) => ({ target, data: payloads[i] ?? "0x" })),
      vocabulary,
    );
  },
  cancel: (args, { operation }) => ({
    en: `stop operation ${operation(String(args["id"]))}`,
    zh: `终止操作 ${operation(String(args["id"]))}`,
  }),
};

function delayOf(whose: Text): Phrase {
  return (args) => {
    const { en, zh } = seconds(args, "newDelay");
    return { en: `set ${whose.en} to ${en}`, zh: `将${whose.zh}设为 ${zh}` };
  };
}

/** A function that is not here is told by its name and arguments. */
export const phrases: Readonly<Partial<Record<ContractName, Readonly<Record<string, Phrase>>>>> = {
  ...computationPhrases,
  authority: {
    grantRole: (args, vocabulary) => ({
      en: `give ${account(args, vocabulary)} the role of ${role(args).en}`,
      zh: `授予 ${account(args, vocabulary)} ${role(args).zh}角色`,
    }),
    revokeRole: (args, vocabulary) => ({
      en: `take the role of ${role(args).en} from ${account(args, vocabulary)}`,
      zh: `撤销 ${account(args, vocabulary)} 的${role(args).zh}角色`,
    }),
  },
  constitution: { ...desk, updateDelay: delayOf({ en: "the members' delay", zh: "成员等待期" }) },
  dutyDesk: { ...desk, updateDelay: delayOf({ en: "the duty desk's delay", zh: "值守台等待期" }) },
  memberRegistry: {
    recordReview: memberPhrase(
      (m) => `record that the application of ${m} was reviewed`,
      (m) => `登记 ${m} 的申请已审核`,
    ),
    recordAcceptance: memberPhrase(
      (m) => `record that ${m} passed its acceptance run`,
      (m) => `登记 ${m} 通过验收测试`,
    ),
    certifyKey: (args, vocabulary) => ({
      en: `record the certificate of key ${String(args["index"])} of ${member(args, vocabulary)}`,
      zh: `登记 ${member(args, vocabulary)} 第 ${String(args["index"])} 号密钥的证书`,
    }),
    revokeKey: (args, vocabulary) => ({
      en: `revoke key ${String(args["index"])} of ${member(args, vocabulary)}`,
      zh: `吊销 ${member(args, vocabulary)} 的第 ${String(args["index"])} 号密钥`,
    }),
    admit: memberPhrase(
      (m) => `admit ${m}`,
      (m) => `准入 ${m}`,
    ),
    suspend: memberPhrase(
      (m) => `suspend ${m}`,
      (m) => `暂停 ${m}`,
    ),
    reinstate: memberPhrase(
      (m) => `reinstate ${m}`,
      (m) => `恢复 ${m}`,
    ),
    exit: memberPhrase(
      (m) => `end the membership of ${m}`,
      (m) => `终止 ${m} 的成员资格`,
    ),
    apply_: (args) => ({
      en: `apply for membership as ${String(args["name"])}`,
      zh: `以 ${String(args["name"])} 名义申请入会`,
    }),
    presentKey: () => ({ en: "present an SM2 key and show that it is held", zh: "提交 SM2 密钥并证明持有" }),
    setEndpoint: (args) => ({
      en: `set the endpoint to ${String(args["endpoint"])}`,
      zh: `将接入地址设为 ${String(args["endpoint"])}`,
    }),
    nominateOperator: (args) => ({
      en: `nominate ${address(args, "account")} as operator`,
      zh: `提名 ${address(args, "account")} 为操作账户`,
    }),
    acceptNomination: memberPhrase(
      (m) => `take office as operator of ${m}`,
      (m) => `就任 ${m} 的操作账户`,
    ),
    retireOperator: (args) => ({
      en: `retire operator ${address(args, "account")}`,
      zh: `停用操作账户 ${address(args, "account")}`,
    }),
  },
  datasetRegistry: {
    defineCategory: (args) => ({
      en: `define category ${category(args)} (${terms(args).en})`,
      zh: `定义数据类别 ${category(args)}（${terms(args).zh}）`,
    }),
    amendCategory: (args) => ({
      en: `amend category ${category(args)} (${terms(args).en})`,
      zh: `修订数据类别 ${category(args)}（${terms(args).zh}）`,
    }),
  },
  platformParameters: {
    setEpochLength: (args) => ({
      en: `set the epoch length to ${seconds(args).en}`,
      zh: `将周期长度设为 ${seconds(args).zh}`,
    }),
    setSettlementWindow: (args) => ({
      en: `set the settlement window to ${seconds(args).en}`,
      zh: `将结算窗口设为 ${seconds(args).zh}`,
    }),
    setMaximumSessionDuration: (args) => ({
      en: `set the longest session to ${seconds(args).en}`,
      zh: `将最长会话时长设为 ${seconds(args).zh}`,
    }),
    switchExistingCustomers: (args) =>
      args["included"] === true
        ? { en: "include existing customers", zh: "纳入存量客户" }
        : { en: "leave existing customers out", zh: "不纳入存量客户" },
  },
  incentiveRules: {
    setPrice: (args, { names }) => {
      const [dataset, price] = [names.datasetName(String(args["dataset"])), args["price"] as bigint];
      return price === 0n
        ? { en: `let ${dataset} cost the default price`, zh: `${dataset} 恢复默认价格` }
        : {
            en: `set the price of ${dataset} to ${points(price)} points`,
            zh: `将 ${dataset} 的价格设为 ${points(price)} 分`,
          };
    },
    setRates: (args) => {
      const [price, pool, grant, reward] = [
        points(args["defaultPrice"] as bigint),
        `${String(Number(args["poolShareBasisPoints"]) / 100)}%`,
        points(args["openingGrant"] as bigint),
        points(args["publicationReward"] as bigint),
      ];
      return {
        en: `set the rates: default price ${price}, pool share ${pool}, opening grant ${grant}, publication reward ${reward}`,
        zh: `设定费率：默认价格 ${price}，奖池比例 ${pool}，开户赠分 ${grant}，发布奖励 ${reward}`,
      };
    },
  },
  memberCouncil: {
    seat: memberPhrase(
      (m) => `give ${m} a seat on the council`,
      (m) => `授予 ${m} 理事会席位`,
    ),
    vacate: memberPhrase(
      (m) => `take the council seat of ${m}`,
      (m) => `收回 ${m} 的理事会席位`,
    ),
    claimSeat: () => ({ en: "take a founding seat on the council", zh: "领取理事会创始席位" }),
    object: (args, { operation }) => ({
      en: `object to operation ${operation(String(args["operation"]))}`,
      zh: `对操作 ${operation(String(args["operation"]))} 提出异议`,
    }),
    approve: (args, { operation }) => ({
      en: `approve operation ${operation(String(args["operation"]))}`,
      zh: `批准操作 ${operation(String(args["operation"]))}`,
    }),
    liftFreeze: () => ({ en: "lift the freeze for the council", zh: "由理事会解除冻结" }),
  },
  emergency: {
    freeze: (args) => ({
      en: `freeze ${scopeText(Number(args["scope"])).en} for ${seconds(args).en}`,
      zh: `冻结${scopeText(Number(args["scope"])).zh}，为期 ${seconds(args).zh}`,
    }),
    prolong: (args) => ({
      en: `let the freeze last another ${seconds(args).en}`,
      zh: `将冻结延长 ${seconds(args).zh}`,
    }),
    unfreeze: () => ({ en: "lift the freeze", zh: "解除冻结" }),
    beginExit: () => ({ en: "begin the exit: everything stands still for good", zh: "启动退出程序：全部永久冻结" }),
  },
  exitPlan: {
    propose: (args) => ({
      en: `put disposal plan ${shortened(String(args["planDigest"]))} before the parties`,
      zh: `提交处置方案 ${shortened(String(args["planDigest"]))}`,
    }),
    agree: (args) => ({
      en: `agree to disposal plan ${shortened(String(args["planDigest"]))}`,
      zh: `同意处置方案 ${shortened(String(args["planDigest"]))}`,
    }),
  },
  emergencyRecords: {
    file: (args) =>
      Number(args["kind"]) === 1
        ? { en: "file a drill record", zh: "填报应急演练记录" }
        : { en: "file an incident record", zh: "填报平台运行问题记录表" },
    close: (args) => ({ en: `close record ${String(args["id"])}`, zh: `关闭记录 ${String(args["id"])}` }),
    adoptMeasures: (args) => ({
      en: `adopt version ${String(args["version"])} of the emergency measures`,
      zh: `启用应急措施第 ${String(args["version"])} 版`,
    }),
  },
  contractDirectory: {
    register: (args) => ({
      en: `enter contract ${label(String(args["name"]))} at ${String(args["proxy"])}`,
      zh: `登记合约 ${label(String(args["name"]))}（${String(args["proxy"])}）`,
    }),
    change: (args) => ({ en: `change ${changes(args).en}`, zh: `变更 ${changes(args).zh}` }),
    takeBack: (args) => ({
      en: `take back the last change of ${label(String(args["name"]))}`,
      zh: `撤回 ${label(String(args["name"]))} 的上次变更`,
    }),
  },
};
