import { expect } from "chai";
import { describe, it } from "mocha";

import { readHeader } from "../../../../relayer/services/import/column.ts";
import { createLineReader } from "../../../../relayer/services/import/line-reader.ts";
import { readRecordLine, recordColumns, type RecordLine } from "../../../../relayer/services/import/record-line.ts";
import type { ClassCatalogue } from "../../../../relayer/services/records/class-catalogue.ts";
import { numberAt, RECORD, type Cells } from "../../../support/sample-lines.ts";

const classes: ClassCatalogue = {
  read: (text) =>
    text === "A1" ? { code: "CLASS_NOT_YOURS" } : text === "B1" ? { value: "B1" } : { code: "CLASS_UNKNOWN" },
};
const terms = { now: new Date("2026-01-15T03:00:00Z"), today: "2026-01-15", classes };

function read(
  change: Cells,
  headers = Object.keys(RECORD),
): { line: RecordLine | undefined; faults: string[]; classes: string[] } {
  const cells = Object.keys(RECORD).map((column) => change[column] ?? RECORD[column] ?? "");
  const reader = createLineReader(readHeader(headers, recordColumns), cells);
  const line = readRecordLine(reader, terms);
  return {
    line,
    faults: reader.faults.map(({ column, code }) => `${column} ${code}`),
    classes: reader.faults.map((fault) => fault.valueClass),
  };
}

/** The number with the digits from `at` replaced and, unless told not to, the check digit mended. */
function tampered(at: number, digits: string, mend = true): string {
  const number = numberAt(0);
  const body = (number.slice(0, at) + digits + number.slice(at + digits.length)).slice(0, 17);
  if (!mend) return body + (number.endsWith("1") ? "2" : "1");
  const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
  const sum = weights.reduce((total, weight, i) => total + weight * Number(body[i]), 0);
  return body + ("10X98765432"[sum % 11] ?? "");
}

