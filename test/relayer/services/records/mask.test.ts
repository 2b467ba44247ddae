import { expect } from "chai";
import { describe, it } from "mocha";

import { parseSubject } from "../../../../protocol/subject/subject.ts";
import { mask } from "../../../../relayer/services/records/mask.ts";
import { numberAt } from "../../../support/sample-lines.ts";

const asOf = new Date("2026-01-15T00:00:00Z");

describe("mask", () => {
  it("hides the birth date and most of the number, whatever its length", () => {
    const number = numberAt(0);
    expect(mask(parseSubject({ scheme: "cn-resident-id", number }, { asOf }))).to.equal(
      `cn-resident-id:${number.slice(0, 3)}***********${number.slice(-4)}`,
    );
    expect(mask(parseSubject({ scheme: "cn-passport", number: "E12345678" }, { asOf }))).to.equal(
      "cn-passport:E******78",
    );
  });
});
