import { expect } from "chai";
import { describe, it } from "mocha";

import { displayWidth, textTable } from "../../../../scripts/network/story/text-table.ts";

describe("a table in plain text", () => {
  it("knows that Chinese characters and full-width signs take two columns", () => {
    expect(displayWidth("alpha")).to.equal(5);
    expect(displayWidth("甲证券")).to.equal(6);
    expect(displayWidth("协会（x）")).to.equal(9);
    expect(displayWidth("")).to.equal(0);
  });

  it("aligns its columns, short rows too, and leaves no blanks at the end", () => {
    expect(textTable(["who", "n"], [["甲证券", "12"], ["b", "3"], ["c"]])).to.deep.equal([
      "who    │ n",
      "───────┼───",
      "甲证券 │ 12",
      "b      │ 3",
      "c      │",
    ]);
  });

  it("is its head alone without rows", () => {
    expect(textTable(["a"], [])).to.deep.equal(["a", "─"]);
  });
});
