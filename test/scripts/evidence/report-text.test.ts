import { expect } from "chai";
import { describe, it } from "mocha";

import { reportOf } from "../../../protocol/evidence/report.ts";
import { languageOf } from "../../../scripts/evidence/report-lines.ts";
import { reportText } from "../../../scripts/evidence/report-text.ts";
import { buildPackage, subject } from "../../protocol/evidence/evidence-fixture.ts";

const pkg = buildPackage();
const report = reportOf([
  { name: "FORMAT", status: "ok" },
  { name: "PROOF", status: "failed", dataset: `0x${"ab".repeat(32)}`, reason: "PROOF_INVALID" },
]);

describe("report text", () => {
  it("takes the language from the environment in the order of POSIX", () => {
    expect(languageOf({})).to.equal("en");
    expect(languageOf({ LANG: "zh_CN.UTF-8" })).to.equal("zh");
    expect(languageOf({ LANG: "zh_CN.UTF-8", LC_ALL: "C" })).to.equal("en");
    expect(languageOf({ LANG: "en_GB", LC_ALL: "", LC_MESSAGES: "zh_TW" })).to.equal("zh");
  });

  it("says from which table an answer is, when, whether a newer one stood by then, and whose word requestedAt is", () => {
    const [first] = pkg.answers;
    if (!first) throw new Error("an answer");
    const { dataset } = first;
    const newer = { epoch: 7, revision: 3, committedAt: 1_772_003_600 };
    const dated = { dataset, epoch: 7, revision: 2, committedAt: 1_772_000_000, anchoredAt: 1_772_007_200 };
    const asked = { sessionOpenedAt: 1_772_000_060, anchoredAt: 1_772_007_200 };
    const times = { answers: [{ ...dated, newer }], asked };
    const text = reportText(reportOf([{ name: "FORMAT", status: "ok" }], times), pkg, true, "en");
    expect(text).to.include(
      "table epoch 7 revision 2: committed 2026-02-25T06:13:20Z, leaf anchored 2026-02-25T08:13:20Z",
    );
    expect(text).to.match(/! NOTE: .*newer table.*\n +table epoch 7 revision 3: committed 2026-02-25T07:13:20Z/);
    expect(text).to.include("by the querier's own word (bound by its seal only): 2026-03-04T05:06:07.000Z");
    expect(text).to.include("opened (ledger time) 2026-02-25T06:14:20Z, the leaf was anchored 2026-02-25T08:13:20Z");
    const chinese = reportText(reportOf([{ name: "FORMAT", status: "ok" }], times), pkg, true, "zh");
    expect(chinese).to.include("期次 7 版本 3").and.to.include("仅为查询方自述");
    const unread = reportText(reportOf([{ name: "FORMAT", status: "ok" }]), pkg, true, "en");
    expect(unread).to.include("by the querier's own word").and.not.to.include("the session was opened");
  });

  it("shows each check, each outcome, whose contracts were asked and the first failure, but not the subject", () => {
    const text = reportText(report, pkg, false, "en");
    expect(text)
      .to.match(/^✔ FORMAT /m)
      .and.to.match(/^✘ PROOF +0xabababab .*does not hold/m);
    expect(text).to.include("hit (2 records)").and.to.include("unanswered HOLDER_UNREACHABLE");
    expect(text)
      .to.include("--ledger")
      .and.to.match(/REFUTED \(first failure: PROOF\)\n$/);
    expect(text).not.to.include(subject.split(":")[1]);
    expect(reportText(report, pkg, true, "en")).not.to.include("--ledger");
    expect(reportText(report, undefined, false, "zh")).to.match(/验证不通过/);
  });
});
