import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";

import { isFault } from "../../../protocol/errors/fault.ts";
import {
  isSubjectScheme,
  parseSubject,
  SUBJECT_SCHEMES,
  subjectInput,
  type SubjectId,
} from "../../../protocol/subject/subject.ts";
import { parse, residentIds, socialCreditCodes, TODAY } from "./fixtures.ts";

describe("parseSubject", () => {
  it("knows six schemes", () => {
    expect(SUBJECT_SCHEMES).to.deep.equal([
      "cn-resident-id",
      "cn-uscc",
      "cn-passport",
      "hk-macao-permit",
      "taiwan-permit",
      "foreigner-permit",
    ]);
    expect(isSubjectScheme("cn-uscc")).to.equal(true);
    expect(isSubjectScheme("toString")).to.equal(false);
  });

  it("refuses an unknown scheme without repeating it: columns may have been exchanged", () => {
    for (const scheme of ["11010519491231002X", "", "CN-USCC", "__proto__", "constructor", "dummy"]) {
      try {
        parseSubject({ scheme, number: "cn-resident-id" }, { asOf: TODAY });
        expect.fail("accepted");
      } catch (error) {
        if (!isFault(error, "SUBJECT_SCHEME_UNKNOWN")) throw error;
        expect(Object.keys(error.values)).to.deep.equal(["known"]);
        expect(error.remedy("en")).to.contain("cn-resident-id");
      }
    }
  });

  it("is idempotent on canonical numbers", () => {
    fc.assert(
      fc.property(residentIds, socialCreditCodes, (person, firm) => {
        expect(parse("cn-resident-id", person)).to.equal(`cn-resident-id:${person}`);
        expect(parse("cn-uscc", firm)).to.equal(`cn-uscc:${firm}`);
      }),
    );
  });

  it("gives a canonical text or a fault that holds nothing of the number, whatever is written", () => {
    const reasons = ["format", "region", "birth-date", "check-digit"];
    const nearly = residentIds.map((number) => `${number.slice(0, 17)}0`);
    const junk = fc.oneof(fc.string({ unit: "binary", maxLength: 80 }), fc.stringMatching(/^[0-9A-Z]{8,18}$/), nearly);
    fc.assert(
      fc.property(fc.constantFrom(...SUBJECT_SCHEMES), junk, (scheme, number) => {
        try {
          expect(parseSubject({ scheme, number }, { asOf: TODAY })).to.match(/^[a-z-]+:[0-9A-Z]{8,18}$/);
        } catch (error) {
          if (!isFault(error, "SUBJECT_NUMBER_INVALID")) throw error;
          expect(Object.keys(error.values)).to.have.members(["scheme", "reason"]);
          expect(error.values["scheme"]).to.equal(scheme);
          expect(error.values["reason"]).to.be.oneOf(reasons);
          expect(error.cause).to.equal(undefined);
          if (number.length >= 8) expect(error.message).not.to.contain(number);
        }
      }),
      { numRuns: 500 },
    );
  });

  it("does not read megabytes", () => {
    const fault = () => parse("cn-resident-id", `11010519491231002X${" ".repeat(1_000_000)}`);
    expect(fault).to.throw().with.property("code", "SUBJECT_NUMBER_INVALID");
  });
});

describe("subjectInput", () => {
  it("is the UTF-8 of the canonical form", () => {
    const subject = parseSubject({ scheme: "cn-resident-id", number: "11010519491231002x" }, { asOf: TODAY });
    expect(Buffer.from(subjectInput(subject)).toString("latin1")).to.equal("cn-resident-id:11010519491231002X");
  });

  it("can never be a dummy's input", () => {
    for (const scheme of SUBJECT_SCHEMES) {
      const input = Buffer.from(subjectInput(`${scheme}:1` as SubjectId)).toString("latin1");
      expect(input.startsWith("dummy:")).to.equal(false);
    }
  });
});
