import { expect } from "chai";
import { describe, it } from "mocha";

import { reasons } from "../../../protocol/evidence/reasons.ts";
import { checks, explain, reportOf, type Check } from "../../../protocol/evidence/report.ts";
import { pictureChecks } from "../../../protocol/picture-evidence/checks.ts";

const ok: Check = { name: "FORMAT", status: "ok" };
const failed: Check = { name: "PROOF", status: "failed", reason: "PROOF_INVALID" };
const skipped: Check = { name: "TAG", status: "skipped", reason: "NOT_CHECKED" };
const unread: Check = { name: "ANCHOR", status: "unread", reason: "CHAIN_UNREADABLE" };

describe("verification report", () => {
  it("is verified only if every check is ok, refuted if any failed, else undetermined", () => {
    expect(reportOf([ok, ok]).verdict).to.equal("verified");
    expect(reportOf([ok, unread, failed, skipped])).to.include({ verdict: "refuted", firstFailure: failed });
    expect(reportOf([ok, unread]).verdict).to.equal("undetermined");
    expect(reportOf([ok, skipped]).verdict).to.equal("undetermined");
  });

  it("explains each check and each reason in both languages", () => {
    const texts = [...Object.values(checks), ...Object.values(pictureChecks), ...Object.values(reasons)];
    for (const { en, zh } of texts) {
      expect(en).to.match(/^[ -~]+$/);
      expect(zh).to.match(/[\u4e00-\u9fff]/);
    }
    expect(explain(ok, "en")).to.equal("");
    expect(explain(failed, "zh")).to.equal(reasons.PROOF_INVALID.zh);
  });
});
