import { defineFaults } from "./descriptor.ts";

/** Proposing, executing and stopping what the Association decides. */
export const governanceFaults = defineFaults({
  STAFF_NOT_DISTINCT: {
    status: 422,
    title: {
      en: "The Association's staff accounts are not three different ones",
      zh: "协会工作人员账户须为三个不同账户",
    },
    remedy: {
      en: "Give each of the three people an account of their own: what one proposes another executes.",
      zh: "三名工作人员须各用各的账户：一人提案，另一人执行。",
    },
  },
  GOVERNANCE_WAY_MIXED: {
    status: 422,
    title: {
      en: "The calls of one operation go different ways: {ways}",
      zh: "同一操作中的各项调用须经不同途径办理：{ways}",
    },
    remedy: {
      en: "Make one operation for each way: the constitution for what admits, prices or appoints, the duty desk for the rest.",
      zh: "请按途径拆分：准入、定价、任命类经章程时间锁办理，其余经值守台办理。",
    },
  },
  GOVERNANCE_WAY_NONE: {
    status: 422,
    title: {
      en: "Nobody may call function {function} of {target}",
      zh: "任何人都无权调用 {target} 的函数 {function}",
    },
    remedy: {
      en: "Check the contract and the function: it is open to everybody, or to other contracts alone.",
      zh: "请核对合约与函数：该函数或对所有人开放，或仅供其他合约调用。",
    },
  },
});
