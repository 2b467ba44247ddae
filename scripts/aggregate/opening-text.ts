/** A report on an opening for a reader, in English or Chinese. Names no subject. */
import type { Language } from "../../protocol/errors/fault.ts";
import { openingChecks, type OpeningCheck, type OpeningReport } from "./check-opening.ts";

const checkTexts: Readonly<Record<OpeningCheck, Readonly<Record<Language, string>>>> = {
  format: { en: "the file is an opening of a contributed row", zh: "文件为贡献行的打开记录" },
  chain: { en: "the node serves the chain that the file names", zh: "节点所连为文件所载的链" },
  contribution: { en: "the chain has this contribution", zh: "链上存在该贡献" },
  keys: { en: "the chain has the edition's keys", zh: "链上存在该期密钥" },
  row: { en: "the row is in the contribution, under its root on chain", zh: "该行属于该贡献（以链上根为准）" },
  opening: { en: "the row is an encryption of the values that are opened", zh: "该行确为所打开数值的密文" },
};

const texts = {
  holds: { en: "THE OPENING HOLDS", zh: "打开有效" },
  refuted: { en: "REFUTED", zh: "打开无效" },
  undetermined: { en: "UNDETERMINED: the chain could not be read", zh: "无法判定：链上数据读取失败" },
  edition: { en: "edition", zh: "期次" },
  contributor: { en: "contributor (member id)", zh: "贡献成员编号" },
  excluded: {
    en: "NOTE: this contribution was left out; nothing of it is in the consortium table.",
    zh: "注意：该贡献已被排除，联盟汇总表不含其内容。",
  },
  counts: { en: "records by class", zh: "各类记录数" },
  none: { en: "none", zh: "无" },
  overdue: { en: "overdue, fen", zh: "逾期金额（分）" },
  capped: { en: "values were capped", zh: "数值已封顶" },
  noRow: {
    en: "The values are no row of the layout: the contributor encrypted something else.",
    zh: "所打开数值不符合行格式：贡献方加密了其他内容。",
  },
  evaluation: {
    en: "NOT CHECKED HERE: whether the evaluation is the named subject's. Ask the algorithm nodes for that subject and compare.",
    zh: "此处未核验：求值是否属于所载对象。请就该对象向算法节点求值后比对。",
  },
  unpinned: {
    en: "The contracts are those that the file names. Compare them with the published addresses, or give --tables and --rounds:",
    zh: "合约地址取自文件，请与公布的地址核对，或使用 --tables、--rounds 指定：",
  },
} as const;

export function openingText(report: OpeningReport, language: Language): string {
  const { checks, contracts, pinned, edition, contributor } = report;
  const lines = openingChecks.flatMap((name) => {
    const found = checks.find((check) => check.name === name);
    const mark = found ? (found.ok ? "✔" : "✘") : "-";
    return `${mark} ${name.padEnd(12)} ${checkTexts[name][language]}`;
  });
  if (edition !== undefined && contributor !== undefined) {
    lines.push("", `${texts.edition[language]} ${edition}, ${texts.contributor[language]} ${contributor}`);
  }
  if (report.excluded) lines.push(texts.excluded[language]);
  if (report.verdict === "holds") lines.push(...valueLines(report, language), "", texts.evaluation[language]);
  if (contracts && !pinned) lines.push("", texts.unpinned[language], `  ${contracts.tables} ${contracts.rounds}`);
  return [...lines, "", texts[report.verdict][language], ""].join("\n");
}

function valueLines({ values }: OpeningReport, language: Language): string[] {
  if (!values) return [texts.noRow[language]];
  const counts = Object.entries(values.counts).filter(([, count]) => count > 0);
  const shown = counts.map(([name, count]) => `${name} × ${String(count)}`).join(", ");
  return [
    `${texts.counts[language]}: ${shown || texts.none[language]}`,
    `${texts.overdue[language]}: ${String(values.overdueFen)}`,
    ...(values.capped > 0 ? [texts.capped[language]] : []),
  ];
}
