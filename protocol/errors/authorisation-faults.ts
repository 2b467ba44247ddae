import { defineFaults } from "./descriptor.ts";

/** Why a record may not be shared or an investor not asked about. Values: `scope`, `purpose`, days, the authorisation's id. */
export const authorisationFaults = defineFaults({
  AUTHORISATION_MISSING: {
    status: 403,
    title: { en: "There is no authorisation of this investor on file", zh: "未登记该投资者的授权" },
    remedy: {
      en: "Have the investor sign an authorisation and enter it in the register first.",
      zh: "请先由投资者签署授权文件并在授权登记簿中登记。",
    },
  },
  AUTHORISATION_SCOPE: {
    status: 403,
    title: { en: "The authorisation does not cover the scope '{scope}'", zh: "授权范围不包括“{scope}”" },
    remedy: {
      en: "Sharing and querying are authorised separately: register an authorisation with this scope.",
      zh: "共享与查询须分别授权，请登记包含该范围的授权。",
    },
  },
  AUTHORISATION_PURPOSE: {
    status: 403,
    title: { en: "The authorisation does not cover the purpose: {purposes}", zh: "授权用途不包括：{purposes}" },
    remedy: {
      en: "Ask for a purpose the investor agreed to, or register an authorisation that covers this one.",
      zh: "请按投资者同意的用途办理，或登记包含该用途的授权。",
    },
  },
  AUTHORISATION_EXPIRED: {
    status: 403,
    title: { en: "The authorisation ended on {validUntil}", zh: "授权已于 {validUntil} 到期" },
    remedy: { en: "Have the investor renew it.", zh: "请由投资者续签授权。" },
  },
  AUTHORISATION_NOT_YET_SIGNED: {
    status: 403,
    title: { en: "The authorisation holds from {signedOn} only", zh: "授权自 {signedOn} 起方才有效" },
    remedy: { en: "Wait until that day, or correct the signing date.", zh: "请在该日期之后办理，或更正签署日期。" },
  },
  AUTHORISATION_WITHDRAWN: {
    status: 403,
    title: { en: "The investor's authorisation was withdrawn", zh: "该授权已撤回" },
    remedy: {
      en: "Nothing more may be shared or opened under it. A new authorisation is needed.",
      zh: "不得再依据该授权共享或查看数据，须重新取得授权。",
    },
  },
  AUTHORISATION_NOTICE_MISSING: {
    status: 403,
    title: {
      en: "No written notice of purpose and scope to the investor is on file",
      zh: "缺少向投资者书面告知用途和范围的记录",
    },
    remedy: {
      en: "Give the notice in writing and register its date and means.",
      zh: "请书面告知并登记告知日期和方式。",
    },
  },
  AUTHORISATION_COHORT_EXCLUDED: {
    status: 403,
    title: { en: "Existing customers do not take part yet", zh: "存量客户暂未纳入" },
    remedy: {
      en: "Existing customers stay out, both ways, until the Association's rule includes them.",
      zh: "在协会启用存量客户开关之前，存量客户的数据既不共享也不查询。",
    },
  },
  AUTHORISATION_OTHER_SUBJECT: {
    status: 403,
    title: { en: "The authorisation named is another investor's", zh: "所引用的授权不属于该投资者" },
    remedy: { en: "Name an authorisation that this investor signed.", zh: "请引用该投资者本人签署的授权。" },
  },
  AUTHORISATION_UNKNOWN: {
    status: 404,
    title: { en: "There is no authorisation {id}", zh: "没有编号为 {id} 的授权" },
    remedy: { en: "List the register to find its id.", zh: "请在授权登记簿中查找。" },
  },
  AUTHORISATION_INVALID: {
    status: 422,
    title: { en: "The authorisation is not in order: {field}", zh: "授权信息有误：{field}" },
    remedy: {
      en: "Reason {reason}. Correct the field; nothing was registered.",
      zh: "原因 {reason}。请更正后重新登记；本次未作任何登记。",
    },
  },
  AUTHORISATION_NUMBER_TAKEN: {
    status: 409,
    title: { en: "Another authorisation has this number", zh: "该授权编号已被使用" },
    remedy: {
      en: "Give it its own number. A correction is made by importing the line again.",
      zh: "请使用新的编号；更正请重新导入该行。",
    },
  },
});
