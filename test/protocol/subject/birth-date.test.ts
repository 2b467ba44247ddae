import { expect } from "chai";
import { describe, it } from "mocha";

import { chinaDate, isBirthDate } from "../../../protocol/subject/birth-date.ts";

describe("birth dates", () => {
  it("are days of the calendar", () => {
    for (const date of ["20000229", "19000228", "19491231", "18500101", "20260301"]) {
      expect(isBirthDate(date, "20260301"), date).to.equal(true);
    }
    const impossible = ["19000229", "20010229", "20000230", "20000431", "20001301", "20000001", "20000100", "00000000"];
    for (const date of impossible) expect(isBirthDate(date, "20260301"), date).to.equal(false);
  });

  it("lie between 1850 and today", () => {
    expect(isBirthDate("18491231", "20260301")).to.equal(false);
    expect(isBirthDate("20260302", "20260301")).to.equal(false);
    expect(isBirthDate("00010101", "20260301")).to.equal(false);
  });

  it("are dates in China, eight hours ahead of UTC", () => {
    expect(chinaDate(new Date("2026-02-28T15:59:59Z"))).to.equal("20260228");
    expect(chinaDate(new Date("2026-02-28T16:00:00Z"))).to.equal("20260301");
  });
});
