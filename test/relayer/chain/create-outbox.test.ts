import { expect } from "chai";
import { after, afterEach, before, beforeEach, describe, it } from "mocha";
import { NonceManager, Wallet, type JsonRpcProvider } from "ethers";
import pg from "pg";

import { toHex, type Hex } from "../../../protocol/encoding/bytes.ts";
import { isFault, type Fault } from "../../../protocol/errors/fault.ts";
import { createOutbox, type OutboxTiming } from "../../../relayer/chain/create-outbox.ts";
import { connectContracts } from "../../../relayer/chain/contracts.ts";
import type { OutboxCall } from "../../../relayer/chain/intent.ts";
import type { Outbox } from "../../../relayer/chain/outbox.ts";
import { createProvider } from "../../../relayer/chain/provider.ts";
import { label, startTestPlatform, type TestMember, type TestPlatform } from "../../support/platform.ts";
import { testDatabase, testPostgres, type TestDatabase } from "../../support/postgres.ts";
import { startUnreliableRpc, type UnreliableRpc } from "../../support/unreliable-rpc.ts";

const QUICK: Partial<OutboxTiming> = {
  sweepMs: 50,
  resendAfterMs: 200,
  overtakenAfterMs: 100,
  gapAfterMs: 100,
  stuckAfterMs: 400,
  stuckBlocks: 3,
  retry: { maximum: 200, firstMs: 20, longestMs: 50 },
};
const PATIENCE = 120_000;

/** What the freeze stops: all parts (contracts/types/Scope.sol). */
const EVERYTHING = 15;

