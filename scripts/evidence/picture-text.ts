/** The verification report of an overall picture's evidence for a reader, in English or Chinese. Names no subject. */
import type { Language } from "../../protocol/errors/fault.ts";
import type { VerificationReport } from "../../protocol/evidence/report.ts";
import { pictureChecks } from "../../protocol/picture-evidence/checks.ts";
import { NODE_SERVICES } from "../../protocol/key-round/round.ts";
import type { PictureEvidence } from "../../protocol/picture-evidence/package.ts";
import type { PictureTimes } from "../../protocol/picture-evidence/times.ts";
import { askedLines, at, checkLines, unpinnedLines, verdictLine } from "./report-lines.ts";

const texts = {
  edition: { en: "edition", zh: "期次" },
  published: { en: "published", zh: "发布于" },
  anchored: { en: "leaf anchored", zh: "叶节点存证于" },
  found: { en: "found", zh: "查得" },
  notFound: { en: "no record found", zh: "未查得记录" },
  institutions: { en: "institutions", zh: "机构数" },
  overdue: { en: "overdue", zh: "逾期金额" },
  yuan: { en: "yuan", zh: "元" },
  atLeast: { en: "at least: some institution has more than can be told", zh: "为下限：有机构的数据超出可表示范围" },
  nodes: { en: "nodes", zh: "节点" },
  evaluation: { en: "evaluated", zh: "计算" },
  locator: { en: "located", zh: "定位" },
  query: { en: "decrypted", zh: "解密" },
  leftOut: { en: "left out, for its proof does not hold", zh: "证明不成立，未采用" },
  newer: {
    en: "NOTE: before the leaf was anchored a newer edition had been published. This picture says nothing of that one:",
    zh: "注意：叶节点存证之前已发布更新的期次，本视图不涉及该期：",
  },
} as const;

/** `pinned`: the reader named all five contracts. */
export function pictureText(
  report: VerificationReport<PictureTimes>,
  pkg: PictureEvidence | undefined,
  pinned: boolean,
  language: Language,
): string {
  const lines = checkLines(report, pictureChecks, language);
  if (pkg) {
    const asked = askedLines(report.times.asked, pkg.query.requestedAt, language);
    lines.push("", ...pictureLines(pkg, language), ...timeLines(report.times, language), "", ...asked);
  }
  if (pkg && !pinned) {
    const { queryLedger, memberRegistry, algorithmNodes, keyRounds, consortiumTables } = pkg.chain;
    const options = ["--ledger", "--members", "--nodes", "--rounds", "--editions"];
    const addresses = [queryLedger, memberRegistry, algorithmNodes, keyRounds, consortiumTables];
    lines.push(...unpinnedLines(options, addresses, language));
  }
  return [...lines, "", verdictLine(report, language), ""].join("\n");
}

function pictureLines({ picture, exchanges }: PictureEvidence, language: Language): string[] {
  const say = (name: keyof typeof texts): string => texts[name][language];
  const lines = [`  ${say("edition")} ${picture.edition}: ${say(picture.outcome === "found" ? "found" : "notFound")}`];
  if (picture.outcome === "found") {
    const { contributors, counts, overdueFen, capped } = picture.sums;
    const records = Object.entries(counts).filter(([, count]) => count > 0);
    const amount = `${say("overdue")} ${(overdueFen / 100).toFixed(2)} ${say("yuan")}`;
    const parts = [
      `${say("institutions")} ${contributors}`,
      ...records.map(([name, count]) => `${name} ${count}`),
      amount,
    ];
    lines.push(`    ${parts.join(", ")}`);
    if (capped > 0) lines.push(`    ${say("atLeast")}`);
  }
  for (const service of NODE_SERVICES) {
    const theirs = exchanges.filter((exchange) => exchange.service === service);
    const names = theirs.map(({ holder, proved }) => `${holder}${proved ? "" : ` (${say("leftOut")})`}`);
    lines.push(`    ${say("nodes")}, ${say(service)}: ${names.join(", ")}`);
  }
  return lines;
}

function timeLines({ edition }: PictureTimes, language: Language): string[] {
  if (edition === undefined) return [];
  const say = (name: keyof typeof texts): string => texts[name][language];
  const { newer } = edition;
  const lines = [`    ${say("published")} ${at(edition.publishedAt)}, ${say("anchored")} ${at(edition.anchoredAt)}`];
  if (newer) {
    const which = `${say("edition")} ${newer.edition}: ${say("published")} ${at(newer.publishedAt)}`;
    lines.push(`    ! ${say("newer")}`, `      ${which}`);
  }
  return lines;
}
