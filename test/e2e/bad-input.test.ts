/** Whatever is sent, the relayers stay up, say why in a stable code, and nothing is half done. */
import { once } from "node:events";
import { connect } from "node:net";

import { sql } from "kysely";
import { expect } from "chai";
import fc from "fast-check";
import { before, describe, it } from "mocha";

import { createIdentities } from "../../scripts/sample-data/identity.ts";
import { createPrng } from "../../scripts/sample-data/prng.ts";
import { replyOf, said } from "../support/attacker.ts";
import { NETWORK_START_MS, testNetwork, type AskedSubject, type TestNetwork } from "../support/network.ts";
import { operationsOf } from "../support/openapi-requests.ts";
import { authorisationsFile, recordsFile, sendFile } from "../support/sample-upload.ts";

/** Requests made for each operation of each API. */
const RUNS = Number(process.env["RISKVEIL_FUZZ_RUNS"] ?? 12);
const newNumber = createIdentities(createPrng(1_234));
const JSON_TYPE = { "content-type": "application/json" };

/** What a request could change, beside the log of what was done. */
const TABLES = [
  ...["subjects", "records", "authorisations", "imports", "queries", "query_subjects", "query_exchanges"],
  ...["query_leaves", "holder_lanes", "holder_requests", "published_tables"],
];

