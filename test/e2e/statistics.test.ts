/**
 * Whole relayers as processes, at 3,072 bits, on a chain and databases of their own: nobody asks them to do anything, and whoever does
 * its part is killed in the middle of it. What comes out is the exact sum, and one release at every node.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";
import { after, before, describe, it } from "mocha";

import type { PublishedAnswer } from "../../protocol/statistics/published-answer.ts";
import { storeStatisticsKeyShare } from "../../relayer/keys/statistics-key-share.ts";
import { freePort } from "../../scripts/embedded/ports.ts";
import { randomSource as random } from "../../scripts/governance/random-source.ts";
import { startRelayer, type RelayerProcess } from "../../scripts/network/relayer-process.ts";
import { dealt } from "../protocol/paillier/fixtures.ts";
import { PRIMES_3072 } from "../protocol/paillier/safe-primes.ts";
import { startTestPlatform, type TestMember, type TestPlatform } from "../support/platform.ts";
import { testDatabase, type TestDatabase } from "../support/postgres.ts";
import { defineStatistic, insertRecords, STATISTIC, until } from "../support/statistics-network.ts";
import { prepare, statisticsAuthority, type Preparation } from "../support/statistics-party.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const PERIOD = 202606;
const HOUR = 3_600;
const PATIENCE_MS = 240_000;
const FIRMS = 3;

interface Running {
  readonly prepared: Preparation;
  readonly database: TestDatabase;
  readonly memberPort: number;
  process: RelayerProcess;
}

describe("statistics by whole relayers that are killed", () => {
  const directory = temporaryDirectory();
  const { thresholdKey, keyShares } = dealt(PRIMES_3072, 2, FIRMS);
  let platform: TestPlatform;
  const running: Running[] = [];

  before(async function () {
    this.timeout(600_000);
    const authority = statisticsAuthority();
    const first = await prepare(authority, directory, "association");
    platform = await startTestPlatform(0, first.given);
    await start(first, 0);
    for (const [position, share] of keyShares.entries()) {
      const prepared = await prepare(authority, directory, `firm-${String(position + 1)}`);
      const member: TestMember = await platform.admit(prepared.name, prepared.given);
      await platform.mined(platform.actingAs(member).algorithmNodes.register());
      await platform.mined(platform.governance.algorithmNodes.activate(member.id));
      await storeStatisticsKeyShare(join(prepared.home, "keys"), thresholdKey, share, random);
      await start(prepared, position + 1);
    }
    await defineStatistic(platform, thresholdKey);
    for (const { process } of running) await process.ready(AbortSignal.timeout(PATIENCE_MS));
  });

  after(async function () {
    this.timeout(240_000);
    for (const { process, database } of running) {
      await process.stop();
      await database.close();
    }
    await platform.stop();
  });

  async function start(prepared: Preparation, records: number): Promise<void> {
    const database = await testDatabase();
    const record = { class: "B2", eventDate: "2026-06-15", status: "open", statusDate: "2026-06-15" } as const;
    await insertRecords(
      database.db,
      Buffer.alloc(1),
      Array.from({ length: records }, () => ({ ...record, amountFen: 1_000 })),
    );
    const memberPort = await freePort();
    running.push({ prepared, database, memberPort, process: spawn(prepared, database, memberPort) });
  }

  function spawn({ name, home, port }: Preparation, { url }: TestDatabase, memberPort: number): RelayerProcess {
    const deploymentFile = join(home, "deployment.json");
    mkdirSync(join(home, "data"), { recursive: true });
    writeFileSync(deploymentFile, JSON.stringify(platform.deployment));
    return startRelayer({
      ...{ name, memberPort, logFile: join(home, "relayer.log"), processFile: join(home, "relayer.pid") },
      settings: {
        ...{ RISKVEIL_NAME: name, DATABASE_URL: url, RISKVEIL_RPC_URL: platform.deployment.rpcUrl },
        ...{ RISKVEIL_DEPLOYMENT: deploymentFile, RISKVEIL_DATA_DIR: join(home, "data") },
        ...{ RISKVEIL_KEY_DIR: join(home, "keys"), RISKVEIL_CERTIFICATE: join(home, "certificate.pem") },
        ...{ RISKVEIL_TRUST_DIR: join(home, "trust"), RISKVEIL_MEMBER_PORT: String(memberPort) },
        RISKVEIL_PEER_PORT: String(port),
      },
    });
  }

  async function killAndRestart(one: Running): Promise<void> {
    await one.process.kill();
    one.process = spawn(one.prepared, one.database, one.memberPort);
    await one.process.ready(AbortSignal.timeout(PATIENCE_MS));
  }

  const at = (position: number): Running => running[position] ?? expect.fail("a relayer");

  async function committed(): Promise<number> {
    return (await platform.contracts.statisticsBoard.contributorsOf(STATISTIC, PERIOD)).length;
  }

  async function rows(one: Running, table: "statistic_answers" | "statistic_releases" | "statistic_contributions") {
    return await one.database.db.selectFrom(table).select("period").where("period", "=", PERIOD).execute();
  }

  it("contribute, though one is killed right after it stored what it commits to", async () => {
    const { governance, contracts } = platform;
    const closesAt = (await contracts.emergency.time()) + BigInt(HOUR);
    await platform.mined(governance.statisticsBoard.openCollection(STATISTIC, PERIOD, closesAt));
    await until(async () => (await rows(at(1), "statistic_contributions")).length > 0, PATIENCE_MS);
    await killAndRestart(at(1));
    await until(async () => (await committed()) === FIRMS + 1, PATIENCE_MS);
    expect(await rows(at(1), "statistic_contributions")).to.have.length(1);
  }).timeout(2 * PATIENCE_MS);

  it("come to an answer, though a node and the collector are killed while they are at it", async () => {
    await platform.provider.send("evm_increaseTime", [HOUR + 60]);
    await platform.provider.send("evm_mine", []);
    const nodes = [at(1), at(2), at(3)];
    const released = async () => (await Promise.all(nodes.map((one) => rows(one, "statistic_releases")))).flat().length;
    await until(async () => (await released()) > 0 || (await rows(at(0), "statistic_answers")).length > 0, PATIENCE_MS);
    await Promise.all([killAndRestart(at(0)), killAndRestart(at(1))]);
    await until(async () => (await rows(at(0), "statistic_answers")).length === 1, PATIENCE_MS);
    const { answer, digest, contributions } = await at(0)
      .database.db.selectFrom("statistic_answers")
      .selectAll()
      .executeTakeFirstOrThrow();
    const { values, refused } = JSON.parse(answer) as PublishedAnswer;
    expect(refused).to.deep.equal([]);
    expect(values).to.include({ "B2.open": "6", "B2.recorded": "6", "B2.overdue": "6000", "A1.open": "0" });
    for (const one of nodes) expect((await rows(one, "statistic_releases")).length).to.be.at.most(1);
    expect(await released()).to.be.at.least(2);
    await platform.mined(platform.governance.statisticsBoard.release(STATISTIC, PERIOD, contributions, digest));
  }).timeout(3 * PATIENCE_MS);

  it("all have the answer in the end, each by its own recomputation", async () => {
    await until(async () => {
      const settled = await Promise.all(
        running.map(({ database }) =>
          database.db.selectFrom("statistic_collections").select("settled").where("period", "=", PERIOD).execute(),
        ),
      );
      return settled.every(([row]) => row?.settled === true);
    }, PATIENCE_MS);
    const digests = await Promise.all(
      running.map(({ database }) =>
        database.db.selectFrom("statistic_answers").select("digest").executeTakeFirstOrThrow(),
      ),
    );
    expect(new Set(digests.map(({ digest }) => digest)).size).to.equal(1);
  }).timeout(2 * PATIENCE_MS);
});
