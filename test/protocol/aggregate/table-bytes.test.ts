import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";

import { verifyMerge } from "../../../protocol/aggregate/merge.ts";
import {
  decodeConsortiumTable,
  decodeContribution,
  decodeMergedTable,
  encodeConsortiumTable,
  encodeContribution,
  encodeMergedTable,
} from "../../../protocol/aggregate/table-bytes.ts";
import { isFault } from "../../../protocol/errors/fault.ts";
import { expectFault, hex } from "../oprf/fixtures.ts";
import { admit, contributeBook, createWorld, merge, strip } from "./world.ts";

const world = createWorld();
const slots = world.terms.schema.slotCount;
const contributions = [1, 2].map((firm) => contributeBook(world, firm, { a: { counts: {}, overdueFen: firm } }));
const merged = merge(world, contributions);
const table = strip(world, merged);

describe("tables as bytes", () => {
  it("read back what was written, and are worth the same", () => {
    const again = contributions.map((each) => {
      const bytes = encodeContribution(each);
      expect(hex(encodeContribution(decodeContribution(bytes, slots)))).to.equal(hex(bytes));
      return admit(world.terms, decodeContribution(bytes, slots));
    });
    const bytes = encodeMergedTable(merged);
    verifyMerge(world.terms, again, decodeMergedTable(bytes, slots));
    expect(hex(encodeMergedTable(decodeMergedTable(bytes, slots)))).to.equal(hex(bytes));
    const mirrored = encodeConsortiumTable(table);
    expect(hex(encodeConsortiumTable(decodeConsortiumTable(mirrored, slots)))).to.equal(hex(mirrored));
  });

  it("are copies: what was sent may be overwritten", () => {
    const bytes = encodeMergedTable(merged);
    const decoded = decodeMergedTable(bytes, slots);
    bytes.fill(0);
    verifyMerge(world.terms, contributions, decoded);
  });

  it("are a fault if cut, longer, of another kind or layout", () => {
    const bytes = encodeContribution(contributions[0]!);
    for (const bad of [new Uint8Array(0), bytes.slice(0, 50), bytes.slice(0, -1), Uint8Array.from([...bytes, 0])]) {
      expectFault(() => decodeContribution(bad, slots), "AGGREGATE_TABLE_MALFORMED");
    }
    expectFault(() => decodeMergedTable(bytes, slots), "AGGREGATE_TABLE_MALFORMED");
    expectFault(() => decodeConsortiumTable(bytes, slots), "AGGREGATE_TABLE_MALFORMED");
    expectFault(() => decodeContribution(bytes, slots + 1), "AGGREGATE_TABLE_MALFORMED");
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3 }), fc.uint8Array({ maxLength: 300 }), (kind, junk) => {
        for (const decode of [decodeContribution, decodeMergedTable, decodeConsortiumTable]) {
          try {
            decode(Uint8Array.from([kind, ...junk]), slots);
          } catch (error) {
            expect(isFault(error, "AGGREGATE_TABLE_MALFORMED")).to.equal(true);
          }
        }
      }),
    );
  });
});
