import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";
import { after, before, beforeEach, describe, it } from "mocha";

import { fromHex, type Hex } from "../../../../protocol/encoding/bytes.ts";
import { type Fault, isFault } from "../../../../protocol/errors/fault.ts";
import { ristretto255Sha512 as oprf } from "../../../../protocol/oprf/oprf.ts";
import { openEntry } from "../../../../protocol/sealed-table/entry.ts";
import { unpadPayload } from "../../../../protocol/sealed-table/payload.ts";
import { decodeRecords } from "../../../../protocol/sealed-table/record.ts";
import { suiteById } from "../../../../protocol/sealed-table/suite.ts";
import { subjectInput } from "../../../../protocol/subject/subject.ts";
import type { DatasetInfo } from "../../../../relayer/chain/chain-view.ts";
import { openDetails } from "../../../../relayer/services/publish/published-store.ts";
import { createPublishService, type PublishService } from "../../../../relayer/services/publish/publish-service.ts";
import { destructionAttestation } from "../../../../relayer/services/publish/retire-keys.ts";
import { statisticsDigest } from "../../../../relayer/services/publish/statistics.ts";
import type { PublicationDemand, PublishableSubject } from "../../../../relayer/services/records/publishable.ts";
import { publishedDirectory, sealingDirectory } from "../../../../relayer/services/tables/table-files.ts";
import { openTableReader } from "../../../../relayer/services/tables/table-reader.ts";
import { IDatasetRegistry__factory } from "../../../../types/ethers-contracts/factories/data/IDatasetRegistry__factory.ts";
import {
  addDataset,
  fakeLedger,
  fakeRelayer,
  type FakeLedger,
  type FakeRelayer,
} from "../../../support/fake-network.ts";
import { testDatabase, type TestDatabase } from "../../../support/postgres.ts";
import { publishableOf, sampleSubjects } from "../../../support/publishable.ts";
import { temporaryDirectory } from "../../../support/temporary-directory.ts";

/** Of one publication: table, tree, and what the consortium table is told of its subjects. */
const FILES = 3;

