import { defineFaults } from "./descriptor.ts";

/** What an algorithm node refuses to decrypt. */
export const statisticsFaults = defineFaults({
  STATISTIC_COLLECTION_OPEN: {
    status: 409,
    title: { en: "This statistic still collects contributions", zh: "该统计项仍在收集数据" },
    remedy: { en: "Ask for its release after the period's due date.", zh: "请在收集截止后再申请发布。" },
  },
  STATISTIC_CONTRIBUTORS_TOO_FEW: {
    status: 403,
    title: {
      en: "{contributors} contributors are too few for a release, {least} are needed",
      zh: "贡献方仅 {contributors} 个，发布至少需要 {least} 个",
    },
    remedy: {
      en: "A sum of few gives away each of them. Nothing is released for this period.",
      zh: "贡献方过少时合计会暴露个体；本期不予发布。",
    },
  },
  STATISTIC_CONTRIBUTORS_TOO_MANY: {
    status: 422,
    title: {
      en: "{contributors} contributors are more than the layout holds ({most})",
      zh: "贡献方 {contributors} 个超过布局上限 {most} 个",
    },
    remedy: { en: "Define the statistic anew with a wider layout.", zh: "请以更宽的布局重新定义该统计项。" },
  },
  STATISTIC_CONTRIBUTION_REPEATED: {
    status: 422,
    title: { en: "Contributor {contributor} is there twice", zh: "贡献方 {contributor} 重复出现" },
    remedy: { en: "Each contributor counts once in a period.", zh: "每期每个贡献方仅计一次。" },
  },
  STATISTIC_CONTRIBUTION_UNCOMMITTED: {
    status: 403,
    title: {
      en: "Contributor {contributor} has committed nothing for this statistic and period",
      zh: "贡献方 {contributor} 未对该统计项本期作出承诺",
    },
    remedy: {
      en: "Only contributions whose digests are on chain are added up.",
      zh: "仅汇总已在链上承诺摘要的贡献。",
    },
  },
  STATISTIC_CONTRIBUTION_DIFFERS: {
    status: 422,
    title: {
      en: "What came as contributor {contributor}'s is not what it committed to",
      zh: "贡献方 {contributor} 的数据与其承诺不符",
    },
    remedy: { en: "Fetch the contribution from its contributor again.", zh: "请重新向该贡献方获取数据。" },
  },
  STATISTIC_CONTRIBUTION_MISSING: {
    status: 403,
    title: {
      en: "The contribution of contributor {contributor} is left out",
      zh: "缺少贡献方 {contributor} 的数据",
    },
    remedy: {
      en: "All that was committed is added up or nothing: sums with and without one would give it away.",
      zh: "须汇总全部已承诺的贡献：含与不含某一方的合计会暴露该方数据。",
    },
  },
  STATISTIC_CONTRIBUTION_UNPROVEN: {
    status: 422,
    title: {
      en: "Contributor {contributor} does not show that it knows what it sent",
      zh: "贡献方 {contributor} 未能证明其知晓所提交的内容",
    },
    remedy: {
      en: "It may be a copy of another's. Have the contribution struck on chain before the release.",
      zh: "该密文可能复制自他人；请先在链上剔除该贡献再行发布。",
    },
  },
  STATISTIC_ALREADY_RELEASED: {
    status: 403,
    title: {
      en: "This statistic and period was released for other contributions",
      zh: "该统计项本期已就另一组贡献发布",
    },
    remedy: {
      en: "The difference of two releases would give away what differs. A correction belongs into the next period.",
      zh: "两次发布之差会暴露变动部分；更正请计入下一期。",
    },
  },
  STATISTIC_CIPHERTEXT_DIFFERS: {
    status: 403,
    title: {
      en: "The ciphertext is not the product of the committed contributions",
      zh: "待解密密文不是已承诺贡献之积",
    },
    remedy: {
      en: "A node decrypts only what it has recomputed itself. Report who asked.",
      zh: "节点只解密自行重算的密文；请上报请求方。",
    },
  },
  STATISTIC_CONTRIBUTION_LENGTH: {
    status: 400,
    title: {
      en: "A contribution has {bytes} bytes instead of {wanted}",
      zh: "贡献长度为 {bytes} 字节，应为 {wanted} 字节",
    },
    remedy: {
      en: "Send contributor, salt, ciphertext and proof in their fixed lengths.",
      zh: "请按固定长度发送贡献方、盐、密文与证明。",
    },
  },
  STATISTIC_UNKNOWN: {
    status: 404,
    title: { en: "No statistic {statistic} is known here", zh: "未知统计项 {statistic}" },
    remedy: {
      en: "A relayer contributes to statistics whose definition it has. Install the version that has it.",
      zh: "中继仅对其已有定义的统计项作出贡献；请安装包含该定义的版本。",
    },
  },
  STATISTIC_PERIOD_INVALID: {
    status: 422,
    title: { en: "{period} is no month", zh: "{period} 不是有效月份" },
    remedy: { en: "Give year and month as six digits, such as 202606.", zh: "请以六位数字给出年月，如 202606。" },
  },
  STATISTIC_COLLECTION_UNKNOWN: {
    status: 404,
    title: { en: "Nothing is collected for period {period} of this statistic", zh: "该统计项 {period} 期无收集任务" },
    remedy: {
      en: "GET /v1/statistics lists the collections there are.",
      zh: "可通过 GET /v1/statistics 查看现有收集任务。",
    },
  },
  STATISTIC_COLLECTION_ABANDONED: {
    status: 409,
    title: { en: "Period {period} of this statistic was given up", zh: "该统计项 {period} 期已放弃" },
    remedy: {
      en: "Nothing of it is handed out or decrypted. The reason stands on chain.",
      zh: "其贡献不再提供，也不予解密；原因已记录在链上。",
    },
  },
  STATISTIC_NOT_RELEASED: {
    status: 404,
    title: { en: "Period {period} of this statistic has no answer yet", zh: "该统计项 {period} 期尚无结果" },
    remedy: {
      en: "It is there when the collection is closed and enough nodes have answered.",
      zh: "收集截止且足够节点应答后即可查看。",
    },
  },
  STATISTIC_NOT_ALLOWED: {
    status: 403,
    title: { en: "Member {member} may not ask for this", zh: "成员 {member} 无权请求此项" },
    remedy: {
      en: "Contributions go to the collector and to active nodes, shares to the collector.",
      zh: "贡献仅提供给收集方与在册节点，解密份额仅提供给收集方。",
    },
  },
  STATISTIC_CONTRIBUTION_NOT_HELD: {
    status: 404,
    title: { en: "This relayer holds no contribution that it committed to", zh: "本中继未持有其已承诺的贡献" },
    remedy: {
      en: "Its store may be an older copy. The duty desk strikes the contribution, on record.",
      zh: "其存储可能为旧副本；由值守台剔除该贡献并记录在案。",
    },
  },
  STATISTICS_KEY_MALFORMED: {
    status: 422,
    title: { en: "The statistics key on chain is not what its digest names", zh: "链上统计密钥与其摘要不符" },
    remedy: { en: "Have the key set anew from the ceremony's record.", zh: "请依仪式记录重新登记密钥。" },
  },
  STATISTICS_KEY_SHARE_MISSING: {
    status: 409,
    title: { en: "This node holds no share of the key {key}", zh: "本节点不持有密钥 {key} 的份额" },
    remedy: {
      en: "Import it from the ceremony's files: relayer/cli.ts statistics import.",
      zh: "请从仪式文件导入：relayer/cli.ts statistics import。",
    },
  },
  STATISTICS_KEY_SHARE_EXISTS: {
    status: 409,
    title: { en: "There is another share of this key already", zh: "该密钥已有另一份额" },
    remedy: {
      en: "A node holds one share of a key. Nothing was written.",
      zh: "每个节点仅持有一份密钥份额；未写入任何内容。",
    },
  },
  STATISTIC_SHARE_UNSIGNED: {
    status: 422,
    title: { en: "Node {node} sent a share that its account did not sign", zh: "节点 {node} 发来的份额未经其账户签名" },
    remedy: {
      en: "It proves nothing against anybody and is not used. Ask the node again.",
      zh: "该份额无法作为证据，不予采用；请重新索取。",
    },
  },
  STATISTIC_NODES_MISSING: {
    status: 503,
    title: {
      en: "{missing} more right decryption shares are needed ({right} of {needed})",
      zh: "尚缺 {missing} 份有效解密份额（{right}/{needed}）",
    },
    remedy: {
      en: "What came is kept; the other nodes are asked again with the next heartbeat.",
      zh: "已收到的份额已保存；将在下次心跳时再次向其他节点索取。",
    },
  },
  STATISTIC_CONTRIBUTIONS_MISSING: {
    status: 503,
    title: {
      en: "{missing} committed contributions could not be had: {contributors}",
      zh: "尚有 {missing} 份已承诺贡献未取得：{contributors}",
    },
    remedy: {
      en: "They are asked for again. One that never comes or does not hold is struck by the duty desk, on record.",
      zh: "将再次索取；始终缺失或无效的贡献由值守台剔除并记录在案。",
    },
  },
  STATISTIC_ANSWER_INVALID: {
    status: 422,
    title: { en: "The published answer does not hold: {part}", zh: "已发布结果核验不通过：{part}" },
    remedy: {
      en: "Do not use its numbers. Tell the Association, and keep the answer as evidence.",
      zh: "请勿采用其数据；请告知协会并留存该结果作为证据。",
    },
  },
});
