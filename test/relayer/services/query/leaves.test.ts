/** The ledger is a double; the holders are scripted and speak real HTTP. */
import { expect } from "chai";
import { after, afterEach, before, beforeEach, describe, it } from "mocha";

import { fromHex, toHex } from "../../../../protocol/encoding/bytes.ts";
import { queryLeaf } from "../../../../protocol/oblivious-lookup/leaf.ts";
import { requestDigest } from "../../../../protocol/oblivious-lookup/request.ts";
import { decodeResponse, responseDigest } from "../../../../protocol/oblivious-lookup/response.ts";
import { ristretto255Sha512 } from "../../../../protocol/oprf/oprf.ts";
import { uuidBytes } from "../../../../relayer/services/query/leaves.ts";
import { openSecrets } from "../../../../relayer/services/query/secrets.ts";
import { requestOf, storeQuery, type StoredQuery } from "../../../support/asking-steps.ts";
import { startAsking, type Asking } from "../../../support/asking.ts";
import { testDatabase, type TestDatabase } from "../../../support/postgres.ts";
import { hangUp } from "../../../support/scripted-holder.ts";

describe("the leaves of a query", () => {
  let database: TestDatabase;
  let asking: Asking;

  before(async () => {
    database = await testDatabase();
  });
  after(() => database.close());
  beforeEach(async () => {
    asking = await startAsking(database);
    await asking.openSession();
  });
  afterEach(() => asking.close());

  const leavesOf = ({ query }: StoredQuery) =>
    database.db.selectFrom("query_leaves").selectAll().where("query_id", "=", query.id).execute();

  /** From nothing but what is stored of the exchanges. */
  async function recomputed({ query }: StoredQuery, leaf: { position: number; salt: string; datasets: string }) {
    const rows = await database.db
      .selectFrom("query_exchanges")
      .selectAll()
      .where("query_id", "=", query.id)
      .where("dataset", "in", leaf.datasets.split(","))
      .execute();
    const exchanges = rows.map((row) => {
      const request = requestOf(row.request ?? "");
      const response = decodeResponse(JSON.parse(row.response ?? ""), ristretto255Sha512, request.elements.length);
      const digest = requestDigest(request);
      const consent = openSecrets(asking.ctx.cipher, row.id, row.secrets ?? Buffer.alloc(0)).consents[leaf.position];
      return {
        ...{ dataset: request.dataset, requestDigest: digest, responseDigest: responseDigest(digest, response) },
        consent: fromHex(consent?.commitment ?? "", 32),
      };
    });
    const { purpose } = query;
    return toHex(queryLeaf({ salt: fromHex(leaf.salt, 32), queryId: uuidBytes(query.id), purpose, exchanges }));
  }

  it("are one a subject, over all holders, and can be computed again from the store", async () => {
    const stored = await storeQuery(asking, 3);
    await asking.queries.drive(stored.query.id);
    const leaves = await leavesOf(stored);
    expect(leaves.map(({ position }) => position).toSorted()).to.deep.equal([0, 1, 2]);
    expect(new Set(leaves.map(({ salt }) => salt)).size).to.equal(3);
    for (const leaf of leaves) {
      expect(leaf.datasets.split(",")).to.deep.equal(asking.holders.map(({ dataset }) => dataset).toSorted());
      expect(await recomputed(stored, leaf)).to.equal(leaf.leaf);
    }
  });

  it("of a holder that answers later are leaves of their own, over that holder only", async () => {
    asking.holders[0]?.server.script.push(hangUp);
    const stored = await storeQuery(asking, 2);
    await asking.queries.drive(stored.query.id);
    expect((await leavesOf(stored)).map(({ datasets }) => datasets)).to.deep.equal([
      ...[asking.holders[1]?.dataset, asking.holders[1]?.dataset],
    ]);
    asking.later(60_000);
    await asking.queries.drive(stored.query.id);
    const leaves = await leavesOf(stored);
    expect(leaves).to.have.length(4);
    for (const leaf of leaves) expect(await recomputed(stored, leaf)).to.equal(leaf.leaf);
  });

  it("take the 16 bytes of a UUID", () => {
    expect(toHex(uuidBytes("00112233-4455-6677-8899-aabbccddeeff"))).to.equal("0x00112233445566778899aabbccddeeff");
    expect(() => uuidBytes("0011")).to.throw();
  });
});
