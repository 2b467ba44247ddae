/** What an answer says, in words that claim no more than was asked: "no record found", never "no default". Pure. */
import type { Language } from "../../../protocol/errors/fault.ts";

export type SubjectOutcome = "found" | "not_found" | "incomplete" | "withheld" | "not_asked";

export interface StatementFacts {
  readonly outcome: SubjectOutcome;
  readonly records: number;
  /** Day of the oldest commitment that was looked at, YYYY-MM-DD; undefined if none was. */
  readonly asOf: string | undefined;
  readonly answered: number;
  readonly asked: number;
  /** Categories of the datasets that answered: A, B, C. */
  readonly categories: readonly string[];
}

/** Said wherever a result is shown. */
export const ADVICE: Readonly<Record<Language, string>> = {
  en: "Advice for credit business only; not to be used or passed on for anything else.",
  zh: "结果仅供信用业务参考，不得用于其他用途或向他人提供。",
};

export function statement(facts: StatementFacts): Readonly<Record<Language, string>> {
  if (facts.outcome === "withheld") {
    return {
      en: "The investor's authorisation has ended: the result is no longer shown.",
      zh: "投资者授权已终止，结果不再展示。",
    };
  }
  if (facts.outcome === "not_asked") {
    return { en: "Only the overall picture was asked for.", zh: "本次仅查询整体视图。" };
  }
  if (facts.asOf === undefined) {
    return { en: "No member has answered yet.", zh: "尚无成员应答。" };
  }
  const scope = coverage(facts, facts.asOf);
  if (facts.records > 0) {
    return {
      en: `${scope.en}: ${String(facts.records)} record${facts.records === 1 ? "" : "s"} found.`,
      zh: `${scope.zh}：查得 ${String(facts.records)} 条记录。`,
    };
  }
  return { en: `${scope.en}: no record found.`, zh: `${scope.zh}：未查得记录。` };
}

function coverage(facts: StatementFacts, asOf: string): Readonly<Record<Language, string>> {
  const classes = facts.categories.join(", ");
  const [n, m] = [String(facts.answered), String(facts.asked)];
  return {
    en: `As of ${asOf}, in ${n} of ${m} members' classes ${classes}`,
    zh: `截至 ${asOf}，在 ${m} 家成员中的 ${n} 家的 ${classes} 类数据中`,
  };
}
