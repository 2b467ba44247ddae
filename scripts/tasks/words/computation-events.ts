/** The events of the joint computation in words. */
import type { Result } from "ethers";

import type { ContractName } from "../../../relayer/chain/deployment.ts";
import { shortened } from "../names.ts";
import { label } from "./amounts.ts";
import { memberNames, purposesText, statisticName, termsText } from "./computation-phrases.ts";
import type { EventPhrase, EventVocabulary } from "./vocabulary.ts";

const by = (args: Result, role: string, { names }: EventVocabulary): string => names.memberName(args[role] as bigint);
const number = (args: Result, name: string): string => String(args[name]);

const ofNode =
  (en: (name: string) => string, zh: (name: string) => string): EventPhrase =>
  (args, vocabulary) => ({ en: en(by(args, "node", vocabulary)), zh: zh(by(args, "node", vocabulary)) });

const collection = (args: Result): string => `${statisticName(number(args, "statistic"))}/${number(args, "period")}`;

const ofCollection =
  (en: (name: string) => string, zh: (name: string) => string): EventPhrase =>
  (args) => ({ en: en(collection(args)), zh: zh(collection(args)) });

/** Messages of rounds, shares, heartbeats and statistics' contributions are the business of relayers. */
export const computationEvents: Readonly<Partial<Record<ContractName, Readonly<Record<string, EventPhrase>>>>> = {
  algorithmNodes: {
    NodeRegistered: ofNode(
      (node) => `${node} registered as an algorithm node`,
      (node) => `${node} 登记为算法节点`,
    ),
    NodeActivated: ofNode(
      (node) => `${node} was appointed as an algorithm node`,
      (node) => `${node} 被任命为算法节点`,
    ),
    NodeRetired: ofNode(
      (node) => `algorithm node ${node} retired`,
      (node) => `算法节点 ${node} 退役`,
    ),
    NodeReported: (args, vocabulary) => {
      const [reporter, node] = [by(args, "reporter", vocabulary), by(args, "node", vocabulary)];
      const reason = label(number(args, "reason"));
      return {
        en: `${reporter} reported algorithm node ${node}: ${reason}`,
        zh: `${reporter} 报告算法节点 ${node}：${reason}`,
      };
    },
  },
  keyRounds: {
    RoundBegun: (args, { names }) => {
      const [round, nodes] = [number(args, "round"), memberNames(args["nodes"] as bigint[], names)];
      const purposes = purposesText(Number(args["purposes"]));
      return {
        en: `key round ${round} began (${purposes.en}): ${nodes}`,
        zh: `第 ${round} 轮密钥开始（${purposes.zh}）：${nodes}`,
      };
    },
    RoundCompleted: (args) => ({
      en: `key round ${number(args, "round")} was completed`,
      zh: `第 ${number(args, "round")} 轮密钥完成`,
    }),
    RoundFailed: (args) => ({
      en: `key round ${number(args, "round")} failed in phase ${number(args, "phase")}`,
      zh: `第 ${number(args, "round")} 轮密钥在阶段 ${number(args, "phase")} 失败`,
    }),
    RoundCalledOff: (args) => {
      const [round, phase, reason] = [number(args, "round"), number(args, "phase"), label(number(args, "reason"))];
      return {
        en: `key round ${round} was called off in phase ${phase}: ${reason}`,
        zh: `第 ${round} 轮密钥在阶段 ${phase} 被取消：${reason}`,
      };
    },
  },
  consortiumTables: {
    EditionTermsChanged: (args, { names }) => {
      const { en, zh } = termsText(args["terms"] as Parameters<typeof termsText>[0], names);
      return { en: `the terms of editions were set: ${en}`, zh: `设定各期编制条件：${zh}` };
    },
    EditionOpened: (args) => ({
      en: `edition ${number(args, "edition")} of the consortium table was opened`,
      zh: `联合表第 ${number(args, "edition")} 期开启`,
    }),
    ContributionPosted: (args, vocabulary) => {
      const contributor = by(args, "contributor", vocabulary);
      return {
        en: `${contributor} contributed to edition ${number(args, "edition")}`,
        zh: `${contributor} 向第 ${number(args, "edition")} 期提交贡献`,
      };
    },
    ContributionExcluded: (args, vocabulary) => {
      const [contributor, reason] = [by(args, "contributor", vocabulary), label(number(args, "reason"))];
      return {
        en: `the contribution of ${contributor} to edition ${number(args, "edition")} was excluded: ${reason}`,
        zh: `${contributor} 在第 ${number(args, "edition")} 期的贡献被排除：${reason}`,
      };
    },
    ContributionsMerged: (args) => ({
      en: `edition ${number(args, "edition")} was merged`,
      zh: `第 ${number(args, "edition")} 期合并完成`,
    }),
    StripSetChosen: (args, { names }) => {
      const [edition, nodes] = [number(args, "edition"), memberNames(args["nodes"] as bigint[], names)];
      return {
        en: `${nodes} were chosen to strip edition ${edition} (attempt ${number(args, "attempt")})`,
        zh: `选定 ${nodes} 剥离第 ${edition} 期（第 ${number(args, "attempt")} 次）`,
      };
    },
    StripRefused: (args, vocabulary) => {
      const [accuser, accused] = [by(args, "accuser", vocabulary), by(args, "accused", vocabulary)];
      const [edition, reason] = [number(args, "edition"), label(number(args, "reason"))];
      return {
        en: `${accuser} accused ${accused} over edition ${edition}: ${reason}`,
        zh: `${accuser} 就第 ${edition} 期指控 ${accused}：${reason}`,
      };
    },
    EditionPublished: (args) => ({
      en: `edition ${number(args, "edition")} of the consortium table was published`,
      zh: `联合表第 ${number(args, "edition")} 期发布`,
    }),
    EditionAbandoned: (args) => {
      const [edition, reason] = [number(args, "edition"), label(number(args, "reason"))];
      return { en: `edition ${edition} was abandoned: ${reason}`, zh: `第 ${edition} 期放弃：${reason}` };
    },
  },
  statisticsBoard: {
    StatisticsKeySet: (args) => ({
      en: `the statistics key is ${shortened(number(args, "keyDigest"))} now`,
      zh: `统计密钥为 ${shortened(number(args, "keyDigest"))}`,
    }),
    StatisticDefined: (args) => ({
      en: `statistic ${statisticName(number(args, "statistic"))} was defined`,
      zh: `定义统计指标 ${statisticName(number(args, "statistic"))}`,
    }),
    StatisticRetired: (args) => ({
      en: `statistic ${statisticName(number(args, "statistic"))} was retired`,
      zh: `停用统计指标 ${statisticName(number(args, "statistic"))}`,
    }),
    CollectionOpened: ofCollection(
      (name) => `the collection of statistic ${name} was opened`,
      (name) => `统计指标 ${name} 开始收集`,
    ),
    StatisticContributionStruck: (args, vocabulary) => {
      const [contributor, reason] = [by(args, "contributor", vocabulary), label(number(args, "reason"))];
      return {
        en: `the contribution of ${contributor} to statistic ${collection(args)} was struck: ${reason}`,
        zh: `${contributor} 对统计指标 ${collection(args)} 的贡献被剔除：${reason}`,
      };
    },
    StatisticReleased: ofCollection(
      (name) => `statistic ${name} was released`,
      (name) => `统计指标 ${name} 发布`,
    ),
    CollectionAbandoned: (args) => {
      const reason = label(number(args, "reason"));
      return {
        en: `the collection of statistic ${collection(args)} was abandoned: ${reason}`,
        zh: `放弃统计指标 ${collection(args)} 的收集：${reason}`,
      };
    },
  },
};
