/** The ledger is a double; that a package verifies on a real one is tested end to end. */
import { expect } from "chai";
import { after, before, describe, it } from "mocha";

import { toHex } from "../../../../protocol/encoding/bytes.ts";
import { isFault } from "../../../../protocol/errors/fault.ts";
import type { EvidencePackage } from "../../../../protocol/evidence/package.ts";
import { anchorKey, createAnchorService } from "../../../../relayer/services/anchor/anchor.ts";
import type { EvidenceDependencies } from "../../../../relayer/services/evidence/document.ts";
import { evidencePackage } from "../../../../relayer/services/evidence/evidence.ts";
import { anchorLeaves } from "../../../support/anchor-leaves.ts";
import { LEDGER, random } from "../../../support/asking-ledger.ts";
import { addNodes, type AskedNodes } from "../../../support/asking-nodes.ts";
import { storeQuery, type StoredQuery } from "../../../support/asking-steps.ts";
import { asked, startAsking, type Asking } from "../../../support/asking.ts";
import { testDatabase, type TestDatabase } from "../../../support/postgres.ts";
import { exporting } from "../../../support/exporting.ts";
import { hangUp } from "../../../support/scripted-holder.ts";

const SENDER = `0x${"5e".repeat(20)}` as const;

describe("evidence put together", () => {
  let database: TestDatabase;
  let asking: Asking;
  let ctx: EvidenceDependencies;
  let stored: StoredQuery;
  let key: string;

  before(async () => {
    database = await testDatabase();
    asking = await startAsking(database);
    ctx = exporting(asking);
    await asking.openSession();
    stored = await storeQuery(asking);
    await asking.queries.drive(stored.query.id);
    await createAnchorService({ ...asking.ctx, outbox: asking.outbox.outbox }).run();
    const { session } = await database.db.selectFrom("query_leaves").select("session").executeTakeFirstOrThrow();
    key = anchorKey(session, 0, 1);
    expect(asking.outbox.calls.map((call) => call.key)).to.include(key);
    await database.db
      .insertInto("chain_accounts")
      .values({ sender: SENDER, next_nonce: 1, instance: "0x", fees: "{}" })
      .execute();
    await database.db
      .insertInto("chain_intents")
      .values({ key, sender: SENDER, kind: "anchor", contract: "queryLedger", data: Buffer.alloc(0), attempt: 1 })
      .execute();
  });
  after(async () => {
    await asking.close();
    await database.close();
  });

  const made = (): Promise<EvidencePackage> =>
    evidencePackage(ctx, { query: stored.query.id, investor: 0, document: 0 }, "test");

  /** As the outbox notes it. */
  async function minedAt(blockNumber: number, logIndex: number): Promise<void> {
    const event = asking.ctx.chain.contracts.queryLedger.interface.getEvent("LeavesAnchored");
    const logs = [{ address: LEDGER, topics: [event.topicHash], data: "0x", logIndex }];
    const hash = toHex(random(32));
    const facts = { block_number: blockNumber, block_hash: hash, gas_used: 1, logs: JSON.stringify(logs) };
    await database.db
      .updateTable("chain_intents")
      .set({ state: "mined", hash, ...facts })
      .execute();
  }

  async function expectNotAnchored(): Promise<void> {
    const refused = await made().catch((error: unknown) => error);
    expect(isFault(refused, "EVIDENCE_NOT_ANCHORED")).to.equal(true);
  }

  it("is refused until the leaf is on the ledger", expectNotAnchored);

  it("says where on the ledger the leaf is now, also after the chain rolled back and mined it elsewhere", async () => {
    await minedAt(101, 3);
    expect((await made()).anchors[0]).to.include({ blockNumber: 101, logIndex: 3 });
    await database.db.updateTable("chain_intents").set({ state: "queued" }).execute();
    await expectNotAnchored();
    await minedAt(98, 0);
    expect((await made()).anchors[0]).to.include({ blockNumber: 98, logIndex: 0 });
  });
});

describe("evidence of details that were asked for together with the overall picture", function () {
  this.timeout(480_000);
  let database: TestDatabase;
  let asking: Asking;
  let nodes: AskedNodes;

  before(async () => {
    database = await testDatabase();
    asking = await startAsking(database);
    nodes = await addNodes(asking);
    nodes.publish(Object.fromEntries([1, 2, 3].map((contributor) => [contributor, new Map()])));
    await asking.openSession();
  });
  after(async () => {
    await nodes.close();
    await asking.close();
    await database.close();
  });

  async function ask(mode: "aggregate" | "both"): Promise<string> {
    const demand = { subjects: [asked(1)], purpose: "CREDIT_GRANTING", mode, holders: "all", caller: "test" } as const;
    const id = await asking.queries.create(demand);
    for (;;) {
      const moved = asking.ctx.progress.next(id, 200);
      const row = await database.db.selectFrom("queries").selectAll().where("id", "=", id).executeTakeFirstOrThrow();
      if (row.leased_until === null) break;
      await moved;
    }
    await anchorLeaves(asking);
    return id;
  }

  const exported = (query: string): Promise<EvidencePackage> =>
    evidencePackage(exporting(asking), { query, investor: 0, document: 0 }, "test");

  it("is of the holders only: their answers, their leaves, and none of a node's", async () => {
    // A request to a node that was given up, and one to a holder that has not answered.
    nodes.nodes[0]?.server.script.push(...Array.from({ length: 9 }, () => hangUp));
    asking.holders[1]?.server.script.push(hangUp);
    const id = await ask("both");
    const exchanges = await database.db.selectFrom("query_exchanges").selectAll().where("query_id", "=", id).execute();
    expect(exchanges.filter(({ state, service }) => state === "answered" && service !== null)).to.have.length(9);
    const pkg = await exported(id);
    const [answering, silent] = asking.holders.map(({ dataset }) => dataset);
    expect(pkg.answers.map(({ dataset }) => dataset)).to.deep.equal([answering]);
    expect(pkg.anchors.flatMap(({ datasets }) => datasets)).to.deep.equal([answering]);
    expect(pkg.unanswered.map(({ dataset }) => dataset)).to.deep.equal([silent]);
  });

  it("is refused where no details were asked for", async () => {
    const refused = await exported(await ask("aggregate")).catch((error: unknown) => error);
    expect(isFault(refused, "EVIDENCE_NOT_ASKED")).to.equal(true);
  });
});
