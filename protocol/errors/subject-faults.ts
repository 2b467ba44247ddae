import { defineFaults } from "./descriptor.ts";

export const subjectFaults = defineFaults({
  SUBJECT_SCHEME_UNKNOWN: {
    status: 400,
    title: { en: "Unknown kind of identity document", zh: "未知的证件类型" },
    remedy: { en: "Use one of: {known}.", zh: "请使用以下证件类型之一：{known}。" },
  },
  SUBJECT_NUMBER_INVALID: {
    status: 400,
    title: {
      en: "Not a valid {scheme} number ({reason})",
      zh: "证件号码无效：{scheme}（{reason}）",
    },
    remedy: {
      en: "Compare the number with the document. format: length or characters; region: no such province; birth-date: not a date, before 1850 or in the future; check-digit: mistyped.",
      zh: "请与证件原件核对。format：长度或字符不符；region：无此省级代码；birth-date：日期不存在、早于 1850 年或晚于今日；check-digit：校验码不符，多为录入错误。",
    },
  },
});
