import { expect } from "chai";
import { describe, it } from "mocha";

import { readIdentifier } from "../../../../relayer/services/import/identifier.ts";
import { numberAt } from "../../../support/sample-lines.ts";

const read = (text: string, documentNumber = ""): string => {
  const reading = readIdentifier(text, documentNumber);
  return "value" in reading ? "accepted" : reading.code;
};

describe("readIdentifier", () => {
  it("takes plain numbers, also long ones and Chinese", () => {
    for (const text of ["1", "R-000001", "2024/03/05#12", "融2024-0001", "20240305000000012345"])
      expect(read(text), text).to.equal("accepted");
  });

  it("refuses what a spreadsheet would run or a list could not hold", () => {
    for (const text of ["", "=1", "-1", "+1", "@x", "a b", "a,b", "a\nb", "x".repeat(65)])
      expect(read(text), text).to.equal("IDENTIFIER_FORMAT");
  });

  it("refuses identity numbers of 18 and of 15 digits, and the line's own document number of any kind", () => {
    const number = numberAt(0);
    const old = number.slice(0, 6) + number.slice(8, 17);
    for (const text of [number, `C${number}`, old, `C-${old}`])
      expect(read(text), text).to.equal("IDENTIFIER_HOLDS_IDENTITY");
    expect(read("R-e12345678", "E12345678")).to.equal("IDENTIFIER_HOLDS_IDENTITY");
  });
});
