/** On a real chain, real PostgreSQL and real HTTP: an Association that collects, four firms, three of them nodes with 2 of 3 shares. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { expect } from "chai";
import { after, before, describe, it } from "mocha";

import { fromHex } from "../../../../protocol/encoding/bytes.ts";
import { industryRisk } from "../../../../protocol/statistics/definition.ts";
import { verifyPublished } from "../../../../scripts/statistics/verify.ts";
import {
  addRecords,
  STATISTIC,
  startStatisticsNetwork,
  waiting,
  type SampleRecord,
  type StatisticsNetwork,
} from "../../../support/statistics-network.ts";
import type { StatisticsParty } from "../../../support/statistics-party.ts";
import { temporaryDirectory } from "../../../support/temporary-directory.ts";

const CLASSES = ["B1", "B2", "B3", "B4", "C1", "C2"];

/** Of each firm other ones, some in the month and some not, some cured before its end and some after. */
function sample(firm: number): SampleRecord[] {
  return CLASSES.flatMap((each, position) => [
    ...Array.from({ length: firm + position }, (_, n) => ({
      ...{ class: each, eventDate: `2026-06-${String(1 + n).padStart(2, "0")}`, status: "open" as const },
      ...{ statusDate: "2026-06-20", amountFen: 1_000_000_000_000 * (firm + 1) + n },
    })),
    { class: each, eventDate: "2026-05-31", status: "cured", statusDate: "2026-06-30", amountFen: 5 },
    { class: each, eventDate: "2026-05-01", status: "cured", statusDate: "2026-07-01", amountFen: 7 },
    { class: each, eventDate: "2020-01-02", status: "expired", statusDate: "2026-06-01", amountFen: 17 },
    { class: each, eventDate: "2026-06-30", status: "disputed", statusDate: "2026-06-30", amountFen: null },
    { class: each, eventDate: "2026-07-01", status: "open", statusDate: "2026-07-01", amountFen: 11 },
    { class: each, eventDate: "2026-06-02", status: "withdrawn", statusDate: "2026-07-09", amountFen: 13 },
  ]);
}

/** The definition in other words, over all records of all firms. */
function plainTotals(records: readonly SampleRecord[], month: string): Record<string, string> {
  const totals = new Map(industryRisk.fields.map(({ name }) => [name, 0n]));
  const add = (name: string, value: bigint): unknown => totals.set(name, (totals.get(name) ?? 0n) + value);
  for (const { class: of, eventDate, status, statusDate, amountFen } of records) {
    if (status === "withdrawn" || eventDate.slice(0, 7) > month) continue;
    if (eventDate.startsWith(month)) add(`${of}.recorded`, 1n);
    if ((status === "cured" || status === "expired") && statusDate.slice(0, 7) <= month) continue;
    add(`${of}.open`, 1n);
    add(`${of}.overdue`, BigInt(amountFen ?? 0));
  }
  return Object.fromEntries([...totals].map(([name, value]) => [name, value.toString()]));
}

interface Item {
  readonly period: number;
  readonly status: string;
  readonly waiting: { readonly code: string; readonly values: Record<string, unknown> } | null;
  readonly mine: { readonly version: number; readonly state: string } | null;
  readonly answer: { readonly contributors: number; readonly values: Record<string, string> } | null;
}

