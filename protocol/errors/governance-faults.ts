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
  ACCOUNT_NOT_STAFF: {
    status: 403,
    title: {
      en: "Account {account} is not one of the Association's staff",
      zh: "账户 {account} 不是协会工作人员",
    },
    remedy: {
      en: "Use the key of one of the staff (`npx hardhat staff list`). Members act by the tasks of members and of the council.",
      zh: "请使用协会工作人员的密钥（见 `npx hardhat staff list`）；成员请使用成员与理事会的任务。",
    },
  },
  COUNCIL_SEAT_MISSING: {
    status: 403,
    title: { en: "{member} has no seat on the members' council", zh: "{member} 在成员理事会没有席位" },
    remedy: {
      en: "Only members with a seat object and approve (`npx hardhat council seats`).",
      zh: "只有持席成员可以提出异议或批准（见 `npx hardhat council seats`）。",
    },
  },
  OPERATION_UNKNOWN: {
    status: 404,
    title: { en: "There is no operation {given}", zh: "不存在操作 {given}" },
    remedy: {
      en: "Use a number or the beginning of an id (0x...) of `npx hardhat governance list`.",
      zh: "请使用 `npx hardhat governance list` 所列的序号或编号开头（0x…）。",
    },
  },
  OPERATION_AMBIGUOUS: {
    status: 422,
    title: { en: "{given} may be any of the operations {matches}", zh: "{given} 可能指操作 {matches}" },
    remedy: { en: "Give more digits of the id, or the number.", zh: "请给出更长的编号，或使用序号。" },
  },
  OPERATION_NOT_DUE: {
    status: 409,
    title: { en: "Operation {number} takes effect from {due} on", zh: "操作 {number} 自 {due} 起方可执行" },
    remedy: {
      en: "The members have until then to stop it. Execute it afterwards.",
      zh: "在此之前成员可以阻止该操作，请到期后再执行。",
    },
  },
  OPERATION_OVER: {
    status: 409,
    title: { en: "Operation {number} is over: {state}", zh: "操作 {number} 已结束：{state}" },
    remedy: { en: "Propose it again if it is still wanted.", zh: "如仍需要，请重新提案。" },
  },
  OPERATION_SAME_PERSON: {
    status: 403,
    title: {
      en: "{person} proposed operation {number}, so another one of the staff executes it",
      zh: "操作 {number} 由 {person} 提案，须由另一名工作人员执行",
    },
    remedy: {
      en: "Ask a colleague. Where all other keys are lost, two thirds of the members' council can approve it.",
      zh: "请由同事执行；若其他密钥全部丢失，可由成员理事会三分之二席位批准。",
    },
  },
  OPERATION_NOT_YOURS: {
    status: 403,
    title: {
      en: "{proposer} proposed operation {number}: nobody else of the staff takes it back",
      zh: "操作 {number} 由 {proposer} 提案，其他工作人员不能撤回",
    },
    remedy: {
      en: "Two of the staff stop it together (`npx hardhat governance cancel --together`), or two members object.",
      zh: "可由两名工作人员共同终止（`npx hardhat governance cancel --together`），或由两名成员提出异议。",
    },
  },
  OPERATION_OF_DUTY_DESK: {
    status: 409,
    title: {
      en: "Operation {number} is one of the duty desk, which the members' council does not stop",
      zh: "操作 {number} 属值守台，成员理事会不能阻止",
    },
    remedy: {
      en: "The council stops what the constitution decides: admission, rules, prices, roles, changes.",
      zh: "理事会可阻止经章程程序办理的事项：准入、规则、定价、角色与变更。",
    },
  },
  GOVERNANCE_DESK_WRONG: {
    status: 422,
    title: {
      en: "The calls of this operation are not {given}'s business but {needed}'s",
      zh: "该操作应由 {needed} 办理，不归 {given}",
    },
    remedy: {
      en: "Leave --desk out: the authority on chain says which desk it is.",
      zh: "请省略 --desk：由链上授权中心决定办理途径。",
    },
  },
  KEY_NOT_PRESENTED: {
    status: 409,
    title: {
      en: "{member} has presented no key that waits for a certificate",
      zh: "{member} 没有待签发证书的密钥",
    },
    remedy: {
      en: "The member presents one: `npx hardhat member present-key` first, `npx hardhat member rotate` later.",
      zh: "请成员先提交密钥：首次用 `npx hardhat member present-key`，之后用 `npx hardhat member rotate`。",
    },
  },
  KEY_NOT_YET_CERTIFIED: {
    status: 409,
    title: { en: "The next key of {member} is not certified yet", zh: "{member} 的下一密钥尚未登记证书" },
    remedy: {
      en: "Present it, have it certified, and switch to it then: peers would refuse it now.",
      zh: "请先提交并取得证书后再切换，否则其他成员会拒绝。",
    },
  },
});
