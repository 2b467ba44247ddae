/** The ledger is a double. What sends and answers do to an exchange is in send.test.ts. */
import { expect } from "chai";
import fc from "fast-check";
import { after, afterEach, before, beforeEach, describe, it } from "mocha";

import { abandon, answerPlace, chunks, noteReason } from "../../../../relayer/services/query/exchanges.ts";
import { prepared, storeQuery } from "../../../support/asking-steps.ts";
import { startAsking, type Asking } from "../../../support/asking.ts";
import { testDatabase, type TestDatabase } from "../../../support/postgres.ts";

describe("an exchange's states", () => {
  let database: TestDatabase;
  let asking: Asking;

  before(async () => {
    database = await testDatabase();
  });
  after(() => database.close());
  beforeEach(async () => {
    asking = await startAsking(database, 1);
    await asking.openSession();
  });
  afterEach(() => asking.close());

  const states = async (): Promise<string[]> =>
    (await database.db.selectFrom("query_exchanges").select("state").execute()).map(({ state }) => state).toSorted();

  it("are left once, though two give the exchange up at once", async () => {
    const [exchange] = await prepared(asking, await storeQuery(asking));
    if (exchange === undefined) expect.fail();
    await Promise.all([1, 2, 3].map(() => abandon(asking.ctx, exchange, "PROOF_REJECTED")));
    expect(await states()).to.deep.equal(["abandoned", "waiting"]);
    const lanes = database.db.selectFrom("query_lanes").select("count").where("abandoned", "=", true);
    expect(await lanes.execute()).to.deep.equal([{ count: 1 }]);
  });

  it("are not left once it is answered", async () => {
    const [exchange] = await prepared(asking, await storeQuery(asking));
    if (exchange === undefined) expect.fail();
    await database.db.updateTable("query_exchanges").set({ state: "answered" }).execute();
    await abandon(asking.ctx, exchange, "PROOF_REJECTED");
    expect(await states()).to.deep.equal(["answered"]);
  });

  it("say why it is where it is", async () => {
    const [exchange] = (await storeQuery(asking)).exchanges;
    await noteReason(asking.ctx, exchange?.id ?? "", "LANES_BUSY");
    const row = await database.db.selectFrom("query_exchanges").select("reason").executeTakeFirst();
    expect(row?.reason).to.equal("LANES_BUSY");
  });

  it("keep apart where each answer stands", () => {
    expect(answerPlace("q", 1, "0xd")).to.equal("q:1:0xd");
    expect(new Set([answerPlace("q", 1, "2"), answerPlace("q", 12, ""), answerPlace("q1", 2, "")]).size).to.equal(3);
  });

  it("are stored in parts that make the whole again", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 50 }), fc.integer({ min: 1, max: 9 }), (list, size) => {
        const parts = chunks(list, size);
        expect(parts.flat()).to.deep.equal(list);
        expect(parts.every((part) => part.length > 0 && part.length <= size)).to.equal(true);
      }),
    );
  });
});
