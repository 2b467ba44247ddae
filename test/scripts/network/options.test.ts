import { expect } from "chai";
import { describe, it } from "mocha";

import { Fault } from "../../../protocol/errors/fault.ts";
import { readOptions } from "../../../scripts/network/options.ts";

describe("the command line of npm start", () => {
  const read = (...args: string[]) => readOptions(args, {}, "/clone");

  it("stays up, keeps what there is and has 200 subjects a firm unless told otherwise", () => {
    expect(read()).to.deep.include({
      once: false,
      fresh: false,
      stateDir: "/clone/.riskveil",
      subjectsPerMember: 200,
    });
  });

  it("takes its options in both forms", () => {
    expect(read("--once", "--fresh", "--subjects=60", "--seed", "7", "--state-dir", "/elsewhere")).to.deep.include({
      once: true,
      fresh: true,
      subjectsPerMember: 60,
      seed: 7,
      stateDir: "/elsewhere",
    });
    expect(read("--port-base", "9000").ports.chain).to.equal(9020);
  });

  it("takes the state directory from the environment, and an option before it", () => {
    const environment = { RISKVEIL_STATE_DIR: "/env" };
    expect(readOptions([], environment, "/clone").stateDir).to.equal("/env");
    expect(readOptions(["--state-dir", "/arg"], environment, "/clone").stateDir).to.equal("/arg");
    expect(readOptions([], { RISKVEIL_STATE_DIR: "" }, "/clone").stateDir).to.equal("/clone/.riskveil");
  });

  it("refuses what it does not know or cannot be", () => {
    const wrong = [
      ["--onec"],
      ["once"],
      ["--subjects", "0"],
      ["--subjects", "many"],
      ["--seed", "-1"],
      ["--seed"],
      ["--subjects", "99999999"],
    ];
    for (const args of wrong) {
      try {
        read(...args);
      } catch (error) {
        expect(error).to.be.instanceOf(Fault);
        expect((error as Fault).code, args.join(" ")).to.equal("NETWORK_OPTION_INVALID");
        continue;
      }
      throw new Error(`${args.join(" ")} was taken`);
    }
  });
});
