import { defineFaults } from "./descriptor.ts";

/** Why a line of a file of authorisations is refused. */
export const importAuthorisationFaults = defineFaults({
  INSTRUMENT_UNKNOWN: {
    status: 422,
    title: { en: "The kind of authorisation document is not known", zh: "授权文件类型无法识别" },
    remedy: {
      en: "Use 客户授权协议, 融资融券协议, 风险揭示书 or 其他.",
      zh: "请使用：客户授权协议、融资融券协议、风险揭示书、其他。",
    },
  },
  DOCUMENT_DIGEST_FORMAT: {
    status: 422,
    title: { en: "The digest of the document is not 64 hex digits", zh: "文件摘要不是 64 位十六进制数" },
    remedy: { en: "Give the SM3 digest of the signed document.", zh: "请填写签署文件的 SM3 摘要。" },
  },
  SCOPE_UNKNOWN: {
    status: 422,
    title: { en: "The scope is not known", zh: "授权范围无法识别" },
    remedy: { en: "Use share, query or both (共享、查询).", zh: "请使用：共享、查询。" },
  },
  PURPOSES_UNKNOWN: {
    status: 422,
    title: { en: "A purpose is not known", zh: "用途无法识别" },
    remedy: {
      en: "Use 授信, 反欺诈, 监控预警, 风险控制 or 全部.",
      zh: "请使用：授信、反欺诈、监控预警、风险控制、全部。",
    },
  },
  COHORT_UNKNOWN: {
    status: 422,
    title: { en: "It is not said whether the customer is new or existing", zh: "客户类型无法识别" },
    remedy: { en: "Use 增量 (incremental) or 存量 (existing).", zh: "请使用：增量、存量。" },
  },
  NOTICE_MEANS_UNKNOWN: {
    status: 422,
    title: { en: "The means of the written notice is not known", zh: "告知方式无法识别" },
    remedy: {
      en: "Use paper, email, app or other (书面, 电子邮件, 手机应用, 其他).",
      zh: "请使用：书面、电子邮件、手机应用、其他。",
    },
  },
  NOTICE_INCOMPLETE: {
    status: 422,
    title: { en: "Date and means of the written notice belong together", zh: "告知日期与告知方式须同时填写" },
    remedy: { en: "Give both or neither.", zh: "请同时填写或同时留空。" },
  },
  VALID_UNTIL_BEFORE_SIGNED: {
    status: 422,
    title: { en: "The authorisation would end before it was signed", zh: "有效期早于签署日期" },
    remedy: { en: "Check both dates.", zh: "请核对两个日期。" },
  },
});
