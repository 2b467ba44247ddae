import { defineFaults } from "./descriptor.ts";

export const httpFaults = defineFaults({
  INTERNAL: {
    status: 500,
    title: { en: "The relayer failed", zh: "中继程序内部错误" },
    remedy: {
      en: "The cause is in the relayer's log under this request's id. Report it to whoever runs the relayer.",
      zh: "原因已按本次请求编号记入日志，请联系系统管理员。",
    },
  },
});
