/** The ledger is a double that keeps the calls; that they are accepted is tested by the contract tests and end to end. */
import { expect } from "chai";
import { after, afterEach, before, beforeEach, describe, it } from "mocha";

import { fromHex, toHex, type Hex } from "../../../../protocol/encoding/bytes.ts";
import { Fault } from "../../../../protocol/errors/fault.ts";
import type { OutboxCall } from "../../../../relayer/chain/outbox.ts";
import { createSettleService, type SettleService } from "../../../../relayer/services/settle/settle.ts";
import { random } from "../../../support/asking-ledger.ts";
import { startAsking, type Asking } from "../../../support/asking.ts";
import { testDatabase, type TestDatabase } from "../../../support/postgres.ts";

const SESSION = toHex(new Uint8Array(32).fill(1));
const DATASET = toHex(new Uint8Array(32).fill(2));

describe("settling", () => {
  let database: TestDatabase;
  let asking: Asking;
  let settle: SettleService;

  before(async () => {
    database = await testDatabase();
  });
  after(() => database.close());
  beforeEach(async () => {
    asking = await startAsking(database, 0);
    await database.db.deleteFrom("holder_lanes").execute();
    settle = createSettleService({ ...asking.ctx, outbox: asking.outbox.outbox });
  });
  afterEach(() => asking.close());

  /** As an answered request leaves a lane. */
  async function answered(lane: number, count: number, dataset = DATASET, session = SESSION): Promise<void> {
    const head = { count, transcript: toHex(random(32)), voucher: toHex(random(65)) };
    const rest = { request_digest: "0x", response: "{}", updated_at: new Date(), querier: 2 };
    await database.db
      .insertInto("holder_lanes")
      .values({ session, dataset, lane, ...head, ...rest })
      .onConflict((conflict) => conflict.columns(["session", "dataset", "lane"]).doUpdateSet(head))
      .execute();
  }
  const lanes = () => database.db.selectFrom("holder_lanes").selectAll().orderBy("dataset").orderBy("lane").execute();
  const settled = async (): Promise<number[]> => (await lanes()).map((lane) => lane.settled_count);

  function heads({ data }: OutboxCall): [number, number, string, string][] {
    const ledger = asking.ctx.chain.contracts.queryLedger.interface;
    const [, , list] = ledger.decodeFunctionData("settle", data) as unknown as [
      ...[Hex, Hex],
      { lane: bigint; count: bigint; transcript: string; signature: string }[],
    ];
    return list.map((head) => [Number(head.lane), Number(head.count), head.transcript, head.signature]);
  }
  const counts = (): [number, number][][] =>
    asking.outbox.calls.map((call) => heads(call).map(([lane, count]) => [lane, count]));

  it("presents the newest voucher of each lane, once", async () => {
    await answered(0, 2);
    await answered(0, 5);
    await answered(3, 1);
    expect(await settle.run()).to.equal(1);
    expect(await settle.run()).to.equal(0);
    const [call] = asking.outbox.calls;
    if (call === undefined) expect.fail();
    expect(heads(call)).to.deep.equal(
      (await lanes()).map(({ lane, count, transcript, voucher }) => [lane, count, transcript, voucher]),
    );
    await asking.outbox.mine();
    expect(await settled()).to.deep.equal([5, 1]);
  });

  it("settles what came later, of the lanes that moved", async () => {
    await answered(0, 2);
    await answered(1, 2);
    await settle.run();
    await answered(1, 7);
    await settle.run();
    expect(counts()).to.deep.equal([
      [
        [0, 2],
        [1, 2],
      ],
      [[1, 7]],
    ]);
    await asking.outbox.mine();
    expect(await settled()).to.deep.equal([2, 7]);
  });

  it("does not go back when an older settlement takes effect after a newer one", async () => {
    await answered(0, 2);
    await settle.run();
    await answered(0, 7);
    await settle.run();
    asking.outbox.pending.reverse();
    await asking.outbox.mine();
    expect(await settled()).to.deep.equal([7]);
  });

  it("makes a call of its own for each session and dataset", async () => {
    await answered(0, 1);
    await answered(0, 2, toHex(random(32)));
    await answered(0, 3, DATASET, toHex(random(32)));
    expect(await settle.run()).to.equal(3);
    expect(
      counts()
        .flat(2)
        .filter((_, i) => i % 2 === 1)
        .toSorted(),
    ).to.deep.equal([1, 2, 3]);
  });

  it("presents nothing twice when two run at once", async () => {
    const other = createSettleService({ ...asking.ctx, outbox: asking.outbox.outbox });
    for (let count = 1; count <= 5; count++) {
      for (const lane of [0, 1, 2]) await answered(lane, count);
      await Promise.all([settle.run(), other.run(), settle.run()]);
    }
    const presented = counts().flatMap((call) => call.map((head) => head.join(":")));
    expect(presented.length).to.equal(15);
    expect(new Set(presented).size).to.equal(15);
  });

  it("logs a settlement that the ledger refuses, and counts it as not settled", async () => {
    await answered(0, 2);
    await settle.run();
    await asking.outbox.refuse();
    expect(asking.logged()).to.include("a settlement was refused").and.include(SESSION);
    expect([await settled(), await settle.run()]).to.deep.equal([[0], 0]);
    // The next voucher of the lane pays for that one too.
    await answered(0, 3);
    await settle.run();
    await asking.outbox.mine();
    expect(await settled()).to.deep.equal([3]);
  });

  it("presents again, in another call, what failed for no fault of the vouchers", async () => {
    await answered(0, 2);
    await settle.run();
    const [call] = asking.outbox.pending;
    if (call === undefined) expect.fail();
    // As the real outbox keeps it.
    const sender = `0x${"5e".repeat(20)}`;
    const account = { sender, next_nonce: 1, instance: "0x", fees: "{}" };
    await database.db.insertInto("chain_accounts").values(account).execute();
    const data = Buffer.from(fromHex(call.data));
    const intent = { ...call, sender, data, attempt: 1, state: "failed" as const };
    await database.db.insertInto("chain_intents").values(intent).execute();
    await asking.outbox.refuse(new Fault("TRANSACTION_NOT_TAKEN", { reason: "txpool is full" }));
    expect(await settle.run()).to.equal(1);
    expect(asking.outbox.pending.map(({ key }) => key)).to.deep.equal([`${call.key}:1`]);
    await asking.outbox.mine();
    expect(await settled()).to.deep.equal([2]);
    await database.db.deleteFrom("chain_intents").execute();
    await database.db.deleteFrom("chain_accounts").execute();
  });

  it("loses no lane of a settlement that a later one overtook", async () => {
    await answered(0, 2);
    await answered(1, 5);
    await answered(2, 1);
    await settle.run();
    const [older] = asking.outbox.pending.splice(0);
    await answered(0, 4);
    await answered(2, 2);
    await settle.run();
    const [newer] = asking.outbox.pending.splice(0);
    if (!older || !newer) expect.fail();
    // The newer one is still on its way for lane 2 when the older one fails for lane 0.
    asking.outbox.pending.push(older);
    await asking.outbox.refuse(new Fault("CHAIN_REVERTED", { error: "VoucherStale", lane: 0, settled: 4, given: 2 }));
    await settle.run();
    expect(counts().at(-1)).to.deep.equal([[1, 5]]);
    asking.outbox.pending.push(newer);
    await asking.outbox.mine();
    expect(await settled()).to.deep.equal([4, 5, 2]);
    expect(await settle.run()).to.equal(0);
  });

  it("marks nothing as presented whose call could not be stored", async () => {
    await answered(0, 2);
    const { enqueue } = asking.outbox.outbox;
    asking.outbox.outbox.enqueue = () => Promise.reject(new TypeError("broken"));
    expect(await settle.run().catch(String)).to.equal("TypeError: broken");
    asking.outbox.outbox.enqueue = enqueue;
    expect(await settle.run()).to.equal(1);
    expect(counts()).to.deep.equal([[[0, 2]]]);
  });
});