describe("private statistics between relayers", () => {
  const directory = temporaryDirectory();
  let network: StatisticsNetwork;
  let association: StatisticsParty;
  let firms: readonly StatisticsParty[];

  before(async function () {
    this.timeout(600_000);
    network = await startStatisticsNetwork(directory, 4);
    ({ association, firms } = network);
    for (const [number, firm] of firms.entries()) await addRecords(firm, sample(number + 1));
  });

  after(async function () {
    this.timeout(600_000);
    await network.close();
  });

  /** As after a chain that stood still: nothing of before is committed. */
  async function setState(party: StatisticsParty, period: number, state: "again" | "failed"): Promise<void> {
    await party.database.db
      .updateTable("statistic_contributions")
      .set({ state })
      .where("period", "=", period)
      .execute();
  }

  async function get(party: StatisticsParty, path: string): Promise<Response> {
    return await fetch(party.memberUrl + path, { headers: { authorization: `Bearer ${party.token}` } });
  }

  /** What the member API of the Association gives, as a file. */
  async function answerFile(period: number): Promise<string> {
    const file = join(directory, "answer.json");
    const response = await get(association, `/v1/statistics/${STATISTIC}/${String(period)}/answer`);
    await writeFile(file, await response.text());
    return file;
  }

  async function item(party: StatisticsParty, period: number): Promise<Item> {
    const { items } = (await (await get(party, "/v1/statistics")).json()) as { items: Item[] };
    return items.find((each) => each.period === period) ?? expect.fail("no such collection");
  }

  async function counts(table: "statistic_shares" | "statistic_releases", party: StatisticsParty, period: number) {
    const rows = await party.database.db.selectFrom(table).select("period").where("period", "=", period).execute();
    return rows.length;
  }

  it("come to the exact totals, at every member that recomputes them, and nobody is named", async () => {
    await network.open(202606);
    await network.contribute(202606, network.all);
    expect(await item(firms[0]!, 202606)).to.deep.include({ status: "open", answer: null });
    await network.pass();
    await association.statistics.run();
    expect(await waiting(association, 202606)).to.equal(null);
    await network.release(202606);
    const expected = plainTotals(
      firms.flatMap((_, number) => sample(number + 1)),
      "2026-06",
    );
    const file = await answerFile(202606);
    const options = { answer: file, deployment: join(directory, "deployment.json"), leastKeyBits: 512 };
    await writeFile(options.deployment, JSON.stringify(network.platform.deployment));
    const recomputed = await verifyPublished({ ...options, rpc: network.platform.deployment.rpcUrl });
    expect(recomputed).to.deep.include({ period: 202606, status: "released", values: expected, liars: [] });
    const onChain = await network.platform.contracts.statisticsBoard.getCollection(STATISTIC, 202606);
    expect([recomputed.contributionsDigest, recomputed.answerDigest]).to.deep.equal([
      onChain.contributionsDigest,
      onChain.answerDigest,
    ]);
    for (const party of network.all) {
      await party.statistics.run();
      const { status, answer, mine } = await item(party, 202606);
      expect(status).to.equal("released");
      expect(mine).to.deep.include({ version: 1, state: "committed" });
      expect(answer?.contributors).to.equal(5);
      expect(answer?.values).to.deep.equal(expected);
    }
    // B2 of firm f: f + 1 records of (f + 1) x 10^12 fen and their numbers, and 7 fen that are cured later.
    const own = (f: number): number => (f + 1) * (f + 1) * 1_000_000_000_000 + ((f + 1) * f) / 2 + 7;
    expect(expected["B2.overdue"]).to.equal(String(own(1) + own(2) + own(3) + own(4)));
  }).timeout(600_000);

  it("are recomputed for whoever asks for the answer, and a changed one is refused", async () => {
    const path = `/v1/statistics/${STATISTIC}/202606/answer`;
    const body = (await (await get(firms[3]!, path)).json()) as { contributors: number[]; liars: unknown[] };
    expect(body.contributors).to.deep.equal(network.all.map(({ id }) => id));
    expect(body.liars).to.deep.equal([]);
    const { db } = firms[3]!.database;
    const stored = await db.selectFrom("statistic_answers").select("answer").executeTakeFirstOrThrow();
    const changed = stored.answer.replace(/"B1.open":"(\d+)"/, '"B1.open":"1"');
    expect(changed).not.to.equal(stored.answer);
    await db.updateTable("statistic_answers").set({ answer: changed }).execute();
    const refused = await get(firms[3]!, path);
    expect([refused.status, ((await refused.json()) as { code: string }).code]).to.deep.equal([
      422,
      "STATISTIC_ANSWER_INVALID",
    ]);
    await db.updateTable("statistic_answers").set({ answer: stored.answer }).execute();
  });

  it("take a corrected contribution while the collection is open, and repeat none that is unchanged", async () => {
    await network.open(202607);
    await network.contribute(202607, network.all);
    await firms[0]!.statistics.run();
    expect((await item(firms[0]!, 202607)).mine).to.deep.include({ version: 1 });
    await addRecords(firms[0]!, [
      { class: "C2", eventDate: "2026-07-15", status: "open", statusDate: "2026-07-15", amountFen: 42 },
    ]);
    await network.contribute(202607, [firms[0]!]);
    expect((await item(firms[0]!, 202607)).mine).to.deep.equal({ version: 2, state: "committed", code: null });
    // Refused for good, nothing follows; not taken by any node, the same values go out again.
    await setState(firms[1]!, 202607, "failed");
    await firms[1]!.statistics.run();
    expect((await item(firms[1]!, 202607)).mine).to.deep.include({ version: 1, state: "failed" });
    await setState(firms[1]!, 202607, "again");
    await network.contribute(202607, [firms[1]!]);
    expect((await item(firms[1]!, 202607)).mine).to.deep.include({ version: 2, state: "committed" });
    await network.pass();
    await association.statistics.run();
    const { answer } = await item(association, 202607);
    const records = [
      ...firms.flatMap((_, number) => sample(number + 1)),
      { class: "C2", eventDate: "2026-07-15", status: "open" as const, statusDate: "2026-07-15", amountFen: 42 },
    ];
    expect(answer?.values).to.deep.equal(plainTotals(records, "2026-07"));
  }).timeout(600_000);

  it("release nothing for fewer than k contributors: no node is even asked", async () => {
    await network.open(202608);
    await network.contribute(202608, firms.slice(0, 2));
    await network.pass();
    const before = firms.map(({ asked }) => asked);
    await association.statistics.run();
    expect(await waiting(association, 202608)).to.equal("STATISTIC_CONTRIBUTORS_TOO_FEW");
    expect(firms.map(({ asked }) => asked)).to.deep.equal(before);
    expect((await item(association, 202608)).answer).to.equal(null);
  }).timeout(600_000);

  it("go on from where they were: below t the missing shares are counted and what came is kept", async () => {
    await network.open(202609);
    await network.contribute(202609, network.all);
    await network.pass();
    const [first, second, third] = [firms[0]!, firms[1]!, firms[2]!];
    const before = first.asked;
    // They hand out what they contributed, and no share.
    for (const node of [second, third]) node.lie = () => Promise.reject(new Error("down"));
    await association.statistics.run();
    expect((await item(association, 202609)).waiting).to.deep.equal({
      code: "STATISTIC_NODES_MISSING",
      values: { missing: 1, right: 1, needed: 2 },
    });
    expect(await counts("statistic_shares", association, 202609)).to.equal(1);
    expect(first.asked).to.equal(before + 1);
    // As after a kill: everything that counts is in the store.
    association.restart();
    third.lie = undefined;
    await second.down();
    await association.statistics.run();
    expect(await waiting(association, 202609)).to.equal(null);
    expect(first.asked).to.equal(before + 1);
    expect((await item(association, 202609)).answer?.contributors).to.equal(5);
    second.lie = undefined;
    await second.up();
  }).timeout(600_000);

  it("wait for a contributor that is down, and name it; its contribution is had when it is back", async () => {
    await network.open(202610);
    await network.contribute(202610, network.all);
    await network.pass();
    await firms[3]!.down();
    await association.statistics.run();
    expect(await waiting(association, 202610)).to.equal("STATISTIC_CONTRIBUTIONS_MISSING");
    expect((await item(association, 202610)).waiting?.values).to.deep.equal({
      missing: 1,
      contributors: `${(await association.ctx.chain.member(firms[3]!.id)).name} (PEER_UNREACHABLE)`,
    });
    await firms[3]!.up();
    await association.statistics.run();
    expect((await item(association, 202610)).answer?.contributors).to.equal(5);
    const row = await association.database.db
      .selectFrom("statistic_answers")
      .select("contributions")
      .where("period", "=", 202610)
      .executeTakeFirstOrThrow();
    expect(fromHex(row.contributions)).to.have.length(32);
  }).timeout(600_000);
});
