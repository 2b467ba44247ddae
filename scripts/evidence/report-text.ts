/** A verification report for a reader, in English or Chinese. Names no subject. */
import type { Language } from "../../protocol/errors/fault.ts";
import type { EvidencePackage } from "../../protocol/evidence/package.ts";
import { checks, type AnswerTimes, type VerificationReport } from "../../protocol/evidence/report.ts";
import { askedLines, at, checkLines, unpinnedLines, verdictLine } from "./report-lines.ts";

const texts = {
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
} as const;

/** `pinned`: the reader named all three contracts. */
export function reportText(
  report: VerificationReport,
  pkg: EvidencePackage | undefined,
  pinned: boolean,
  language: Language,
): string {
  const lines = checkLines(report, checks, language);
  if (pkg) {
    const asked = askedLines(report.times.asked, pkg.query.requestedAt, language);
    lines.push("", ...outcomeLines(report, pkg, language), "", ...asked);
  }
  if (pkg && !pinned) {
    const { queryLedger, datasetRegistry, memberRegistry } = pkg.chain;
    const options = ["--ledger", "--datasets", "--members"];
    lines.push(...unpinnedLines(options, [queryLedger, datasetRegistry, memberRegistry], language));
  }
  return [...lines, "", verdictLine(report, language), ""].join("\n");
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
