import { readFileSync } from "node:fs";

import { expect } from "chai";
import { sql } from "kysely";
import { before, describe, it } from "mocha";

import { PARTIES } from "../../scripts/network/parties.ts";
import { publishedFiles } from "../../relayer/services/tables/table-files.ts";
import { contentsOf, transactionsAfter } from "../support/chain-contents.ts";
import { createLeakDetector, formsOf, numbersIn, type LeakDetector } from "../support/leak-detector.ts";
import { NETWORK_START_MS, testNetwork, type TestNetwork } from "../support/network.ts";

/** No person and no tag in any place that outlives an answer or that others see. */
describe("traces of the network's work", () => {
  let net: TestNetwork;
  let detector: LeakDetector;
  let numbers: readonly string[];

  before(async function () {
    this.timeout(NETWORK_START_MS);
    net = await testNetwork();
    numbers = [...numbersIn(net.network.state.sample)];
    const secrets = numbers.flatMap(formsOf);
    detector = createLeakDetector([...secrets, ...(await tags()).map((tag): [string, Uint8Array] => ["a tag", tag])]);
    // A hit, a miss and a refusal at least, also when this file runs alone.
    const asked = net.expectations.demo.filter(({ querier }) => querier === "alpha");
    const subjects = asked.map(({ scheme, number, authorisation }) => ({ scheme, number, authorisation }));
    // A careless caller makes the key of the person asked about.
    const view = await net.ask("alpha", subjects, { idempotencyKey: `ask-${subjects[0]?.number ?? ""}` });
    await net.anchored("alpha", view.id);
    await net.settled();
  });

  /** Tags of all tables, of dummies too: which are which is not to be known either. */
  async function tags(): Promise<Buffer[]> {
    const found: Buffer[] = [];
    for (const { name } of PARTIES) {
      const rows = await net.database(name).selectFrom("published_tables").selectAll().execute();
      for (const { id, entry_count, entry_size } of rows) {
        const bytes = readFileSync(publishedFiles(net.network.state.party(name).data, id).table);
        for (let i = 0; i < entry_count; i += 1) found.push(bytes.subarray(i * entry_size, i * entry_size + 16));
      }
    }
    return found;
  }

  it("the detector finds what it looks for, however it is written", () => {
    expect(numbers.length).to.be.greaterThan(1_000);
    expect(detector.size).to.be.greaterThan(numbers.length * 12 + 5 * 1024);
    const number = numbers[7] ?? "";
    for (const [name, form] of formsOf(number)) {
      const bytes = Buffer.from(form);
      for (const text of [bytes, bytes.toString("hex"), bytes.toString("base64"), bytes.toString("base64url")]) {
        const hidden = Buffer.concat([Buffer.from('{"x":"..'), Buffer.from(text), Buffer.from('"}')]);
        expect(detector.find(hidden), name).to.include(name);
      }
    }
    expect(detector.find(Buffer.from(JSON.stringify(net.network.deployment)))).to.deep.equal([]);
  });

  for (const { name } of PARTIES) {
    it(`the log of ${name} holds none, and nothing had to be masked at the last moment`, () => {
      const log = readFileSync(net.member(name).logFile);
      expect(log.length).to.be.greaterThan(1_000);
      expect(detector.find(log)).to.deep.equal([]);
      expect(
        log
          .toString("utf8")
          .split("\n")
          .filter((line) => line.includes("***")),
      ).to.deep.equal([]);
    });

    it(`neither the queue nor any other table of ${name} holds one in the clear`, async () => {
      const db = net.database(name);
      const { rows } = await sql<{ schema: string; table: string }>`
        select table_schema as "schema", table_name as "table" from information_schema.tables
        where table_schema in ('public', 'bullmq') and table_type = 'BASE TABLE'`.execute(db);
      expect(rows.filter(({ schema }) => schema === "bullmq").length, "the queue's tables").to.be.greaterThan(0);
      for (const { schema, table } of rows) {
        const content = await sql<{ line: string }>`select t::text as line from ${sql.id(schema, table)} t`.execute(db);
        const bytes = Buffer.from(content.rows.map(({ line }) => line).join("\n"), "utf8");
        expect(detector.find(bytes), `${schema}.${table}`).to.deep.equal([]);
      }
    });
  }

  it("the chain holds none: calldata and events of all blocks", async () => {
    const transactions = await transactionsAfter(net.provider, -1);
    expect(transactions.filter(({ logs }) => logs.length > 0).length).to.be.greaterThan(20);
    for (const bytes of contentsOf(transactions)) expect(detector.find(bytes)).to.deep.equal([]);
  });

  it("no peer sends or receives one, but for the tags of the tables themselves", () => {
    for (const { name } of PARTIES) {
      for (const { request, response } of net.traffic(name)) {
        const table = request.start.startsWith("GET /peer/v1/tables/");
        for (const bytes of table ? [request.raw] : [request.raw, response?.raw ?? Buffer.alloc(0)]) {
          expect(detector.find(bytes), `${name}: ${request.start}`).to.deep.equal([]);
        }
      }
    }
  });

  it("no error repeats one, whatever was wrong and wherever it stood", async () => {
    const { number } =
      net.expectations.demo.find(({ querier, kind }) => querier === "beta" && kind === "none") ?? expect.fail();
    const json = { "content-type": "application/json" };
    const wrong = number.slice(0, -1) + (number.endsWith("1") ? "2" : "1");
    const query = (subject: object, more: object = {}): RequestInit => ({
      method: "POST",
      headers: json,
      body: JSON.stringify({ subjects: [subject], purpose: "CREDIT_GRANTING", ...more }),
    });
    const asIs = (body: string, type = "application/json"): RequestInit => ({
      method: "POST",
      headers: { "content-type": type },
      body,
    });
    const subject = { scheme: "cn-resident-id", number };
    const bad: [role: string, path: string, init?: RequestInit][] = [
      ["credit_officer", "/v1/queries", asIs(`{"subjects":[{"number":"${number}"`)],
      ["credit_officer", "/v1/queries", asIs(number)],
      ["credit_officer", "/v1/queries", asIs(JSON.stringify({ [number]: number }))],
      ["credit_officer", "/v1/queries", asIs(number, "text/plain")],
      ["credit_officer", "/v1/queries", asIs(number, number)],
      ["credit_officer", "/v1/queries", query(subject)],
      ["credit_officer", "/v1/queries", query({ ...subject, number: wrong })],
      ["credit_officer", "/v1/queries", query({ ...subject, scheme: number })],
      ["credit_officer", "/v1/queries", query({ ...subject, authorisation: number })],
      ["credit_officer", "/v1/queries", query({ ...subject, [number]: 1 })],
      ["credit_officer", "/v1/queries", query(subject, { purpose: number })],
      ["credit_officer", "/v1/queries", query(subject, { holders: [number] })],
      ["credit_officer", "/v1/queries", { ...query(subject), headers: { ...json, "idempotency-key": `!${number}` } }],
      ["credit_officer", "/v1/queries", { ...query(subject), headers: { ...json, prefer: `wait=${number}` } }],
      ["credit_officer", `/v1/queries/${number}`],
      ["credit_officer", `/v1/queries?before=${number}&limit=${number}`],
      ["credit_officer", `/v1/${number}`],
      ["credit_officer", `/v1/queries/${number}/subjects/${number}/evidence`],
      ["compliance", `/v1/records?limit=${number}`],
      ["compliance", `/v1/records/${number}`],
      ["compliance", `/v1/authorisations?after=${number}`],
      ["data_officer", "/v1/authorisations", asIs(JSON.stringify({ subject, number, signedOn: number }))],
      ["data_officer", `/v1/datasets/${number}/publish`, asIs("{}")],
      [number, "/v1/queries", query(subject)],
    ];
    for (const [role, path, init] of bad) {
      const response = await net.call("alpha", role, path, init);
      expect(response.status, path).to.be.within(400, 499);
      await expectSilent(response, number, wrong);
    }
    const peer = JSON.stringify({ session: number, elements: number, [number]: number });
    for (const [path, init] of [
      ["/peer/v1/evaluate", asIs(peer)],
      ["/peer/v1/evaluate", asIs(number)],
      [`/peer/v1/tables/${number}/1/1`, {}],
      [`/peer/v1/${number}`, { headers: { "riskveil-operator": number } }],
    ] as [string, RequestInit][]) {
      const response = await fetch(net.member("beta").peerUrl + path, init);
      expect(response.status, path).to.be.within(400, 499);
      await expectSilent(response, number, wrong);
    }
    for (const name of ["alpha", "beta"] as const) {
      const log = readFileSync(net.member(name).logFile);
      expect(detector.find(log)).to.deep.equal([]);
      for (const text of [wrong, "***"]) expect(log.includes(text), text).to.equal(false);
    }
  });

  async function expectSilent(response: Response, ...secrets: readonly string[]): Promise<void> {
    const text = [await response.text(), ...response.headers.values()].join("\n");
    for (const secret of secrets) expect(text, response.url.replaceAll(/\d{15,}/g, "N")).not.to.include(secret);
    expect(detector.find(Buffer.from(text, "utf8"))).to.deep.equal([]);
  }

  it("no report on a file with bad lines repeats one, nor does the log", async () => {
    const number = numbers[13] ?? "";
    const head = "record_id,document_type,document_number,class,event_date,amount,status,status_date,note";
    const cells = (change: Readonly<Record<number, string>>): string =>
      ["R-1", "cn-resident-id", number, "B1", "2024-03-05", "10.00", "open", "2024-03-05", ""]
        .map((cell, i) => change[i] ?? cell)
        .join(",");
    const lines = Array.from({ length: 9 }, (_, i) =>
      cells({ [i]: i === 8 ? `="${number}"` : `${number}${i === 2 ? "9" : ""}` }),
    );
    const { client } = net.member("beta");
    for (const kind of ["records", "authorisations"] as const) {
      const file = Buffer.from([head, ...lines, `${number};"${number}`, ""].join("\r\n"), "utf8");
      const { id } = (await client.upload("data_officer", `/v1/imports/${kind}`, file)) as { id: string };
      const report = await net.wait("the import", async () => {
        const seen = (await client.get("data_officer", `/v1/imports/${id}`)) as { state: string };
        return seen.state === "waiting" || seen.state === "running" ? undefined : seen;
      });
      expect(report.state).to.equal("refused");
      expect(detector.find(Buffer.from(JSON.stringify(report), "utf8"))).to.deep.equal([]);
    }
    expect(detector.find(readFileSync(net.member("beta").logFile))).to.deep.equal([]);
  });
});
