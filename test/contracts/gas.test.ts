import { readFile } from "node:fs/promises";
import { resolve } from "node:path";

import { expect } from "chai";
import { before, describe, it } from "mocha";

import { compareGas } from "../../bench/gas/compare.ts";
import { type GasReport, measureGas } from "../../bench/gas/measure.ts";

const SNAPSHOT = resolve(import.meta.dirname, "../../snapshots/gas.json");

/** The most that an operation may cost: a leaf all in, the hash and the bare verification without a transaction around them. */
const GOALS: Record<string, number> = {
  "QueryLedger.anchor, per leaf at 256": 2_500,
  "SM3.hash, per 64-byte block": 60_000,
  "SM2.verify": 250_000,
  "ERC7913SM2Verifier.verify": 400_000,
};

describe("gas", () => {
  let measured: GasReport;

  before(async () => {
    measured = await measureGas();
  });

  it("agrees with the committed snapshot (node bench/gas/snapshot.ts makes it anew)", async () => {
    const stored = JSON.parse(await readFile(SNAPSHOT, "utf8")) as GasReport;
    expect(compareGas(stored, measured)).to.deep.equal([]);
  });

  for (const [operation, goal] of Object.entries(GOALS)) {
    it(`keeps ${operation} within its goal of ${goal}`, () => {
      expect(measured[operation]).to.be.within(1, goal);
    });
  }

  it("names what is new, gone, dearer or cheaper", () => {
    const stored = { a: 1000, b: 1000, c: 1000, d: 1000, gone: 5 };
    const now = { a: 1010, b: 990, c: 1011, d: 989, fresh: 7 };
    expect(compareGas(stored, now)).to.deep.equal([
      "c: 1000 -> 1011 gas (1.1%)",
      "d: 1000 -> 989 gas (-1.1%)",
      "gone: no longer measured, was 5 gas",
      "fresh: new, 7 gas",
    ]);
  });
});
