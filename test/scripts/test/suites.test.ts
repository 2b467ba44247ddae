import { globSync } from "node:fs";

import { expect } from "chai";
import { describe, it } from "mocha";

import { filesOfNoSuite, suites } from "../../../scripts/test/suites.ts";

describe("the suites of npm test", () => {
  it("run every test file exactly once", () => {
    const all = suites();
    expect(filesOfNoSuite(all)).to.deep.equal([]);
    const listed = all.flatMap(({ files }) => files);
    expect(new Set(listed).size).to.equal(listed.length);
    expect(listed.length).to.equal(globSync(["test/**/*.test.ts", "test/**/*.t.sol"]).length);
  });

  it("hand a name on to every runner", () => {
    for (const { command } of suites({ grep: "some name" })) expect(command).to.include("some name");
  });
});
