import type { Text } from "../language.ts";
import type { Desk, OperationState } from "../operations.ts";

export const STATES: Readonly<Record<OperationState, Text>> = {
  waiting: { en: "waiting", zh: "等待期" },
  ready: { en: "ready", zh: "待执行" },
  done: { en: "done", zh: "已执行" },
  stopped: { en: "stopped", zh: "已阻止" },
  takenBack: { en: "taken back", zh: "已撤回" },
};

export const DESKS: Readonly<Record<Desk, Text>> = {
  constitution: { en: "constitution", zh: "章程" },
  dutyDesk: { en: "duty desk", zh: "值守台" },
};
