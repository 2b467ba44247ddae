import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";

import { concatBytes } from "../../../protocol/encoding/bytes.ts";
import { countAbsent, orderOfTags, tagAt } from "../../../protocol/sealed-table/tag-order.ts";

/** Few distinct values in the first and the last byte, so that heads collide and tags repeat. */
const tag = fc
  .tuple(fc.nat(3), fc.nat(3))
  .map(([head, tail]) => new Uint8Array(16).with(0, head * 80).with(15, tail * 80));

describe("tags in a byte string", () => {
  it("are ordered as their bytes are, also when their first words are equal", () => {
    fc.assert(
      fc.property(fc.array(tag, { maxLength: 40 }), (tags) => {
        const joined = concatBytes(...tags);
        const ordered = [...orderOfTags(joined)].map((i) => Buffer.from(tagAt(joined, i)).toString("hex"));
        expect(ordered).to.deep.equal(tags.map((each) => Buffer.from(each).toString("hex")).sort());
      }),
    );
  });

  it("are counted absent exactly when the other table has them not", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(tag, { maxLength: 16, selector: String }),
        fc.uniqueArray(tag, { maxLength: 16, selector: String }),
        (tags, known) => {
          const sorted = known.toSorted((a, b) => Buffer.compare(a, b));
          const names = new Set(known.map(String));
          const absent = tags.filter((each) => !names.has(String(each))).length;
          expect(countAbsent(concatBytes(...tags), sorted)).to.equal(absent);
        },
      ),
    );
  });
});
