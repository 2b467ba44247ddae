import { readFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";
import { describe, it } from "mocha";

import { standardRatingModel } from "../../../protocol/rating/model.ts";

const guides = join(import.meta.dirname, "../../../docs/guides");

/** Cells of every line of the guide's tables, in order. */
function rowsOf(guide: string): string[][] {
  return readFileSync(join(guides, guide), "utf8")
    .split("\n")
    .filter((line) => line.startsWith("|"))
    .map((line) => {
      const cells = line.split("|").slice(1, -1);
      return cells.map((cell) => cell.trim());
    });
}

describe("the standard rating model in the guides", () => {
  for (const [guide, language] of [
    ["overall-picture.md", "en"],
    ["overall-picture.zh-CN.md", "zh"],
  ] as const) {
    it(`is printed whole, and as it is, in ${guide}`, () => {
      const rows = rowsOf(guide);
      const { classes, overdueFen, institutions, grades } = standardRatingModel;
      const printed = rows.filter(([first = ""]) => /^[A-Z][0-9]$/.test(first));
      expect(printed.map(([name, , points, most]) => [name, points, most])).to.deep.equal(
        Object.entries(classes).map(([name, rule]) => [name, String(rule.points), String(rule.most)]),
      );
      const steps = rows.slice(-Math.max(overdueFen.length, institutions.length, grades.length));
      const columns = (...at: readonly number[]) =>
        steps.map((row) => at.map((each) => row[each] ?? "")).filter(([first]) => first !== "");
      expect(columns(0, 1)).to.deep.equal(
        overdueFen.map(({ from, points }) => [(from / 100).toLocaleString("en-US"), String(points)]),
      );
      expect(columns(3, 4)).to.deep.equal(institutions.map(({ from, points }) => [String(from), String(points)]));
      expect(columns(6, 7, 8)).to.deep.equal(
        grades.map(({ grade, from, meaning }) => [grade, String(from), meaning[language]]),
      );
    });
  }
});
