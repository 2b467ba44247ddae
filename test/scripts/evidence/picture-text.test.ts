import { expect } from "chai";
import { describe, it } from "mocha";

import { reportOf } from "../../../protocol/evidence/report.ts";
import { verifyPictureEvidence } from "../../../protocol/picture-evidence/verify.ts";
import { pictureText } from "../../../scripts/evidence/picture-text.ts";
import { subject } from "../../protocol/evidence/evidence-fixture.ts";
import {
  buildPicture,
  EDITION,
  NODES,
  pictureChain,
  pictureFacts,
} from "../../protocol/picture-evidence/picture-fixture.ts";

describe("report text of a picture's evidence", () => {
  const facts = pictureFacts(true);
  const pkg = buildPicture(facts);

  it("shows each check, the sums, the nodes, who was left out and whose contracts were asked, but not the subject", async () => {
    const report = await verifyPictureEvidence(pkg, pictureChain(facts));
    const text = pictureText(report, pkg, false, "en");
    expect(text).to.match(/^✔ FORMAT /m);
    expect(text).to.match(/^✔ SUMS .*exactly these sums/m);
    expect(text).to.include(`edition ${EDITION}: found`);
    expect(text).to.include("institutions 2, B1 3, C2 1, overdue 120003.50 yuan");
    const [first, second, third] = NODES;
    expect(text).to.include(`evaluated: ${second} (left out, for its proof does not hold), ${first}, ${third}`);
    expect(text).to.include("published 2026-02-24T06:13:20Z, leaf anchored");
    expect(text).to.include("--ledger --members --nodes --rounds --editions").and.to.include(pkg.chain.keyRounds);
    expect(text).to.match(/VERIFIED\n$/);
    expect(text).not.to.include(subject.split(":")[1]);
    const chinese = pictureText(report, pkg, true, "zh");
    expect(chinese)
      .to.include("机构数 2")
      .and.to.match(/验证通过\n$/);
    expect(chinese).not.to.include("--ledger");
  });

  it("says that no record was found, and that there was a newer edition", () => {
    const absent = buildPicture(pictureFacts(false));
    const times = { edition: EDITION, publishedAt: 1_772_000_000, anchoredAt: 1_772_007_200 };
    const newer = { edition: EDITION + 1, publishedAt: 1_772_003_600 };
    const report = reportOf([{ name: "FORMAT", status: "ok" }], { edition: { ...times, newer } });
    const text = pictureText(report, absent, true, "en");
    expect(text).to.include("no record found");
    expect(text).to.match(/! NOTE: .*newer edition.*\n +edition 4: published 2026-02-25T07:13:20Z/);
  });

  it("names the first failure, also of what is no package", () => {
    const report = reportOf([{ name: "FORMAT", status: "failed", reason: "NOT_THE_FORMAT" }], {});
    expect(pictureText(report, undefined, false, "en")).to.match(/REFUTED \(first failure: FORMAT\)\n$/);
  });
});
