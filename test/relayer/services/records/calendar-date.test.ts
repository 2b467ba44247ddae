import { expect } from "chai";
import { describe, it } from "mocha";

import { addMonths, dayOf, isCalendarDate } from "../../../../relayer/services/records/calendar-date.ts";

describe("calendar dates", () => {
  it("are days in China", () => {
    expect(dayOf(new Date("2025-12-31T15:59:59Z"))).to.equal("2025-12-31");
    expect(dayOf(new Date("2025-12-31T16:00:00Z"))).to.equal("2026-01-01");
  });

  it("exist in the calendar", () => {
    for (const day of ["2024-02-29", "2000-02-29", "1900-01-01", "2199-12-31"])
      expect(isCalendarDate(day), day).to.equal(true);
    for (const day of [
      "2023-02-29",
      "1900-02-29",
      "2024-04-31",
      "2024-00-01",
      "2024-01-00",
      "1899-12-31",
      "2200-01-01",
      "2024-1-1",
    ]) {
      expect(isCalendarDate(day), day).to.equal(false);
    }
  });

  it("add months", () => {
    expect(addMonths("2021-03-05", 60)).to.equal("2026-03-05");
    expect(addMonths("2020-02-29", 60)).to.equal("2025-03-01");
    expect(addMonths("2020-02-29", 48)).to.equal("2024-02-29");
    expect(addMonths("2020-01-31", 1)).to.equal("2020-03-01");
    expect(addMonths("2020-11-30", 3)).to.equal("2021-03-01");
    expect(addMonths("2020-12-31", 1)).to.equal("2021-01-31");
  });
});
