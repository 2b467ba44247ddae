import { expect } from "chai";
import { describe, it } from "mocha";

import { openingHolds, openRow, type RowOpening } from "../../../protocol/aggregate/opening.ts";
import { aggregateTag } from "../../../protocol/aggregate/mask.ts";
import { rowTag } from "../../../protocol/aggregate/row.ts";
import { packRow } from "../../../protocol/aggregate/schema.ts";
import type { Residue } from "../../../protocol/group/group.ts";
import { hex, random } from "../oprf/fixtures.ts";
import { contributeBook, createWorld, evaluate } from "./world.ts";

const world = createWorld();
const { terms } = world;
const seed = random(32);
const book = { a: { counts: { B1: 2 }, overdueFen: 300 }, b: { counts: {}, overdueFen: 1 } };
const { rows } = contributeBook(world, 1, book, seed);
const y = evaluate("a");
const row = rows.find((each) => hex(rowTag(each)) === hex(aggregateTag(y, terms.epoch)))!;
const opening = openRow(terms, { y, values: packRow(terms.schema, book.a) }, seed);

describe("the opening of a row", () => {
  it("holds for the row as it was made", () => {
    expect(openingHolds(terms, row, opening)).to.equal(true);
  });

  it("holds for no other value, subject, randomness, row, epoch or key", () => {
    const other: RowOpening[] = [
      { ...opening, values: packRow(terms.schema, book.b) },
      { ...opening, values: opening.values.with(1, opening.values[1]! + 1) },
      { ...opening, y: evaluate("b") },
      { ...opening, randomness: [...opening.randomness].reverse() },
      openRow(terms, opening, random(32)),
    ];
    for (const each of other) expect(openingHolds(terms, row, each)).to.equal(false);
    for (const each of rows) if (each !== row) expect(openingHolds(terms, each, opening)).to.equal(false);
    expect(openingHolds({ ...terms, epoch: 8 }, row, opening)).to.equal(false);
    expect(openingHolds(createWorld().terms, row, opening)).to.equal(false);
  });

  it("is false, never an exception, for malformed content", () => {
    const junk: RowOpening[] = [
      { ...opening, y: new Uint8Array(3) },
      { ...opening, values: [] },
      { ...opening, values: opening.values.with(0, -1) },
      { ...opening, values: opening.values.with(0, 0.5) },
      { ...opening, randomness: [] },
      { ...opening, randomness: [...opening.randomness, opening.randomness[0]!] },
      { ...opening, randomness: opening.randomness.with(1, new Uint8Array(32).fill(255) as Residue) },
      { ...opening, randomness: opening.randomness.with(1, new Uint8Array(32) as Residue) },
      { ...opening, randomness: opening.randomness.with(1, new Uint8Array(5) as Residue) },
    ];
    for (const each of junk) expect(openingHolds(terms, row, each)).to.equal(false);
    expect(openingHolds(terms, new Uint8Array(0), opening)).to.equal(false);
  });
});
