import { existsSync, readFileSync } from "node:fs";

import { expect } from "chai";
import type { Response } from "express";
import { after, before, describe, it } from "mocha";

import { decodeContribution } from "../../../../protocol/aggregate/table-bytes.ts";
import { standardSchema } from "../../../../protocol/aggregate/schema.ts";
import { stripSharesDigest } from "../../../../protocol/aggregate/strip-bytes.ts";
import { toHex } from "../../../../protocol/encoding/bytes.ts";
import type { Route } from "../../../../relayer/http/route.ts";
import { contributionFile, sharesFile } from "../../../../relayer/services/editions/edition-files.ts";
import type { EditionPart } from "../../../../relayer/services/editions/editions.ts";
import { owes, passport } from "../../../support/edition-books.ts";
import { refusals } from "../../../support/edition-events.ts";
import { startEditionStage, type EditionStage, type Party } from "../../../support/edition-stage.ts";
import { plainSums, sumsOf } from "../../../support/edition-sums.ts";

const PATIENCE_MS = 240_000;

const forever = (): Promise<never> => new Promise<never>(() => undefined);

/** Another service on the same store and files takes over from one that stopped at that line. */
describe("an edition whose parties are killed", function () {
  this.timeout(480_000);
  let stage: EditionStage;
  let alpha: Party;
  let loseAnswers = false;
  let lost = 0;

  before(async () => {
    stage = await startEditionStage({ routes: (_, routes) => routes.map(losing) });
    [alpha] = stage.firms as [Party];
    for (const [at, firm] of stage.firms.entries()) {
      firm.subjects = [owes(1, 10 ** at), owes(2 + at, 5)];
      await firm.publish();
    }
    await stage.open(1);
  });

  after(async () => {
    await stage.close();
  });

  /** A node does its work, and what it answers does not arrive. */
  function losing(route: Route): Route {
    if (!route.path.endsWith("/evaluate")) return route;
    return {
      ...route,
      handler: async (request) => {
        const isLost = loseAnswers;
        const { response } = (request as { raw: { response: Response } }).raw;
        if (isLost) response.end = () => response;
        const answer = await route.handler(request);
        if (isLost) lost += 1;
        return answer;
      },
    };
  }

  /** Has the party look again and again, as its heartbeat does, until that is so; what it does then goes on. */
  async function drive(party: Party, part: EditionPart, reached: () => boolean | Promise<boolean>): Promise<void> {
    let isIdle = true;
    const end = Date.now() + PATIENCE_MS;
    for (;;) {
      await stage.look();
      if (await reached()) return;
      if (Date.now() > end) throw new Error(`${part} of ${party.name}: ${JSON.stringify(party.log().slice(-8))}`);
      if (isIdle) {
        isIdle = false;
        void party.editions.run(part).finally(() => (isIdle = true));
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** The party's part goes on until it would send that call to the chain, and no further. */
  function holdBack({ ctx }: Party, call: "contribute" | "merge" | "postShares"): void {
    const { selector } = ctx.chain.contracts.consortiumTables.interface.getFunction(call);
    const simulate = ctx.outbox.simulate.bind(ctx.outbox);
    ctx.outbox.simulate = (given) => (given.data.startsWith(selector) ? forever() : simulate(given));
  }

  it("evaluates with the blinded elements that were sent before, and nodes count them once", async () => {
    loseAnswers = true;
    await drive(alpha, "contribute", () => lost > 0);
    await alpha.reborn();
    loseAnswers = false;
    holdBack(alpha, "contribute");
    await drive(alpha, "contribute", async () => (await alpha.editions.store.own(1))?.state === "made");
    const counts = await Promise.all(
      stage.firms.map(({ database }) => database.db.selectFrom("edition_allowances").selectAll().execute()),
    );
    const member = alpha.member.id;
    expect(counts.flat().length).to.be.at.least(2);
    for (const each of counts.flat()) expect(each).to.deep.equal({ edition: 1, member, used: 4 });
  });

  it("posts the contribution that is in the file, and makes none anew", async () => {
    const file = contributionFile(alpha.ctx.config.dataDir, 1, alpha.member.id);
    const made = readFileSync(file);
    await alpha.reborn();
    await stage.work(async () => (await alpha.ctx.chain.computation.contribution(1, alpha.member.id)) !== undefined);
    expect(readFileSync(file)).to.deep.equal(made);
    const { root } = (await alpha.ctx.chain.computation.contribution(1, alpha.member.id))!;
    expect(root).to.equal(toHex(decodeContribution(made, standardSchema.slotCount).root));
  });

  it("merges once, whether it was killed in the step or before it told the chain", async () => {
    const { aggregator } = stage;
    await stage.reach(1, "Merging");
    holdBack(aggregator, "merge");
    await drive(aggregator, "aggregate", () =>
      existsSync(contributionFile(aggregator.ctx.config.dataDir, 1, alpha.member.id)),
    );
    await aggregator.reborn();
    holdBack(aggregator, "merge");
    await drive(aggregator, "aggregate", async () => (await aggregator.editions.store.merge(1)) !== undefined);
    const { root } = (await aggregator.editions.store.merge(1))!;
    await aggregator.reborn();
    expect((await stage.reach(1, "Stripping")).mergedRoot).to.equal(root);
  });

  it("strips with the shares that were made, and the sums are exact", async () => {
    const { computation } = alpha.ctx.chain;
    await drive(stage.aggregator, "aggregate", async () => (await computation.edition(1))!.stripSet.length > 0);
    const [first] = (await computation.edition(1))!.stripSet;
    const node = stage.firms.find(({ member }) => member.id === first)!;
    const file = sharesFile(node.ctx.config.dataDir, 1, 1, node.member.id);
    // First in the middle of the step, or before it; then with the shares on disk and nothing on chain.
    await drive(node, "strip", () => existsSync(contributionFile(node.ctx.config.dataDir, 1, alpha.member.id)));
    await node.reborn();
    await stage.look();
    if (!existsSync(file)) {
      holdBack(node, "postShares");
      await drive(node, "strip", () => existsSync(file));
      await node.reborn();
    }
    const shares = readFileSync(file);
    await stage.work(() => stage.published(1));
    expect(await computation.stripShares(1, 1, node.member.id)).to.equal(
      toHex(stripSharesDigest({ edition: 1, attempt: 1, node: node.member.id }, shares)),
    );
    expect((await computation.edition(1))!.attempt).to.equal(1);
    expect(await refusals(stage, 1)).to.deep.equal([]);
    const books = stage.firms.map(({ subjects }) => subjects);
    for (const number of [1, 2, 3, 4, 5]) {
      expect(await sumsOf(stage, alpha, 1, passport(number))).to.deep.equal(plainSums(books, passport(number)));
    }
  });
});
