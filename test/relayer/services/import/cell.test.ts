import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";

import { cellText, holdsPersonalNumber, isFormula, valueClass } from "../../../../relayer/services/import/cell.ts";

describe("cellText", () => {
  it("undoes full width, blanks, invisible characters and spreadsheets' text marks", () => {
    expect(cellText("　Ｂ２\u200b ")).to.equal("B2");
    expect(cellText('="00120"')).to.equal("00120");
    expect(cellText("'00120")).to.equal("00120");
    expect(cellText("\ufeffopen")).to.equal("open");
  });
});

describe("isFormula", () => {
  it("sees what a spreadsheet would run", () => {
    for (const text of ['=HYPERLINK("http://x")', "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
      expect(isFormula(text), text).to.equal(true);
    for (const text of ["1", "note = 1", "", "a@b"]) expect(isFormula(text), text).to.equal(false);
  });
});

describe("holdsPersonalNumber", () => {
  it("sees identity, card and mobile numbers, also spaced or hyphenated", () => {
    for (const text of ["见119999199003070013", "6222 0212 3456 7890 123", "电话13800138000", "138-0013-8000"]) {
      expect(holdsPersonalNumber(text), text).to.equal(true);
    }
    for (const text of ["2024年3月5日", "1234567.89", "案号(2024)沪0115民初12345号", "12345678901234"]) {
      expect(holdsPersonalNumber(text), text).to.equal(false);
    }
  });
});

describe("valueClass", () => {
  it("says length and kinds of characters", () => {
    expect(valueClass("")).to.equal("empty");
    expect(valueClass("119999199003070013", "check digit wrong")).to.equal("18 characters, digits, check digit wrong");
    expect(valueClass("张三X1")).to.equal("4 characters, digits and letters and Chinese characters");
    expect(valueClass("a b!")).to.equal("4 characters, letters and spaces and other characters");
    expect(valueClass("𠮷")).to.equal("1 character, Chinese characters");
  });

  it("never repeats what the cell says", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(..."0123456789Xx"), minLength: 6, maxLength: 30 }), (text) => {
        expect(valueClass(text)).to.not.include(text);
      }),
    );
  });
});
