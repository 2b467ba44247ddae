/** What the functions of the joint computation's contracts do, in words. */
import { KEY_PURPOSES, type KeyPurpose } from "../../../protocol/key-round/round.ts";
import type { ContractName } from "../../../relayer/chain/deployment.ts";
import type { Text } from "../language.ts";
import { shortened, type Names } from "../names.ts";
import { duration, label, moment } from "./amounts.ts";
import type { Phrase } from "./vocabulary.ts";

/** Of a round, in the order of contracts/types/KeyPurpose.sol. */
export function purposesOf(bits: number): KeyPurpose[] {
  return KEY_PURPOSES.filter((_, index) => (bits & (1 << index)) !== 0);
}

const PURPOSES: Readonly<Record<KeyPurpose, Text>> = {
  evaluation: { en: "evaluation", zh: "求值" },
  query: { en: "query", zh: "查询" },
  layer: { en: "layer", zh: "外层" },
  locator: { en: "locator", zh: "定位" },
};

export function purposesText(bits: number): Text {
  const texts = purposesOf(bits).map((purpose) => PURPOSES[purpose]);
  return { en: texts.map(({ en }) => en).join(", "), zh: texts.map(({ zh }) => zh).join("、") };
}

export function memberNames(ids: readonly bigint[], names: Names): string {
  return ids.map((id) => names.memberName(id)).join(", ");
}

interface Terms {
  readonly aggregator: bigint;
  readonly leastContributors: bigint;
  readonly leastRows: bigint;
  readonly period: bigint;
  readonly collecting: bigint;
  readonly stage: bigint;
}

export function termsText(terms: Terms, names: Names): Text {
  const aggregator = names.memberName(terms.aggregator);
  const [k, rows] = [terms.leastContributors.toString(), terms.leastRows.toString()];
  const [period, collecting, stage] = [terms.period, terms.collecting, terms.stage].map((each) =>
    duration(Number(each)),
  ) as [Text, Text, Text];
  return {
    en: `aggregator ${aggregator}, at least ${k} contributors and ${rows} rows, every ${period.en}, collecting ${collecting.en}, stages of ${stage.en}`,
    zh: `汇总方 ${aggregator}，贡献方至少 ${k} 家、行数至少 ${rows}，每 ${period.zh} 一期，收集 ${collecting.zh}，每阶段 ${stage.zh}`,
  };
}

/** A statistic by its label, or the beginning of its id. */
export const statisticName = (id: string): string => shortened(label(id));

const nodePhrase =
  (en: (name: string) => string, zh: (name: string) => string): Phrase =>
  (args, { names }) => {
    const name = names.memberName(args["node"] as bigint);
    return { en: en(name), zh: zh(name) };
  };

const collection = (args: Parameters<Phrase>[0]): [statistic: string, period: string] => [
  statisticName(String(args["statistic"])),
  String(args["period"]),
];

/** What relayers send is told by its name and arguments. */
export const computationPhrases: Readonly<Partial<Record<ContractName, Readonly<Record<string, Phrase>>>>> = {
  algorithmNodes: {
    register: () => ({ en: "register as an algorithm node", zh: "登记为算法节点" }),
    activate: nodePhrase(
      (node) => `appoint ${node} as an algorithm node`,
      (node) => `任命 ${node} 为算法节点`,
    ),
    retire: nodePhrase(
      (node) => `end the office of algorithm node ${node}`,
      (node) => `终止 ${node} 的算法节点职务`,
    ),
  },
  keyRounds: {
    begin: (args, { names }) => {
      const nodes = memberNames(args["nodes"] as bigint[], names);
      const [threshold, basis] = [String(args["threshold"]), String(args["basis"])];
      const [purposes, phase] = [purposesText(Number(args["purposes"])), duration(Number(args["phaseSeconds"]))];
      return basis === "0"
        ? {
            en: `let ${nodes} make new keys (${purposes.en}), ${threshold} of them needed, ${phase.en} a phase`,
            zh: `由 ${nodes} 生成新密钥（${purposes.zh}），门限 ${threshold}，每阶段 ${phase.zh}`,
          }
        : {
            en: `share the keys of round ${basis} (${purposes.en}) anew among ${nodes}, ${threshold} of them needed, ${phase.en} a phase`,
            zh: `将第 ${basis} 轮密钥（${purposes.zh}）重新分发给 ${nodes}，门限 ${threshold}，每阶段 ${phase.zh}`,
          };
    },
    callOff: (args) => {
      const [round, reason] = [String(args["round"]), label(String(args["reason"]))];
      return { en: `call off key round ${round} (${reason})`, zh: `取消第 ${round} 轮密钥（${reason}）` };
    },
  },
  consortiumTables: {
    setTerms: (args, { names }) => {
      const { en, zh } = termsText(args["terms_"] as Terms, names);
      return { en: `set the terms of editions: ${en}`, zh: `设定各期编制条件：${zh}` };
    },
    open: () => ({ en: "open the next edition", zh: "开启下一期" }),
  },
  statisticsBoard: {
    setKey: (args) => ({
      en: `set the statistics key ${shortened(String(args["keyDigest"]))}`,
      zh: `登记统计密钥 ${shortened(String(args["keyDigest"]))}`,
    }),
    defineStatistic: (args) => {
      const { leastContributors } = args["terms"] as { leastContributors: bigint };
      const [name, k] = [statisticName(String(args["statistic"])), leastContributors.toString()];
      return {
        en: `define statistic ${name}, of at least ${k} contributors`,
        zh: `定义统计指标 ${name}，贡献方至少 ${k} 家`,
      };
    },
    retireStatistic: (args) => ({
      en: `retire statistic ${statisticName(String(args["statistic"]))}`,
      zh: `停用统计指标 ${statisticName(String(args["statistic"]))}`,
    }),
    openCollection: (args) => {
      const [[name, period], until] = [collection(args), moment(Number(args["closesAt"]))];
      return {
        en: `collect statistic ${name} for period ${period} until ${until}`,
        zh: `收集统计指标 ${name} 第 ${period} 期，至 ${until}`,
      };
    },
    strike: (args, { names }) => {
      const [[name, period], contributor] = [collection(args), names.memberName(args["contributor"] as bigint)];
      const reason = label(String(args["reason"]));
      return {
        en: `strike the contribution of ${contributor} to statistic ${name}, period ${period} (${reason})`,
        zh: `剔除 ${contributor} 对统计指标 ${name} 第 ${period} 期的贡献（${reason}）`,
      };
    },
    release: (args) => {
      const [name, period] = collection(args);
      return {
        en: `release statistic ${name} for period ${period}`,
        zh: `发布统计指标 ${name} 第 ${period} 期`,
      };
    },
    abandon: (args) => {
      const [[name, period], reason] = [collection(args), label(String(args["reason"]))];
      return {
        en: `abandon the collection of statistic ${name} for period ${period} (${reason})`,
        zh: `放弃统计指标 ${name} 第 ${period} 期的收集（${reason}）`,
      };
    },
  },
};
