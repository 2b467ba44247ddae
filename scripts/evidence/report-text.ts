/** A verification report for a reader, in English or Chinese. Names no subject. */
import type { Language } from "../../protocol/errors/fault.ts";
import type { EvidencePackage } from "../../protocol/evidence/package.ts";
import {
  checks,
  explain,
  type AnswerTimes,
  type Check,
  type VerificationReport,
} from "../../protocol/evidence/report.ts";

const marks = { ok: "✔", failed: "✘", skipped: "-", unread: "?" } as const;

const texts = {
  verified: { en: "VERIFIED", zh: "验证通过" },
  refuted: { en: "REFUTED", zh: "验证不通过" },
  undetermined: { en: "UNDETERMINED: the chain could not be read", zh: "无法判定：链上数据读取失败" },
  first: { en: "first failure", zh: "首个未通过项" },
  hit: { en: "hit", zh: "命中" },
  miss: { en: "miss", zh: "未命中" },
  record: { en: "record", zh: "条记录" },
  records: { en: "records", zh: "条记录" },
  unanswered: { en: "unanswered", zh: "未应答" },
  dataset: { en: "dataset", zh: "数据集" },
  holder: { en: "holder", zh: "数据方" },
  table: { en: "table", zh: "数据表" },
  epoch: { en: "epoch", zh: "期次" },
  revision: { en: "revision", zh: "版本" },
  committed: { en: "committed", zh: "承诺于" },
  anchored: { en: "leaf anchored", zh: "叶节点存证于" },
  newer: {
    en: "NOTE: before the leaf was anchored a newer table had been committed. This answer says nothing of that one:",
    zh: "注意：叶节点存证之前已有更新的数据表作出承诺，本应答不涉及该表：",
  },
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
  if (pkg) lines.push("", ...outcomeLines(report, pkg, language), "", ...askedLines(report, pkg, language));
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

function outcomeLines({ times }: VerificationReport, pkg: EvidencePackage, language: Language): string[] {
  const line = (dataset: string, holder: number, text: string): string =>
    `  ${texts.dataset[language]} ${dataset.slice(0, 10)} ${texts.holder[language]} ${holder}: ${text}`;
  return [
    ...pkg.answers.flatMap((answer) => {
      const count =
        answer.outcome === "hit"
          ? ` (${answer.records.length} ${texts[answer.records.length === 1 ? "record" : "records"][language]})`
          : "";
      const dated = times.answers.find(({ dataset }) => dataset === answer.dataset);
      const outcome = line(answer.dataset, answer.holder, texts[answer.outcome][language] + count);
      return [outcome, ...(dated ? timeLines(dated, language) : [])];
    }),
    ...pkg.unanswered.map((each) => line(each.dataset, each.holder, `${texts.unanswered[language]} ${each.reason}`)),
  ];
}

function timeLines({ committedAt, anchoredAt, newer, ...table }: AnswerTimes, language: Language): string[] {
  const anchored = `, ${texts.anchored[language]} ${at(anchoredAt)}`;
  const lines = [`    ${tableText({ ...table, committedAt }, language)}${anchored}`];
  if (newer) lines.push(`    ! ${texts.newer[language]}`, `      ${tableText(newer, language)}`);
  return lines;
}

function tableText(
  table: { readonly epoch: number; readonly revision: number; readonly committedAt: number },
  language: Language,
): string {
  const { epoch, revision, committed } = texts;
  const name = `${epoch[language]} ${table.epoch} ${revision[language]} ${table.revision}`;
  return `${texts.table[language]} ${name}: ${committed[language]} ${at(table.committedAt)}`;
}

function askedLines({ times }: VerificationReport, { query }: EvidencePackage, language: Language): string[] {
  const lines = [`${texts.asked[language]}: ${query.requestedAt}`];
  if (times.asked) {
    const { sessionOpenedAt, anchoredAt } = times.asked;
    const [from, to] = [texts.askedFrom[language], texts.askedTo[language]];
    lines.push(`${from} ${at(sessionOpenedAt)}${to} ${at(anchoredAt)}`);
  }
  return lines;
}

function at(seconds: number): string {
  return new Date(seconds * 1_000).toISOString().replace(".000", "");
}
