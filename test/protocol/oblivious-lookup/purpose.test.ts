import { expect } from "chai";
import { describe, it } from "mocha";

import { isPurpose, parsePurpose, purposeCodes, purposes } from "../../../protocol/oblivious-lookup/purpose.ts";
import { codeThrown } from "./lookup-fixture.ts";

describe("purpose", () => {
  it("is one of the four of the catalogue, each with its words", () => {
    expect(purposeCodes).to.deep.equal(["CREDIT_GRANTING", "ANTI_FRAUD", "MONITORING", "RISK_CONTROL"]);
    for (const code of purposeCodes) {
      expect(parsePurpose(code)).to.equal(code);
      expect(purposes[code].zh).to.match(/^[\u4e00-\u9fff]+$/);
    }
  });

  it("is nothing else", () => {
    for (const code of ["", "CREDIT", "constructor", "toString"]) {
      expect(isPurpose(code)).to.equal(false);
      expect(codeThrown(() => parsePurpose(code))).to.equal("PURPOSE_UNKNOWN");
    }
  });
});
