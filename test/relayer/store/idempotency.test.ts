import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { randomBytes, randomUUID } from "node:crypto";

import { utf8 } from "../../../protocol/encoding/bytes.ts";
import { isFault } from "../../../protocol/errors/fault.ts";
import { createColumnCipher } from "../../../relayer/store/column-cipher.ts";
import {
  createIdempotencyStore,
  type IdempotencyStore,
  type IdempotentRequest,
} from "../../../relayer/store/idempotency.ts";
import { testDatabase, type TestDatabase } from "../../support/postgres.ts";

const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));

describe("idempotency keys", function () {
  this.timeout(240_000);
  let database: TestDatabase;
  let store: IdempotencyStore;
  let now = new Date("2026-01-05T08:00:00Z");

  const request = (changes: Partial<IdempotentRequest> = {}): IdempotentRequest => ({
    caller: "one",
    key: randomUUID(),
    target: "POST /v1/queries",
    body: utf8('{"number":"x"}'),
    ...changes,
  });
  const answer = { status: 202, body: utf8('{"id":"1"}'), location: "/v1/queries/1" };

  async function codeOf(work: Promise<unknown>): Promise<string> {
    try {
      await work;
      return "none";
    } catch (error) {
      return isFault(error) ? error.code : String(error);
    }
  }

  before(async () => {
    database = await testDatabase();
    const keys = { encryption: random(16), authentication: random(32), index: random(32) };
    store = createIdempotencyStore(database.db, createColumnCipher(keys, random), () => now);
  });
  after(() => database.close());

  it("gives a repetition the first answer, and keeps it sealed", async () => {
    const first = request();
    expect(await store.begin(first)).to.equal(undefined);
    await store.complete(first, answer);
    expect(await store.begin(first)).to.deep.equal(answer);
    const row = await database.db.selectFrom("idempotency_keys").selectAll().executeTakeFirstOrThrow();
    expect(row.response?.toString("latin1")).not.to.include('"id"');
  });

  it("lets one of many at once through", async () => {
    const same = request();
    const codes = await Promise.all(Array.from({ length: 8 }, () => codeOf(store.begin(same))));
    expect(codes.filter((code) => code === "none")).to.have.length(1);
    expect(codes.filter((code) => code === "IDEMPOTENCY_IN_PROGRESS")).to.have.length(7);
  });

  it("refuses another body, another path, and knows callers apart", async () => {
    const first = request();
    await store.begin(first);
    await store.complete(first, answer);
    expect(await codeOf(store.begin({ ...first, body: utf8("{}") }))).to.equal("IDEMPOTENCY_KEY_REUSED");
    expect(await codeOf(store.begin({ ...first, target: "POST /v1/x" }))).to.equal("IDEMPOTENCY_KEY_REUSED");
    expect(await store.begin({ ...first, caller: "two" })).to.equal(undefined);
  });

  it("frees the key of a refused request, and of a process that died", async () => {
    const refused = request();
    await store.begin(refused);
    await store.abandon(refused);
    expect(await store.begin(refused)).to.equal(undefined);
    now = new Date(now.getTime() + 6 * 60_000);
    expect(await codeOf(store.begin({ ...refused, body: utf8("other") }))).to.equal("IDEMPOTENCY_KEY_REUSED");
    expect(await store.begin(refused)).to.equal(undefined);
    expect(await codeOf(store.begin(refused))).to.equal("IDEMPOTENCY_IN_PROGRESS");
  });

  it("forgets after a day", async () => {
    const old = request();
    await store.begin(old);
    await store.complete(old, answer);
    now = new Date(now.getTime() + 25 * 60 * 60_000);
    await store.purge();
    expect(await store.begin(old)).to.equal(undefined);
  });
});
