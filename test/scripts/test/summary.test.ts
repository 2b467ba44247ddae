import { expect } from "chai";
import { describe, it } from "mocha";

import {
  countStatuses,
  failureLines,
  failureText,
  parseSummary,
  problemOf,
  summaryLine,
  total,
} from "../../../scripts/test/summary.ts";

const fine = { passed: 3, failed: 0, skipped: 1 };
const left = { code: 0, signal: null, hung: false };

describe("the total of all test runners", () => {
  it("reads three counts and nothing else", () => {
    expect(parseSummary('{"passed":3,"failed":0,"skipped":1,"todo":9}')).to.deep.equal(fine);
    for (const text of ["", "{", "null", "[]", '{"passed":3,"failed":0}', '{"passed":-1,"failed":0,"skipped":0}']) {
      expect(parseSummary(text), text).to.equal(undefined);
    }
    expect(parseSummary('{"passed":"3","failed":0,"skipped":0}')).to.equal(undefined);
    expect(parseSummary('{"passed":1.5,"failed":0,"skipped":0}')).to.equal(undefined);
  });

  it("counts Hardhat's Solidity results, and takes what it does not know for a failure", () => {
    const suite = (...statuses: string[]) => ({ testResults: statuses.map((status) => ({ status, name: "t" })) });
    const counted = countStatuses([suite("Success", "Skipped"), suite("Success", "Failure", "Exploded"), suite()]);
    expect(counted).to.deep.equal({
      ...{ passed: 2, failed: 2, skipped: 1 },
      failures: ["t: Failure", "t: Exploded"],
    });
  });

  it("names what failed, and why, with the end of a long reason", () => {
    const long = Array.from({ length: 50 }, (_, line) => `said ${String(line)}`).join("\n");
    const failures = [failureText("a thing does", "\n expected 1 "), failureText("another", `${long}\n`)];
    const summary = parseSummary(JSON.stringify({ passed: 1, failed: 2, skipped: 0, failures }));
    const results = [
      { name: "a", summary, problem: undefined },
      { name: "b", summary: fine, problem: "left something open" },
      { name: "c", summary: fine, problem: undefined },
    ];
    expect(failureLines(results)).to.deep.equal([
      "FAILED a: a thing does: expected 1",
      "FAILED a: another:",
      ...Array.from({ length: 30 }, (_, line) => `  | said ${String(line + 20)}`),
      "FAILED b: left something open",
    ]);
  });

  it("adds up the suites and ends with one line", () => {
    const results = [
      { name: "a", summary: fine, problem: undefined },
      { name: "b", summary: { passed: 10, failed: 2, skipped: 0 }, problem: undefined },
    ];
    expect(summaryLine(total(results))).to.equal("13 passed, 2 failed");
  });

  it("counts a suite that came to nothing as a failure", () => {
    const crashed = problemOf(undefined, { code: null, signal: "SIGSEGV", hung: false }, false);
    expect(crashed).to.include("SIGSEGV");
    expect(total([{ name: "a", summary: undefined, problem: crashed }]).failed).to.equal(1);
  });

  it("does not take a suite without tests for a good one, unless tests were asked for by name", () => {
    const none = { passed: 0, failed: 0, skipped: 4 };
    expect(problemOf(none, left, false)).to.equal("ran no test");
    expect(problemOf(none, left, true)).to.equal(undefined);
    expect(total([{ name: "a", summary: none, problem: undefined }], true).failed).to.equal(1);
  });

  it("finds fault with a process that fails or stays after its tests passed", () => {
    expect(problemOf(fine, left, false)).to.equal(undefined);
    expect(problemOf(fine, { code: 1, signal: null, hung: false }, false)).to.include("code 1");
    expect(problemOf(fine, { code: 0, signal: null, hung: true }, false)).to.include("left something open");
  });

  it("leaves the reason to the tests when some failed", () => {
    expect(problemOf({ ...fine, failed: 2 }, { code: 2, signal: null, hung: false }, false)).to.equal(undefined);
  });
});
