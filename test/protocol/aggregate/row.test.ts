import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";

import { commitRows, decodeRow, encodeRow, proveRow, rowTag, rowVerdict } from "../../../protocol/aggregate/row.ts";
import { isFault } from "../../../protocol/errors/fault.ts";
import { asTag } from "../../../protocol/sealed-table/table-id.ts";
import { BAD_ENCODINGS, bytes, expectFault, faultOf, hex, random } from "../oprf/fixtures.ts";
import { contributeBook, createWorld } from "./world.ts";

const world = createWorld();
const { rows, root } = contributeBook(world, 1, { a: { counts: {}, overdueFen: 1 }, b: { counts: {}, overdueFen: 2 } });
const slots = world.terms.schema.slotCount;

describe("a row", () => {
  it("reads back what was written", () => {
    for (const row of rows) {
      expect(row.length).to.equal(16 + 64 * slots);
      expect(hex(encodeRow(decodeRow(row, slots)))).to.equal(hex(row));
    }
  });

  it("is refused with a point that is not canonical or an R that is the identity; a C may be", () => {
    const replaced = (at: number, with_: Uint8Array) => {
      const copy = rows[0]!.slice();
      copy.set(with_, at);
      return copy;
    };
    for (const [, encoding] of BAD_ENCODINGS) {
      for (const at of [16, 48, 16 + 64 * 3 + 32]) {
        expectFault(() => decodeRow(replaced(at, bytes(encoding)), slots), "AGGREGATE_ROW_MALFORMED");
      }
    }
    expect(faultOf(() => decodeRow(replaced(16, new Uint8Array(32)), slots, 9)).values).to.deep.equal({ index: 9 });
    expect(decodeRow(replaced(48, new Uint8Array(32)), slots).ciphertexts.length).to.equal(slots);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (junk) => {
        try {
          decodeRow(junk, slots);
          expect.fail("decoded");
        } catch (error) {
          expect(isFault(error, "AGGREGATE_ROW_MALFORMED")).to.equal(true);
        }
      }),
    );
  });

  it("is proved present, and a tag without one absent, under the root only", () => {
    const committed = commitRows(rows);
    for (const row of rows) {
      const evidence = proveRow(committed, rows, rowTag(row));
      expect(rowVerdict(evidence, root, rowTag(row))).to.equal("hit");
      expect(rowVerdict(evidence, random(32), rowTag(row))).to.equal(undefined);
      expect(rowVerdict(evidence, root, asTag(random(16)))).not.to.equal("hit");
      expect(rowVerdict({ ...evidence, row: rows.find((other) => other !== row)! }, root, rowTag(row))).to.equal(
        undefined,
      );
      expect(rowVerdict({ leaf: evidence.leaf, path: evidence.path }, root, rowTag(row))).to.equal(undefined);
    }
    for (let count = 0; count < 10; count += 1) {
      const tag = asTag(random(16));
      expect(rowVerdict(proveRow(committed, rows, tag), root, tag)).to.equal("miss");
    }
    const cut = { leaf: { ...committed.leaves[1]!, tag: asTag(random(16)), entryHash: new Uint8Array(3) }, path: [] };
    expect(rowVerdict(cut, root, rowTag(rows[0]!))).to.equal(undefined);
    expect(() => proveRow(committed, rows, asTag(new Uint8Array(16)))).to.throw(RangeError);
  });
});
