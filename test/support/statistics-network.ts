/** The Association and firms on one chain: all contribute, the firms `nodes` of them are algorithm nodes with a share each, 2 of 3. */
import { randomUUID } from "node:crypto";

import type { Kysely } from "kysely";

import { toHex } from "../../protocol/encoding/bytes.ts";
import type { ThresholdKey } from "../../protocol/paillier/threshold-key.ts";
import { industryRisk, layoutOf, statisticOf } from "../../protocol/statistics/definition.ts";
import { encodeStatisticsKey } from "../../protocol/statistics/statistics-key.ts";
import type { RecordStatus } from "../../relayer/services/records/record-status.ts";
import { storeStatisticsKeyShare } from "../../relayer/keys/statistics-key-share.ts";
import type { Database } from "../../relayer/store/schema.ts";
import { medium } from "../protocol/paillier/fixtures.ts";
import { randomSource as random } from "../../scripts/governance/random-source.ts";
import { startTestPlatform, type TestMember, type TestPlatform } from "./platform.ts";
import { prepare, startParty, statisticsAuthority, type StatisticsParty } from "./statistics-party.ts";

export const STATISTIC = toHex(statisticOf(industryRisk));
export const LEAST = 3;
const NODES = 3;
const HOUR = 3_600;

export interface StatisticsNetwork {
  readonly platform: TestPlatform;
  readonly association: StatisticsParty;
  /** The first three are nodes; of the ceremony's holders 1 to 3. */
  readonly firms: readonly StatisticsParty[];
  readonly all: readonly StatisticsParty[];
  open(period: number): Promise<void>;
  /** Has `parties` contribute, and waits until it is on chain. */
  contribute(period: number, parties: readonly StatisticsParty[]): Promise<void>;
  /** Lets the time of everything that is open run out. */
  pass(): Promise<void>;
  /** What the duty desk does with the collector's answer. */
  release(period: number): Promise<void>;
  close(): Promise<void>;
}

export async function startStatisticsNetwork(directory: string, firmCount: number): Promise<StatisticsNetwork> {
  const authority = statisticsAuthority();
  const first = await prepare(authority, directory, "association");
  const platform = await startTestPlatform(0, first.given);
  const { governance } = platform;
  const association = await startParty(platform, first, platform.association.id);
  const firms: StatisticsParty[] = [];
  const { thresholdKey, keyShares } = medium;
  for (let number = 1; number <= firmCount; number += 1) {
    const prepared = await prepare(authority, directory, `firm-${String(number)}`);
    const member: TestMember = await platform.admit(prepared.name, prepared.given);
    const share = keyShares[number - 1];
    if (number <= NODES && share) {
      await platform.mined(platform.actingAs(member).algorithmNodes.register());
      await platform.mined(governance.algorithmNodes.activate(member.id));
      await storeStatisticsKeyShare(`${prepared.home}/keys`, thresholdKey, share, random);
    }
    firms.push(await startParty(platform, prepared, member.id));
  }
  const board = governance.statisticsBoard;
  await defineStatistic(platform, thresholdKey);
  const all = [association, ...firms];

  return {
    ...{ platform, association, firms, all },
    async open(period) {
      const closesAt = (await platform.contracts.emergency.time()) + BigInt(HOUR);
      await platform.mined(board.openCollection(STATISTIC, period, closesAt));
      for (const party of all) await until(() => knows(party, period));
    },
    async contribute(period, parties) {
      for (const party of parties) {
        await party.statistics.run();
        const { version } = await party.database.db
          .selectFrom("statistic_contributions")
          .select((eb) => eb.fn.max("version").as("version"))
          .where("period", "=", period)
          .executeTakeFirstOrThrow();
        const key = `contribute-statistic:${STATISTIC}:${String(period)}:${String(version)}`;
        await party.chain.outbox.wait(key, 20_000);
      }
    },
    async pass() {
      await platform.provider.send("evm_increaseTime", [HOUR + 60]);
      await platform.provider.send("evm_mine", []);
    },
    async release(period) {
      const { contributions, digest: answer } = await association.database.db
        .selectFrom("statistic_answers")
        .select(["contributions", "digest"])
        .where("period", "=", period)
        .executeTakeFirstOrThrow();
      await platform.mined(board.release(STATISTIC, period, contributions, answer));
    },
    async close() {
      for (const party of all) await party.close();
      await platform.stop();
    },
  };
}

async function knows({ database }: StatisticsParty, period: number): Promise<boolean> {
  const row = await database.db
    .selectFrom("statistic_collections")
    .select("period")
    .where("period", "=", period)
    .executeTakeFirst();
  return row !== undefined;
}

export async function until(reached: () => boolean | Promise<boolean>, patienceMs = 180_000): Promise<void> {
  const deadline = performance.now() + patienceMs;
  while (!(await reached())) {
    if (performance.now() > deadline) throw new Error("it did not come about");
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

export interface SampleRecord {
  readonly class: string;
  readonly eventDate: string;
  readonly status: RecordStatus;
  readonly statusDate: string;
  readonly amountFen: number | null;
}

export async function addRecords({ database, ctx }: StatisticsParty, records: readonly SampleRecord[]): Promise<void> {
  await insertRecords(database.db, Buffer.from(ctx.cipher.seal("x", "test")), records);
}

/** All of one subject, which statistics do not look at. */
export async function insertRecords(
  db: Kysely<Database>,
  identity: Buffer,
  records: readonly SampleRecord[],
): Promise<void> {
  const now = new Date();
  const subject = Buffer.from(random(32));
  await db.insertInto("subjects").values({ subject_index: subject, identity, created_at: now }).execute();
  for (const record of records) {
    const id = randomUUID();
    await db
      .insertInto("records")
      .values({
        ...{ id, record_id: id, subject_index: subject, class: record.class, status: record.status },
        ...{ status_date: record.statusDate, event_date: record.eventDate, amount_fen: record.amountFen },
        ...{ note: null, content_digest: Buffer.alloc(32), import_id: null, withdrawn_at: null },
        ...{ withdrawal_reason: null, created_at: now, updated_at: now },
      })
      .execute();
  }
}

/** Puts key and definition on chain, as the constitution does. */
export async function defineStatistic({ governance, mined }: TestPlatform, threshold: ThresholdKey): Promise<void> {
  const board = governance.statisticsBoard;
  await mined(board.setKey(toHex(threshold.digest), toHex(random(32)), encodeStatisticsKey(threshold)));
  const layoutDigest = toHex(layoutOf(industryRisk, threshold.key.bits).digest);
  const terms = { definitionDigest: STATISTIC, layoutDigest, leastContributors: LEAST, retired: false };
  await mined(board.defineStatistic(STATISTIC, terms));
}

/** The answer's code of a collection at a relayer, null if nothing holds it up. */
export async function waiting({ database }: StatisticsParty, period: number): Promise<string | null> {
  const row = await database.db
    .selectFrom("statistic_collections")
    .select("fault_code")
    .where("period", "=", period)
    .executeTakeFirstOrThrow();
  return row.fault_code;
}
