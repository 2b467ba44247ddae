import { expect } from "chai";
import { describe, it } from "mocha";

import { examineConfiguration } from "../../../scripts/doctor/configuration.ts";
import { findingLines, ok, problem } from "../../../scripts/doctor/finding.ts";
import { examineMachine } from "../../../scripts/doctor/machine.ts";

describe("npm run doctor", () => {
  it("finds this machine fit to run the tests that run here", async () => {
    const findings = await examineMachine();
    expect(findings.map(({ what }) => what)).to.include.members([
      "Node",
      "Chain program (anvil)",
      "Database (PostgreSQL)",
    ]);
    expect(findings.filter(({ verdict }) => verdict === "problem")).to.deep.equal([]);
  });

  it("has nothing to say of a configuration where there is none", async () => {
    const findings = await examineConfiguration({});
    expect(findings).to.have.length(1);
    expect(findings[0]?.verdict).to.equal("ok");
  });

  it("names the variables that are missing, never a value", async () => {
    const [finding] = await examineConfiguration({ RISKVEIL_NAME: "alpha", DATABASE_URL: "not-a-secret-url" });
    expect(finding?.verdict).to.equal("problem");
    expect(finding?.found).to.include("DATABASE_URL").and.to.include("RISKVEIL_KEY_DIR");
    expect(JSON.stringify(finding)).not.to.include("not-a-secret-url");
  });

  it("puts the remedy below the finding", () => {
    expect(findingLines(ok("Node", "fine"))).to.have.length(1);
    const [first = "", second = ""] = findingLines(problem("Disk", "full", "Free 2 GB."));
    expect(first.startsWith("✘ Disk")).to.equal(true);
    expect(second.trim()).to.equal("Free 2 GB.");
  });
});
