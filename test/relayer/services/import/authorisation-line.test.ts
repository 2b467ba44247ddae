import { expect } from "chai";
import { describe, it } from "mocha";

import {
  authorisationColumns,
  readAuthorisationLine,
  type AuthorisationLine,
} from "../../../../relayer/services/import/authorisation-line.ts";
import { readHeader } from "../../../../relayer/services/import/column.ts";
import { createLineReader } from "../../../../relayer/services/import/line-reader.ts";
import { AUTHORISATION, numberAt, type Cells } from "../../../support/sample-lines.ts";

function read(change: Cells): { line: AuthorisationLine | undefined; faults: string[] } {
  const cells = Object.keys(AUTHORISATION).map((column) => change[column] ?? AUTHORISATION[column] ?? "");
  const reader = createLineReader(readHeader(Object.keys(AUTHORISATION), authorisationColumns), cells);
  const line = readAuthorisationLine(reader, { now: new Date("2026-01-15T03:00:00Z") });
  return { line, faults: reader.faults.map(({ column, code }) => `${column} ${code}`) };
}

describe("readAuthorisationLine", () => {
  it("reads a line in order", () => {
    expect(read({}).line).to.deep.equal({
      number: "Q1",
      subject: `cn-resident-id:${numberAt(0)}`,
      instrument: "CUSTOMER_AUTHORISATION",
      documentSm3: new Uint8Array(32).fill(0xab),
      scope: ["share", "query"],
      purposes: ["CREDIT_GRANTING", "ANTI_FRAUD", "MONITORING", "RISK_CONTROL"],
      signedOn: "2024-01-02",
      validUntil: "2034-01-01",
      cohort: "incremental",
      noticeDate: "2024-01-02",
      noticeMeans: "paper",
    });
  });

  it("reads lists however they are parted, and what may be left out", () => {
    expect(read({ scope: "共享、查询", purposes: "授信；反欺诈" }).line).to.deep.include({
      scope: ["share", "query"],
      purposes: ["CREDIT_GRANTING", "ANTI_FRAUD"],
    });
    expect(read({ scope: "query, QUERY", purposes: "credit_granting|风控" }).line).to.deep.include({
      scope: ["query"],
      purposes: ["CREDIT_GRANTING", "RISK_CONTROL"],
    });
    expect(read({ valid_until: "", notice_date: "", notice_means: "", cohort: "存量客户" }).line).to.deep.include({
      validUntil: null,
      noticeDate: null,
      noticeMeans: null,
      cohort: "existing",
    });
    expect(read({ document_sm3: `0x${"AB".repeat(32)}` }).faults).to.deep.equal([]);
    // It may be signed to take effect later.
    expect(read({ signed_on: "2099-01-01", valid_until: "" }).faults).to.deep.equal([]);
  });

  const refusals: readonly (readonly [Cells, string])[] = [
    [{ authorisation_id: "" }, "authorisation_id CELL_EMPTY"],
    [{ authorisation_id: numberAt(0) }, "authorisation_id IDENTIFIER_HOLDS_IDENTITY"],
    [{ document_number: "1" }, "document_number IDENTITY_FORMAT"],
    [{ instrument: "口头" }, "instrument INSTRUMENT_UNKNOWN"],
    [{ document_sm3: "ab" }, "document_sm3 DOCUMENT_DIGEST_FORMAT"],
    [{ scope: "share|sell" }, "scope SCOPE_UNKNOWN"],
    [{ scope: "|" }, "scope SCOPE_UNKNOWN"],
    [{ purposes: "营销" }, "purposes PURPOSES_UNKNOWN"],
    [{ cohort: "?" }, "cohort COHORT_UNKNOWN"],
    [{ notice_means: "口头" }, "notice_means NOTICE_MEANS_UNKNOWN"],
    [{ notice_means: "" }, "notice_means NOTICE_INCOMPLETE"],
    [{ notice_date: "" }, "notice_date NOTICE_INCOMPLETE"],
    [{ valid_until: "2024-01-01" }, "valid_until VALID_UNTIL_BEFORE_SIGNED"],
    [{ signed_on: "1/2/2024" }, "signed_on DATE_AMBIGUOUS"],
  ];
  for (const [change, fault] of refusals) {
    it(`refuses ${JSON.stringify(change).slice(0, 40)}: ${fault}`, () => {
      const { line, faults } = read(change);
      expect(line).to.equal(undefined);
      expect(faults).to.deep.equal([fault]);
    });
  }
});
