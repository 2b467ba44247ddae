import { describe, it } from "mocha";

import { expectNumber, expectRefused } from "./fixtures.ts";

describe("cn-passport", () => {
  it("accepts the forms in use", () => {
    const electronic = ["E12345678", "EF1260892", "DE1234567", "SE1234567", "PE1234567", "KJ1234567", "MA1234567"];
    for (const number of [
      ...electronic,
      "G12345678",
      "141234567",
      "151234567",
      "S12345678",
      "K12345678",
      "H12345678",
    ]) {
      expectNumber("cn-passport", number);
    }
  });

  it("drops the dot of the old books and reads lower case", () => {
    expectNumber("cn-passport", "P.1234567", "P1234567");
    expectNumber("cn-passport", "P1234567");
    expectNumber("cn-passport", "e-1234 5678", "E12345678");
  });

  it("refuses what is none", () => {
    const wrong = [
      "",
      "E1234567",
      "E123456789",
      "EI1234567",
      "EO1234567",
      "A12345678",
      "131234567",
      "E.1234567",
      "P..1234567",
    ];
    for (const number of wrong) expectRefused("cn-passport", number, "format");
  });
});

describe("hk-macao-permit", () => {
  it("makes one subject of all cards of one person", () => {
    expectNumber("hk-macao-permit", "H12345678");
    expectNumber("hk-macao-permit", "H1234567800", "H12345678");
    expectNumber("hk-macao-permit", "m 12345678-03", "M12345678");
  });

  it("refuses what is none", () => {
    for (const number of ["", "12345678", "H1234567", "H123456789", "T12345678", "HH1234567", "H123456780000"]) {
      expectRefused("hk-macao-permit", number, "format");
    }
  });
});

describe("taiwan-permit", () => {
  it("makes one subject of all documents of one person", () => {
    expectNumber("taiwan-permit", "05616820");
    for (const number of ["0561682001", "0561682001(D)", "0561682001（Ｄ）", "0561682002d", "0561682001(1)"]) {
      expectNumber("taiwan-permit", number, "05616820");
    }
  });

  it("refuses what is none", () => {
    for (const number of ["", "0561682", "056168200", "05616820010", "T0561682", "05616820(D)", "0561682001(DD)"]) {
      expectRefused("taiwan-permit", number, "format");
    }
  });
});
