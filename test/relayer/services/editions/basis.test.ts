import { randomUUID } from "node:crypto";

import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { pino } from "pino";

import type { Hex } from "../../../../protocol/encoding/bytes.ts";
import type { SubjectSummary } from "../../../../protocol/aggregate/schema.ts";
import { createColumnCipher } from "../../../../relayer/store/column-cipher.ts";
import { writeSealedFrames } from "../../../../relayer/store/sealed-frames.ts";
import { summariesOf } from "../../../../relayer/services/editions/basis.ts";
import { summariesFile } from "../../../../relayer/services/publish/summaries-file.ts";
import type { PublishedState } from "../../../../relayer/store/tables/tables.ts";
import { randomSource as random } from "../../../../scripts/governance/random-source.ts";
import { testDatabase, type TestDatabase } from "../../../support/postgres.ts";
import { temporaryDirectory } from "../../../support/temporary-directory.ts";

const DATASET: Hex = `0x${"da".repeat(32)}`;
const SUMMARY: SubjectSummary = { counts: { B1: 2 }, overdueFen: 700 };
const NOW = new Error("records as they are now");

describe("what a contribution summarises", () => {
  const dataDir = temporaryDirectory();
  const cipher = createColumnCipher({ encryption: random(16), authentication: random(32), index: random(32) }, random);
  let database: TestDatabase;

  before(async () => {
    database = await testDatabase();
  });
  after(() => database.close());

  async function outcome(revision: number, state: PublishedState): Promise<unknown> {
    const id = randomUUID();
    const bytes = Buffer.alloc(32);
    await database.db
      .insertInto("published_tables")
      .values({
        ...{ id, dataset: DATASET, label: "CREDIT", epoch: 7, revision, state, intent_key: `publish:${id}` },
        ...{ root: DATASET, public_key: DATASET, entry_count: 1_024, entry_size: 560, suite: 1, schema: 1 },
        ...{ statistics_digest: DATASET, details: bytes, content_index: bytes, created_at: new Date() },
        ...{ settled_at: null, transaction_hash: null, fault_code: null },
      })
      .execute();
    const file = writeSealedFrames(summariesFile(dataDir, id), cipher, `published_tables.summaries.${id}`);
    file.add(Buffer.from(JSON.stringify([["subject", SUMMARY]])));
    file.commit();
    const ctx = {
      ...{ config: { dataDir }, db: database.db, cipher, log: pino({ level: "silent" }) },
      chain: { dataset: () => Promise.reject(NOW) },
    } as unknown as Parameters<typeof summariesOf>[0];
    const basis = [{ dataset: DATASET, epoch: 7, revision, entryCount: 1_024 }];
    return await summariesOf(ctx, basis).then(
      (summaries) => [...summaries],
      (error: unknown) => error,
    );
  }

  it("is what was published, also where the chain has it and this store has not heard of that yet", async () => {
    for (const [revision, state] of [
      [1, "committed"],
      [2, "sealed"],
    ] as const) {
      expect(await outcome(revision, state)).to.deep.equal([["subject", SUMMARY]]);
    }
    expect(await outcome(3, "discarded")).to.equal(NOW);
  });
});
