/** On a real chain: what is anchored opens to the log, and to no other. */
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import pino from "pino";

import { isFault } from "../../../../protocol/errors/fault.ts";
import { openChain, type ChainConnection } from "../../../../relayer/chain/open-chain.ts";
import {
  createAuditAnchorService,
  verifyAuditAnchors,
  type AuditAnchorDependencies,
  type AuditAnchorService,
} from "../../../../relayer/services/audit/audit-anchor.ts";
import { createAuditLog, type AuditLog } from "../../../../relayer/store/audit-log.ts";
import { random } from "../../../support/asking-ledger.ts";
import { startTestPlatform, type TestMember, type TestPlatform } from "../../../support/platform.ts";
import { testDatabase, type TestDatabase } from "../../../support/postgres.ts";

const clock = (): Date => new Date();

describe("the audit log on chain", () => {
  let platform: TestPlatform;
  let database: TestDatabase;
  let member: TestMember;
  let chain: ChainConnection;
  let audit: AuditLog;
  let anchor: AuditAnchorService;
  let ctx: AuditAnchorDependencies;

  before(async () => {
    platform = await startTestPlatform(1);
    database = await testDatabase();
    member = platform.firms[0] ?? expect.fail("a firm");
    const { deployment } = platform;
    const log = pino({ level: "silent" });
    const { db } = database;
    chain = openChain({ rpcUrl: deployment.rpcUrl, deployment, operator: member.operator, db, clock, log });
    audit = createAuditLog(db, clock, random);
    ctx = { chain: chain.view, db, outbox: chain.outbox, random, clock, log, audit };
    anchor = createAuditAnchorService(ctx);
    await chain.start();
  });

  after(async () => {
    await chain.close();
    await database.close();
    await platform.stop();
  });

  const rows = () => database.db.selectFrom("audit_anchors").selectAll().orderBy("id").execute();

  async function append(action: string): Promise<void> {
    const entry = { actor: "test", action, subjectId: "x" };
    await database.db.transaction().execute((trx) => audit.append(trx, entry));
  }

  async function anchorAndWait(): Promise<void> {
    expect(await anchor.run()).to.equal(true);
    const key = (await rows()).at(-1)?.intent_key ?? "";
    await chain.outbox.wait(key, 20_000);
  }

  const digests = async (): Promise<string[]> => {
    const { auditAnchors } = platform.contracts;
    const events = await auditAnchors.queryFilter(auditAnchors.filters.AuditAnchored(member.id));
    return events.map(({ args }) => args.digest);
  };

  it("comes at every window, with digests that do not say whether anything happened", async () => {
    await anchorAndWait();
    await append("first");
    await anchorAndWait();
    await anchorAndWait();
    const seen = await digests();
    expect(new Set(seen).size).to.equal(3);
    const anchored = await rows();
    expect(anchored.map(({ number, sequence, state }) => [number, sequence, state])).to.deep.equal([
      [0, "0", "anchored"],
      [1, "1", "anchored"],
      [2, "1", "anchored"],
    ]);
    expect(await verifyAuditAnchors(ctx)).to.equal(3);
  });

  it("waits for the one before, and goes on under the chain's number when another store's anchors came between", async () => {
    await append("second");
    const both = await Promise.all([anchor.run(), anchor.run()]);
    expect(both.filter(Boolean)).to.have.length(1);
    await chain.outbox.wait((await rows()).at(-1)?.intent_key ?? "", 20_000);
    await platform.mined(platform.actingAs(member).auditAnchors.anchorAudit(4, random(32)));
    await anchorAndWait();
    expect((await rows()).at(-1)).to.include({ number: 5, state: "anchored" });
    const refused: unknown = await verifyAuditAnchors(ctx).catch((error: unknown) => error);
    expect(isFault(refused, "AUDIT_ANCHOR_MISMATCH") && refused.values).to.deep.equal({ number: 4 });
  });

  it("does not open to a log that was rewritten whole, though that holds together by itself", async () => {
    const other = await testDatabase();
    try {
      const rewritten = createAuditLog(other.db, clock, random);
      for (const action of ["first", "something else"]) {
        const entry = { actor: "test", action, subjectId: "x" };
        await other.db.transaction().execute((trx) => rewritten.append(trx, entry));
      }
      expect((await rewritten.verify()).sequence).to.equal(2);
      for (const { id: _id, sequence, ...row } of await rows()) {
        await other.db
          .insertInto("audit_anchors")
          .values({ ...row, sequence: Number(sequence) })
          .execute();
      }
      const refused: unknown = await verifyAuditAnchors({ ...ctx, db: other.db }).catch((error: unknown) => error);
      expect(isFault(refused, "AUDIT_ANCHOR_MISMATCH") && refused.values).to.deep.equal({ number: 1 });
    } finally {
      await other.close();
    }
  });
});
