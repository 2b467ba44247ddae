import { readFileSync } from "node:fs";

import { expect } from "chai";
import { after, before, describe, it } from "mocha";

import { aggregateTag } from "../../../../protocol/aggregate/mask.ts";
import { decodeRow, rowBytes, rowTag } from "../../../../protocol/aggregate/row.ts";
import { standardSchema } from "../../../../protocol/aggregate/schema.ts";
import { decodeContribution } from "../../../../protocol/aggregate/table-bytes.ts";
import { toHex } from "../../../../protocol/encoding/bytes.ts";
import { consortiumFiles, contributionFile } from "../../../../relayer/services/editions/edition-files.ts";
import type { PublishableSubject } from "../../../../relayer/services/records/publishable.ts";
import { held, owes, passport } from "../../../support/edition-books.ts";
import { startEditionStage, type EditionStage, type Party } from "../../../support/edition-stage.ts";
import { evaluationOf, openSums, plainSums, sumsOf } from "../../../support/edition-sums.ts";
import { faultOf } from "../../../protocol/oprf/fixtures.ts";

const { slotCount } = standardSchema;

/** One edition after another, as nothing goes wrong. */
describe("editions of the consortium table", function () {
  this.timeout(480_000);
  let stage: EditionStage;
  let alpha: Party;
  let beta: Party;
  let gamma: Party;
  let delta: Party;
  let before1: readonly (readonly PublishableSubject[])[];

  before(async () => {
    stage = await startEditionStage();
    [alpha, beta, gamma, delta] = stage.firms as [Party, Party, Party, Party];
  });

  after(async () => {
    await stage.close();
  });

  const books = () => stage.firms.map(({ subjects }) => subjects);

  /** By their tags. */
  function tableOf(edition: number): Map<string, string> {
    const bytes = readFileSync(consortiumFiles(alpha.ctx.config.dataDir, edition).table);
    const size = rowBytes(slotCount);
    return new Map(
      Array.from({ length: bytes.length / size }, (_, at) => {
        const row = bytes.subarray(at * size, (at + 1) * size);
        return [toHex(rowTag(row)), toHex(row.subarray(16))];
      }),
    );
  }

  it("are contributed, merged, stripped and mirrored, and their sums are exact for overlaps of 0 to 4 holders", async () => {
    alpha.subjects = [
      held(1, { class: "B2", status: "open", amountFen: 12_000_000 }, { class: "C1", status: "cured", amountFen: 7 }),
      held(2, { class: "B1", status: "disputed", amountFen: 5 }),
      held(3, { class: "B4", status: "open" }),
      owes(5, 11),
    ];
    beta.subjects = [
      held(1, { class: "B2", status: "open", amountFen: 1 }),
      held(2, { class: "B1", status: "cured", amountFen: 9 }),
      owes(5, 22),
    ];
    gamma.subjects = [
      held(1, { class: "C2", status: "open", amountFen: 2 ** 33 }),
      held(2, { class: "B3", status: "open", amountFen: 1 }),
    ];
    delta.subjects = [
      held(1, { class: "B2", status: "open", amountFen: 3 }),
      held(4, { class: "C1", status: "open", amountFen: 4 }),
    ];
    for (const firm of stage.firms) await firm.publish();
    await stage.work(() => stage.published(1));
    before1 = books();
    for (const [number, overlap] of [
      [1, 4],
      [2, 3],
      [5, 2],
      [3, 1],
      [4, 1],
    ] as const) {
      const subject = passport(number);
      const plain = plainSums(books(), subject);
      expect(plain.contributors).to.equal(overlap);
      for (const party of [stage.aggregator, alpha]) {
        expect(await sumsOf(stage, party, 1, subject)).to.deep.equal(plain);
      }
    }
    expect(await sumsOf(stage, delta, 1, passport(9))).to.equal(undefined);
  });

  it("change with a firm's correction and withdrawal at the next publication, and not before", async () => {
    // Subject 1 is corrected, 3 withdrawn, 4 is new, and no other firm publishes anything.
    alpha.subjects = [owes(1, 70), held(2, { class: "B1", status: "disputed", amountFen: 5 }), owes(4, 8), owes(5, 11)];
    await alpha.publish();
    await stage.open(2);
    const untilPublished = async () => {
      for (const number of [1, 2, 3, 4, 5]) {
        expect((await alpha.editions.mirror.newest())?.edition).to.equal(1);
        expect(await sumsOf(stage, alpha, 1, passport(number))).to.deep.equal(plainSums(before1, passport(number)));
      }
    };
    await untilPublished();
    await stage.reach(2, "Stripping");
    await untilPublished();
    await stage.work(() => stage.published(2));
    for (const number of [1, 2, 4, 5]) {
      expect(await sumsOf(stage, beta, 2, passport(number))).to.deep.equal(plainSums(books(), passport(number)));
    }
    expect(await sumsOf(stage, beta, 2, passport(3))).to.equal(undefined);
  });

  it("do not show whose table changed: no row is a row of the edition before, and sizes are the same", async () => {
    const [first, second] = [tableOf(1), tableOf(2)];
    expect(second.size).to.equal(first.size);
    const rows = new Set(first.values());
    for (const [tag, row] of second) {
      expect(first.has(tag)).to.equal(false);
      expect(rows.has(row)).to.equal(false);
    }
    const { computation } = alpha.ctx.chain;
    const of = async (edition: number) =>
      (await computation.contributions(edition)).map(({ contributor, rows: count }) => [contributor, count]).sort();
    expect(await of(2)).to.deep.equal(await of(1));
    const roots = new Set((await computation.contributions(1)).map(({ root }) => root));
    expect((await computation.contributions(2)).some(({ root }) => roots.has(root))).to.equal(false);
  });

  it("give nodes nothing to read in a row before the merge, nor to a querier that paid for its subject", async () => {
    const { dataDir } = alpha.ctx.config;
    const { rows } = decodeContribution(readFileSync(contributionFile(dataDir, 2, alpha.member.id)), slotCount);
    const y = evaluationOf(stage, passport(1));
    const row = rows.find((each) => toHex(rowTag(each)) === toHex(aggregateTag(y, 2)))!;
    const fault = faultOf(() => openSums(stage, 2, y, decodeRow(row, slotCount)));
    expect(fault.code).to.match(/^AGGREGATE_/);
  });
});
