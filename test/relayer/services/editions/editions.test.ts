import { expect } from "chai";
import { after, before, describe, it } from "mocha";

import { passport, startEditionStage, type EditionStage, type Party } from "../../../support/edition-stage.ts";
import { plainSums, sumsOf } from "../../../support/edition-sums.ts";
import { sampleRecord } from "../../../protocol/sealed-table/sample.ts";
import type { PublishableSubject } from "../../../../relayer/services/records/publishable.ts";

type Held = Partial<PublishableSubject["records"][number]>;

function held(number: number, ...records: Held[]): PublishableSubject {
  const made = records.map((record, at) => ({ ...sampleRecord, id: `r-${String(number)}-${String(at)}`, ...record }));
  return { subject: passport(number), records: made };
}

describe("editions of the consortium table", function () {
  this.timeout(240_000);
  let stage: EditionStage;

  before(async () => {
    stage = await startEditionStage();
  });

  after(async () => {
    await stage.close();
  });

  it("are contributed, merged, stripped and mirrored, and their sums are exact for overlaps of 0 to 4 holders", async () => {
    const [alpha, beta, gamma, delta] = stage.firms as readonly [Party, Party, Party, Party];
    alpha.subjects = [
      held(1, { class: "B2", status: "open", amountFen: 12_000_000 }, { class: "C1", status: "cured", amountFen: 7 }),
      held(2, { class: "B1", status: "disputed", amountFen: 5 }),
      held(3, { class: "B4", status: "open" }),
    ];
    beta.subjects = [
      held(1, { class: "B2", status: "open", amountFen: 1 }),
      held(2, { class: "B1", status: "cured", amountFen: 9 }),
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
    const books = stage.firms.map(({ subjects }) => subjects);
    for (const number of [1, 2, 3, 4]) {
      const subject = passport(number);
      for (const party of [stage.aggregator, alpha]) {
        expect(await sumsOf(stage, party, 1, subject)).to.deep.equal(plainSums(books, subject));
      }
    }
    expect(await sumsOf(stage, delta, 1, passport(9))).to.equal(undefined);
  });
});
