import { readFileSync } from "node:fs";

import { expect } from "chai";
import { after, before, describe, it } from "mocha";

import { encodeMergedTable } from "../../../../protocol/aggregate/table-bytes.ts";
import { keccak256 } from "../../../../protocol/encoding/digest.ts";
import { runStep } from "../../../../relayer/aggregate-pool/run-step.ts";
import { basisArguments, basisText, standingBasis } from "../../../../relayer/services/editions/basis.ts";
import { contributionFile, mergedFile, sharesFile } from "../../../../relayer/services/editions/edition-files.ts";
import { randomSource as random } from "../../../../scripts/governance/random-source.ts";
import { faultOf } from "../../../protocol/oprf/fixtures.ts";
import { owes, passport } from "../../../support/edition-books.ts";
import { abandonment, exclusions, refusals, reports } from "../../../support/edition-events.ts";
import {
  contributionsOf,
  falseMerge,
  place,
  placeFalseMerge,
  placeFalseShares,
  termsOn,
} from "../../../support/edition-lies.ts";
import {
  COLLECTING_SECONDS,
  STAGE_SECONDS,
  startEditionStage,
  type EditionStage,
  type Party,
} from "../../../support/edition-stage.ts";
import { plainSums, sumsOf } from "../../../support/edition-sums.ts";

const HALF_SECONDS = STAGE_SECONDS / 2 + 10;

