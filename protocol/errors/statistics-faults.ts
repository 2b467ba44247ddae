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
});
