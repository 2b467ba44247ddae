import { defineFaults } from "./descriptor.ts";

export const evidenceFaults = defineFaults({
  EVIDENCE_NOT_ANCHORED: {
    status: 409,
    title: { en: "Query {query} is not anchored on chain yet", zh: "查询 {query} 尚未上链存证" },
    remedy: {
      en: "Leaves are anchored in fixed windows. Ask again after the next one.",
      zh: "存证按固定时间窗口上链，请在下一窗口后重试。",
    },
  },
  EVIDENCE_ENTRY_UNREADABLE: {
    status: 409,
    title: { en: "An entry of query {query} does not open", zh: "查询 {query} 中有数据无法打开" },
    remedy: {
      en: "Raise it with the Association as a data-quality dispute; do not tell the holder which subject it is about.",
      zh: "请作为数据质量争议向协会提出，勿向数据方透露涉及的对象。",
    },
  },
});