/** One edition a test, each after the one before. */
describe("an edition in which somebody does not do its part", function () {
  this.timeout(480_000);
  let stage: EditionStage;
  let alpha: Party;
  let beta: Party;
  let gamma: Party;
  let delta: Party;

  before(async () => {
    stage = await startEditionStage();
    [alpha, beta, gamma, delta] = stage.firms as [Party, Party, Party, Party];
    alpha.subjects = [owes(1, 10), owes(2, 20)];
    beta.subjects = [owes(1, 1)];
    gamma.subjects = [owes(1, 2), owes(3, 5)];
    delta.subjects = [owes(1, 4), owes(2, 6)];
    for (const firm of stage.firms) await firm.publish();
  });

  after(async () => {
    await stage.close();
  });

  const contributors = async (edition: number) =>
    (await stage.aggregator.ctx.chain.computation.edition(edition))?.contributors;

  async function expectSums(edition: number, holders: readonly Party[]): Promise<void> {
    for (const number of [1, 2, 3]) {
      const books = holders.map(({ subjects }) => subjects);
      const plain = plainSums(books, passport(number));
      const found = await sumsOf(stage, alpha, edition, passport(number));
      expect(found).to.deep.equal(plain.contributors === 0 ? undefined : plain);
    }
  }

  it("leaves out a contributor that does not serve its table, and strips without a node that lies", async () => {
    await stage.work(async () => (await contributors(1)) === 4);
    await delta.down();
    await stage.reach(1, "Merging");
    await stage.pass(HALF_SECONDS);
    const { mergedRows } = await stage.reach(1, "Stripping");
    expect(await exclusions(stage, 1)).to.deep.equal([{ member: delta.member.id, reason: "TABLE_UNREACHABLE" }]);
    await delta.up();
    await placeFalseShares(gamma, 1, 1, mergedRows);
    await stage.work(() => stage.published(1));
    const [accused, accuser, reason] = [gamma.member.id, beta.member.id, "PARTIAL_PROOF_INVALID"];
    expect(await refusals(stage, 1)).to.deep.equal([{ attempt: 1, accused, accuser, reason }]);
    expect(await reports(stage, accused)).to.deep.equal([{ reporter: accuser, reason }]);
    const kept = `${sharesFile(beta.ctx.config.dataDir, 1, 1, accused)}.evidence`;
    expect(readFileSync(kept)).to.deep.equal(readFileSync(sharesFile(gamma.ctx.config.dataDir, 1, 1, accused)));
    const { attempt, stripSet } = (await alpha.ctx.chain.computation.edition(1))!;
    expect([attempt, stripSet]).to.deep.equal([2, [alpha.member.id, delta.member.id]]);
    await expectSums(1, [alpha, beta, gamma]);
  });

  it("leaves out a contribution of another edition, and strips without a node that is down", async () => {
    await stage.open(2);
    const before = (await gamma.ctx.chain.computation.contribution(1, gamma.member.id))!;
    const { dataDir } = gamma.ctx.config;
    const basis = basisArguments(basisText(await standingBasis(gamma.ctx, gamma.member.id)));
    place(contributionFile(dataDir, 2, gamma.member.id), readFileSync(contributionFile(dataDir, 1, gamma.member.id)));
    const tables = stage.platform.actingAs(gamma.member).consortiumTables;
    await stage.platform.mined(tables.contribute(2, before.root, before.rows, before.proof, ...basis));
    await stage.reach(2, "Merging");
    await stage.pass(HALF_SECONDS);
    await stage.reach(2, "Stripping");
    expect(await exclusions(stage, 2)).to.deep.equal([{ member: gamma.member.id, reason: "AGGREGATE_EPOCH_WRONG" }]);
    await delta.down();
    const posted = async () => gamma.ctx.chain.computation.stripShares(2, 1, gamma.member.id);
    await stage.work(async () => (await posted()) !== undefined);
    expect((await alpha.ctx.chain.computation.edition(2))!.stripSet).to.deep.equal([gamma.member.id, delta.member.id]);
    await stage.pass(HALF_SECONDS);
    await stage.work(() => stage.published(2));
    const [accused, accuser, reason] = [delta.member.id, gamma.member.id, "STRIP_SHARES_LATE"];
    expect(await refusals(stage, 2)).to.deep.equal([{ attempt: 1, accused, accuser, reason }]);
    expect(await reports(stage, accused)).to.deep.equal([{ reporter: accuser, reason }]);
    await expectSums(2, [alpha, beta, delta]);
    await delta.up();
    await stage.work(() => stage.published(2));
  });

  it("leaves out a table that is not the posted one, and ends where the aggregator's merge is not the sum", async () => {
    await stage.open(3);
    await stage.work(async () => (await contributors(3)) === 4);
    const file = contributionFile(beta.ctx.config.dataDir, 3, beta.member.id);
    const [honest, other] = [readFileSync(file), contributionFile(alpha.ctx.config.dataDir, 3, alpha.member.id)];
    // The last ciphertext is somebody else's of this edition.
    place(file, Buffer.concat([honest.subarray(0, -64), readFileSync(other).subarray(-64)]));
    await stage.reach(3, "Merging");
    const terms = await termsOn(alpha, 3);
    const files = (await contributionsOf(stage, 3)).filter(({ contributor }) => contributor !== beta.member.id);
    const { layer, locator } = stage.keys;
    const own = { layer: layer.shares[0]!, locator: locator.shares[0]! };
    const faults = (["drops a row", "doubles a row", "alters a row", "leaves a firm out"] as const).map((lie) => {
      const table = falseMerge(terms, files, lie);
      const merged = mergedFile(alpha.ctx.config.dataDir, 99);
      place(merged, encodeMergedTable(table));
      return faultOf(() =>
        runStep(
          {
            ...{ kind: "share", terms, contributions: files, merged, mergedRoot: table.root },
            ...{ mergeProofDigest: keccak256(table.proof), set: [1, 4], secrets: own },
            keys: { layer: layer.keys, locator: locator.keys },
            path: `${merged}.shares`,
          },
          random,
        ),
      ).code;
    });
    // Of a dropped row the tag is missing, unless another firm has it too.
    const [dropped, ...others] = faults;
    expect(dropped).to.be.oneOf(["AGGREGATE_ROW_DROPPED", "MERGE_PROOF_INVALID"]);
    expect(others).to.deep.equal(["MERGE_PROOF_INVALID", "MERGE_PROOF_INVALID", "AGGREGATE_ROW_DROPPED"]);

    const root = await placeFalseMerge(stage.aggregator, 3, falseMerge(terms, files, "doubles a row"));
    await stage.pass(HALF_SECONDS);
    await stage.reach(3, "Abandoned");
    expect(await exclusions(stage, 3)).to.deep.equal([{ member: beta.member.id, reason: "AGGREGATE_ROOT_WRONG" }]);
    expect((await alpha.ctx.chain.computation.edition(3))!.mergedRoot).to.equal(root);
    expect(await abandonment(stage, 3)).to.equal("AGGREGATOR_ACCUSED");
    const [accused, reason] = [stage.aggregator.member.id, "MERGE_PROOF_INVALID"];
    const accusers = (await refusals(stage, 3)).sort((a, b) => a.accuser - b.accuser);
    expect(accusers).to.deep.equal(
      [alpha, delta].map(({ member }) => ({ attempt: 1, accused, accuser: member.id, reason })),
    );
    for (const { member } of [alpha, delta]) {
      expect(await alpha.ctx.chain.computation.stripShares(3, 1, member.id)).to.equal(undefined);
    }
  });

  it("is abandoned with fewer contributions than are needed, and the table before stays", async () => {
    await stage.open(4);
    await gamma.down();
    await delta.down();
    await stage.work(async () => (await contributors(4)) === 2);
    await stage.pass(COLLECTING_SECONDS);
    await stage.reach(4, "Abandoned");
    expect(await abandonment(stage, 4)).to.equal("CONTRIBUTORS_TOO_FEW");
    expect((await alpha.editions.mirror.newest())?.edition).to.equal(2);
    await expectSums(2, [alpha, beta, delta]);
  });
});
