import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";

import { mod11Check } from "../../../protocol/subject/check-character.ts";
import { birthDates, expectNumber, expectRefused, refusalOf, replaceAt } from "./fixtures.ts";

const scheme = "foreigner-permit";
const checked = (body: string): string => body + mod11Check(body);

describe("foreigner-permit", () => {
  it("accepts published examples of the cards since 2023", () => {
    expectNumber(scheme, "932682198501010017");
    expectNumber(scheme, "911398199012310021");
  });

  it("accepts a published example of the cards before", () => {
    expectNumber(scheme, "KAZ110090123105");
    expectNumber(scheme, "kaz 1100 901231 05", "KAZ110090123105");
  });

  it("refuses other forms", () => {
    const wrong = [
      "",
      "811398199012310021",
      "91139819901231002",
      "KA1110090123105",
      "KAZ11009012310",
      "KAZ11009012310X",
    ];
    for (const number of wrong) expectRefused(scheme, number, "format");
  });

  it("refuses a province that is none", () => {
    expectRefused(scheme, checked("99939819901231002"), "region");
    expectRefused(scheme, "KAZ990090123105", "region");
  });

  it("refuses an impossible date of birth", () => {
    expectRefused(scheme, checked("91139819900231002"), "birth-date");
    expectRefused(scheme, checked("91139820270101002"), "birth-date");
    expectRefused(scheme, "KAZ110090023105", "birth-date");
    // 29 February of 2000, though not of 1900.
    expect(refusalOf(scheme, "KAZ110000022905")).to.not.equal("birth-date");
  });

  it("refuses a wrong check character", () => {
    expectRefused(scheme, "911398199012310022", "check-digit");
    expectRefused(scheme, "KAZ110090123107", "check-digit");
  });

  it("refuses any one changed digit of a number since 2023", () => {
    fc.assert(
      fc.property(
        birthDates,
        fc.nat({ max: 17 }),
        fc.constantFrom(...Array.from("0123456789X")),
        (date, index, character) => {
          const number = checked(`911124${date}002`);
          fc.pre(number.charAt(index) !== character);
          expect(refusalOf(scheme, number)).to.equal(undefined);
          expect(refusalOf(scheme, replaceAt(number, index, character))).not.to.equal(undefined);
        },
      ),
      { numRuns: 500 },
    );
  });
});
