import { expect } from "chai";
import { after, before, beforeEach, describe, it } from "mocha";

import type { Hex } from "../../../../protocol/encoding/bytes.ts";
import { createMirrorView, type MirrorView } from "../../../../relayer/services/mirror/mirror-view.ts";
import type { MirroredState } from "../../../../relayer/store/tables/tables.ts";
import { testDatabase, type TestDatabase } from "../../../support/postgres.ts";

describe("which mirrored tables answer", () => {
  const [A, B] = [`0x${"a".repeat(64)}`, `0x${"b".repeat(64)}`] as [Hex, Hex];
  let database: TestDatabase;
  let now: number;
  let view: MirrorView;

  before(async () => {
    database = await testDatabase();
  });
  after(() => database.close());
  beforeEach(async () => {
    await database.db.deleteFrom("mirrored_tables").execute();
    now = 1_000_000;
    view = createMirrorView({ db: database.db, clock: () => new Date(now) });
  });

  async function put(dataset: Hex, epoch: number, revision: number, state: MirroredState): Promise<void> {
    const shape = { root: `0x${String(epoch)}${String(revision)}`, entry_count: 64, entry_size: 100 };
    const facts = { holder: 2, fault_code: null, attempts: 1, retry_at: null, verified_at: null };
    const row = { dataset, epoch, revision, state, ...shape, ...facts, updated_at: new Date(now) };
    await database.db
      .insertInto("mirrored_tables")
      .values(row)
      .onConflict((conflict) => conflict.columns(["dataset", "epoch", "revision"]).doUpdateSet({ state }))
      .execute();
  }
  const answering = async (dataset: Hex, epoch: number): Promise<number | undefined> =>
    (await view.answering(dataset, epoch))?.revision;

  it("are the newest verified ones of each dataset and epoch", async () => {
    await put(A, 7, 1, "verified");
    await put(A, 7, 2, "verified");
    await put(A, 7, 3, "downloading");
    await put(A, 8, 1, "verified");
    await put(A, 9, 1, "rejected");
    await put(B, 7, 1, "verified");
    expect(await Promise.all([answering(A, 7), answering(A, 8), answering(A, 9), answering(B, 7)])).to.deep.equal([
      ...[2, 1, undefined, 1],
    ]);
    expect([await view.newestEpoch(A), await view.newestEpoch(B)]).to.deep.equal([8, 7]);
  });

  it("are none in an epoch whose newest was withdrawn", async () => {
    await put(A, 7, 1, "verified");
    await put(A, 8, 1, "verified");
    await put(A, 8, 2, "withdrawn");
    expect([await answering(A, 8), await answering(A, 7), await view.newestEpoch(A)]).to.deep.equal([undefined, 1, 7]);
  });

  it("are asked of the store once for all, and again when a row changed here", async () => {
    expect(await view.newestEpoch(A)).to.equal(undefined);
    await put(A, 7, 1, "verified");
    expect(await view.newestEpoch(A)).to.equal(undefined);
    view.forget();
    expect([await view.newestEpoch(A), await answering(A, 7)]).to.deep.equal([7, 1]);
  });

  it("are seen within a second when another process changed them", async () => {
    await put(A, 7, 1, "verified");
    expect(await answering(A, 7)).to.equal(1);
    await put(A, 7, 1, "withdrawn");
    await put(B, 7, 1, "verified");
    now += 999;
    expect([await answering(A, 7), await answering(B, 7)]).to.deep.equal([1, undefined]);
    now += 1;
    expect([await answering(A, 7), await answering(B, 7)]).to.deep.equal([undefined, 1]);
    await put(A, 7, 1, "verified");
    // A clock that was put back.
    now -= 3_600_000;
    expect(await answering(A, 7)).to.equal(1);
  });

  it("are asked again after the store could not be read", async () => {
    await database.db.schema.alterTable("mirrored_tables").renameTo("elsewhere").execute();
    try {
      expect(await view.newestEpoch(A).catch(() => "failed")).to.equal("failed");
    } finally {
      await database.db.schema.alterTable("elsewhere").renameTo("mirrored_tables").execute();
    }
    await put(A, 7, 1, "verified");
    expect(await view.newestEpoch(A)).to.equal(7);
  });
});
