/** What the contracts of the joint computation refuse, in words; see `contract-refusals.ts`. Moments are Unix seconds. */
import type { Language } from "./fault.ts";

export const computationRefusals = {
  AggregatorInvalid: {
    en: "member {aggregator} cannot aggregate: it must be active, may compute, and may not query",
    zh: "成员 {aggregator} 不能担任汇总方：须为有效成员、有计算权限且无查询权限",
  },
  CollectionAlreadyOpened: {
    en: "the statistic was collected for period {period} before: one collection for each, ever",
    zh: "该统计指标第 {period} 期已开过收集，每期只能收集一次",
  },
  CollectionClosed: {
    en: "the collection for period {period} was closed at {closedAt}",
    zh: "第 {period} 期的收集已于 {closedAt} 截止",
  },
  CollectionFull: {
    en: "the collection for period {period} has {maximum} contributors, and no more",
    zh: "第 {period} 期的贡献方已满（{maximum} 家）",
  },
  CollectionNotClosed: {
    en: "the collection for period {period} is open until {closesAt}",
    zh: "第 {period} 期的收集到 {closesAt} 才截止",
  },
  CollectionWindowInvalid: {
    en: "a collection ends from {earliest} to {latest}, not at {closesAt}",
    zh: "截止时间须在 {earliest} 至 {latest} 之间，不能是 {closesAt}",
  },
  CollectionWrong: {
    en: "the collection for period {period} has status {status}, and {expected} is needed (0 none, 1 open, 2 closed, 3 released, 4 abandoned)",
    zh: "第 {period} 期的收集状态为 {status}，需要 {expected}（0 无，1 收集中，2 已截止，3 已发布，4 已放弃）",
  },
  ContributionAlreadyExcluded: {
    en: "the contribution of member {contributor} to edition {edition} is excluded already",
    zh: "成员 {contributor} 在第 {edition} 期的贡献已被排除",
  },
  ContributionBasisInvalid: {
    en: "epoch {epoch}, revision {revision} is no standing commitment of the contributor, or not the newest of its dataset",
    zh: "周期 {epoch} 修订 {revision} 不是贡献方现行有效的最新承诺",
  },
  ContributionIncomplete: {
    en: "dataset {missing} has a standing commitment and is not named",
    zh: "数据集 {missing} 有现行承诺但未列入",
  },
  ContributionInvalid: {
    en: "the contribution lacks its root, its proof of 64 bytes, or a list of datasets in ascending order",
    zh: "贡献缺少承诺根、64 字节证明或按升序排列的数据集清单",
  },
  ContributionLate: {
    en: "edition {edition} took contributions until {closesAt}",
    zh: "第 {edition} 期的贡献已于 {closesAt} 截止",
  },
  ContributionRepeated: {
    en: "member {contributor} has contributed to edition {edition} already",
    zh: "成员 {contributor} 已向第 {edition} 期提交贡献",
  },
  ContributionUnknown: {
    en: "member {contributor} has not contributed to edition {edition}",
    zh: "成员 {contributor} 未向第 {edition} 期提交贡献",
  },
  EditionKeysMissing: {
    en: "keys of all four purposes (evaluation, query, layer, locator) must be made first",
    zh: "须先生成求值、查询、外层、定位四种用途的密钥",
  },
  EditionNotDue: { en: "the next edition is due at {dueAt}", zh: "下一期最早于 {dueAt} 开启" },
  EditionRunning: { en: "edition {edition} is not over yet", zh: "第 {edition} 期尚未结束" },
  EditionStageNotOver: {
    en: "this stage of edition {edition} lasts until {endsAt}",
    zh: "第 {edition} 期的当前阶段到 {endsAt} 才结束",
  },
  EditionTermsInvalid: {
    en: "the terms are not set or out of range: at least 3 contributors, a count class of rows, times of up to 366 days",
    zh: "编制条件未设定或超出范围：贡献方至少 3 家，行数须为数量级，时长不超过 366 天",
  },
  EditionWrong: {
    en: "edition {edition} has status {status}, and {expected} is needed (0 none, 1 collecting, 2 merging, 3 stripping, 4 published, 5 abandoned)",
    zh: "第 {edition} 期的状态为 {status}，需要 {expected}（0 无，1 收集中，2 合并中，3 剥离中，4 已发布，5 已放弃）",
  },
  ExclusionInvalid: {
    en: "each excluded contributor needs a reason: {contributors} contributors, {reasons} reasons",
    zh: "每个被排除的贡献方须附原因：{contributors} 个贡献方，{reasons} 个原因",
  },
  MergeInvalid: { en: "the merge lacks its root or its proof of 64 bytes", zh: "合并缺少承诺根或 64 字节证明" },
  NodeAlreadyRegistered: { en: "member {node} is registered as a node already", zh: "成员 {node} 已登记为算法节点" },
  NodeAlreadyRetired: { en: "node {node} has retired", zh: "算法节点 {node} 已退役" },
  NodeCatalogueFull: { en: "there are {maximum} nodes, and no more", zh: "算法节点已满（{maximum} 个）" },
  NodeNotActive: {
    en: "node {node} is not in office: its status is {status} (0 none, 1 registered, 2 active, 3 retired)",
    zh: "算法节点 {node} 未在任：状态为 {status}（0 无，1 已登记，2 在任，3 已退役）",
  },
  NodeNotRegistered: {
    en: "node {node} does not wait to be appointed: its status is {status} (0 none, 1 registered, 2 active, 3 retired)",
    zh: "算法节点 {node} 不在待任命状态：状态为 {status}（0 无，1 已登记，2 在任，3 已退役）",
  },
  NodeUnknown: { en: "member {node} never registered as a node", zh: "成员 {node} 从未登记为算法节点" },
  NotAggregator: {
    en: "member {caller} is not the aggregator of edition {edition}",
    zh: "成员 {caller} 不是第 {edition} 期的汇总方",
  },
  NotInStripSet: {
    en: "member {caller} is not of the set that works on edition {edition}",
    zh: "成员 {caller} 不在处理第 {edition} 期的节点组中",
  },
  ReportEmpty: { en: "a report needs a reason and evidence", zh: "报告须有原因和证据" },
  ReportOfOneself: { en: "member {node} cannot report itself", zh: "成员 {node} 不能报告自己" },
  ReportRepeated: {
    en: "member {reporter} has reported this about node {node} before",
    zh: "成员 {reporter} 已就此报告过算法节点 {node}",
  },
  RoundBasisInvalid: {
    en: "round {basis} did not make the newest keys of all the purposes named: there is nothing to share anew",
    zh: "第 {basis} 轮不是所列全部用途的最新密钥，无法重新分发",
  },
  RoundMessageEmpty: {
    en: "a message of phase {phase} of round {round} says something",
    zh: "第 {round} 轮阶段 {phase} 的消息不能为空",
  },
  RoundMessageRepeated: {
    en: "member {member} has spoken in phase {phase} of round {round} already",
    zh: "成员 {member} 在第 {round} 轮阶段 {phase} 已发言",
  },
  RoundMessageTooLong: {
    en: "the message has {length} bytes, and {maximum} are the most",
    zh: "消息为 {length} 字节，上限为 {maximum}",
  },
  RoundNodesInvalid: {
    en: "the nodes of a round are 3 to 32 different ones that are active",
    zh: "参与轮次的须为 3 至 32 个不同的在任算法节点",
  },
  RoundNotParticipant: {
    en: "member {member} does not speak in this phase of round {round}",
    zh: "成员 {member} 不参与第 {round} 轮的这一阶段",
  },
  RoundOver: { en: "round {round} is over", zh: "第 {round} 轮已结束" },
  RoundPhaseNotOver: {
    en: "phase {phase} of round {round} lasts until {endsAt}",
    zh: "第 {round} 轮阶段 {phase} 到 {endsAt} 才结束",
  },
  RoundPhaseSecondsInvalid: {
    en: "a phase lasts {minimum} to {maximum} seconds, not {phaseSeconds}",
    zh: "每阶段须为 {minimum} 至 {maximum} 秒，不能是 {phaseSeconds} 秒",
  },
  RoundPhaseWrong: {
    en: "round {round} is in phase {current}, not {given}",
    zh: "第 {round} 轮处于阶段 {current}，不是 {given}",
  },
  RoundPurposesInvalid: {
    en: "the round names no purpose, or one that does not exist, or one of layer and locator without the other",
    zh: "轮次未指定用途、用途不存在，或外层与定位两种用途未同时指定",
  },
  RoundReasonEmpty: { en: "a reason is missing", zh: "缺少原因" },
  RoundRunning: { en: "round {round} is not over yet", zh: "第 {round} 轮尚未结束" },
  RoundThresholdInvalid: {
    en: "a threshold of {threshold} does not fit {nodes} nodes: it is 2 at least, and (nodes + 1) / 2 at most",
    zh: "门限 {threshold} 与节点数 {nodes} 不符：至少为 2，至多为（节点数 + 1）/ 2",
  },
  RoundUnknown: { en: "there is no round {round}", zh: "不存在第 {round} 轮" },
  RowCountNotAClass: {
    en: "{rows} is no count class of at least {leastRows} rows",
    zh: "{rows} 不是不小于 {leastRows} 的数量级",
  },
  RowsTooMany: {
    en: "a table has at most {most} rows, not {rows}",
    zh: "数据表最多 {most} 行，而非 {rows} 行",
  },
  ServiceUnknown: {
    en: "nodes are paid for evaluation, location and decryption, not for purpose {purpose}",
    zh: "算法节点仅就求值、定位与解密计费，用途 {purpose} 不计费",
  },
  StatisticAlreadyDefined: {
    en: "the statistic is defined already, and a definition is never altered",
    zh: "该统计指标已定义，定义不可更改",
  },
  StatisticCatalogueFull: {
    en: "the catalogue has {maximum} statistics, and no more",
    zh: "统计指标目录已满（{maximum} 项）",
  },
  StatisticContributionRepeated: {
    en: "member {contributor} committed to the same for period {period} before",
    zh: "成员 {contributor} 在第 {period} 期已提交同一承诺",
  },
  StatisticContributionUnknown: {
    en: "no contribution of member {contributor} stands for period {period}",
    zh: "成员 {contributor} 在第 {period} 期没有有效贡献",
  },
  StatisticContributorsTooFew: {
    en: "{contributors} contributions stand for period {period}, and {least} are needed",
    zh: "第 {period} 期有效贡献为 {contributors} 份，至少需要 {least} 份",
  },
  StatisticDigestInvalid: { en: "a digest is missing", zh: "缺少摘要" },
  StatisticInvalid: {
    en: "a statistic needs a name, a definition, a layout, and at least 3 contributors",
    zh: "统计指标须有名称、定义、布局，且贡献方至少 3 家",
  },
  StatisticIsRetired: { en: "the statistic is retired", zh: "该统计指标已停用" },
  StatisticReasonEmpty: { en: "a reason is missing", zh: "缺少原因" },
  StatisticUnknown: { en: "there is no such statistic", zh: "不存在该统计指标" },
  StatisticsKeyInvalid: {
    en: "the key was set before, is longer than 16,384 bytes, or lacks a part",
    zh: "该密钥已登记过、超过 16,384 字节或内容不完整",
  },
  StatisticsKeyMissing: { en: "no key for statistics is set", zh: "尚未登记统计密钥" },
  StripAttemptWrong: {
    en: "attempt {given} at edition {edition} is over: {current} runs",
    zh: "第 {edition} 期的第 {given} 次剥离已结束，当前为第 {current} 次",
  },
  StripDigestEmpty: {
    en: "a digest, root, reason or evidence for edition {edition} is missing",
    zh: "第 {edition} 期缺少摘要、承诺根、原因或证据",
  },
  StripRefusalRepeated: {
    en: "member {accuser} has accused member {accused} in attempt {attempt} at edition {edition} already",
    zh: "成员 {accuser} 在第 {edition} 期第 {attempt} 次剥离中已指控成员 {accused}",
  },
  StripSetInvalid: {
    en: "the set is not exactly as many active nodes of the layer key as its threshold, in ascending order",
    zh: "节点组须恰为外层密钥门限数量的在任节点，并按升序排列",
  },
  StripSetWorking: {
    en: "the set of attempt {attempt} at edition {edition} has until {until}",
    zh: "第 {edition} 期第 {attempt} 次剥离的节点组可工作至 {until}",
  },
  StripSharesMissing: {
    en: "node {node} has not committed to its shares of attempt {attempt} at edition {edition}",
    zh: "算法节点 {node} 未提交第 {edition} 期第 {attempt} 次剥离的份额承诺",
  },
  StripSharesRepeated: {
    en: "node {node} has committed to its shares of attempt {attempt} at edition {edition} already",
    zh: "算法节点 {node} 已提交第 {edition} 期第 {attempt} 次剥离的份额承诺",
  },
  TableConfirmationRepeated: {
    en: "node {node} has named a table in attempt {attempt} at edition {edition} already",
    zh: "算法节点 {node} 在第 {edition} 期第 {attempt} 次剥离中已确认结果",
  },
} as const satisfies Readonly<Record<string, Readonly<Record<Language, string>>>>;
