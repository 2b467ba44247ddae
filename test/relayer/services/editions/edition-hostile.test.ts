import { existsSync, readdirSync } from "node:fs";
import { dirname } from "node:path";

import { expect } from "chai";
import { after, before, describe, it } from "mocha";

import { toHex } from "../../../../protocol/encoding/bytes.ts";
import { basisArguments, basisText, standingBasis } from "../../../../relayer/services/editions/basis.ts";
import { contributionFile, mergedFile } from "../../../../relayer/services/editions/edition-files.ts";
import { randomSource as random } from "../../../../scripts/governance/random-source.ts";
import { owes } from "../../../support/edition-books.ts";
import { place } from "../../../support/edition-lies.ts";
import { exclusions, refusals } from "../../../support/edition-events.ts";
import { STAGE_SECONDS, startEditionStage, type EditionStage, type Party } from "../../../support/edition-stage.ts";

const HALF_SECONDS = STAGE_SECONDS / 2 + 10;

/** One member, delta, that would have the others' edition fail. */
describe("an edition with a hostile contributor", function () {
  this.timeout(480_000);
  let stage: EditionStage;
  let delta: Party;

  before(async () => {
    stage = await startEditionStage();
    delta = stage.firms[3]!;
    for (const firm of stage.firms) {
      firm.subjects = [owes(1, 10), owes(2, 20)];
      await firm.publish();
    }
  });

  after(async () => {
    await stage.close();
  });

  const setAutomine = (on: boolean) => stage.platform.provider.send("evm_setAutomine", [on]);

  it("merges nothing while an exclusion is on its way, though the table comes at that moment", async () => {
    const contributors = async () => (await stage.aggregator.ctx.chain.computation.edition(1))?.contributors;
    await stage.work(async () => (await contributors()) === 4);
    await delta.down();
    await stage.reach(1, "Merging");
    await stage.aggregator.editions.run("aggregate");
    await stage.pass(HALF_SECONDS);
    await setAutomine(false);
    await stage.aggregator.editions.run("aggregate");
    await delta.up();
    for (let turn = 0; turn < 3; turn += 1) await stage.aggregator.editions.run("aggregate");
    const { dataDir } = stage.aggregator.ctx.config;
    expect(existsSync(contributionFile(dataDir, 1, delta.member.id))).to.equal(true);
    expect(existsSync(mergedFile(dataDir, 1))).to.equal(false);
    await setAutomine(true);
    await stage.platform.provider.send("evm_mine", []);
    await stage.work(() => stage.published(1));
    expect(await exclusions(stage, 1)).to.deep.equal([{ member: delta.member.id, reason: "TABLE_UNREACHABLE" }]);
    expect(await refusals(stage, 1)).to.deep.equal([]);
  });

  it("makes no room for more rows than the tables have that a contribution rests on", async () => {
    await delta.down();
    await stage.open(2);
    const basis = basisArguments(basisText(await standingBasis(delta.ctx, delta.member.id)));
    const tables = stage.platform.actingAs(delta.member).consortiumTables;
    await stage.platform.mined(tables.contribute(2, toHex(random(32)), 4_096, toHex(random(64)), ...basis));
    await delta.up();
    await stage.reach(2, "Merging");
    await stage.aggregator.editions.run("aggregate");
    const file = contributionFile(stage.aggregator.ctx.config.dataDir, 2, delta.member.id);
    expect(readdirSync(dirname(file)).filter((name) => name.startsWith(`${String(delta.member.id)}.`))).to.deep.equal(
      [],
    );
    await stage.pass(HALF_SECONDS);
    await stage.work(() => stage.published(2));
    expect(await exclusions(stage, 2)).to.deep.equal([{ member: delta.member.id, reason: "AGGREGATE_ROW_COUNT" }]);
    expect(await refusals(stage, 2)).to.deep.equal([]);
  });

  it("goes on where a contribution was damaged after it was admitted", async () => {
    await stage.open(3);
    await stage.work(async () => (await stage.aggregator.ctx.chain.computation.edition(3))?.contributors === 4);
    const [alpha, beta] = stage.firms as [Party, Party];
    const garbage = random(1_000);
    for (const { ctx } of [stage.aggregator, beta, delta]) {
      place(contributionFile(ctx.config.dataDir, 3, alpha.member.id), garbage);
    }
    await stage.work(() => stage.published(3));
    expect(await exclusions(stage, 3)).to.deep.equal([]);
    expect(await refusals(stage, 3)).to.deep.equal([]);
  });
});
