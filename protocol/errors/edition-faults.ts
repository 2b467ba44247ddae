import { defineFaults } from "./descriptor.ts";

/** Making the consortium table. Members and nodes are named by their ids on chain. */
export const editionFaults = defineFaults({
  NODE_ANSWER_MALFORMED: {
    status: 502,
    title: { en: "The answer of node {node} is malformed", zh: "节点 {node} 的应答格式有误" },
    remedy: {
      en: "Other nodes are asked. Report it to the node's operator.",
      zh: "将改询其他节点；请告知该节点运营方。",
    },
  },
  EDITION_NOT_COLLECTING: {
    status: 409,
    title: { en: "Edition {edition} takes no contributions now", zh: "第 {edition} 期当前不接受贡献" },
    remedy: { en: "Contribute to the edition that is open.", zh: "请在当前开放的期次内贡献。" },
  },
  EDITION_CONTRIBUTOR_UNKNOWN: {
    status: 403,
    title: {
      en: "Only members with a published dataset contribute to edition {edition}",
      zh: "仅已发布数据集的成员可参与第 {edition} 期贡献",
    },
    remedy: { en: "Publish a dataset first.", zh: "请先发布数据集。" },
  },
  EDITION_EVALUATIONS_SPENT: {
    status: 403,
    title: {
      en: "More than {most} subjects are not evaluated for one contribution to edition {edition}",
      zh: "第 {edition} 期单个贡献最多求值 {most} 个主体",
    },
    remedy: {
      en: "The limit follows from the sizes of the member's published tables. A request that was answered may be repeated.",
      zh: "上限由该成员已发布数据表的规模决定；已应答的请求可以重复发送。",
    },
  },
  EDITION_UNKNOWN: {
    status: 404,
    title: { en: "There is no edition {edition}", zh: "没有第 {edition} 期" },
    remedy: { en: "Look at the list of editions.", zh: "请查看各期列表。" },
  },
  EDITION_NOT_CONTRIBUTED: {
    status: 404,
    title: { en: "This member did not contribute to edition {edition}", zh: "本机构未对第 {edition} 期作出贡献" },
    remedy: { en: "Choose an edition to which it contributed.", zh: "请选择本机构已贡献的期次。" },
  },
  EDITION_ROW_UNKNOWN: {
    status: 404,
    title: {
      en: "This member contributed nothing about that subject to edition {edition}",
      zh: "本机构未就该对象向第 {edition} 期作出贡献",
    },
    remedy: {
      en: "Check the document's number. A record added after the contribution is in the next edition.",
      zh: "请核对证件号码；贡献之后新增的记录将计入下一期。",
    },
  },
  EDITION_KEY_MISSING: {
    status: 503,
    title: { en: "This node has no share of the key of edition {edition}", zh: "本节点没有第 {edition} 期密钥的份额" },
    remedy: {
      en: "Ask other nodes. The operator looks whether the node took part in the key round, and where its share is.",
      zh: "请改询其他节点；运营方应核查本节点是否参与该轮密钥生成及份额所在。",
    },
  },
  EDITION_FILE_FORBIDDEN: {
    status: 403,
    title: { en: "This file of edition {edition} is not for this member", zh: "该成员无权获取第 {edition} 期的此文件" },
    remedy: {
      en: "Contributions and what is made of them go to the aggregator and to nodes, published tables to every member.",
      zh: "贡献及中间结果仅提供给汇总方和算法节点；已发布的表提供给全部成员。",
    },
  },
  EDITION_FILE_NOT_FOUND: {
    status: 404,
    title: { en: "This file of edition {edition} is not here", zh: "此处没有第 {edition} 期的该文件" },
    remedy: {
      en: "It is not made yet, or removed since: two editions are kept.",
      zh: "该文件尚未生成或已删除：系统保留最近两期。",
    },
  },
  EDITION_STEP_FAILED: {
    status: 500,
    title: { en: "A step of the edition failed: {reason}", zh: "期次处理步骤失败：{reason}" },
    remedy: {
      en: "It is tried again. If it persists, look at the log and at the free space and memory of this machine.",
      zh: "系统会重试；如持续出现，请检查日志及本机磁盘与内存。",
    },
  },
  EDITION_SEED_MISSING: {
    status: 410,
    title: { en: "The seed of edition {edition} is not here any more", zh: "第 {edition} 期的随机种子已不存在" },
    remedy: {
      en: "Rows are opened while their edition and the one after it are the newest; then the seed is erased.",
      zh: "仅在本期及下一期为最新期次时可打开行，其后种子即被销毁。",
    },
  },
  MERGE_COMMITMENT_WRONG: {
    status: 422,
    title: {
      en: "The merged table of edition {edition} is not the one on chain",
      zh: "第 {edition} 期合并表与链上承诺不符",
    },
    remedy: { en: "Nodes strip nothing of it. The aggregator is reported.", zh: "各节点不予处理，并上报汇总方。" },
  },
  STRIP_OTHER_MERGE: {
    status: 409,
    title: {
      en: "This node has given shares for another merge of edition {edition}",
      zh: "本节点已为第 {edition} 期的另一合并表出具份额",
    },
    remedy: {
      en: "One merge of an edition is stripped: two would show by their difference what a contributor added.",
      zh: "每期只处理一个合并表：处理两个将因差异泄露单个贡献方的数据。",
    },
  },
  STRIP_SHARES_LATE: {
    status: 504,
    title: {
      en: "Node {node} has not committed to its strip shares in time",
      zh: "节点 {node} 未按时提交剥离份额承诺",
    },
    remedy: {
      en: "Another set of nodes takes over. Ask the node's operator.",
      zh: "将由另一组节点接替；请联系该节点运营方。",
    },
  },
  STRIP_SHARES_NOT_COMMITTED: {
    status: 422,
    title: {
      en: "The strip shares of node {node} are not those that it committed to",
      zh: "节点 {node} 的剥离份额与其承诺不符",
    },
    remedy: { en: "The node is reported, and another set takes over.", zh: "该节点将被上报，并由另一组节点接替。" },
  },
});