describe("readRecordLine", () => {
  it("reads a line in order", () => {
    const { line, faults } = read({ note: "协商展期中" });
    expect(faults).to.deep.equal([]);
    expect(line).to.deep.equal({
      recordId: "R1",
      subject: `cn-resident-id:${numberAt(0)}`,
      class: "B1",
      status: "open",
      statusDate: "2024-03-05",
      eventDate: "2024-03-05",
      amountFen: 123_450,
      note: "协商展期中",
    });
  });

  it("reads words in Chinese, full width, and numbers kept as text", () => {
    const wide = numberAt(0).replace(/\d/g, (digit) => String.fromCharCode(digit.charCodeAt(0) + 0xfee0));
    expect(
      read({ document_type: "居民身份证", document_number: wide, status: "已结清", status_date: "2025年1月2日" }).line,
    ).to.include({
      subject: `cn-resident-id:${numberAt(0)}`,
      status: "cured",
      statusDate: "2025-01-02",
    });
    expect(read({ document_number: `="${numberAt(0)}"`, record_id: "'0012" }).line).to.include({ recordId: "0012" });
  });

  it("takes an open record to be open since the event if the file does not say", () => {
    expect(read({ status_date: "" }).line?.statusDate).to.equal("2024-03-05");
    expect(read({ status: "cured", status_date: "" }).faults).to.deep.equal(["status_date CELL_EMPTY"]);
  });

  it("takes an empty amount for unknown, not for nothing", () => {
    expect(read({ amount: "" }).line?.amountFen).to.equal(null);
    expect(read({ amount: "0" }).line?.amountFen).to.equal(0);
  });

  const refusals: readonly (readonly [Cells, string])[] = [
    [{ record_id: "" }, "record_id CELL_EMPTY"],
    [{ record_id: "R 1" }, "record_id IDENTIFIER_FORMAT"],
    [{ record_id: "=cmd" }, "record_id IDENTIFIER_FORMAT"],
    [{ record_id: "-1" }, "record_id IDENTIFIER_FORMAT"],
    [{ record_id: "R".repeat(65) }, "record_id IDENTIFIER_FORMAT"],
    [{ record_id: numberAt(0) }, "record_id IDENTIFIER_HOLDS_IDENTITY"],
    [{ record_id: `R-${numberAt(1)}` }, "record_id IDENTIFIER_HOLDS_IDENTITY"],
    [{ document_type: "工作证" }, "document_type DOCUMENT_TYPE_UNKNOWN"],
    [{ document_number: "" }, "document_number CELL_EMPTY"],
    [{ document_number: "12345" }, "document_number IDENTITY_FORMAT"],
    [{ document_number: "1.19999E+17" }, "document_number IDENTITY_ROUNDED"],
    [{ document_number: tampered(0, "99") }, "document_number IDENTITY_PROVINCE"],
    [{ document_number: tampered(10, "1341") }, "document_number IDENTITY_BIRTH_DATE"],
    [{ document_number: tampered(6, "20260116") }, "document_number IDENTITY_BIRTH_FUTURE"],
    [{ document_number: tampered(17, "", false) }, "document_number IDENTITY_CHECK_DIGIT"],
    [{ class: "B9" }, "class CLASS_UNKNOWN"],
    [{ class: "A1" }, "class CLASS_NOT_YOURS"],
    [{ event_date: "" }, "event_date CELL_EMPTY"],
    [{ event_date: "soon" }, "event_date DATE_UNREADABLE"],
    [{ event_date: "2024-02-30" }, "event_date DATE_IMPOSSIBLE"],
    [{ event_date: "03/04/2024" }, "event_date DATE_AMBIGUOUS"],
    [{ event_date: "45356" }, "event_date DATE_SPREADSHEET_SERIAL"],
    [{ event_date: "2026-01-16", status_date: "2026-01-15" }, "event_date DATE_IN_FUTURE"],
    [{ status_date: "2026-01-16" }, "status_date DATE_IN_FUTURE"],
    [{ status: "maybe" }, "status STATUS_UNKNOWN"],
    [{ status_date: "2024-03-04" }, "status_date STATUS_BEFORE_EVENT"],
    [{ amount: "many" }, "amount AMOUNT_UNREADABLE"],
    [{ amount: "-5" }, "amount AMOUNT_NEGATIVE"],
    [{ amount: "1.234" }, "amount AMOUNT_TOO_PRECISE"],
    [{ amount: "9".repeat(20) }, "amount AMOUNT_TOO_LARGE"],
    [{ amount: "1E+5" }, "amount AMOUNT_SCIENTIFIC"],
    [{ note: "长".repeat(201) }, "note NOTE_TOO_LONG"],
    [{ note: "=HYPERLINK(1)" }, "note CELL_FORMULA"],
    [{ note: `担保人${numberAt(3)}` }, "note NOTE_HOLDS_PERSONAL_NUMBER"],
    [{ note: "电话 138-0013-8000" }, "note NOTE_HOLDS_PERSONAL_NUMBER"],
  ];
  for (const [change, fault] of refusals) {
    it(`refuses ${Object.keys(change).join(" and ")}: ${fault}`, () => {
      const { line, faults } = read(change);
      expect(line).to.equal(undefined);
      expect(faults).to.deep.equal([fault]);
    });
  }

  it("refuses a unit that contradicts the header", () => {
    const headers = Object.keys(RECORD).map((column) => (column === "amount" ? "金额（万元）" : column));
    expect(read({ amount: "12元" }, headers).faults).to.deep.equal(["amount AMOUNT_UNIT_CONFLICT"]);
  });

  it("does not judge a number whose kind it does not know, but says what else is wrong", () => {
    const { faults } = read({ document_type: "?", document_number: "x", amount: "-1", event_date: "" });
    expect(faults).to.deep.equal([
      "document_type DOCUMENT_TYPE_UNKNOWN",
      "event_date CELL_EMPTY",
      "amount AMOUNT_NEGATIVE",
    ]);
  });

  it("refuses a line of another width", () => {
    const reader = createLineReader(readHeader(Object.keys(RECORD), recordColumns), [...Object.values(RECORD), "more"]);
    expect(readRecordLine(reader, terms)).to.equal(undefined);
    expect(reader.faults).to.deep.equal([{ column: "", code: "COLUMN_COUNT", valueClass: "10 columns" }]);
  });

  it("says of an identity number how it is wrong and never what it is", () => {
    const wrong = tampered(17, "", false);
    const { classes: said } = read({ document_number: wrong });
    expect(said).to.deep.equal(["18 characters, digits, check digit wrong"]);
  });
});
