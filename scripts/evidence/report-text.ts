/** A verification report for a reader, in English or Chinese. Names no subject. */
import type { Language } from "../../protocol/errors/fault.ts";
import type { EvidencePackage } from "../../protocol/evidence/package.ts";
import { checks, explain, type Check, type VerificationReport } from "../../protocol/evidence/report.ts";

const marks = { ok: "✔", failed: "✘", skipped: "-", unread: "?" } as const;

const texts = {
  verified: { en: "VERIFIED", zh: "验证通过" },
  refuted: { en: "REFUTED", zh: "验证不通过" },
  undetermined: { en: "UNDETERMINED: the chain could not be read", zh: "无法判定：链上数据读取失败" },
  first: { en: "first failure", zh: "首个未通过项" },
  hit: { en: "hit", zh: "命中" },
  miss: { en: "miss", zh: "未命中" },
  records: { en: "records", zh: "条记录" },
  unanswered: { en: "unanswered", zh: "未应答" },
  dataset: { en: "dataset", zh: "数据集" },
  holder: { en: "holder", zh: "数据方" },
  unpinned: {
    en: "The contracts are those that the package names. Compare them with the published addresses, or give --ledger, --datasets and --members:",
    zh: "合约地址取自证据包，请与公布的地址核对，或使用 --ledger、--datasets、--members 指定：",
  },
} as const;

/** From the environment as POSIX orders it: LC_ALL, LC_MESSAGES, LANG. */
export function languageOf(environment: Readonly<Record<string, string | undefined>>): Language {
  const locale = environment["LC_ALL"] || environment["LC_MESSAGES"] || environment["LANG"];
  return locale?.toLowerCase().startsWith("zh") ? "zh" : "en";
}

/** `pinned`: the reader named all three contracts. */
export function reportText(
  report: VerificationReport,
  pkg: EvidencePackage | undefined,
  pinned: boolean,
  language: Language,
): string {
  const lines = report.checks.map((check) => checkLine(check, language));
  if (pkg) lines.push("", ...outcomeLines(pkg, language));
  if (pkg && !pinned) {
    const { queryLedger, datasetRegistry, memberRegistry } = pkg.chain;
    lines.push("", texts.unpinned[language], `  ${queryLedger} ${datasetRegistry} ${memberRegistry}`);
  }
  const { verdict, firstFailure } = report;
  const failure = firstFailure ? ` (${texts.first[language]}: ${firstFailure.name})` : "";
  return [...lines, "", texts[verdict][language] + failure, ""].join("\n");
}

function checkLine(check: Check, language: Language): string {
  const dataset = (check.dataset?.slice(0, 10) ?? "").padEnd(10);
  const reason = explain(check, language);
  const text = checks[check.name][language] + (reason === "" ? "" : `: ${reason}`);
  return `${marks[check.status]} ${check.name.padEnd(11)} ${dataset} ${text}`;
}

function outcomeLines(pkg: EvidencePackage, language: Language): string[] {
  const line = (dataset: string, holder: number, text: string): string =>
    `  ${texts.dataset[language]} ${dataset.slice(0, 10)} ${texts.holder[language]} ${holder}: ${text}`;
  return [
    ...pkg.answers.map((answer) => {
      const count = answer.outcome === "hit" ? ` (${answer.records.length} ${texts.records[language]})` : "";
      return line(answer.dataset, answer.holder, texts[answer.outcome][language] + count);
    }),
    ...pkg.unanswered.map((each) => line(each.dataset, each.holder, `${texts.unanswered[language]} ${each.reason}`)),
  ];
}
