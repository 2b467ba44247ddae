/** On a real chain, through the real outbox: a first batch that no node takes does not keep the later ones from the ledger. */
import { randomUUID } from "node:crypto";

import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import pino from "pino";

import { toHex, type Hex } from "../../../../protocol/encoding/bytes.ts";
import { createOutbox } from "../../../../relayer/chain/create-outbox.ts";
import { createChainView } from "../../../../relayer/chain/create-chain-view.ts";
import type { Outbox } from "../../../../relayer/chain/outbox.ts";
import { createProvider } from "../../../../relayer/chain/provider.ts";
import type { RelayerContext } from "../../../../relayer/context.ts";
import { createAnchorService, type AnchorService } from "../../../../relayer/services/anchor/anchor.ts";
import { random } from "../../../support/asking-ledger.ts";
import { label, startTestPlatform, type TestMember, type TestPlatform } from "../../../support/platform.ts";
import { testDatabase, type TestDatabase } from "../../../support/postgres.ts";
import { startUnreliableRpc, type UnreliableRpc } from "../../../support/unreliable-rpc.ts";

const TIMING = { sweepMs: 50, resendAfterMs: 100, stuckAfterMs: 200, stuckBlocks: 3 };
const RETRY = { maximum: 400, firstMs: 20, longestMs: 50 };
const PATIENCE_MS = 200_000;

describe("anchoring on a chain", () => {
  let platform: TestPlatform;
  let database: TestDatabase;
  let member: TestMember;
  let proxy: UnreliableRpc;
  let outbox: Outbox;
  let anchor: AnchorService;
  let session: Hex;
  const query = randomUUID();
  const closers: (() => unknown)[] = [];

  before(async () => {
    platform = await startTestPlatform(1);
    database = await testDatabase();
    member = platform.firms[0] ?? expect.fail("a firm");
    session = await openSession();
    proxy = await startUnreliableRpc(platform.deployment.rpcUrl);
    const { deployment } = platform;
    const provider = createProvider(proxy.url, deployment.chainId);
    const log = pino({ level: "silent" });
    const clock = (): Date => new Date();
    const { db } = database;
    const { operator } = member;
    outbox = createOutbox({ db, provider, deployment, operator, clock, log, timing: { ...TIMING, retry: RETRY } });
    const chain = createChainView({ provider, deployment, operator: operator.address, clock });
    anchor = createAnchorService({ chain, db, outbox, random, clock, log } as unknown as RelayerContext);
    await outbox.start();
    closers.push(
      () => outbox.close(),
      () => {
        provider.destroy();
      },
    );
    await storeSession();
  });

  after(async () => {
    for (const close of closers) await close();
    await proxy.close();
    await database.close();
    await platform.stop();
  });

  async function openSession(): Promise<Hex> {
    const acting = platform.actingAs(member);
    const { contracts } = platform;
    await platform.mined(acting.datasetRegistry.registerDataset(label("CREDIT"), [label("B"), label("C")]));
    const dataset = await contracts.datasetRegistry.datasetIdOf(member.id, label("CREDIT"));
    const digest = toHex(random(32));
    const size = { entryCount: 1024, entrySize: 560, suite: 1, schema: 1 };
    const epoch = await contracts.platformParameters.currentEpoch();
    const publication = { epoch, revision: 1, root: digest, publicKey: digest, statisticsDigest: digest, ...size };
    await platform.mined(acting.datasetRegistry.publish(dataset, publication));
    const expiresAt = (await contracts.emergency.time()) + 3_600n;
    await platform.mined(acting.queryLedger.openSession(1, [dataset], [16], expiresAt));
    return (await contracts.queryLedger.sessionIdOf(member.id, 1)).toLowerCase() as Hex;
  }

  async function storeSession(): Promise<void> {
    const now = new Date();
    const { db } = database;
    const open = { id: session, nonce: "1", state: "open" as const, expires_at: 9_999_999_999, created_at: now };
    await db.insertInto("query_sessions").values(open).execute();
    const asked = { id: query, created_at: now, caller: "test", purpose: "ANTI_FRAUD", next_attempt_at: now };
    await db
      .insertInto("queries")
      .values({ ...asked, state: "answered", completed_at: now })
      .execute();
    const subject = { query_id: query, position: 0, subject: Buffer.alloc(1), authorisation: "A" };
    await db.insertInto("query_subjects").values(subject).execute();
  }

  async function addLeaves(count: number): Promise<void> {
    const place = { query_id: query, position: 0, session, salt: "0x", datasets: "", created_at: new Date() };
    const rows = Array.from({ length: count }, () => ({ ...place, id: randomUUID(), leaf: toHex(random(32)) }));
    await database.db.insertInto("query_leaves").values(rows).execute();
  }

  it("brings every leaf onto the ledger, each in its place, though no node takes a batch of more than sixteen", async () => {
    let refused = 0;
    proxy.replies = (method, [raw]) => {
      if (method !== "eth_sendRawTransaction" || String(raw).length < 2 * 64 * 32) return undefined;
      refused += 1;
      return { error: { code: -32_000, message: "oversized data" } };
    };
    await addLeaves(40);
    await anchor.run();
    await addLeaves(3);
    await anchor.run();
    const deadline = performance.now() + PATIENCE_MS;
    const open = () => database.db.selectFrom("query_leaves").select("id").where("batch", "is", null).execute();
    const unsettled = () =>
      database.db.selectFrom("query_batches").select("batch").where("state", "<>", "anchored").execute();
    while ((await open()).length + (await unsettled()).length > 0) {
      if (performance.now() > deadline) expect.fail("leaves are still not anchored");
      await anchor.run();
      await new Promise((done) => setTimeout(done, 100));
    }
    expect(refused).to.be.above(0);
    const { queryLedger } = platform.contracts;
    const events = await queryLedger.queryFilter(queryLedger.filters.LeavesAnchored(session));
    const batches = new Map(events.map(({ args }) => [Number(args.batch), [...args.leaves]]));
    expect([...batches.keys()]).to.deep.equal(Array.from(batches.keys(), (_, i) => i));
    const leaves = await database.db.selectFrom("query_leaves").selectAll().execute();
    expect(leaves).to.have.length(43);
    for (const { leaf, batch, place } of leaves) expect(batches.get(batch ?? -1)?.[place ?? -1]).to.equal(leaf);
  });
});
