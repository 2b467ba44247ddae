import { Fault } from "../errors/fault.ts";

/** What an investor's authorisation can allow a query for, with the words of the console. */
export const purposes = {
  CREDIT_GRANTING: { en: "Credit granting", zh: "授信" },
  ANTI_FRAUD: { en: "Anti-fraud", zh: "反欺诈" },
  MONITORING: { en: "Monitoring and early warning", zh: "监控预警" },
  RISK_CONTROL: { en: "Risk control", zh: "风险控制" },
} as const;

export type Purpose = keyof typeof purposes;

export const purposeCodes = Object.keys(purposes) as [Purpose, ...Purpose[]];

export function isPurpose(code: string): code is Purpose {
  return Object.hasOwn(purposes, code);
}

/** @throws Fault PURPOSE_UNKNOWN; the text that was given is not repeated. */
export function parsePurpose(code: string): Purpose {
  if (!isPurpose(code)) throw new Fault("PURPOSE_UNKNOWN", { known: purposeCodes.join(", ") });
  return code;
}
