import { expect } from "chai";
import { after, afterEach, before, beforeEach, describe, it } from "mocha";

import { isFault } from "../../../protocol/errors/fault.ts";
import type { Hex } from "../../../protocol/encoding/bytes.ts";
import { openChain, type ChainConnection } from "../../../relayer/chain/open-chain.ts";
import type { PlatformEvent } from "../../../relayer/chain/platform-event.ts";
import { label, startTestPlatform, type TestMember, type TestPlatform } from "../../support/platform.ts";
import { testDatabase, type TestDatabase } from "../../support/postgres.ts";
import { startUnreliableRpc } from "../../support/unreliable-rpc.ts";

const DIGEST = `0x${"77".repeat(32)}`;

/** What the freeze stops: all parts (contracts/types/Scope.sol). */
const EVERYTHING = 15;
const MEMBERSHIP = 1;

describe("the chain view and the watcher", () => {
  let platform: TestPlatform;
  let firm: TestMember;
  let database: TestDatabase;
  const open: ChainConnection[] = [];

  before(async () => {
    platform = await startTestPlatform(2);
    firm = platform.firms[0] as TestMember;
  });

  after(async () => {
    await platform.stop();
  });

  beforeEach(async () => {
    database = await testDatabase();
  });

  afterEach(async () => {
    for (const chain of open.splice(0)) await chain.close();
    await database.close();
  });

  function make(rpcUrl = platform.deployment.rpcUrl, member = firm): ChainConnection {
    const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
    const { deployment } = platform;
    const chain = openChain({
      rpcUrl,
      deployment,
      operator: member.operator,
      db: database.db,
      clock: () => new Date(),
      log,
    });
    open.push(chain);
    return chain;
  }

  async function started(): Promise<ChainConnection> {
    const chain = make();
    await chain.start();
    await chain.watcher.look();
    return chain;
  }

  async function until(condition: () => Promise<boolean>): Promise<void> {
    while (!(await condition())) await new Promise((done) => setTimeout(done, 20));
  }

  it("tells who is in, by number, by account, and who we are", async () => {
    const { view } = await started();
    const [association, first, second] = await view.members();
    expect(association).include({ id: 1, name: "association", kind: "Association", status: "Active" });
    expect(first).include({ id: firm.id, status: "Active" });
    expect(await view.me()).deep.equal(first);
    expect((await view.memberByOperator(platform.firms[1]?.operator.address as Hex))?.id).equal(second?.id);
    expect(await view.memberByOperator(`0x${"99".repeat(20)}`)).equal(undefined);
    expect(await view.member(99).catch((error: unknown) => isFault(error, "MEMBER_UNKNOWN"))).equal(true);
  });

  it("sees a suspension, a new endpoint and a new operator without being told", async () => {
    const { view } = await started();
    const other = platform.firms[1] as TestMember;
    expect((await view.member(other.id)).status).equal("Active");
    await platform.mined(platform.governance.memberRegistry.suspend(other.id, DIGEST));
    await until(async () => (await view.member(other.id)).status === "Suspended");
    await platform.mined(platform.governance.memberRegistry.reinstate(other.id));
    await until(async () => (await view.member(other.id)).status === "Active");
    await platform.mined(platform.actingAs(other).memberRegistry.setEndpoint("http://127.0.0.1:9/new/"));
    await until(async () => (await view.member(other.id)).endpoint === "http://127.0.0.1:9/new");
    const spare = `0x${"98".repeat(20)}` as const;
    await platform.mined(platform.actingAs(other).memberRegistry.nominateOperator(spare));
    expect(await view.memberByOperator(spare)).equal(undefined);
  });

  it("follows datasets, commitments, sessions and parameters", async () => {
    const { view, watcher } = await started();
    const acting = platform.actingAs(firm);
    expect(await view.datasets()).deep.equal([]);
    await platform.mined(acting.datasetRegistry.registerDataset(label("CREDIT"), [label("B"), label("C")]));
    await watcher.look();
    const [dataset] = await view.datasets();
    expect(dataset).include({ holder: firm.id, label: "CREDIT", latestEpoch: 0 });
    expect(dataset?.categories).deep.equal(["B", "C"]);
    const id = dataset?.id as Hex;
    expect(await view.latestCommitment(id)).equal(undefined);
    const unknown = await view.latestCommitment(DIGEST as Hex).catch((error: unknown) => error);
    expect(isFault(unknown, "DATASET_UNKNOWN")).equal(true);

    const epoch = await view.currentEpoch();
    const publication = {
      epoch,
      revision: 1,
      root: DIGEST,
      publicKey: `0x${"12".repeat(32)}`,
      statisticsDigest: DIGEST,
      entryCount: 1024,
      entrySize: 560,
      suite: 1,
      schema: 1,
    };
    await platform.mined(acting.datasetRegistry.publish(id, publication));
    await watcher.look();
    expect(await view.latestCommitment(id)).include({ dataset: id, epoch, revision: 1, withdrawn: false });
    expect(await view.commitment(id, epoch, 1)).deep.equal(await view.latestCommitment(id));
    expect(await view.commitment(id, epoch, 2)).equal(undefined);
    await platform.mined(acting.datasetRegistry.withdraw(id, epoch, 1, DIGEST));
    await watcher.look();
    expect((await view.commitment(id, epoch, 1))?.withdrawn).equal(true);
    expect(await view.commitment(id, epoch, 2)).equal(undefined);
    await platform.mined(acting.datasetRegistry.publish(id, { ...publication, revision: 2 }));
    // Not kept while it is not there: no need to wait for the watcher.
    expect(await view.commitment(id, epoch, 2)).include({ revision: 2, withdrawn: false });

    const session = (await view.contracts.queryLedger.sessionIdOf(firm.id, 5)) as Hex;
    expect(await view.session(session)).equal(undefined);
    const before = await view.pointsOf(firm.id);
    await platform.mined(acting.queryLedger.openSession(5, [id], [16], (await view.ledgerTime()) + 600));
    // Not kept while it is not there: no need to wait for the watcher.
    const opened = await view.session(session);
    expect(opened).include({ querier: firm.id, signer: firm.operator.address, status: "Open", batches: 0 });
    const price = await view.priceOf(id);
    expect(await opened?.allotment(id)).deep.equal({ granted: 16, settled: 0, price });
    expect(await opened?.allotment(DIGEST as Hex)).equal(undefined);
    expect(await view.pointsOf(firm.id)).equal(before - 16n * price);
    await platform.mined(
      acting.queryLedger.anchor(
        session,
        0,
        Array.from({ length: 16 }, () => DIGEST),
      ),
    );
    await watcher.look();
    expect(await view.session(session)).include({ batches: 1, leavesAnchored: 16 });

    expect(await view.recordExpiry()).equal(60);
    await platform.mined(platform.governance.platformParameters.setRecordExpiry(36));
    await until(async () => (await view.recordExpiry()) === 36);
    expect(await view.existingCustomersIncluded()).equal(false);
    await platform.mined(platform.governance.platformParameters.switchExistingCustomers(true));
    await until(() => view.existingCustomersIncluded());
  });

  it("keeps ledger time going while no block is made, and stops it in a freeze", async () => {
    const { view, watcher } = await started();
    const local = Math.floor(Date.now() / 1000);
    expect(await view.ledgerTime()).least(local);
    const [epoch, bounds] = [await view.currentEpoch(), await view.epochBounds(await view.currentEpoch())];
    expect(epoch).least(1);
    expect(await view.ledgerTime()).within(bounds.start, bounds.end - 1);

    // Admissions alone: the clock stops, queries do not.
    await platform.mined(platform.governance.emergency.freeze(MEMBERSHIP, 3600, DIGEST));
    await watcher.look();
    expect(await view.frozen()).equal(false);
    const before = await view.ledgerTime();
    await platform.provider.send("evm_increaseTime", [100]);
    await platform.provider.send("evm_mine", []);
    await watcher.look();
    expect(await view.ledgerTime()).equal(before);
    // Widened to all.
    await platform.mined(platform.governance.emergency.freeze(EVERYTHING, 3600, DIGEST));
    await watcher.look();
    expect(await view.frozen()).equal(true);
    const stopped = await view.ledgerTime();
    // Blocks, and block time with them, go on.
    await platform.provider.send("evm_increaseTime", [500]);
    await platform.provider.send("evm_mine", []);
    await watcher.look();
    expect(await view.ledgerTime()).equal(stopped);
    await platform.mined(platform.governance.emergency.unfreeze());
    await watcher.look();
    expect(await view.frozen()).equal(false);
    const [again, contract] = [await view.ledgerTime(), Number(await view.contracts.emergency.time())];
    expect(again).least(contract);
    expect(again).below(stopped + 400);
  });

  it("follows block time that runs ahead of the local clock", async () => {
    const { view, watcher } = await started();
    const before = await view.ledgerTime();
    await platform.provider.send("evm_increaseTime", [5_000]);
    await platform.provider.send("evm_mine", []);
    await watcher.look();
    expect(await view.ledgerTime()).least(before + 5_000);
  });

  it("does not answer from what it keeps once it has not seen the chain for seconds", async () => {
    const proxy = await startUnreliableRpc(platform.deployment.rpcUrl);
    const chain = make(proxy.url);
    await chain.start();
    await chain.watcher.look();
    await chain.view.members();
    proxy.down = true;
    await until(() => Promise.resolve(!chain.watcher.fresh()));
    const error: unknown = await chain.view.members().catch((reason: unknown) => reason);
    expect(isFault(error, "CHAIN_UNREACHABLE")).equal(true);
    proxy.down = false;
    await until(() => Promise.resolve(chain.watcher.fresh()));
    await chain.view.members();
    await chain.close();
    open.splice(open.indexOf(chain), 1);
    await proxy.close();
  });

  it("knows no event by a wrong name", () => {
    expect(() => {
      make().watcher.on("CommitmentPublish", () => Promise.resolve());
    }).throw(RangeError);
  });

  describe("telling events", () => {
    const set = async (text: string): Promise<void> => {
      await platform.mined(platform.actingAs(firm).memberRegistry.setEndpoint(`http://127.0.0.1/${text}`));
    };

    async function listening(
      told: string[],
      handler?: (event: PlatformEvent) => Promise<void>,
    ): Promise<ChainConnection> {
      const chain = make();
      chain.watcher.on("EndpointChanged", async (event) => {
        await handler?.(event);
        const endpoint = String(event.args["endpoint"]);
        if (endpoint.startsWith("http://127.0.0.1/t")) told.push(endpoint.slice("http://127.0.0.1/".length));
      });
      await chain.start();
      return chain;
    }

    it("goes on from the cursor in the next process, and tells nothing twice", async () => {
      const told: string[] = [];
      await set("t1");
      const first = await listening(told);
      await until(() => Promise.resolve(told.length === 1));
      await first.close();
      await set("t2");
      await listening(told);
      await until(() => Promise.resolve(told.length === 2));
      expect(told).deep.equal(["t1", "t2"]);
    });

    it("tells again what a handler failed on", async () => {
      const told: string[] = [];
      let failures = 2;
      await set("t3");
      await listening(told, () => {
        failures -= 1;
        return failures >= 0 ? Promise.reject(new Error("not now")) : Promise.resolve();
      });
      await until(() => Promise.resolve(told.includes("t3")));
      expect(told.filter((text) => text === "t3")).length(1);
      expect(failures).below(0);
    });

    it("after a roll-back tells what happened since the common block, and forgets what it kept", async () => {
      const told: string[] = [];
      await set("t4");
      await platform.snapshot();
      const { view } = await listening(told);
      await set("t5");
      await until(async () => (await view.me()).endpoint.endsWith("t5") && told.includes("t5"));
      await platform.crash();
      await until(async () => (await view.me().catch(() => undefined))?.endpoint.endsWith("t4") === true);
      await set("t6");
      await until(async () => (await view.me()).endpoint.endsWith("t6") && told.includes("t6"));
      // What the restored ledger has may be told again; what it has not is not, and nothing is left out.
      expect(told.filter((text) => text === "t5")).length(1);
      expect([...new Set(told)].slice(-3)).deep.equal(["t4", "t5", "t6"]);
      expect(told.at(-1)).equal("t6");
    });
  });
});
