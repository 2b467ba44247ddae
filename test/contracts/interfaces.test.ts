/** Completeness of the tests beside this file: nothing a contract declares goes untested, and nothing reverts without a name. */
import { readdir, readFile } from "node:fs/promises";
import { join, relative, resolve } from "node:path";

import { expect } from "chai";
import { ErrorFragment, EventFragment, FunctionFragment, Interface } from "ethers";
import { artifacts } from "hardhat";
import { before, describe, it } from "mocha";

const CONTRACTS = resolve(import.meta.dirname, "../../contracts");

/** Written without the platform's stop, and why. */
const NOT_STOPPED: Readonly<Record<string, string>> = {
  initialize: "happens in the transaction that makes the proxy",
  upgradeToAndCall: "a fault is mended during a freeze, too",
};

/** Inherited from OpenZeppelin and declared there: named by a test only where our code decides when they are raised. */
const INHERITED_EVENTS = new Set(["Transfer", "Approval"]);

interface Declared {
  /** Source file under contracts/. */
  readonly file: string;
  readonly name: string;
  readonly abi: Interface;
  readonly deployedBytecode: string;
}

async function declared(): Promise<Declared[]> {
  const names = [...(await artifacts.getAllFullyQualifiedNames())].filter((name) => name.startsWith("contracts/"));
  return Promise.all(
    names.map(async (qualified) => {
      const { abi, deployedBytecode } = await artifacts.readArtifact(qualified);
      const [file = "", name = ""] = qualified.split(":");
      return { file, name, abi: new Interface(abi), deployedBytecode };
    }),
  );
}

async function textOf(directory: string, ending: string): Promise<string> {
  const files = (await readdir(directory, { recursive: true })).filter((name) => name.endsWith(ending)).sort();
  return (await Promise.all(files.map(async (name) => readFile(join(directory, name), "utf8")))).join("\n");
}

/** `error Name(` or `event Name(` in our own sources: what is ours to test. */
function declaredIn(source: string, kind: "error" | "event"): Set<string> {
  return new Set([...source.matchAll(new RegExp(`^\\s*${kind} (\\w+)\\(`, "gm"))].map(([, name]) => name as string));
}

describe("interfaces", () => {
  let tests = "";
  let source = "";
  let all: Declared[] = [];

  before(async () => {
    tests = await textOf(import.meta.dirname, ".test.ts");
    source = await textOf(CONTRACTS, ".sol");
    all = await declared();
  });

  it("are all found", () => {
    expect(all.length).to.be.above(45);
  });

  it("declare no error that no test provokes by its name", () => {
    const ours = declaredIn(source, "error");
    const untested = all.flatMap(({ name, abi }) =>
      abi.fragments
        .filter((fragment) => ErrorFragment.isFragment(fragment))
        .filter((error) => ours.has(error.name))
        .filter((error) => !provoked(tests, error.name))
        .map((error) => `${name}.${error.name}`),
    );
    expect(untested).to.deep.equal([]);
    expect(ours.size).to.be.above(180);
  });

  it("declare no event that no test sees", () => {
    const ours = declaredIn(source, "event");
    const unseen = all.flatMap(({ name, abi }) =>
      abi.fragments
        .filter((fragment) => EventFragment.isFragment(fragment))
        .filter((event) => ours.has(event.name) && !INHERITED_EVENTS.has(event.name))
        .filter((event) => !new RegExp(`emit\\(\\s*\\w+(\\.\\w+)?,\\s*"${event.name}"`).test(tests))
        .map((event) => `${name}.${event.name}`),
    );
    expect(unseen).to.deep.equal([]);
  });

  it("stop with the platform: a test freezes every function that writes, of every contract that stops", async () => {
    const freezing = await readFile(join(import.meta.dirname, "Freezable.test.ts"), "utf8");
    const stopping = all.filter(
      ({ abi, deployedBytecode }) => deployedBytecode !== "0x" && abi.getFunction("freezeScope") !== null,
    );
    expect(stopping.map(({ name }) => name).sort()).to.deep.equal([
      "AlgorithmNodes",
      "ConsortiumTables",
      "DatasetRegistry",
      "IncentiveRules",
      "KeyRounds",
      "MemberRegistry",
      "PlatformParameters",
      "Points",
      "QueryLedger",
      "StatisticsBoard",
    ]);
    const untested = stopping.flatMap(({ name, abi }) =>
      abi.fragments
        .filter((fragment) => FunctionFragment.isFragment(fragment))
        .filter(({ stateMutability }) => stateMutability === "nonpayable" || stateMutability === "payable")
        .filter((write) => NOT_STOPPED[write.name] === undefined)
        .filter((write) => !new RegExp(`name: "${write.name}"`).test(freezing))
        .map((write) => `${name}.${write.name}`),
    );
    expect(untested).to.deep.equal([]);
  });
});

/** By Hardhat's matcher, or in a list of errors by name that a test goes through. */
function provoked(tests: string, error: string): boolean {
  const matcher = new RegExp(`revertedWithCustomError\\(\\s*(\\{[^}]*\\}|\\w+(\\.\\w+)?),\\s*"${error}"`);
  return matcher.test(tests) || new RegExp(`^\\s*\\[.*"${error}"\\],$`, "m").test(tests);
}

describe("reverts", () => {
  it("carry no string, in any source of ours", async () => {
    const files = (await readdir(CONTRACTS, { recursive: true })).filter((name) => name.endsWith(".sol"));
    const found = [];
    for (const file of files) {
      const code = (await readFile(join(CONTRACTS, file), "utf8")).replace(/\/\/.*$|\/\*[\s\S]*?\*\//gm, "");
      // require(condition, Error(...)) is an error with a name; require(condition) and require(condition, "...") are not.
      for (const [statement] of code.matchAll(/\brequire\s*\([^;]*;|\brevert\s*\([^;]*;/g)) {
        if (
          /^revert\s*\(/.test(statement) ? !/^revert\s*\(\s*add\(/.test(statement) : !/,\s*[A-Z]\w*\(/.test(statement)
        ) {
          found.push(`${file}: ${statement}`);
        }
      }
      if (/\bassert\s*\(/.test(code)) found.push(`${file}: assert`);
    }
    expect(found).to.deep.equal([]);
  });

  it("carry no string, in any bytecode of ours, libraries included", async () => {
    // The selector of Error(string) as the compiler writes it, plain or shifted into place.
    const found = (await declared()).filter(({ deployedBytecode }) => /08c379a0|62461bcd60e51b/.test(deployedBytecode));
    expect(found.map(({ name }) => name)).to.deep.equal([]);
  });

  it("are asked for by name in every test, or as anything but a plain refusal nowhere", async () => {
    const files = (await readdir(import.meta.dirname, { recursive: true })).filter((name) => name.endsWith(".ts"));
    const plain = [];
    for (const file of files) {
      const text = await readFile(join(import.meta.dirname, file), "utf8");
      const asked = text.match(
        /(?<!not\.)to\.be\.revert\(|\.revertedWith\(|\.revertedWithoutReason\(|to\.be\.reverted\b/g,
      );
      if (asked !== null && file !== relative(import.meta.dirname, import.meta.filename)) plain.push(file);
    }
    expect(plain).to.deep.equal([]);
  });
});
