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
    title: { en: "An entry or sum of query {query} cannot be read", zh: "查询 {query} 中有数据或合计无法解读" },
    remedy: {
      en: "Raise it with the Association as a data-quality dispute; do not tell any institution which subject it is about.",
      zh: "请作为数据质量争议向协会提出，勿向任何机构透露涉及的对象。",
    },
  },
});