describe("publishing a dataset", () => {
  const directory = temporaryDirectory();
  let ledger: FakeLedger;
  let relayer: FakeRelayer;
  let dataset: DatasetInfo;
  let publisher: PublishService;
  let subjects: PublishableSubject[];
  let collected: (demand: PublicationDemand) => void;
  let run = 0;

  let database: TestDatabase;

  before(async () => {
    database = await testDatabase();
  });

  beforeEach(async () => {
    ledger = fakeLedger();
    relayer = await fakeRelayer(ledger, directory, `firm-${String(run++)}`, database);
    dataset = addDataset(ledger, relayer.member, "CREDIT");
    subjects = sampleSubjects(0, 40);
    collected = () => undefined;
    publisher = create();
  });

  after(async () => {
    await database.close();
  });

  function create(): PublishService {
    return createPublishService(relayer.ctx, {
      threads: 1,
      collect: (demand) => {
        const list = subjects;
        collected(demand);
        return publishableOf(list);
      },
    });
  }

  function rows() {
    return relayer.ctx.db
      .selectFrom("published_tables")
      .selectAll()
      .orderBy("created_at")
      .orderBy("revision")
      .execute();
  }

  function files(): string[] {
    const path = publishedDirectory(relayer.ctx.config.dataDir);
    return existsSync(path) ? readdirSync(path) : [];
  }

  async function faultOf(work: Promise<unknown>): Promise<Fault> {
    const error: unknown = await work.then(
      () => undefined,
      (e: unknown) => e,
    );
    if (isFault(error)) return error;
    throw error instanceof Error ? error : new Error("no fault");
  }

  it("seals, commits store-first, and serves only once it is on chain", async () => {
    const result = await publisher.publishDataset("CREDIT");
    expect(result).to.deep.include({ outcome: "sealed", epoch: 7, revision: 1 });
    expect(result.intentKey).to.equal(`publish:${dataset.id}:7:1`);
    expect(result.report?.subjects).to.equal(40);
    expect(relayer.pending.map((intent) => intent.key)).to.deep.equal([result.intentKey]);
    expect((await rows())[0]).to.deep.include({ state: "sealed", entry_count: 1024, entry_size: 560, suite: 1 });
    expect(await publisher.servedTable(dataset.id, 7, 1)).to.equal(undefined);
    await relayer.mine();
    expect((await rows())[0]).to.deep.include({ state: "committed", transaction_hash: `0x${"77".repeat(32)}` });
    const served = await publisher.servedTable(dataset.id, 7, 1);
    expect(served && readFileSync(served.path).length).to.equal(1024 * 560);
    expect(ledger.commitments[0]).to.deep.include({ root: served?.root, entryCount: 1024, entrySize: 560, schema: 1 });
  });

  it("collects by the governed switch and the governed term", async () => {
    const demands: PublicationDemand[] = [];
    collected = (demand) => void demands.push(demand);
    Object.assign(ledger, { existingCustomersIncluded: true, recordExpiry: 36 });
    await publisher.publishDataset("CREDIT");
    expect(demands[0]).to.deep.include({ existingCustomersIncluded: true, expiryMonths: 36, categories: ["B", "C"] });
  });

  it("is in the audit log, with what it kept out and why it failed", async () => {
    publisher = createPublishService(relayer.ctx, {
      threads: 1,
      collect: () => {
        const publishable = publishableOf(subjects);
        const kept = [{ code: "RECORD_EXPIRED" as const, count: 3, recordIds: ["a", "b", "c"] }];
        return Object.assign(publishable, { report: () => ({ ...publishableOf(subjects).report(), refused: kept }) });
      },
    });
    await publisher.publishDataset("CREDIT");
    await faultOf(publisher.publishDataset("NOWHERE"));
    const entries = await relayer.ctx.db
      .selectFrom("audit_log")
      .select(["actor", "action", "subject_id", "outcome"])
      .orderBy("sequence", "desc")
      .limit(3)
      .execute();
    expect(entries.map((entry) => Object.values(entry)).reverse()).to.deep.equal([
      ["relayer", "dataset.publish", "CREDIT", "sealed"],
      ["relayer", "dataset.keep-out", "CREDIT", "RECORD_EXPIRED:3"],
      ["relayer", "dataset.publish", "NOWHERE", "DATASET_NOT_REGISTERED"],
    ]);
  });

  it("lets who evaluates under the committed key open exactly the records", async () => {
    await publisher.publishDataset("CREDIT");
    await relayer.mine();
    const served = await publisher.servedTable(dataset.id, 7, 1);
    const key = await relayer.ctx.keys.findEpochKey(dataset.id, 7);
    if (!served || !key) throw new Error("nothing served");
    expect(fromHex(ledger.commitments[0]?.publicKey ?? "0x")).to.deep.equal(key.publicKey);
    const table = { dataset: fromHex(dataset.id), epoch: 7 };
    const reader = await openTableReader(
      { table: served.path, tree: served.path.replace(/table$/, "tree") },
      served,
      fromHex(served.root),
    );
    const suite = suiteById(1);
    for (const { subject, records } of subjects.slice(0, 5)) {
      const y = oprf.evaluate(key.secretKey, subjectInput(subject));
      const { hit } = reader.lookup(suite.deriveTag(y, table));
      const payload = hit && openEntry(suite, table, y, hit);
      expect(payload && decodeRecords(unpadPayload(payload))).to.deep.equal(records);
    }
    await reader.close();
  });

  it("commits to true counts by a salted digest that can be opened, and keeps them sealed", async () => {
    await publisher.publishDataset("CREDIT");
    await relayer.mine();
    const [row] = await rows();
    if (!row) throw new Error("no row");
    const { statistics, shape } = openDetails(relayer.ctx.cipher, row);
    expect(statisticsDigest(statistics)).to.equal(ledger.commitments[0]?.statisticsDigest);
    expect(JSON.parse(statistics.text)).to.deep.equal({
      asOf: "2026-06-01",
      byClass: { B2: 40 },
      records: 40,
      subjects: 40,
    });
    expect(shape.subjects).to.equal(40);
    expect(Buffer.from(row.details).toString("latin1")).not.to.include("subjects");
  });

  it("makes no second revision of unchanged data unless forced, and then fresh ciphertext under the same key", async () => {
    await publisher.publishDataset("CREDIT");
    await relayer.mine();
    expect(await publisher.publishDataset("CREDIT")).to.deep.include({ outcome: "unchanged", revision: 1 });
    expect(relayer.pending).to.deep.equal([]);
    expect(await publisher.publishDataset("CREDIT", { force: true })).to.deep.include({
      outcome: "sealed",
      revision: 2,
    });
    await relayer.mine();
    const [first, second] = ledger.commitments;
    expect(second?.publicKey).to.equal(first?.publicKey);
    expect(second?.root).not.to.equal(first?.root);
  });

  it("makes a new revision when a record changed, came or went; tags that come and go are the same number each time", async () => {
    await publisher.publishDataset("CREDIT");
    await relayer.mine();
    const tags = async (revision: number) => {
      const served = await publisher.servedTable(dataset.id, 7, revision);
      const bytes = readFileSync(served?.path ?? "");
      return Array.from({ length: 1024 }, (_, i) => bytes.subarray(i * 560, i * 560 + 16).toString("hex"));
    };
    let before = await tags(1);
    for (const [i, next] of [
      sampleSubjects(0, 40, "changed"),
      sampleSubjects(0, 41, "changed"),
      sampleSubjects(3, 41, "changed"),
    ].entries()) {
      subjects = next;
      expect(await publisher.publishDataset("CREDIT")).to.deep.include({ outcome: "sealed", revision: i + 2 });
      await relayer.mine();
      const now = await tags(i + 2);
      expect(now.filter((tag) => !before.includes(tag)).length).to.equal(16);
      before = now;
    }
  });

  it("publishes nothing twice: a revision on its way is left alone, two calls at once make one", async () => {
    const [one, two] = await Promise.all([publisher.publishDataset("CREDIT"), publisher.publishDataset("CREDIT")]);
    expect([one.outcome, two.outcome]).to.deep.equal(["sealed", "pending"]);
    const other = create();
    expect(await other.publishDataset("CREDIT", { force: true })).to.deep.include({ outcome: "pending", revision: 1 });
    expect(relayer.pending.length).to.equal(1);
    expect((await rows()).length).to.equal(1);
  });

  it("of two processes that seal the same revision, one commits and the other cleans up", async () => {
    const other = create();
    const results = await Promise.all([publisher.publishDataset("CREDIT"), other.publishDataset("CREDIT")]);
    expect(results.map(({ outcome }) => outcome).sort()).to.deep.equal(["pending", "sealed"]);
    expect((await rows()).length).to.equal(1);
    expect(files().length).to.equal(FILES);
  });

  it("after a refusal by the chain starts anew, under another outbox key", async () => {
    await publisher.publishDataset("CREDIT");
    await relayer.refuse();
    expect((await rows())[0]).to.deep.include({ state: "discarded", fault_code: "CHAIN_REVERTED" });
    const again = await publisher.publishDataset("CREDIT");
    expect(again).to.deep.include({ outcome: "sealed", revision: 1, intentKey: `publish:${dataset.id}:7:1:again-1` });
    expect(files().length).to.equal(2 * FILES);
    expect(await publisher.removeOrphans()).to.equal(FILES);
    await relayer.mine();
    expect(await publisher.servedTable(dataset.id, 7, 1)).not.to.equal(undefined);
  });

  it("removes what a crash left, before the row and during the sealing, and publishes as if nothing had been", async () => {
    const { dataDir } = relayer.ctx.config;
    mkdirSync(publishedDirectory(dataDir), { recursive: true });
    mkdirSync(join(sealingDirectory(dataDir), "crashed"), { recursive: true });
    writeFileSync(join(publishedDirectory(dataDir), "11111111-1111-4111-8111-111111111111.table"), "left");
    writeFileSync(join(publishedDirectory(dataDir), "11111111-1111-4111-8111-111111111111.tree.tmp"), "left");
    writeFileSync(join(sealingDirectory(dataDir), "crashed", "0.spill"), "left");
    publisher = create();
    expect(await publisher.removeOrphans()).to.equal(2);
    expect(existsSync(sealingDirectory(dataDir))).to.equal(false);
    expect(await publisher.publishDataset("CREDIT")).to.deep.include({ outcome: "sealed", revision: 1 });
    expect(await publisher.removeOrphans()).to.equal(0);
  });

  it("leaves no file and no row when the outbox refuses", async () => {
    const { outbox } = relayer.ctx;
    Object.assign(outbox, { enqueue: () => Promise.reject(new Error("the store broke")) });
    const error: unknown = await publisher.publishDataset("CREDIT").catch((e: unknown) => e);
    expect(error).to.be.an("error").with.property("message", "the store broke");
    expect(await rows()).to.deep.equal([]);
    expect(files()).to.deep.equal([]);
  });

  it("seals what is there when records change between the passes, and gives up when they never rest", async () => {
    let passes = 0;
    collected = () => {
      passes += 1;
      if (passes === 1) subjects = sampleSubjects(0, 60);
    };
    expect((await publisher.publishDataset("CREDIT")).report?.subjects).to.equal(60);
    expect(files().length).to.equal(FILES);
    await relayer.refuse();
    await publisher.removeOrphans();
    collected = () => {
      subjects = sampleSubjects(0, subjects.length + 1, "x".repeat(490));
    };
    expect((await faultOf(publisher.publishDataset("CREDIT"))).code).to.equal("TABLE_CHANGED_WHILE_SEALING");
    expect(files()).to.deep.equal([]);
  });

  it("uses the smallest payload class that fits the largest subject, and names only the size when none does", async () => {
    const many = (count: number): PublishableSubject => ({
      subject: sampleSubjects(900, 901)[0]!.subject,
      records: Array.from({ length: count }, (_, i) => ({ ...sampleSubjects(i, i + 1)[0]!.records[0]! })),
    });
    subjects = [...sampleSubjects(0, 20), many(5)];
    await publisher.publishDataset("CREDIT");
    expect((await rows())[0]?.entry_size).to.equal(2048 + 48);
    await relayer.mine();
    subjects = [...sampleSubjects(0, 20), many(100)];
    const fault = await faultOf(publisher.publishDataset("CREDIT"));
    expect(fault.code).to.equal("RECORDS_TOO_LARGE");
    expect(Object.keys(fault.values)).to.deep.equal(["bytes", "limit"]);
  });

  it("keeps the suite of an epoch, whatever the configuration says meanwhile", async () => {
    await publisher.publishDataset("CREDIT");
    await relayer.mine();
    Object.assign(relayer.ctx.config, { suite: 2 });
    await publisher.publishDataset("CREDIT", { force: true });
    await relayer.mine();
    ledger.epoch = 8;
    await publisher.publishDataset("CREDIT");
    await relayer.mine();
    expect(ledger.commitments.map(({ epoch, revision, suite }) => [epoch, revision, suite])).to.deep.equal([
      [7, 1, 1],
      [7, 2, 1],
      [8, 1, 2],
    ]);
  });

  it("refuses to publish under another key than the committed one, and without the tables it committed", async () => {
    await publisher.publishDataset("CREDIT");
    await relayer.mine();
    const committed = ledger.commitments[0]!;
    ledger.commitments[0] = { ...committed, publicKey: `0x${"01".repeat(32)}` };
    expect((await faultOf(publisher.publishDataset("CREDIT", { force: true }))).code).to.equal("EPOCH_KEY_CONFLICT");
    ledger.commitments[0] = committed;
    ledger.commitments.push({ ...committed, revision: 2 });
    expect((await faultOf(publisher.publishDataset("CREDIT"))).code).to.equal("TABLE_HISTORY_MISSING");
    ledger.commitments.pop();
    rmSync(publishedDirectory(relayer.ctx.config.dataDir), { recursive: true });
    expect((await faultOf(publisher.publishDataset("CREDIT", { force: true }))).code).to.equal("TABLE_HISTORY_MISSING");
    expect((await faultOf(publisher.publishDataset("OTHER"))).code).to.equal("DATASET_NOT_REGISTERED");
  });

  it("is due once in each epoch after the first publication, which is a person's decision", async () => {
    expect(await publisher.publishIfDue()).to.deep.equal([]);
    await publisher.publishDataset("CREDIT");
    await relayer.mine();
    expect(await publisher.publishIfDue()).to.deep.equal([]);
    ledger.epoch = 8;
    expect(await publisher.publishIfDue()).to.deep.equal(["CREDIT"]);
    expect(relayer.enqueued).to.deep.equal([{ name: "publish", id: "CREDIT" }]);
    await relayer.runJob("publish", "CREDIT");
    expect(await publisher.publishIfDue()).to.deep.equal([]);
    await relayer.mine();
    expect(await publisher.publishIfDue()).to.deep.equal([]);
    const [first, second] = ledger.commitments;
    expect([second?.epoch, second?.revision]).to.deep.equal([8, 1]);
    expect(second?.publicKey).not.to.equal(first?.publicKey);
  });

  describe("the end of an epoch key", () => {
    let id: Hex;

    beforeEach(async () => {
      id = dataset.id;
      await publisher.publishDataset("CREDIT");
      await relayer.mine();
    });

    it("comes two epochs later, is recorded on chain by a digest that can be opened, and takes the tables along", async () => {
      ledger.epoch = 8;
      expect(await publisher.destroyRetiredKeys()).to.equal(0);
      expect(await relayer.ctx.keys.findEpochKey(id, 7)).not.to.equal(undefined);
      ledger.epoch = 9;
      expect(await publisher.destroyRetiredKeys()).to.equal(1);
      expect((await faultOf(relayer.ctx.keys.findEpochKey(id, 7))).code).to.equal("EPOCH_KEY_DESTROYED");
      expect(files()).to.deep.equal([]);
      expect(await publisher.servedTable(id, 7, 1)).to.equal(undefined);
      const [intent] = relayer.pending;
      expect(intent).to.deep.include({ key: `destroy-key:${id}:7`, kind: "destroy-key" });
      const decoded = IDatasetRegistry__factory.createInterface().decodeFunctionData(
        "recordKeyDestruction",
        intent?.data ?? "0x",
      );
      const row = await relayer.ctx.db.selectFrom("dataset_epochs").selectAll().executeTakeFirstOrThrow();
      const attestation = destructionAttestation(
        row.attestation_salt ?? Buffer.alloc(0),
        id,
        7,
        ledger.commitments[0]?.publicKey ?? "",
        row.destroyed_at ?? new Date(0),
      );
      expect(decoded[2]).to.equal(`0x${Buffer.from(attestation).toString("hex")}`);
      await relayer.mine();
      const after = await relayer.ctx.db.selectFrom("dataset_epochs").selectAll().executeTakeFirstOrThrow();
      expect(after.key_state).to.equal("recorded");
      expect(await publisher.destroyRetiredKeys()).to.equal(0);
    });

    it("goes on after a crash between the destruction and its record", async () => {
      ledger.epoch = 9;
      await relayer.ctx.keys.destroyEpochKey(id, 7);
      expect(await publisher.destroyRetiredKeys()).to.equal(1);
      expect(relayer.pending.map((intent) => intent.kind)).to.deep.equal(["destroy-key"]);
    });
  });
});
