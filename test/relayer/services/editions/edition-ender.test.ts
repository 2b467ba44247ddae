import { expect } from "chai";
import { after, before, describe, it } from "mocha";

import { SPREAD_SECONDS } from "../../../../relayer/services/editions/edition-ender.ts";
import { owes } from "../../../support/edition-books.ts";
import { abandonment } from "../../../support/edition-events.ts";
import {
  PERIOD_SECONDS,
  STAGE_SECONDS,
  startEditionStage,
  type EditionStage,
  type Party,
} from "../../../support/edition-stage.ts";

/** More than the last of the nodes waits. */
const ALL_TURNS = 6 * SPREAD_SECONDS;

/** The aggregator of editions 1 and 2 is down for good; the third is another member's. */
describe("an edition whose aggregator is dead", function () {
  this.timeout(480_000);
  let stage: EditionStage;
  let alpha: Party;
  let beta: Party;
  let second: Party;

  before(async () => {
    stage = await startEditionStage({ spares: ["second"] });
    [alpha, beta] = stage.firms as [Party, Party];
    second = stage.parties.find(({ name }) => name === "second")!;
    for (const firm of stage.firms) {
      firm.subjects = [owes(1, 10)];
      await firm.publish();
    }
  });

  after(async () => {
    await stage.close();
  });

  const at = async (edition: number) => (await alpha.ctx.chain.computation.edition(edition))!;

  async function oneLook(party: Party): Promise<void> {
    await stage.look();
    await party.editions.run("aggregate");
    await new Promise((resolve) => setTimeout(resolve, 300));
    await stage.look();
  }

  it("is closed and abandoned by the nodes, in turn and not before its time", async () => {
    await stage.open(1);
    await stage.aggregator.down();
    await stage.work(async () => (await at(1)).contributors === 4);
    for (const firm of stage.firms) await oneLook(firm);
    expect((await at(1)).status).to.equal("Collecting");
    // Making the contributions has taken time too.
    await stage.pass((await at(1)).stageEndsAt - (await alpha.ctx.chain.ledgerTime()) + 1);
    await oneLook(beta);
    expect((await at(1)).status, "the second node's turn comes later").to.equal("Collecting");
    await stage.pass(ALL_TURNS);
    await stage.reach(1, "Merging");
    for (const firm of stage.firms) await oneLook(firm);
    expect((await at(1)).status).to.equal("Merging");
    await stage.pass(STAGE_SECONDS + ALL_TURNS);
    await stage.reach(1, "Abandoned");
    expect(await abandonment(stage, 1)).to.equal("MERGE_LATE");
  });

  it("is abandoned where it was merged and nobody named a set", async () => {
    await stage.aggregator.up();
    await stage.open(2);
    await stage.reach(2, "Stripping");
    await stage.aggregator.down();
    await stage.pass(STAGE_SECONDS + ALL_TURNS);
    for (const firm of stage.firms) await oneLook(firm);
    expect((await at(2)).status, "attempts have three stages").to.equal("Stripping");
    await stage.pass(2 * STAGE_SECONDS);
    for (const firm of stage.firms) await oneLook(firm);
    expect((await at(2)).status, "each waits its turn").to.equal("Stripping");
    await stage.pass(2 * SPREAD_SECONDS);
    await oneLook(beta);
    expect((await at(2)).status, "others come before").to.equal("Stripping");
    await oneLook(alpha);
    await stage.reach(2, "Abandoned");
    expect(await abandonment(stage, 2)).to.equal("STRIPPING_LATE");
  });

  it("does not keep a new aggregator from opening the next one", async () => {
    const terms = await stage.platform.contracts.consortiumTables.terms();
    await stage.platform.mined(
      stage.platform.governance.consortiumTables.setTerms({
        ...{ aggregator: second.member.id, leastContributors: terms.leastContributors, leastRows: terms.leastRows },
        ...{ period: terms.period, collecting: terms.collecting, stage: terms.stage },
      }),
    );
    await stage.pass(PERIOD_SECONDS);
    await stage.work(async () => (await alpha.ctx.chain.computation.editionCount()) === 3);
    expect((await at(3)).aggregator).to.equal(second.member.id);
  });
});