describe("bad input", function () {
  this.timeout(480_000);
  let net: TestNetwork;
  let subject: AskedSubject;

  before(async function () {
    this.timeout(NETWORK_START_MS);
    net = await testNetwork();
    [subject] = (await net.authorise("delta", [newNumber()])) as [AskedSubject];
  });

  async function state(): Promise<Record<string, string>> {
    const counts: Record<string, string> = {};
    for (const table of TABLES) {
      const { rows } = await sql<{ n: string }>`select count(*) as n from ${sql.table(table)}`.execute(
        net.database("delta"),
      );
      counts[table] = rows[0]?.n ?? "";
    }
    return counts;
  }

  async function post(
    path: string,
    body: string | Uint8Array,
    headers: Record<string, string> = JSON_TYPE,
    role = "credit_officer",
  ) {
    const reply = await replyOf(
      net.call("delta", role, path, {
        method: "POST",
        headers,
        body: typeof body === "string" ? body : new Uint8Array(body),
      }),
    );
    if (reply.status >= 400) {
      const problem = JSON.parse(reply.text) as Record<string, unknown>;
      expect(problem).to.include.keys("type", "title", "status", "detail", "code", "requestId");
    }
    return said(reply);
  }

  const query = (change: object = {}): string =>
    JSON.stringify({ subjects: [subject], purpose: "CREDIT_GRANTING", holders: "all", ...change });

  it("of a query is refused with its code, and nothing is stored", async () => {
    const before = await state();
    const cases: readonly [string, string][] = [
      ["{", "400 BODY_MALFORMED"],
      ["", "400 BODY_MALFORMED"],
      ["\ufeff{}", "400 REQUEST_INVALID"],
      ["[]", "400 REQUEST_INVALID"],
      ["null", "400 REQUEST_INVALID"],
      ["[".repeat(100_000) + "]".repeat(100_000), "400 REQUEST_INVALID"],
      [`{"subjects":${"[".repeat(5_000)}${"]".repeat(5_000)}}`, "400 REQUEST_INVALID"],
      [query({ subjects: [] }), "400 SUBJECTS_EMPTY"],
      [query({ subjects: "all" }), "400 REQUEST_INVALID"],
      [query({ subjects: Array.from({ length: 1_001 }, () => subject) }), "400 SUBJECTS_TOO_MANY"],
      [query({ subjects: [subject, subject] }), "400 SUBJECT_REPEATED"],
      [query({ subjects: [{ ...subject, number: "110101199001011234" }] }), "400 SUBJECT_NUMBER_INVALID"],
      [query({ subjects: [{ ...subject, number: "119999190013019999" }] }), "400 SUBJECT_NUMBER_INVALID"],
      [query({ subjects: [{ ...subject, number: "\u0000" }] }), "400 REQUEST_INVALID"],
      [query({ subjects: [{ ...subject, scheme: "cn-library-card" }] }), "400 SUBJECT_SCHEME_UNKNOWN"],
      [query({ subjects: [{ ...subject, scheme: "__proto__" }] }), "400 SUBJECT_SCHEME_UNKNOWN"],
      [query({ subjects: [{ ...subject, authorisation: "\u0000" }] }), "400 REQUEST_INVALID"],
      [query({ subjects: [{ ...subject, authorisation: "' or '1'='1" }] }), "403 AUTHORISATION_MISSING"],
      [query({ subjects: [{ ...subject, admin: true }] }), "400 REQUEST_INVALID"],
      [query({ purpose: "CURIOSITY" }), "400 REQUEST_INVALID"],
      [query({ purpose: 1e308 }), "400 REQUEST_INVALID"],
      [query({ holders: ["nobody"] }), "404 HOLDER_UNKNOWN"],
      [query({ holders: ["delta"] }), "404 HOLDER_UNKNOWN"],
      [query({ holders: [] }), "400 REQUEST_INVALID"],
      [query({ holders: "some" }), "400 REQUEST_INVALID"],
    ];
    for (const [body, expected] of cases) {
      expect(await post("/v1/queries", body), body.slice(0, 120)).to.equal(expected);
    }
    expect(await state()).to.deep.equal(before);
  });

  it("in the form of a request is refused before it is read", async () => {
    const before = await state();
    expect(await post("/v1/queries", query(), { "content-type": "text/plain" })).to.equal(
      "415 CONTENT_TYPE_UNSUPPORTED",
    );
    expect(await post("/v1/queries", query(), { "content-type": "application/json;charset=utf-16" })).to.equal(
      "415 CONTENT_TYPE_UNSUPPORTED",
    );
    expect(await post("/v1/queries", query(), { ...JSON_TYPE, "content-encoding": "gzip" })).to.equal(
      "415 CONTENT_ENCODING_UNSUPPORTED",
    );
    expect(await post("/v1/imports/records", "x", JSON_TYPE, "data_officer")).to.equal("415 CONTENT_TYPE_UNSUPPORTED");
    expect(await post("/v1/queries", query(), JSON_TYPE, "nobody")).to.equal("401 TOKEN_MISSING");
    expect(await post("/v1/queries", query(), { ...JSON_TYPE, authorization: "Bearer x" }, "nobody")).to.equal(
      "401 TOKEN_INVALID",
    );
    for (const role of ["admin", "data_officer", "compliance", "auditor", "reviewer"]) {
      expect(await post("/v1/queries", query(), JSON_TYPE, role), role).to.equal("403 ROLE_FORBIDDEN");
    }
    for (const path of ["/v1/imports/records", "/v1/authorisations", "/v1/datasets"]) {
      expect(await post(path, "{}", JSON_TYPE, "auditor"), path).to.equal("403 ROLE_FORBIDDEN");
    }
    expect(await state()).to.deep.equal(before);
  });

  it("of 100 MB is refused, on both APIs and for every kind of body", async () => {
    const before = await state();
    const large = Buffer.alloc(100 * 1024 * 1024, "a");
    expect(await post("/v1/queries", large)).to.equal("413 BODY_TOO_LARGE");
    expect(await post("/v1/imports/records", large, { "content-type": "text/csv" }, "data_officer")).to.equal(
      "413 BODY_TOO_LARGE",
    );
    const reply = await replyOf(
      fetch(`${net.member("delta").peerUrl}/peer/v1/evaluate`, { method: "POST", headers: JSON_TYPE, body: large }),
    );
    expect(said(reply)).to.equal("413 BODY_TOO_LARGE");
    expect(await state()).to.deep.equal(before);
  });

  it("in one line of a file keeps the whole file out, unless it is to be skipped; the same file again changes nothing", async () => {
    const entries = [1, 2, 3].map((i) => ({ number: newNumber(), record: `BI-${String(i)}` }));
    const good = recordsFile(entries);
    const lines = good.toString().trimEnd().split("\n");
    const bad = Buffer.from(
      [...lines, "BI-4,cn-resident-id,110101199001011234,B1,2025-01-01,1,open,2025-01-01,", "BI-5,x", ""].join("\n"),
    );
    const before = await state();
    const refused = await sendFile(net, "delta", "records", bad);
    expect([refused.state, refused.report.applied]).to.deep.equal(["refused", false]);
    expect([...new Set(refused.report.faults.map(({ line }) => line))]).to.deep.equal([5, 6]);
    const without = ({ records, subjects }: Record<string, string>): unknown => ({ records, subjects });
    expect(without(await state())).to.deep.equal(without(before));

    const skipped = await sendFile(net, "delta", "records", bad, "?skipBadLines=true");
    expect([skipped.state, skipped.report.counts["added"]]).to.deep.equal(["done", 3]);
    const after = await state();
    expect(Number(after["records"]) - Number(before["records"])).to.equal(3);

    for (const query of ["", "?skipBadLines=true"]) {
      const again = await sendFile(net, "delta", "records", good, query);
      expect(again.report.counts["added"]).to.equal(0);
    }
    const twice = await sendFile(net, "delta", "records", good);
    expect([twice.report.duplicate, without(await state())]).to.deep.equal([true, without(after)]);
  });

  it("in a file is named by line, column and code, and never quoted", async () => {
    const number = newNumber();
    const file = recordsFile([{ number, record: "BI-9" }]).toString();
    const wrong: readonly [string, string][] = [
      [file.replace(",B1,", ",Z9,"), "class"],
      [file.replace(",B1,", ",A1,"), "class"],
      [file.replace("2025-03-04", "2025-02-30"), "event_date"],
      [file.replace("120000.50", "1e400"), "amount"],
      [file.replace(",open,", ",maybe,"), "status"],
      [file.replace(number, "119999190013019999"), "document_number"],
    ];
    for (const [text, column] of wrong) {
      const { state: outcome, report } = await sendFile(net, "delta", "records", Buffer.from(text));
      expect([outcome, report.faults.map((fault) => fault.column)], column).to.deep.equal(["refused", [column]]);
      expect(JSON.stringify(report)).to.not.include(number);
    }
    const bytes = [
      Buffer.alloc(0),
      Buffer.from([0xff, 0xfe, 0x00]),
      Buffer.from("\u0000\u0000"),
      Buffer.from("a;b\n1;2"),
    ];
    for (const content of bytes) {
      const outcome = await post("/v1/imports/authorisations", content, { "content-type": "text/csv" }, "data_officer");
      expect(Number(outcome.slice(0, 3)), outcome).to.be.lessThan(500);
    }
    const { state: outcome, report } = await sendFile(
      net,
      "delta",
      "authorisations",
      authorisationsFile([{ number, authorisation: "BI-A", scope: "everything" }]),
    );
    expect([outcome, report.faults.map(({ column }) => column)]).to.deep.equal(["refused", ["scope"]]);
  });

  it("cannot hide one request in another", async () => {
    const { port } = new URL(net.member("delta").client.url);
    const hidden = "POST /v1/queries HTTP/1.1\r\nhost: x\r\n\r\n";
    const heads = [
      `content-length: ${String(hidden.length)}\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n${hidden}`,
      `content-length: 5\r\ncontent-length: 6\r\n\r\n${hidden}`,
      `transfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n${hidden}`,
      `content-length: +5\r\n\r\n${hidden}`,
      `content-length : 5\r\n\r\n${hidden}`,
    ];
    for (const rest of heads) {
      const socket = connect(Number(port), "127.0.0.1");
      let answer = "";
      socket.setEncoding("latin1").on("data", (text: string) => (answer += text));
      socket.on("error", () => undefined);
      socket.end(`POST /healthz HTTP/1.1\r\nhost: x\r\n${rest}`);
      await once(socket, "close");
      expect(
        [...answer.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map((match) => match[1]),
        rest,
      ).to.deep.equal(["400"]);
    }
  });

  for (const api of ["member", "peer"] as const) {
    it(`made from the ${api} API's own description never fails a relayer`, async () => {
      const { client, peerUrl, tokens } = net.member("delta");
      const base = api === "member" ? client.url : peerUrl;
      const document = await (await fetch(`${base}/openapi.json`)).json();
      const operations = operationsOf(document);
      expect(operations.length).to.be.greaterThan(api === "member" ? 15 : 3);
      for (const { method, path, roles, arbitrary } of operations) {
        const token = (tokens as Readonly<Record<string, string>>)[roles[0] ?? ""];
        await fc.assert(
          fc.asyncProperty(arbitrary, async ({ target, headers, body }) => {
            const response = await fetch(base + target, {
              method,
              headers: { ...headers, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
              ...(body === undefined ? {} : { body }),
            });
            const text = await response.text();
            expect(response.status, `${method} ${path}: ${text}`).to.be.lessThan(500);
            if (response.status >= 400)
              expect(response.headers.get("content-type")).to.include("application/problem+json");
          }),
          { numRuns: RUNS },
        );
      }
      for (const { client: each, party } of net.network.members) {
        expect((await fetch(`${each.url}/readyz`)).status, party.name).to.equal(200);
      }
    });
  }
});