describe("the outbox", () => {
  let platform: TestPlatform;
  let database: TestDatabase;
  let member: TestMember;
  let count = 0;
  const open: { outbox: Outbox; provider: JsonRpcProvider }[] = [];
  const proxies: UnreliableRpc[] = [];

  before(async () => {
    platform = await startTestPlatform(0);
  });

  after(async () => {
    await platform.stop();
  });

  beforeEach(async () => {
    database = await testDatabase();
    member = await platform.admit(`member-${String((count += 1))}`);
    await platform.snapshot();
  });

  afterEach(async () => {
    for (const { outbox, provider } of open.splice(0)) {
      await outbox.close();
      provider.destroy();
    }
    for (const proxy of proxies.splice(0)) await proxy.close();
    await database.close();
  });

  function make(
    rpcUrl = platform.deployment.rpcUrl,
    timing = QUICK,
    mortal?: (provider: JsonRpcProvider) => void,
  ): Outbox {
    const provider = createProvider(rpcUrl, platform.deployment.chainId);
    mortal?.(provider);
    const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
    const outbox = createOutbox({
      db: database.db,
      provider,
      deployment: platform.deployment,
      operator: member.operator,
      clock: () => new Date(),
      log,
      timing,
    });
    open.push({ outbox, provider });
    return outbox;
  }

  async function started(rpcUrl?: string): Promise<Outbox> {
    const outbox = make(rpcUrl);
    await outbox.start();
    return outbox;
  }

  /** An outbox that stored what it had to and was killed before it sent anything. */
  async function stored(...calls: OutboxCall[]): Promise<void> {
    const outbox = await started();
    await outbox.close();
    for (const call of calls) await enqueue(outbox, call);
  }

  async function unreliable(): Promise<UnreliableRpc> {
    const proxy = await startUnreliableRpc(platform.deployment.rpcUrl);
    proxies.push(proxy);
    return proxy;
  }

  function endpoint(key: string): OutboxCall {
    const data = platform.contracts.memberRegistry.interface.encodeFunctionData("setEndpoint", [
      `http://127.0.0.1/${key}`,
    ]);
    return { key, kind: "set-endpoint", contract: "memberRegistry", data: data as Hex };
  }

  function dataset(key: string, name: string): OutboxCall {
    const registry = platform.contracts.datasetRegistry.interface;
    const data = registry.encodeFunctionData("registerDataset", [label(name), [label("B")]]);
    return { key, kind: "register-dataset", contract: "datasetRegistry", data: data as Hex };
  }

  async function enqueue(outbox: Outbox, call: OutboxCall): Promise<void> {
    await database.db.transaction().execute((trx) => outbox.enqueue(trx, call));
    outbox.poke();
  }

  /** What the chain did for this member, in order: the last parts of the endpoints it set. */
  async function effects(): Promise<string[]> {
    const { memberRegistry } = platform.contracts;
    const events = await memberRegistry.queryFilter(memberRegistry.filters.EndpointChanged(member.id));
    return events
      .map(({ args }) => args.endpoint.replace("http://127.0.0.1/", ""))
      .filter((text) => !text.includes("member"));
  }

  async function nonces(): Promise<number[]> {
    const rows = await database.db.selectFrom("chain_transactions").select("nonce").orderBy("nonce").execute();
    return rows.map(({ nonce }) => nonce);
  }

  const keys = (length: number): string[] => Array.from({ length }, (_, index) => `k${String(index)}`);

  it("has the effect once and tells the handler once, with the facts", async () => {
    const outbox = await started();
    const handled: string[] = [];
    outbox.onMined("set-endpoint", (_trx, intent, facts) => {
      handled.push(`${intent.key} ${String(facts.logs.length)}`);
      return Promise.resolve();
    });
    await enqueue(outbox, endpoint("a"));
    await enqueue(outbox, endpoint("a"));
    const facts = await outbox.wait("a", PATIENCE);
    expect(facts.logs[0]?.address).equal(platform.deployment.addresses.memberRegistry);
    expect(await outbox.wait("a", PATIENCE)).deep.equal(facts);
    expect(await effects()).deep.equal(["a"]);
    expect(handled).deep.equal(["a 1"]);
    expect(await outbox.state("a")).equal("mined");
  });

  it("refuses a known key with another call", async () => {
    const outbox = await started();
    await enqueue(outbox, endpoint("a"));
    expect((await faultOf(enqueue(outbox, { ...endpoint("b"), key: "a" }))).code).equal("OUTBOX_KEY_CONFLICT");
  });

  it("leaves no gap of nonces when the caller's transaction rolls back", async () => {
    const outbox = await started();
    const rollback = database.db.transaction().execute(async (trx) => {
      await outbox.enqueue(trx, endpoint("lost"));
      throw new Error("the caller changed its mind");
    });
    await rollback.catch(() => undefined);
    await enqueue(outbox, endpoint("a"));
    await outbox.wait("a", PATIENCE);
    expect(await effects()).deep.equal(["a"]);
    expect(await outbox.state("lost")).equal(undefined);
    expect(await nonces()).length(1);
  });

  it("takes calls from many at once", async () => {
    const outbox = await started();
    await Promise.all(keys(20).map((key) => enqueue(outbox, endpoint(key))));
    await Promise.all(keys(20).map((key) => outbox.wait(key, PATIENCE)));
    expect((await effects()).sort()).deep.equal(keys(20).sort());
  });

  it("has each effect once with two workers, and one of the two handlers runs", async () => {
    const workers = [await started(), await started()];
    const handled: string[] = [];
    for (const worker of workers) {
      worker.onMined("set-endpoint", (_trx, { key }) => {
        handled.push(key);
        return Promise.resolve();
      });
    }
    await Promise.all(keys(20).map((key, index) => enqueue(workers[index % 2] as Outbox, endpoint(key))));
    await Promise.all(keys(20).map((key) => (workers[0] as Outbox).wait(key, PATIENCE)));
    expect((await effects()).sort()).deep.equal(keys(20).sort());
    expect(handled.sort()).deep.equal(keys(20).sort());
  });

  it("sends what was stored by a process that was killed before it sent", async () => {
    await stored(endpoint("a"), endpoint("b"));
    expect(await effects()).deep.equal([]);
    const successor = await started();
    await successor.wait("b", PATIENCE);
    expect(await effects()).deep.equal(["a", "b"]);
  });

  it("takes it as success when its bytes were sent by a process that was killed before it noted so", async () => {
    await stored(endpoint("a"));
    const row = await database.db.selectFrom("chain_transactions").selectAll().executeTakeFirstOrThrow();
    await platform.provider.send("eth_sendRawTransaction", [toHex(row.raw)]);
    const successor = await started();
    expect((await successor.wait("a", PATIENCE)).hash).equal(row.hash);
    expect(await effects()).deep.equal(["a"]);
  });

  it("has each effect once, in order, when it is killed before or after any one call of the node", async () => {
    const handled: string[] = [];
    const listen = (outbox: Outbox): void => {
      outbox.onMined("set-endpoint", (_trx, { key }) => {
        handled.push(key);
        return Promise.resolve();
      });
    };
    await stored();
    const expected: string[] = [];
    for (let call = 1; call <= 12; call++) {
      for (const when of ["before", "after"] as const) {
        const death = Promise.withResolvers<undefined>();
        const outbox = make(undefined, QUICK, (provider) => {
          diesAt(provider, call, when, () => {
            death.resolve(undefined);
          });
        });
        listen(outbox);
        const key = `${when}-${String(call)}`;
        // Killed while it starts: then nothing of this call was stored, and nobody was told that it was.
        const alive = await outbox.start().then(
          () => true,
          () => false,
        );
        if (
          alive &&
          (await enqueue(outbox, endpoint(key)).then(
            () => true,
            () => false,
          ))
        )
          expected.push(key);
        await death.promise;
        await outbox.close();
      }
    }
    const successor = make();
    listen(successor);
    await successor.start();
    for (const key of expected) await successor.wait(key, PATIENCE);
    expect(await effects()).deep.equal(expected);
    expect(handled).deep.equal(expected);
    // Not vacuous: how many calls a start makes, and so how many deaths come after the storing, depends on the load.
    expect(expected.length).greaterThan(7);
  });

  it("has each effect once when the database cuts its connections all the time", async () => {
    const outbox = await started();
    const handled: string[] = [];
    outbox.onMined("set-endpoint", async (trx, { key }) => {
      await trx.insertInto("chain_cursors").values({ name: key, checkpoints: "[]" }).execute();
      handled.push(key);
    });
    let cutting = true;
    const cut = (async () => {
      const administrator = new pg.Client({ connectionString: (await testPostgres()).adminUrl });
      await administrator.connect();
      const name = new URL(database.url).pathname.slice(1);
      while (cutting) {
        await administrator.query("select pg_terminate_backend(pid) from pg_stat_activity where datname = $1", [name]);
        await new Promise((done) => setTimeout(done, 150));
      }
      await administrator.end();
    })();
    const wanted = keys(12);
    for (const key of wanted)
      while (
        !(await enqueue(outbox, endpoint(key)).then(
          () => true,
          () => false,
        ))
      );
    for (let i = 0; i < 10; i++) await pause();
    cutting = false;
    await cut;
    for (const key of wanted) await outbox.wait(key, PATIENCE);
    expect(await effects()).deep.equal(wanted);
    const rows = await database.db.selectFrom("chain_cursors").select("name").execute();
    expect(rows.map(({ name }) => name).sort()).deep.equal([...wanted].sort());
  });

  it("has each effect once when every third reply of the node is lost", async () => {
    const proxy = await unreliable();
    const outbox = await started(proxy.url);
    let calls = 0;
    proxy.loses = () => (calls += 1) % 3 === 0;
    for (const key of keys(10)) await enqueue(outbox, endpoint(key));
    await Promise.all(keys(10).map((key) => outbox.wait(key, PATIENCE)));
    expect(await effects()).deep.equal(keys(10));
    expect(proxy.lost()).greaterThan(3);
  });

  it("has the effect once when the reply to the sending itself is lost", async () => {
    const proxy = await unreliable();
    const outbox = await started(proxy.url);
    let first = true;
    proxy.loses = (method) => method === "eth_sendRawTransaction" && first && !(first = false);
    await enqueue(outbox, endpoint("a"));
    await outbox.wait("a", PATIENCE);
    expect(await effects()).deep.equal(["a"]);
    expect(proxy.lost()).equal(1);
  });

  describe("a transaction at the head that the node does not take", () => {
    const refusal = (message: string): object => ({ error: { code: -32_000, message } });
    /** Whether it is a sending of the call `key`, whatever its nonce and fees. */
    const sends = (method: string, params: readonly unknown[], key: string): boolean =>
      method === "eth_sendRawTransaction" && String(params[0]).includes(Buffer.from(`/${key}`).toString("hex"));

    it("does not hold up the others: its nonces are used up, it fails with the node's words, nothing comes twice", async () => {
      const proxy = await unreliable();
      const outbox = await started(proxy.url);
      const failed: string[] = [];
      outbox.onFailed("set-endpoint", (_trx, { key }, { code }) => {
        failed.push(`${key} ${code}`);
        return Promise.resolve();
      });
      proxy.replies = (method, params) =>
        sends(method, params, "never") ? refusal("exceeds block gas limit") : undefined;
      for (const key of ["a", "never", "b", "c"]) await enqueue(outbox, endpoint(key));
      for (const key of ["a", "b", "c"]) await outbox.wait(key, PATIENCE);
      const fault = await faultOf(outbox.wait("never", PATIENCE));
      expect([fault.code, fault.values["reason"]]).deep.equal(["TRANSACTION_NOT_TAKEN", "exceeds block gas limit"]);
      expect(failed).deep.equal(["never TRANSACTION_NOT_TAKEN"]);
      await enqueue(outbox, endpoint("d"));
      await outbox.wait("d", PATIENCE);
      expect(await effects()).deep.equal(["a", "b", "c", "d"]);
      const used = await nonces();
      expect(used).deep.equal(used.map((_, i) => (used[0] ?? 0) + i));
      const spent = await database.db
        .selectFrom("chain_transactions")
        .select("state")
        .where("filler", "=", true)
        .execute();
      expect(spent.map(({ state }) => state)).deep.equal(["spent", "spent", "spent"]);
    });

    it("is taken later, once, when the node refused for a while only", async () => {
      const proxy = await unreliable();
      const outbox = await started(proxy.url);
      let full = true;
      proxy.replies = (method) => (method === "eth_sendRawTransaction" && full ? refusal("txpool is full") : undefined);
      for (const key of ["a", "b"]) await enqueue(outbox, endpoint(key));
      await until(async () => (await replaced()).length > 0);
      full = false;
      for (const key of ["a", "b"]) await outbox.wait(key, PATIENCE);
      expect((await effects()).sort()).deep.equal(["a", "b"]);
    });

    it("has its effect once when the node had it all the time and mines it in place of what replaced it", async () => {
      const proxy = await unreliable();
      const outbox = await started(proxy.url);
      const handled: string[] = [];
      outbox.onMined("set-endpoint", (_trx, { key }) => {
        handled.push(key);
        return Promise.resolve();
      });
      const held: string[] = [];
      proxy.replies = (method, params) => {
        if (method !== "eth_sendRawTransaction") return undefined;
        held.push(String(params[0]));
        return { result: `0x${"00".repeat(32)}` };
      };
      await enqueue(outbox, endpoint("a"));
      // Blocks go by without it.
      const others = platform.governance.platformParameters;
      await until(async () => {
        await platform.mined(others.setRecordExpiry(60));
        return (await replaced()).length === 2;
      });
      expect((await database.db.selectFrom("chain_transactions").select("filler").execute())[0]?.filler).equal(true);
      await platform.provider.send("eth_sendRawTransaction", [held[0]]);
      await outbox.wait("a", PATIENCE);
      proxy.replies = () => undefined;
      await enqueue(outbox, endpoint("b"));
      await outbox.wait("b", PATIENCE);
      expect(await effects()).deep.equal(["a", "b"]);
      expect(handled).deep.equal(["a", "b"]);
    });

    it("is left alone while the chain stands still", async () => {
      const proxy = await unreliable();
      const outbox = await started(proxy.url);
      proxy.replies = (method) =>
        method === "eth_sendRawTransaction" ? { result: `0x${"00".repeat(32)}` } : undefined;
      await enqueue(outbox, endpoint("a"));
      for (let i = 0; i < 50; i++) await pause();
      expect(await replaced()).deep.equal([]);
      proxy.replies = () => undefined;
      await outbox.wait("a", PATIENCE);
    });

    const replaced = () => database.db.selectFrom("chain_replaced").selectAll().execute();
    async function until(condition: () => Promise<boolean>): Promise<void> {
      const deadline = performance.now() + PATIENCE;
      while (!(await condition())) {
        if (performance.now() > deadline) expect.fail("in vain");
        await pause();
      }
    }
  });

  it("stores while the node is down and sends when it is back", async () => {
    const proxy = await unreliable();
    await (await started(proxy.url)).close();
    proxy.down = true;
    const outbox = await started(proxy.url);
    await enqueue(outbox, endpoint("a"));
    expect((await faultOf(outbox.wait("a", 300))).code).equal("OUTBOX_WAIT_TIMEOUT");
    expect((await faultOf(outbox.simulate(endpoint("b")))).code).equal("CHAIN_UNREACHABLE");
    proxy.down = false;
    await outbox.wait("a", PATIENCE);
    expect(await effects()).deep.equal(["a"]);
  });

  it("says that the chain is unreachable when it never was reached", async () => {
    const proxy = await unreliable();
    proxy.down = true;
    const outbox = await started(proxy.url);
    expect((await faultOf(enqueue(outbox, endpoint("a")))).code).equal("CHAIN_UNREACHABLE");
    proxy.down = false;
    while (
      !(await enqueue(outbox, endpoint("a")).then(
        () => true,
        () => false,
      ))
    )
      await pause();
    await outbox.wait("a", PATIENCE);
  });

  it("runs a handler again that failed, and keeps only what it did the last time", async () => {
    const outbox = await started();
    let tries = 0;
    outbox.onMined("set-endpoint", async (trx) => {
      tries += 1;
      await trx
        .insertInto("chain_cursors")
        .values({ name: `try-${String(tries)}`, checkpoints: "[]" })
        .execute();
      if (tries < 3) throw new Error("not now");
    });
    await enqueue(outbox, endpoint("a"));
    await outbox.wait("a", PATIENCE);
    const rows = await database.db.selectFrom("chain_cursors").select("name").execute();
    expect(rows).deep.equal([{ name: "try-3" }]);
  });

  it("fails a call that the contract refuses, once, with the contract's own error", async () => {
    const outbox = await started();
    const failures: string[] = [];
    outbox.onFailed("register-dataset", (_trx, { key }, fault) => {
      failures.push(`${key} ${String(fault.values["error"])}`);
      return Promise.resolve();
    });
    await enqueue(outbox, dataset("first", "CREDIT"));
    await enqueue(outbox, dataset("second", "CREDIT"));
    await enqueue(outbox, endpoint("after"));
    await outbox.wait("first", PATIENCE);
    const fault = await faultOf(outbox.wait("second", PATIENCE));
    expect([fault.code, fault.values["error"]]).deep.equal(["CHAIN_REVERTED", "DatasetAlreadyRegistered"]);
    await outbox.wait("after", PATIENCE);
    expect(failures).deep.equal(["second DatasetAlreadyRegistered"]);
  });

  it("tells before sending what the contract would refuse", async () => {
    const outbox = await started();
    await outbox.simulate(endpoint("a"));
    const fault = await faultOf(outbox.simulate({ ...endpoint("x y"), data: anchorOf("0x" + "11".repeat(32)).data }));
    expect([fault.code, fault.values["error"]]).deep.equal(["CHAIN_REVERTED", "Unexplained"]);
    const unknown = await faultOf(outbox.simulate(anchorOf("0x" + "11".repeat(32))));
    expect(unknown.values["error"]).equal("SessionUnknown");
  });

  function anchorOf(session: string): OutboxCall {
    const leaves = Array.from({ length: 16 }, () => "0x" + "22".repeat(32));
    const data = platform.contracts.queryLedger.interface.encodeFunctionData("anchor", [session, 0, leaves]);
    return { key: "anchor", kind: "anchor", contract: "queryLedger", data: data as Hex };
  }

  it("tries again what fails only because something else is not there yet", async () => {
    const outbox = await started();
    const failures: string[] = [];
    outbox.onFailed("anchor", (_trx, { key }) => {
      failures.push(key);
      return Promise.resolve();
    });
    const session = await platform.contracts.queryLedger.sessionIdOf(member.id, 1);
    await enqueue(outbox, anchorOf(session));
    while (!((await retriesOf("anchor")) >= 2)) await pause();

    const { datasetRegistry, platformParameters, queryLedger } = platform.contracts;
    const acting = platform.actingAs(member);
    await platform.mined(acting.datasetRegistry.registerDataset(label("CREDIT"), [label("B")]));
    const id = await datasetRegistry.datasetIdOf(member.id, label("CREDIT"));
    const epoch = await platformParameters.currentEpoch();
    await platform.mined(acting.datasetRegistry.fileNilReport(id, epoch, "0x" + "33".repeat(32)));
    const block = await platform.provider.getBlock("latest");
    await platform.mined(acting.queryLedger.openSession(1, [id], [16], (block?.timestamp ?? 0) + 600));

    await outbox.wait("anchor", PATIENCE);
    expect((await queryLedger.getSession(session)).batches).equal(1n);
    expect(failures).deep.equal([]);
  });

  async function retriesOf(key: string): Promise<number> {
    const row = await database.db
      .selectFrom("chain_intents")
      .select("retries")
      .where("key", "=", key)
      .executeTakeFirst();
    return row?.retries ?? 0;
  }

  it("waits for the end of a freeze", async () => {
    const outbox = make(undefined, { ...QUICK, retry: { maximum: 0, firstMs: 20, longestMs: 50 } });
    await outbox.start();
    await platform.mined(platform.governance.emergency.freeze(EVERYTHING, 3600, "0x" + "44".repeat(32)));
    await enqueue(outbox, endpoint("a"));
    while (!(await database.db.selectFrom("chain_intents").select("retry_at").executeTakeFirst())?.retry_at)
      await pause();
    await platform.mined(platform.governance.emergency.unfreeze());
    await outbox.wait("a", PATIENCE);
    expect(await effects()).deep.equal(["a"]);
  });

  it("sends again, as they were, the transactions that a restored ledger does not know", async () => {
    const handled: string[] = [];
    const listening = async (): Promise<Outbox> => {
      const made = make();
      made.onMined("set-endpoint", (_trx, { key }) => {
        handled.push(key);
        return Promise.resolve();
      });
      await made.start();
      return made;
    };
    const killed = await listening();
    await enqueue(killed, endpoint("a"));
    await killed.wait("a", PATIENCE);
    await platform.snapshot();
    for (const key of ["b", "c"]) await enqueue(killed, endpoint(key));
    const before = await killed.wait("c", PATIENCE);
    await killed.close();
    await platform.crash();
    expect(await effects()).deep.equal(["a"]);

    const outbox = await listening();
    while ((await effects()).length < 3) await pause();
    await enqueue(outbox, endpoint("d"));
    await outbox.wait("d", PATIENCE);
    expect(await effects()).deep.equal(["a", "b", "c", "d"]);
    expect(handled).deep.equal(["a", "b", "c", "d"]);
    const again = await outbox.wait("c", PATIENCE);
    expect(again.hash).equal(before.hash);
    expect((await platform.provider.getTransactionReceipt(again.hash))?.blockHash).equal(again.blockHash);
  });

  it("completes the ledger when the newest copy was damaged too", async () => {
    const outbox = await started();
    await platform.snapshot();
    for (const key of ["a", "b"]) await enqueue(outbox, endpoint(key));
    await outbox.wait("b", PATIENCE);
    await platform.snapshot();
    await enqueue(outbox, endpoint("c"));
    await outbox.wait("c", PATIENCE);
    await platform.crash({ damageNewest: true });
    while ((await effects()).length < 3) await pause();
    expect(await effects()).deep.equal(["a", "b", "c"]);
  });

  it("gives no effect after a roll-back to what had none before it", async () => {
    const outbox = await started();
    const registered = async (): Promise<number> => Number(await platform.contracts.datasetRegistry.datasetCount());
    const atFirst = await registered();
    await platform.snapshot();
    await platform.mined(platform.governance.memberRegistry.suspend(member.id, "0x" + "55".repeat(32)));
    await enqueue(outbox, dataset("refused", "CREDIT"));
    expect((await faultOf(outbox.wait("refused", PATIENCE))).code).equal("MEMBER_NOT_ACTIVE");
    await enqueue(outbox, endpoint("z"));
    await outbox.state("z");
    // The older ledger knows of no suspension: there, the refused bytes would succeed.
    await platform.crash();
    while ((await effects()).length < 1) await pause();
    expect(await registered()).equal(atFirst);
    expect(await outbox.state("refused")).equal("failed");
  });

  it("fills a gap of nonces", async () => {
    const outbox = await started();
    await database.db
      .updateTable("chain_accounts")
      .set((row) => ({ next_nonce: row("next_nonce", "+", 2) }))
      .execute();
    await enqueue(outbox, endpoint("a"));
    await outbox.wait("a", PATIENCE);
    expect(await effects()).deep.equal(["a"]);
  });

  it("takes a new nonce when somebody else used the one it had", async () => {
    await stored(endpoint("a"));
    const wallet = new NonceManager(new Wallet(toHex(member.privateKey), platform.provider));
    const registry = connectContracts(platform.deployment.addresses, wallet).memberRegistry;
    for (const key of ["x", "y"]) await platform.mined(registry.setEndpoint(`http://127.0.0.1/${key}`));
    const outbox = await started();
    await outbox.wait("a", PATIENCE);
    await enqueue(outbox, endpoint("b"));
    await outbox.wait("b", PATIENCE);
    expect(await effects()).deep.equal(["x", "y", "a", "b"]);
  });

  it("does not work on a database that belongs to another deployment", async () => {
    await stored();
    await database.db
      .updateTable("chain_accounts")
      .set({ instance: "0x" + "66".repeat(32) })
      .execute();
    expect((await faultOf(make().start())).code).equal("DEPLOYMENT_CHANGED");
  });
});

/** From the `call`-th call on nothing comes back any more; that one is still done if it dies after it. */
function diesAt(provider: JsonRpcProvider, call: number, when: "before" | "after", died: () => void): void {
  const send = provider.send.bind(provider);
  let calls = 0;
  provider.send = async (method, params) => {
    calls += 1;
    if (calls < call || (calls === call && when === "after")) {
      const answer: unknown = await send(method, params);
      if (calls < call) return answer;
    }
    died();
    throw new Error("killed");
  };
}

async function faultOf(work: Promise<unknown>): Promise<Fault> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!isFault(error)) throw new Error("expected a Fault", { cause: error });
  return error;
}

async function pause(): Promise<void> {
  await new Promise((done) => setTimeout(done, 20));
}
