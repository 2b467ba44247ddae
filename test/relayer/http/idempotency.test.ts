import { expect } from "chai";
import { randomUUID } from "node:crypto";
import { after, before, describe, it } from "mocha";

import { JSON_HEADERS, outcome, startTestApi, type TestApi } from "./api.ts";

describe("Idempotency-Key", function () {
  this.timeout(240_000);
  let api: TestApi;
  const post = (key: string, body: object, role = "admin"): Promise<Response> =>
    api.call("POST", "/v1/orders", {
      role,
      headers: { ...JSON_HEADERS, "Idempotency-Key": key },
      body: JSON.stringify(body),
    });
  const order = { name: "one", amountFen: 1 };

  before(async () => {
    api = await startTestApi();
  });
  after(() => api.close());

  it("gives the same request the same answer, and carries it out once", async () => {
    const key = randomUUID();
    const before = api.orders();
    const first = await post(key, order);
    const second = await post(key, order);
    expect(second.status).to.equal(first.status);
    expect(second.headers.get("location")).to.equal(first.headers.get("location")).and.to.be.a("string");
    expect(second.headers.get("idempotency-replayed")).to.equal("true");
    expect(await second.json()).to.deep.equal(await first.json());
    expect(api.orders()).to.equal(before + 1);
  });

  it("carries out once what comes many times at once", async () => {
    const key = randomUUID();
    const before = api.orders();
    const outcomes = await Promise.all(Array.from({ length: 6 }, () => outcome(post(key, order))));
    expect(new Set(outcomes)).to.satisfy((all: Set<string>) =>
      [...all].every((each) => ["202", "409 IDEMPOTENCY_IN_PROGRESS"].includes(each)),
    );
    expect(api.orders()).to.equal(before + 1);
  });

  it("refuses the key for another request, of this caller only", async () => {
    const key = randomUUID();
    await post(key, order);
    expect(await outcome(post(key, { ...order, name: "two" }))).to.equal("422 IDEMPOTENCY_KEY_REUSED");
    expect(await outcome(post(key, { ...order, name: "two" }, "credit_officer"))).to.equal("202");
  });

  it("does not hold on to a refusal", async () => {
    const key = randomUUID();
    const refused = { name: "refuse", amountFen: 1 };
    expect(await outcome(post(key, refused))).to.equal("400 REQUEST_INVALID");
    expect(await outcome(post(key, refused))).to.equal("400 REQUEST_INVALID");
    expect(await outcome(post(key, order))).to.equal("202");
  });

  it("refuses a key that is none", async () => {
    for (const key of ["a b", "x".repeat(129), "'; drop"]) {
      expect(await outcome(post(key, order))).to.equal("400 IDEMPOTENCY_KEY_INVALID");
    }
  });
});
