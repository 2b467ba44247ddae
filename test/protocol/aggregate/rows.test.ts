import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";

import {
  admitContribution,
  contribute,
  contributeThrough,
  type AdmittedContribution,
} from "../../../protocol/aggregate/contribution.ts";
import { distinctTags, mergeContributions, mergeInto, verifyMerge } from "../../../protocol/aggregate/merge.ts";
import { commitRows, rootOf } from "../../../protocol/aggregate/row.ts";
import { sortInMemory, type RowKeeper, type Rows, type RowSorter } from "../../../protocol/aggregate/rows.ts";
import { emptyRow, packRow } from "../../../protocol/aggregate/schema.ts";
import { expectFault, hex, random } from "../oprf/fixtures.ts";
import { admit, createWorld, evaluate, evaluateDummy, smallSchema } from "./world.ts";

const world = createWorld();
const { terms } = world;
const slots = smallSchema.slotCount;

/** As rows in a file are: each is good until the next one is asked for. */
function streamed(rows: readonly Uint8Array[]): Rows {
  return {
    length: rows.length,
    *[Symbol.iterator]() {
      const buffer = new Uint8Array(rows[0]?.length ?? 0);
      for (const row of rows) {
        buffer.set(row);
        yield buffer;
      }
      buffer.fill(0);
    },
  };
}

function keepStreamed(): RowKeeper<Rows> {
  const rows: Uint8Array[] = [];
  return { add: (row) => void rows.push(row.slice()), kept: () => streamed(rows) };
}

function sortStreamed(): RowSorter<Rows> {
  const sorter = sortInMemory();
  return {
    add: sorter.add,
    sorted() {
      const { rows, placeOf } = sorter.sorted();
      return { rows: streamed(rows), placeOf };
    },
  };
}

const all = (rows: Rows): string[] => Array.from(rows, hex);

/** Which of ten subjects each firm has, and what it says of them. */
const books = fc.array(fc.dictionary(fc.constantFrom(..."abcdefghij"), fc.nat(1_000), { maxKeys: 7 }), {
  minLength: 2,
  maxLength: 4,
});

/** The same firm's table, in memory and streamed, with its subjects and dummies in any order. */
function contributions(contributor: number, book: Readonly<Record<string, number>>) {
  const subjects = Object.entries(book).map(([subject, overdueFen]) => ({
    y: evaluate(subject),
    values: packRow(terms.schema, { counts: { B1: 1 }, overdueFen }),
  }));
  const dummies = Array.from({ length: 4 - (subjects.length % 4) }, evaluateDummy);
  const [seed, nonce] = [random(32), random(64)];
  const inMemory = contribute(terms, contributor, subjects, dummies, seed, () => nonce.slice());
  const mixed = [...dummies.map((y) => ({ y, values: emptyRow(terms.schema) })), ...subjects];
  const through = contributeThrough(sortStreamed(), terms, contributor, mixed, seed, () => nonce.slice());
  return { inMemory, through };
}

describe("tables that are streamed", () => {
  it("are the same bytes as tables in memory at every step, and are worth the same", () => {
    fc.assert(
      fc.property(books, (given) => {
        const made = given.map((book, at) => contributions(at + 1, book));
        for (const { inMemory, through } of made) {
          expect(all(through.rows)).to.deep.equal(all(inMemory.rows));
          expect([hex(through.root), hex(through.proof)]).to.deep.equal([hex(inMemory.root), hex(inMemory.proof)]);
        }
        const kept = made.map(({ inMemory }) => admit(terms, inMemory));
        const passing: AdmittedContribution<Rows>[] = made.map(({ through }) =>
          admitContribution(terms, through, through.root),
        );
        const count = 4 * (Math.floor(distinctTags(kept) / 4) + 1);
        expect(distinctTags(passing)).to.equal(distinctTags(kept));
        const [seed, nonce] = [random(32), random(64)];
        const merged = mergeContributions(terms, kept, count, seed, () => nonce.slice());
        const into = mergeInto(keepStreamed(), terms, passing, count, seed, () => nonce.slice());
        expect(all(into.rows)).to.deep.equal(all(merged.rows));
        expect([hex(into.root), hex(into.proof)]).to.deep.equal([hex(merged.root), hex(merged.proof)]);
        expect(verifyMerge(terms, passing, into).rows).to.equal(into.rows);
        expect(verifyMerge(terms, kept, into).rows).to.equal(into.rows);
        const altered = streamed(merged.rows.with(0, merged.rows[0]!.with(20, merged.rows[0]![20]! ^ 1)));
        expectFault(() => verifyMerge(terms, passing, { ...into, rows: altered }), "MERGE_PROOF_INVALID");
      }),
      { numRuns: 6 },
    );
  });

  it("have the root of the tree in memory", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(255), { maxLength: 40 }), (heads) => {
        const rows = heads.sort((a, b) => a - b).map((head) => random(16 + 64 * slots).with(0, head));
        expect(hex(rootOf(streamed(rows), slots))).to.equal(hex(commitRows(rows).tree.root));
      }),
    );
  });

  it("are refused if the subjects of the second pass are fewer than those of the first", () => {
    let passes = 0;
    const subjects = {
      length: 4,
      *[Symbol.iterator]() {
        passes += 1;
        for (let row = passes; row <= 4; row += 1) yield { y: evaluateDummy(), values: emptyRow(terms.schema) };
      },
    };
    expect(() => contributeThrough(sortStreamed(), terms, 1, subjects, random(32), random)).to.throw(RangeError);
  });
});
