/** Queries, ledger and datasets over real HTTP; the ledger is a double, the holders are scripted. */
import { expect } from "chai";
import { after, before, describe, it } from "mocha";

import { datasetRoutes } from "../../../../relayer/http/member/datasets.ts";
import { ledgerRoutes } from "../../../../relayer/http/member/ledger.ts";
import { queryRoutes } from "../../../../relayer/http/member/queries.ts";
import { ROLES } from "../../../../relayer/http/role.ts";
import type { DatasetService } from "../../../../relayer/services/datasets/datasets.ts";
import type { Records } from "../../../../relayer/services/records/records.ts";
import { asked, startAsking, type Asking } from "../../../support/asking.ts";
import { testDatabase, type TestDatabase } from "../../../support/postgres.ts";
import { JSON_HEADERS, outcome, startTestApi, type TestApi } from "../api.ts";

const NOBODY = "00000000-0000-4000-8000-000000000000";

describe("member API of queries, ledger and datasets", function () {
  this.timeout(240_000);
  let database: TestDatabase;
  let asking: Asking;
  let api: TestApi;
  const registered: unknown[] = [];

  before(async () => {
    database = await testDatabase();
    asking = await startAsking(database);
    asking.ledger.datasets.push({
      id: `0x${"aa".repeat(32)}`,
      holder: 1,
      label: "CREDIT",
      categories: ["B"],
      latestEpoch: 7,
    });
    await asking.openSession();
    const datasets: DatasetService = {
      register: (...what) => Promise.resolve(void registered.push(what)).then(() => `0x${"bb".repeat(32)}` as const),
      list: () => Promise.resolve([]),
    };
    const records = {} as Pick<Records, "collectPublishable">;
    const routes = [
      ...queryRoutes(asking.ctx, asking.queries),
      ...ledgerRoutes(asking.ctx),
      ...datasetRoutes(asking.ctx, datasets, { list: () => Promise.resolve([]) }, records),
    ];
    api = await startTestApi({ routes });
  });
  after(async () => {
    await api.close();
    await asking.close();
    await database.close();
  });

  const get = (path: string, role = "credit_officer"): Promise<Response> => api.call("GET", path, { role });
  const post = (path: string, body: unknown, role: string, headers: Record<string, string> = {}): Promise<Response> =>
    api.call("POST", path, { role, headers: { ...JSON_HEADERS, ...headers }, body: JSON.stringify(body) });
  const question = (change: object = {}): object => ({
    ...{ subjects: [{ scheme: asked(0).scheme, number: asked(0).number }], purpose: "ANTI_FRAUD", holders: "all" },
    ...change,
  });

  for (const [method, path, roles] of [
    ["POST", "/v1/queries", ["credit_officer"]],
    ["GET", "/v1/queries", ["credit_officer", "compliance"]],
    ["GET", `/v1/queries/${NOBODY}`, ["credit_officer", "compliance"]],
    ["GET", `/v1/queries/${NOBODY}/events`, ["credit_officer", "compliance"]],
    ["GET", `/v1/queries/${NOBODY}/subjects/0/evidence`, ["credit_officer", "compliance"]],
    ["GET", `/v1/queries/${NOBODY}/subjects/0/picture-evidence`, ["credit_officer", "compliance"]],
    ["GET", "/v1/members", ["admin", "data_officer", "credit_officer", "compliance", "auditor"]],
    ["GET", "/v1/points", ["admin", "data_officer", "credit_officer", "compliance", "auditor"]],
    ["GET", "/v1/sessions", ["admin", "data_officer", "credit_officer", "compliance", "auditor"]],
    ["GET", "/v1/peer-log", ["compliance", "auditor", "data_officer"]],
    ["GET", "/v1/datasets", ROLES],
    ["POST", "/v1/datasets", ["data_officer"]],
    ["POST", "/v1/datasets/NONE/publish", ["data_officer"]],
    ["GET", "/v1/datasets/NONE/review", ["data_officer", "reviewer", "compliance"]],
    ["GET", "/v1/mirrors", ROLES],
  ] as [string, string, readonly string[]][]) {
    it(`lets only those who may ${method} ${path.replace(NOBODY, "{id}")}`, async () => {
      const init = method === "POST" ? { headers: JSON_HEADERS, body: "{}" } : {};
      for (const role of ROLES) {
        const response = await api.call(method, path, { role, ...init });
        expect(response.status === 403, role).to.equal(!roles.includes(role));
        await response.body?.cancel();
      }
      expect((await api.call(method, path, init)).status).to.equal(401);
    });
  }

  it("answers in the same request when asked to wait, and shows it again later", async () => {
    const response = await post("/v1/queries", question(), "credit_officer", { prefer: "respond-async, wait=30" });
    expect(response.status).to.equal(202);
    const { id, state, query } = (await response.json()) as { id: string; state: string; query: { final: boolean } };
    expect([state, query.final, response.headers.get("location")]).to.deep.equal([
      "answered",
      true,
      `/v1/queries/${id}`,
    ]);
    expect(await (await get(`/v1/queries/${id}`)).json()).to.deep.equal(query);
    const { items } = (await (await get("/v1/queries?limit=1")).json()) as { items: { id: string }[] };
    expect(items.map((item) => item.id)).to.deep.equal([id]);
    const events = await (await get(`/v1/queries/${id}/events`)).text();
    expect(events).to.include("event: done").and.not.include(asked(0).number).and.not.include("records");
  });

  it("tells how far a query is without opening what was found", async () => {
    const { id } = (await (await post("/v1/queries", question(), "credit_officer", { prefer: "wait=20" })).json()) as {
      id: string;
    };
    const head = await asking.ctx.db.selectFrom("audit_log").select("sequence").execute();
    asking.refuseConsent("AUTHORISATION_WITHDRAWN");
    try {
      expect(await (await get(`/v1/queries/${id}/events`)).text()).to.include("event: done");
    } finally {
      asking.refuseConsent(undefined);
    }
    expect(await asking.ctx.db.selectFrom("audit_log").select("sequence").execute()).to.deep.equal(head);
  });

  it("does not wait unless it is asked to", async () => {
    const body = (await (await post("/v1/queries", question(), "credit_officer")).json()) as object;
    expect(body).to.have.keys(["id", "state", "links"]);
  });

  it("gives the way to the answer, not the answer, to a repeated key", async () => {
    const headers = { "idempotency-key": "k-1", prefer: "wait=30" };
    const first = (await (await post("/v1/queries", question(), "credit_officer", headers)).json()) as { id: string };
    const again = (await (await post("/v1/queries", question(), "credit_officer", headers)).json()) as { id: string };
    expect(again).to.have.keys(["id", "state", "links"]);
    expect(again.id).to.equal(first.id);
  });

  for (const [what, change] of [
    ["a purpose that is none", { purpose: "CURIOSITY" }],
    ["no holder", { holders: [] }],
    ["too many holders", { holders: Array.from({ length: 1_025 }, () => "beta") }],
    ["a field that is not defined", { more: 1 }],
    ["a subject that is no object", { subjects: ["110101199001011234"] }],
    ["a number of the wrong type", { subjects: [{ scheme: "cn-passport", number: 1 }] }],
  ] as [string, object][]) {
    it(`refuses ${what}`, async () => {
      expect(await outcome(post("/v1/queries", question(change), "credit_officer"))).to.equal("400 REQUEST_INVALID");
    });
  }

  it("refuses what is no id, no limit and no date, and knows no other query", async () => {
    for (const path of [
      "/v1/queries/1",
      "/v1/queries?limit=0",
      "/v1/queries?limit=201",
      "/v1/queries?before=yesterday",
    ]) {
      expect(await outcome(get(path)), path).to.equal("400 REQUEST_INVALID");
    }
    expect(await outcome(get(`/v1/queries/${NOBODY}`))).to.equal("404 QUERY_UNKNOWN");
    expect(await outcome(get(`/v1/queries/${NOBODY}/events`))).to.equal("404 QUERY_UNKNOWN");
    expect(await outcome(get(`/v1/queries/${NOBODY}/subjects/-1/evidence`))).to.equal("400 REQUEST_INVALID");
  });

  it("shows members, points and sessions as the ledger and the store have them", async () => {
    const { me, items } = (await (await get("/v1/members")).json()) as { me: string; items: { name: string }[] };
    expect([me, ...items.map(({ name }) => name)]).to.deep.equal(["asker", "asker", "beta", "gamma"]);
    expect(await (await get("/v1/points")).json()).to.deep.equal({ member: "asker", balance: String(10n ** 23n) });
    const sessions = (await (await get("/v1/sessions")).json()) as { items: { state: string; allotments: object[] }[] };
    expect(sessions.items.map(({ state, allotments }) => [state, allotments.length])).to.deep.equal([["open", 2]]);
  });

  it("shows all that a holder received", async () => {
    const row = { session: "0x01", dataset: "0x02", lane: 1, count: 2, querier: 2, elements: 2, purpose: "ANTI_FRAUD" };
    const sizes = { bytes_received: 700, bytes_sent: 500, preview: "AAAA", received_at: asking.ctx.clock() };
    await database.db
      .insertInto("holder_requests")
      .values({ ...row, ...sizes })
      .execute();
    const { items } = (await (await get("/v1/peer-log", "auditor")).json()) as { items: object[] };
    expect(items).to.deep.equal([
      {
        ...{ ...row, querier: "beta", receivedAt: "2026-06-01T08:00:00.000Z" },
        ...{ bytesReceived: 700, bytesSent: 500, preview: "AAAA", service: "lookup" },
      },
    ]);
  });

  it("registers a dataset with a label and categories that the ledger could take", async () => {
    const response = await post("/v1/datasets", { label: "CREDIT_2", categories: ["B", "C"] }, "data_officer");
    expect([response.status, registered]).to.deep.equal([201, [["CREDIT_2", ["B", "C"]]]]);
    for (const body of [
      { label: "credit", categories: ["B"] },
      { label: `A${"B".repeat(31)}`, categories: ["B"] },
      { label: "CREDIT", categories: [] },
      { label: "CREDIT", categories: ["b"] },
    ]) {
      expect(await outcome(post("/v1/datasets", body, "data_officer"))).to.equal("400 REQUEST_INVALID");
    }
  });

  it("publishes by a job, and only a dataset of its own", async () => {
    const response = await post("/v1/datasets/CREDIT/publish", {}, "data_officer");
    expect(response.status).to.equal(202);
    expect(asking.jobs.filter(({ name }) => name === "publish").map(({ data }) => data)).to.deep.equal([
      { id: "CREDIT" },
    ]);
    expect((await post("/v1/datasets/OTHER/publish", {}, "data_officer")).status).to.equal(404);
  });
});
