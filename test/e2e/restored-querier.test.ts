/** A querier's database is replaced by a copy taken before its last queries: it asks on, and forks nothing. */
import { expect } from "chai";
import pg from "pg";
import { after, before, describe, it } from "mocha";

import type { QueryView } from "../../relayer/services/query/query-view.ts";
import { createIdentities } from "../../scripts/sample-data/identity.ts";
import { createPrng } from "../../scripts/sample-data/prng.ts";
import { NETWORK_START_MS, testNetwork, type TestNetwork } from "../support/network.ts";

const newNumber = createIdentities(createPrng(40_004));

describe("a querier restored from an older copy", function () {
  this.timeout(600_000);
  let net: TestNetwork;
  let administrator: pg.Client;
  let isDown = false;

  before(async function () {
    this.timeout(NETWORK_START_MS);
    net = await testNetwork();
    administrator = new pg.Client({ connectionString: net.network.postgres.adminUrl });
    await administrator.connect();
  });

  after(async () => {
    if (isDown) await net.member("gamma").up();
    await administrator.end();
  });

  const database = (): string => new URL(net.member("gamma").databaseUrl).pathname.slice(1);

  async function whileDown(work: (live: string) => Promise<void>): Promise<void> {
    await net.member("gamma").down("stop");
    isDown = true;
    const cut = "select pg_terminate_backend(pid) from pg_stat_activity where datname = $1";
    await administrator.query(cut, [database()]);
    await work(database());
    await net.member("gamma").up();
    isDown = false;
  }

  async function ask(): Promise<QueryView> {
    return net.ask("gamma", await net.authorise("gamma", [newNumber()]));
  }

  async function sessionsOf(view: QueryView): Promise<string[]> {
    const rows = await net
      .database("gamma")
      .selectFrom("query_exchanges")
      .select("session")
      .distinct()
      .where("query_id", "=", view.id)
      .where("state", "=", "answered")
      .execute();
    return rows.map(({ session }) => session ?? "");
  }

  it("answers on in sessions of its own time, and no holder proves a fork", async () => {
    const dump = `${database()}_dump`;
    const earlier = await sessionsOf(await ask());
    const role = new URL(net.member("gamma").databaseUrl).username;
    await whileDown(async (live) => {
      await net.network.postgres.createDatabase(dump, { template: live, role });
    });
    // Vouchers that the copy does not know, in the lanes that it would use next.
    for (let i = 0; i < 2; i++) expect((await ask()).state).to.equal("answered");
    await whileDown(async (live) => {
      await administrator.query(`alter database "${live}" rename to "${live}_lost"`);
      await administrator.query(`alter database "${dump}" rename to "${live}"`);
    });
    const view = await ask();
    expect(view.state).to.equal("answered");
    for (const session of await sessionsOf(view)) expect(earlier).not.to.include(session);
    const { queryLedger } = net.contracts;
    const me = await net.memberId("gamma");
    const forks = await queryLedger.queryFilter(queryLedger.filters.ForkProven());
    for (const { args } of forks) expect((await queryLedger.getSession(args.session)).querier).not.to.equal(BigInt(me));
    await net.anchored("gamma", view.id);
  });
});
