import { defineFaults } from "./descriptor.ts";

/** The overall picture of an investor as a query asks for it. */
export const pictureFaults = defineFaults({
  AGGREGATE_NOT_PUBLISHED: {
    status: 409,
    title: {
      en: "No edition of the overall picture has been published yet",
      zh: "尚未发布任何一期整体视图",
    },
    remedy: {
      en: "Ask for details (mode detail), or wait: GET /v1/aggregate/editions says how far the first edition is.",
      zh: "可先查询明细（mode 为 detail），或等待首期发布；进度见 GET /v1/aggregate/editions。",
    },
  },
  NODES_TOO_FEW: {
    status: 503,
    title: {
      en: "{missing} more algorithm nodes are needed: {reachable} of {threshold} answered",
      zh: "算法节点不足：需要 {threshold} 个应答，已应答 {reachable} 个，还差 {missing} 个",
    },
    remedy: {
      en: "Nothing to do: the query or contribution is kept and goes on by itself when enough nodes are back. GET /v1/algorithm-nodes shows which are down; if it goes on, ask their operators.",
      zh: "无需操作：查询或贡献已保留，待足够的节点恢复后自动继续；可用 GET /v1/algorithm-nodes 查看节点状态，如持续出现请联系其运营方。",
    },
  },
  NODE_NOT_NEEDED: {
    status: 409,
    title: { en: "Enough other nodes answered", zh: "其他节点已足够" },
    remedy: { en: "Nothing to do.", zh: "无需操作。" },
  },
  AGGREGATE_EDITION_OVER: {
    status: 410,
    title: {
      en: "Edition {edition} of the overall picture is over: its nodes do not decrypt for it any more",
      zh: "第 {edition} 期整体视图已结束，节点不再为其解密",
    },
    remedy: {
      en: "Ask again: the query then reads the newest edition.",
      zh: "请重新查询，将使用最新一期。",
    },
  },
  RATING_MODEL_INVALID: {
    status: 422,
    title: { en: "The rating model is wrong at {field}: {reason}", zh: "评级模型有误（{field}）：{reason}" },
    remedy: {
      en: "Correct the file that RISKVEIL_RATING_MODEL names; docs/guides/overall-picture.md shows the standard model.",
      zh: "请更正 RISKVEIL_RATING_MODEL 指定的文件；标准模型见 docs/guides/overall-picture.zh-CN.md。",
    },
  },
});
