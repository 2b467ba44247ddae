import { expect } from "chai";
import { sql } from "kysely";
import { after, before, describe, it } from "mocha";

import { VoucherForked } from "../../../../protocol/oblivious-lookup/lane-guard.ts";
import type { EvaluateRequest } from "../../../../protocol/oblivious-lookup/request.ts";
import { reportFork } from "../../../../relayer/services/evaluate/forks.ts";
import { random } from "../../../support/asking-ledger.ts";
import { startAsking, type Asking } from "../../../support/asking.ts";
import { testDatabase, type TestDatabase } from "../../../support/postgres.ts";

describe("reporting forks", () => {
  let database: TestDatabase;
  let asking: Asking;

  before(async () => {
    database = await testDatabase();
    asking = await startAsking(database, 0);
  });
  after(async () => {
    await asking.close();
    await database.close();
  });

  it("keeps each of several found at once, and proves the session's fault once", async () => {
    let proofs = 0;
    const { outbox } = asking.outbox;
    const counting = {
      ...outbox,
      enqueue: (...call: Parameters<typeof outbox.enqueue>) => {
        proofs += 1;
        return outbox.enqueue(...call);
      },
    };
    const request = { session: random(32), dataset: random(32) } as unknown as EvaluateRequest;
    const forkIn = (lane: number): VoucherForked => {
      const head = () => ({ lane, count: 1, transcript: random(32), signature: random(65) });
      const first = head();
      return new VoucherForked(first, first, head());
    };
    const lanes = Array.from({ length: 8 }, (_, lane) => lane);
    // Connections that are there already, so that they do start at once.
    await Promise.all(lanes.map(() => sql`select pg_sleep(0.05)`.execute(database.db)));
    await Promise.all(
      lanes.map((lane) => reportFork({ ...asking.ctx, outbox: counting, db: database.db }, request, forkIn(lane))),
    );
    const kept = await database.db.selectFrom("holder_forks").select("lane").orderBy("lane").execute();
    expect(kept.map(({ lane }) => lane)).to.deep.equal(lanes);
    expect(proofs).to.equal(1);
  });
});
