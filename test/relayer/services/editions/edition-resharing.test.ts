import { expect } from "chai";
import { after, before, describe, it } from "mocha";

import { owes, passport } from "../../../support/edition-books.ts";
import { reshare, startEditionStage, type EditionStage, type Party } from "../../../support/edition-stage.ts";
import { plainSums, sumsOf } from "../../../support/edition-sums.ts";

describe("an edition whose keys are shared anew while it collects", function () {
  this.timeout(480_000);
  let stage: EditionStage;

  before(async () => {
    stage = await startEditionStage();
  });
  after(async () => {
    await stage.close();
  });

  it("has its rows evaluated by the nodes that share the key now, and its layer taken off by those of its own round", async () => {
    const firms = stage.firms as readonly [Party, Party, Party, Party];
    const [alpha, ...to] = firms;
    await stage.open(1);
    const { platform } = stage;
    const { round, keys } = await reshare(stage, to, 1);
    await platform.mined(platform.actingAs(alpha.member).algorithmNodes.retire(alpha.member.id));
    const asked = new Map<string, Set<string>>();
    for (const [at, firm] of to.entries()) {
      const before = firm.shares;
      firm.shares = {
        async find(of, purpose) {
          const name = `${String(of)}:${purpose}`;
          asked.set(firm.name, (asked.get(firm.name) ?? new Set()).add(name));
          // What the round replaced is erased, but what takes the layer off and places rows.
          if (of !== round) return ["layer", "locator"].includes(purpose) ? await before.find(of, purpose) : undefined;
          const share = keys[purpose].shares[at];
          return share && { keys: keys[purpose].keys, share };
        },
      };
    }
    alpha.shares = { find: () => Promise.resolve(undefined) };
    for (const [at, firm] of firms.entries()) {
      firm.subjects = [owes(1, at + 1), owes(10 + at, 5)];
      await firm.publish();
    }
    await stage.work(() => stage.published(1));
    const edition = await stage.aggregator.ctx.chain.computation.edition(1);
    expect([edition?.evaluationRound, edition?.layerRound, edition?.contributors]).to.deep.equal([1, 1, 4]);
    const named = new Set([...asked.values()].flatMap((names) => [...names]));
    expect([...named].sort()).to.deep.equal(["1:layer", "1:locator", "2:evaluation"]);
    const books = firms.map(({ subjects }) => subjects);
    expect(await sumsOf(stage, alpha, 1, passport(1))).to.deep.equal(plainSums(books, passport(1)));
    const reports = await Promise.all(
      firms.map(async ({ member }) => (await platform.contracts.algorithmNodes.getNode(member.id)).reports),
    );
    expect(reports).to.deep.equal([0n, 0n, 0n, 0n]);
  });
});
