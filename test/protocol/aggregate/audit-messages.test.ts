import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";

import {
  readEvidence,
  readMergedOpening,
  readOpening,
  writeEvidence,
  writeMergedOpening,
  writeOpening,
} from "../../../protocol/aggregate/audit-messages.ts";
import { openingHolds, openRow } from "../../../protocol/aggregate/opening.ts";
import { commitRows, proveRow, rowTag, rowVerdict } from "../../../protocol/aggregate/row.ts";
import { packRow } from "../../../protocol/aggregate/schema.ts";
import { isFault } from "../../../protocol/errors/fault.ts";
import { asTag } from "../../../protocol/sealed-table/table-id.ts";
import { expectFault, random } from "../oprf/fixtures.ts";
import { contributeBook, createWorld, evaluate } from "./world.ts";

const world = createWorld();
const summary = { counts: { B1: 3 }, overdueFen: 12 };
const seed = random(32);
const { rows, root } = contributeBook(world, 1, { a: summary }, seed);
const opening = openRow(world.terms, { y: evaluate("a"), values: packRow(world.terms.schema, summary) }, seed);
const sent = (message: unknown): unknown => JSON.parse(JSON.stringify(message));

describe("messages of an audit", () => {
  it("carry an opening", () => {
    const received = readOpening(sent(writeOpening(opening)));
    expect(rows.filter((row) => openingHolds(world.terms, row, received)).length).to.equal(1);
  });

  it("carry the evidence of a row, and of none", () => {
    const committed = commitRows(rows);
    const tag = rowTag(rows[1]!);
    expect(rowVerdict(readEvidence(sent(writeEvidence(proveRow(committed, rows, tag)))), root, tag)).to.equal("hit");
    const absent = asTag(random(16));
    const evidence = readEvidence(sent(writeEvidence(proveRow(committed, rows, absent))));
    expect(rowVerdict(evidence, root, absent)).to.equal("miss");
  });

  it("carry what the aggregator opens", () => {
    const merged = { tag: rowTag(rows[0]!), randomness: opening.randomness };
    expect(readMergedOpening(sent(writeMergedOpening(merged)))).to.deep.equal(merged);
    expectFault(() => readMergedOpening({ tag: "AA", randomness: [] }), "AGGREGATE_MESSAGE_MALFORMED");
    expectFault(() => readMergedOpening({ ...writeMergedOpening(merged), slot: 1 }), "AGGREGATE_MESSAGE_MALFORMED");
  });

  it("are refused with a field too many, too few, too long or of another kind", () => {
    const message = writeOpening(opening);
    const leaf = writeEvidence(proveRow(commitRows(rows), rows, rowTag(rows[0]!)));
    const bad: (() => unknown)[] = [
      () => readOpening({ ...message, seed: "AA" }),
      () => readOpening({ ...message, evaluation: "AA" }),
      () => readOpening({ ...message, values: [-1] }),
      () => readOpening({ ...message, values: [2 ** 32] }),
      () => readOpening({ ...message, randomness: Array<string>(64).fill(message.randomness[0]!) }),
      () => readEvidence({ ...leaf, tag: undefined }),
      () => readEvidence({ ...leaf, row: "!" }),
      () => readEvidence({ ...leaf, row: "A".repeat(10_000) }),
      () => readEvidence({ ...leaf, path: Array<string>(34).fill(leaf.entryHash) }),
    ];
    for (const read of bad) expectFault(read, "AGGREGATE_MESSAGE_MALFORMED");
    fc.assert(
      fc.property(fc.anything(), (body) => {
        for (const read of [readOpening, readEvidence, readMergedOpening]) {
          try {
            read(body);
          } catch (error) {
            expect(isFault(error, "AGGREGATE_MESSAGE_MALFORMED")).to.equal(true);
          }
        }
      }),
    );
  });
});
