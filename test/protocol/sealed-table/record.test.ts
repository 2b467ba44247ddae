import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";

import { utf8 } from "../../../protocol/encoding/bytes.ts";
import { Fault, isFault } from "../../../protocol/errors/fault.ts";
import { decodeRecords, encodeRecords, type RiskRecord } from "../../../protocol/sealed-table/record.ts";
import { sampleRecord } from "./sample.ts";

const day = fc
  .date({ min: new Date("1990-01-01"), max: new Date("2090-01-01"), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));

const record: fc.Arbitrary<RiskRecord> = fc.record(
  {
    id: fc.string({ minLength: 1, maxLength: 64 }),
    class: fc.constantFrom("A1", "A2", "B1", "B4", "C2", "D12"),
    status: fc.constantFrom("open", "cured", "disputed", "withdrawn", "expired"),
    statusDate: day,
    eventDate: day,
    amountFen: fc.maxSafeNat(),
    authorisation: fc.option(fc.constantFrom(`0x${"0a".repeat(32)}`)),
    note: fc.string({ maxLength: 500, unit: "binary" }).filter((text) => text.isWellFormed() && text.length <= 500),
  },
  { requiredKeys: ["id", "class", "status", "statusDate", "eventDate", "authorisation"] },
);

function reason(content: Uint8Array): string {
  try {
    decodeRecords(content);
  } catch (error) {
    if (isFault(error, "RECORDS_MALFORMED")) return String(error.values["reason"]);
    throw error;
  }
  throw new Error("decoded");
}

describe("records of a subject", () => {
  it("come back as they were encoded", () => {
    fc.assert(
      fc.property(fc.array(record, { maxLength: 6 }), (records) => {
        expect(decodeRecords(encodeRecords(records))).to.deep.equal(records);
      }),
    );
  });

  it("are not encoded unless a querier can read them", () => {
    for (const wrong of [
      { ...sampleRecord, amountFen: 1.5 },
      { ...sampleRecord, amountFen: -1 },
      { ...sampleRecord, eventDate: "2026-02-30" },
      { ...sampleRecord, eventDate: "2026-2-3" },
      { ...sampleRecord, status: "unknown" },
      { ...sampleRecord, class: "b1" },
      { ...sampleRecord, authorisation: "0xAB" },
      { ...sampleRecord, subject: "cn-resident-id:1" },
      { ...sampleRecord, note: "x".repeat(501) },
    ]) {
      expect(() => encodeRecords([wrong as RiskRecord])).to.throw(Fault);
    }
  });

  it("are refused with the place and never the content when the holder sealed something else", () => {
    expect(reason(utf8("{"))).to.equal("not JSON in UTF-8");
    expect(reason(new Uint8Array([0xff, 0xfe]))).to.equal("not JSON in UTF-8");
    expect(reason(utf8(""))).to.equal("not JSON in UTF-8");
    expect(reason(utf8("null"))).to.match(/^invalid_type/);
    expect(reason(utf8('{"records":[{"110101190001010010":1}]}'))).not.to.include("110101");
    expect(reason(utf8('{"records":[],"110101190001010010":1}'))).not.to.include("110101");
    expect(reason(utf8(JSON.stringify({ records: [{ ...sampleRecord, amountFen: "110101190001010010" }] })))).to.equal(
      "invalid_type at records.0.amountFen",
    );
  });

  it("never decode to anything but records or a Fault", () => {
    const content = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.json().map(utf8),
      fc.array(fc.jsonValue(), { maxLength: 3 }).map((records) => utf8(JSON.stringify({ records }))),
      fc.constantFrom(
        utf8('{"__proto__":{"records":[]}}'),
        utf8('{"records":[{"__proto__":{}}]}'),
        utf8("[".repeat(8000)),
        utf8('{"records":1e999}'),
      ),
    );
    fc.assert(
      fc.property(content, (bytes) => {
        try {
          expect(decodeRecords(bytes)).to.be.an("array");
        } catch (error) {
          expect(isFault(error, "RECORDS_MALFORMED")).to.equal(true);
        }
      }),
      { numRuns: 500 },
    );
  });
});
