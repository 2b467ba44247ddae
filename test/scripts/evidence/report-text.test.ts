import { expect } from "chai";
import { describe, it } from "mocha";

import { reportOf } from "../../../protocol/evidence/report.ts";
import { languageOf, reportText } from "../../../scripts/evidence/report-text.ts";
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
