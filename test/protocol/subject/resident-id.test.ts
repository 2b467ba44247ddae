import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";

import { mod11Check } from "../../../protocol/subject/check-character.ts";
import { expectNumber, expectRefused, refusalOf, replaceAt, residentIds, swapAt } from "./fixtures.ts";

const scheme = "cn-resident-id";
const checked = (body: string): string => body + mod11Check(body);

describe("cn-resident-id (GB 11643)", () => {
  it("accepts the examples of the standard", () => {
    expectNumber(scheme, "11010519491231002X");
    expectNumber(scheme, "440524188001010014");
  });

  it("accepts it as people write it", () => {
    expectNumber(scheme, " １１０１０５ 19491231-002ｘ ", "11010519491231002X");
  });

  it("accepts residence permits of Hong Kong, Macao and Taiwan residents", () => {
    for (const region of ["810000", "820000", "830000"]) expectNumber(scheme, checked(`${region}19900101001`));
  });

  it("maps the old 15 digits to the 18 of today", () => {
    expectNumber(scheme, "110105491231002", "11010519491231002X");
    // A published pair (github.com/issue9/is).
    expectNumber(scheme, "350303900203307", "350303199002033073");
  });

  it("gives those over a hundred, sequence 996 to 999, the century they were born in", () => {
    for (const sequence of ["996", "997", "998", "999"]) {
      expectNumber(scheme, `110105980101${sequence}`, checked(`11010518980101${sequence}`));
    }
    expectNumber(scheme, "110105980101995", checked("11010519980101995"));
  });

  it("makes one subject of the old and the new number", () => {
    fc.assert(
      fc.property(residentIds, (number) => {
        fc.pre(number.startsWith("19", 6) && Number(number.slice(14, 17)) < 996);
        expectNumber(scheme, number.slice(0, 6) + number.slice(8, 17), number);
      }),
    );
  });

  it("refuses other lengths and characters", () => {
    const wrong = ["", "1", "1101051949123100", "11010519491231002", "11010519491231002XX", "1101051949123100X2"];
    for (const number of [...wrong, "X1010519491231002X", "11010549123100X", "11010519491231002А"]) {
      expectRefused(scheme, number, "format");
    }
  });

  it("refuses a province that is none", () => {
    for (const region of ["00", "10", "16", "47", "66", "72", "84", "91", "99"]) {
      expectRefused(scheme, checked(`${region}010519491231002`), "region");
    }
  });

  it("refuses a date that is none, before 1850 or after today", () => {
    for (const date of ["19490229", "19491301", "19490431", "18491231", "20260302", "99991231"]) {
      expectRefused(scheme, checked(`110105${date}002`), "birth-date");
    }
    expectRefused(scheme, "110105490231002", "birth-date");
  });

  it("takes today from the caller, in China", () => {
    const born = checked("11010520260302002");
    expect(refusalOf(scheme, born, new Date("2026-03-01T15:59:59Z"))).to.equal("birth-date");
    expect(refusalOf(scheme, born, new Date("2026-03-01T16:00:00Z"))).to.equal(undefined);
  });

  it("refuses every other check character", () => {
    for (const character of "0123456789") {
      expectRefused(scheme, replaceAt("11010519491231002X", 17, character), "check-digit");
    }
  });

  it("refuses any one changed character of a valid number", () => {
    fc.assert(
      fc.property(
        residentIds,
        fc.nat({ max: 17 }),
        fc.constantFrom(...Array.from("0123456789X")),
        (number, index, character) => {
          fc.pre(number.charAt(index) !== character);
          expect(refusalOf(scheme, number)).to.equal(undefined);
          expect(refusalOf(scheme, replaceAt(number, index, character))).not.to.equal(undefined);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it("refuses any exchange of two neighbours", () => {
    fc.assert(
      fc.property(residentIds, fc.nat({ max: 16 }), (number, index) => {
        fc.pre(number.charAt(index) !== number.charAt(index + 1));
        expect(refusalOf(scheme, swapAt(number, index))).not.to.equal(undefined);
      }),
      { numRuns: 1000 },
    );
  });
});
