/** Registering a dataset on a real ledger (anvil) through the real outbox. */
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { pino } from "pino";

import { isFault } from "../../../../protocol/errors/fault.ts";
import { openChain } from "../../../../relayer/chain/open-chain.ts";
import { createDatasetService, type DatasetService } from "../../../../relayer/services/datasets/datasets.ts";
import { startTestPlatform, type TestPlatform } from "../../../support/platform.ts";
import { testDatabase, type TestDatabase } from "../../../support/postgres.ts";

describe("a member's datasets", function () {
  this.timeout(480_000);
  let platform: TestPlatform;
  let database: TestDatabase;
  let datasets: DatasetService;
  let close: () => Promise<void>;

  before(async () => {
    [platform, database] = [await startTestPlatform(1), await testDatabase()];
    const [firm] = platform.firms;
    if (firm === undefined) expect.fail();
    const log = pino({ level: "silent" });
    const { deployment } = platform;
    const chain = openChain({
      db: database.db,
      rpcUrl: deployment.rpcUrl,
      deployment,
      operator: firm.operator,
      clock: () => new Date(),
      log,
    });
    await chain.start();
    close = () => chain.close();
    datasets = createDatasetService({ chain: chain.view, db: database.db, outbox: chain.outbox });
  });
  after(async () => {
    await close();
    await platform.stop();
    await database.close();
  });

  const codeOf = (work: Promise<unknown>): Promise<string> =>
    work.then(
      () => "registered",
      (error: unknown) => (isFault(error) ? error.code : String(error)),
    );

  it("is registered once, whoever asks again", async () => {
    const [first, second] = await Promise.all([
      datasets.register("CREDIT", ["B", "C"]),
      datasets.register("CREDIT", ["B", "C"]),
    ]);
    expect(second).to.equal(first);
    expect(await datasets.register("CREDIT", ["C", "B"])).to.equal(first);
    const [view, ...more] = await datasets.list();
    expect(more).to.deep.equal([]);
    expect(view).to.include({
      id: first,
      holder: "firm-1",
      label: "CREDIT",
      mine: true,
      latestEpoch: 0,
      entryCount: 0,
    });
    expect(BigInt(view?.price ?? 0) > 0n).to.equal(true);
  });

  it("is not registered again with other categories", async () => {
    expect(await codeOf(datasets.register("CREDIT", ["B"]))).to.equal("DATASET_OTHERWISE_REGISTERED");
  });

  it("is refused by the ledger for categories of others, before anything is stored", async () => {
    const before = await database.db.selectFrom("chain_intents").select("key").execute();
    expect(await codeOf(datasets.register("REGULATORY", ["A"]))).to.equal("CHAIN_REVERTED");
    expect(await database.db.selectFrom("chain_intents").select("key").execute()).to.deep.equal(before);
  });
});
