/** The lines that every verification report has, in English or Chinese. */
import type { Language } from "../../protocol/errors/fault.ts";
import { explain, type Check, type EvidenceTimes, type VerificationReport } from "../../protocol/evidence/report.ts";

/** Words by name, in both languages. */
export type Words = Readonly<Record<Language, string>>;

const marks = { ok: "✔", failed: "✘", skipped: "-", unread: "?" } as const;

const texts = {
  verified: { en: "VERIFIED", zh: "验证通过" },
  refuted: { en: "REFUTED", zh: "验证不通过" },
  undetermined: { en: "UNDETERMINED: the chain could not be read", zh: "无法判定：链上数据读取失败" },
  first: { en: "first failure", zh: "首个未通过项" },
  asked: {
    en: "Requested, by the querier's own word (bound by its seal only)",
    zh: "查询时间（仅为查询方自述，由其签封约束）",
  },
  askedFrom: {
    en: "  by the chain: the session was opened (ledger time)",
    zh: "  链上时间范围：会话开立于（账本时间）",
  },
  askedTo: { en: ", the leaf was anchored", zh: "，叶节点存证于" },
  unpinned: {
    en: "The contracts are those that the package names. Compare them with the published addresses, or give",
    zh: "合约地址取自证据包，请与公布的地址核对，或使用以下选项指定：",
  },
} as const;

/** From the environment as POSIX orders it: LC_ALL, LC_MESSAGES, LANG. */
export function languageOf(environment: Readonly<Record<string, string | undefined>>): Language {
  const locale = environment["LC_ALL"] || environment["LC_MESSAGES"] || environment["LANG"];
  return locale?.toLowerCase().startsWith("zh") ? "zh" : "en";
}

/** @param shown what each check of the format shows */
export function checkLines(
  report: VerificationReport<unknown>,
  shown: Readonly<Partial<Record<Check["name"], Words>>>,
  language: Language,
): string[] {
  return report.checks.map((check) => {
    const dataset = (check.dataset?.slice(0, 10) ?? "").padEnd(10);
    const reason = explain(check, language);
    const text = (shown[check.name]?.[language] ?? "") + (reason === "" ? "" : `: ${reason}`);
    return `${marks[check.status]} ${check.name.padEnd(11)} ${dataset} ${text}`;
  });
}

export function askedLines(asked: EvidenceTimes["asked"], requestedAt: string, language: Language): string[] {
  const lines = [`${texts.asked[language]}: ${requestedAt}`];
  if (asked) {
    const [from, to] = [texts.askedFrom[language], texts.askedTo[language]];
    lines.push(`${from} ${at(asked.sessionOpenedAt)}${to} ${at(asked.anchoredAt)}`);
  }
  return lines;
}

/** Whose contracts were asked. @param options the command line's, in the order of the addresses */
export function unpinnedLines(options: readonly string[], addresses: readonly string[], language: Language): string[] {
  return ["", `${texts.unpinned[language]} ${options.join(" ")}`, `  ${addresses.join(" ")}`];
}

export function verdictLine({ verdict, firstFailure }: VerificationReport<unknown>, language: Language): string {
  return texts[verdict][language] + (firstFailure ? ` (${texts.first[language]}: ${firstFailure.name})` : "");
}

export function at(seconds: number): string {
  return new Date(seconds * 1_000).toISOString().replace(".000", "");
}
