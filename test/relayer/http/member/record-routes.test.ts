import { expect } from "chai";
import { after, before, describe, it } from "mocha";

import { authorisationRoutes } from "../../../../relayer/http/member/authorisations.ts";
import { importRoutes } from "../../../../relayer/http/member/imports.ts";
import { recordRoutes } from "../../../../relayer/http/member/records.ts";
import { recordServices, type RecordServices } from "../../../support/record-services.ts";
import { authorisationsFile, numberAt, NUMBERS, recordsFile } from "../../../support/sample-lines.ts";
import { JSON_HEADERS, outcome, startTestApi, type TestApi } from "../api.ts";

const CSV = { "Content-Type": "text/csv" };

const body = (change: Record<string, unknown> = {}): string =>
  JSON.stringify({
    subject: { scheme: "cn-resident-id", number: numberAt(0) },
    instrument: "MARGIN_AGREEMENT",
    documentSm3: "ab".repeat(32),
    scope: ["query"],
    purposes: ["CREDIT_GRANTING"],
    signedOn: "2024-01-02",
    cohort: "incremental",
    noticeDate: "2024-01-02",
    noticeMeans: "paper",
    ...change,
  });

describe("member API of records", function () {
  this.timeout(240_000);
  let services: RecordServices;
  let api: TestApi;

  before(async () => {
    services = await recordServices();
    const clock = (): Date => new Date("2026-01-15T03:00:00Z");
    const routes = [
      ...importRoutes(services.imports),
      ...recordRoutes(services.records),
      ...authorisationRoutes({ clock }, services.register),
    ];
    api = await startTestApi({ routes });
  });
  after(async () => {
    await api.close();
    await services.database.close();
  });

  const post = (
    path: string,
    content: NonNullable<RequestInit["body"]>,
    role = "data_officer",
    headers: Record<string, string> = CSV,
  ): Promise<Response> => api.call("POST", path, { role, headers, body: content });
  const read = async (path: string, role = "data_officer"): Promise<Record<string, unknown>> =>
    (await (await api.call("GET", path, { role })).json()) as Record<string, unknown>;
  const codeOf = (response: Promise<Response>): Promise<string> => outcome(response);

  describe("imports", () => {
    it("takes a file, tells its progress and gives its report", async () => {
      const response = await post(
        "/v1/imports/records",
        recordsFile({}, { record_id: "R2", document_number: numberAt(1) }),
      );
      expect(response.status).to.equal(202);
      const { id, links } = (await response.json()) as { id: string; links: { self: string; events: string } };
      expect(response.headers.get("location")).to.equal(links.self);
      expect(await read(links.self)).to.deep.include({ state: "waiting", progress: 0, report: null });
      // Its headers are there when it listens.
      const events = await api.call("GET", links.events, { role: "data_officer" });
      await services.imports.run(id);
      expect(await events.text()).to.match(/event: progress[\s\S]*event: done\ndata: \{"state":"done".*"added":2/);
      expect(await read(links.self)).to.deep.include({ state: "done", kind: "records", progress: 1 });
    });

    it("reports bad lines in the reader's language without their cells", async () => {
      const wrong = `${numberAt(2).slice(0, 17)}${numberAt(2).endsWith("1") ? "2" : "1"}`;
      const { id, links } = (await (
        await post("/v1/imports/records", recordsFile({ record_id: "R9", document_number: wrong }))
      ).json()) as {
        id: string;
        links: { self: string };
      };
      await services.imports.run(id);
      const text = async (language: string): Promise<string> =>
        (await api.call("GET", links.self, { role: "data_officer", headers: { "Accept-Language": language } })).text();
      expect(await text("en"))
        .to.include('"code":"IDENTITY_CHECK_DIGIT"')
        .and.include("The check digit of the document number is wrong");
      expect(await text("zh-CN"))
        .to.include("证件号码校验位错误")
        .and.not.include(wrong);
    });

    it("takes skipBadLines and encoding, and refuses others", async () => {
      const file = recordsFile({ record_id: "R5" }, { record_id: "R6", amount: "x" });
      const { id } = (await (await post("/v1/imports/records?skipBadLines=true&encoding=gb18030", file)).json()) as {
        id: string;
      };
      await services.imports.run(id);
      expect((await services.imports.find(id)).report).to.deep.include({ applied: true, encoding: "gb18030" });
      expect(await codeOf(post("/v1/imports/records?encoding=latin1", file))).to.match(/^400 /);
      expect(await codeOf(post("/v1/imports/records?skipBadLines=perhaps", file))).to.match(/^400 /);
      expect(await codeOf(post("/v1/imports/records?encoding=utf-8", new Uint8Array([0x61, 0xff])))).to.equal(
        "422 IMPORT_ENCODING",
      );
    });

    it("refuses what is no such file with 4xx and stores nothing", async () => {
      const before = (await services.db.selectFrom("imports").select("id").execute()).length;
      expect(await codeOf(post("/v1/imports/records", ""))).to.match(/^4\d\d /);
      expect(await codeOf(post("/v1/imports/records", Buffer.from("PK\x03\x04", "latin1")))).to.equal(
        "415 IMPORT_NOT_TEXT",
      );
      expect(await codeOf(post("/v1/imports/records", "{}", "data_officer", JSON_HEADERS))).to.equal(
        "415 CONTENT_TYPE_UNSUPPORTED",
      );
      expect(await codeOf(post("/v1/imports/records", new Uint8Array(64 * 1024 * 1024 + 1)))).to.equal(
        "413 BODY_TOO_LARGE",
      );
      expect(await codeOf(post("/v1/imports/records", recordsFile({}), "credit_officer"))).to.equal(
        "403 ROLE_FORBIDDEN",
      );
      expect(await codeOf(api.call("POST", "/v1/imports/records", { headers: CSV, body: recordsFile({}) }))).to.equal(
        "401 TOKEN_MISSING",
      );
      expect((await services.db.selectFrom("imports").select("id").execute()).length).to.equal(before);
    });

    it("does not know an import that is none", async () => {
      const unknown = "00000000-0000-4000-8000-000000000000";
      expect(await codeOf(api.call("GET", `/v1/imports/${unknown}`, { role: "data_officer" }))).to.equal(
        "404 IMPORT_UNKNOWN",
      );
      expect(await codeOf(api.call("GET", `/v1/imports/${unknown}/events`, { role: "data_officer" }))).to.equal(
        "404 IMPORT_UNKNOWN",
      );
      expect(await codeOf(api.call("GET", "/v1/imports/1", { role: "data_officer" }))).to.match(/^400 /);
    });

    it("gives one import for one idempotency key", async () => {
      const headers = { ...CSV, "Idempotency-Key": "file-1" };
      const ids = [];
      for (let i = 0; i < 2; i += 1) {
        ids.push(
          (
            (await (
              await post("/v1/imports/authorisations", authorisationsFile({}), "data_officer", headers)
            ).json()) as { id: string }
          ).id,
        );
      }
      expect(ids[0]).to.equal(ids[1]);
    });
  });

  describe("records", () => {
    it("lists them page by page, masked, or without who they are about", async () => {
      const page = (await read("/v1/records?limit=2")) as {
        items: { recordId: string; subject: string }[];
        next: string;
      };
      expect(page.items.map((item) => item.recordId)).to.deep.equal(["R1", "R2"]);
      expect(page.items[0]?.subject).to.match(/^cn-resident-id:\d{3}\*{11}[\dX]{4}$/);
      const rest = (await read(`/v1/records?limit=2&after=${page.next}`)) as {
        items: { recordId: string }[];
        next: null;
      };
      expect(rest.items.map((item) => item.recordId)).to.deep.equal(["R5"]);
      expect(rest.next).to.equal(null);
      const forAuditor = (await read("/v1/records", "auditor")) as { items: { subject: null }[] };
      expect(forAuditor.items.every((item) => item.subject === null)).to.equal(true);
      expect(((await read("/v1/records?class=B1&status=cured")) as { items: unknown[] }).items).to.deep.equal([]);
    });

    it("withdraws one for good", async () => {
      const { items } = (await read("/v1/records?limit=1")) as { items: { id: string }[] };
      const path = `/v1/records/${items[0]?.id ?? ""}/withdraw`;
      const withdraw = (reason: string, role = "data_officer"): Promise<string> =>
        codeOf(post(path, JSON.stringify({ reason }), role, JSON_HEADERS));
      expect(await withdraw("a person's story")).to.match(/^400 /);
      expect(await withdraw("OTHER", "auditor")).to.equal("403 ROLE_FORBIDDEN");
      expect(await withdraw("ENTERED_IN_ERROR")).to.equal("204");
      expect(await withdraw("ENTERED_IN_ERROR")).to.equal("204");
      const now = (await read("/v1/records?limit=1")) as { items: { status: string; revision: number }[] };
      expect(now.items[0]).to.deep.include({ status: "withdrawn", revision: 2 });
      expect(
        await codeOf(
          post(
            "/v1/records/00000000-0000-4000-8000-000000000000/withdraw",
            '{"reason":"OTHER"}',
            "data_officer",
            JSON_HEADERS,
          ),
        ),
      ).to.equal("404 RECORD_UNKNOWN");
    });
  });

  describe("authorisations", () => {
    const register = (content: string, role = "credit_officer"): Promise<Response> =>
      post("/v1/authorisations", content, role, JSON_HEADERS);

    it("registers one, by digest or by the document, which is not kept", async () => {
      const byDigest = await register(body({ number: "Q-1" }));
      expect(byDigest.status).to.equal(201);
      const document = Buffer.from("the signed document, with a name in it").toString("base64");
      const byDocument = await register(body({ documentSm3: undefined, document }));
      expect(byDocument.status).to.equal(201);
      const rows = await services.db.selectFrom("authorisations").selectAll().execute();
      expect(JSON.stringify(rows)).to.not.include(document);
    });

    it("shows it to those who deal with the investor masked, to others without", async () => {
      const { id } = (await (await register(body({ number: "Q-2" }))).json()) as { id: string };
      expect((await read(`/v1/authorisations/${id}`, "credit_officer"))["subject"]).to.match(/\*{11}/);
      expect((await read(`/v1/authorisations/${id}`, "data_officer"))["subject"]).to.equal(null);
      const list = (await read("/v1/authorisations?limit=500", "auditor")) as { items: { subject: null }[] };
      expect(list.items.some((item) => item.subject !== null)).to.equal(false);
    });

    it("withdraws it", async () => {
      const { id } = (await (await register(body({ number: "Q-3" }))).json()) as { id: string };
      const withdrawn = await post(
        `/v1/authorisations/${id}/withdraw`,
        '{"reason":"SUBJECT_REQUEST"}',
        "compliance",
        JSON_HEADERS,
      );
      expect(await withdrawn.json()).to.deep.include({ withdrawalReason: "SUBJECT_REQUEST", revision: 2 });
    });

    const refusals: readonly (readonly [string, Record<string, unknown>])[] = [
      ["400 SUBJECT_NUMBER_INVALID", { subject: { scheme: "cn-resident-id", number: "119999199003070001" } }],
      ["400 SUBJECT_SCHEME_UNKNOWN", { subject: { scheme: "x", number: "1" } }],
      ["422 AUTHORISATION_INVALID", { number: numberAt(0) }],
      ["422 AUTHORISATION_INVALID", { number: "=1" }],
      ["422 AUTHORISATION_INVALID", { documentSm3: undefined }],
      ["422 AUTHORISATION_INVALID", { document: "YQ==" }],
      ["422 AUTHORISATION_INVALID", { validUntil: "2023-01-01" }],
      ["422 AUTHORISATION_INVALID", { noticeMeans: undefined }],
      ["409 AUTHORISATION_NUMBER_TAKEN", { number: "Q-1" }],
    ];
    for (const [position, [expected, change]] of refusals.entries()) {
      it(`refuses a wrong ${Object.keys(change).join()} (${String(position + 1)}): ${expected}`, async () => {
        expect(await codeOf(register(body(change)))).to.equal(expected);
      });
    }

    it("refuses what is not of the shape", async () => {
      for (const change of [
        { scope: [] },
        { purposes: ["X"] },
        { signedOn: "2024-02-30" },
        { instrument: "ORAL" },
        { extra: 1 },
      ]) {
        expect(await codeOf(register(body(change)))).to.match(/^400 /);
      }
      expect(await codeOf(register(body(), "auditor"))).to.equal("403 ROLE_FORBIDDEN");
    });
  });

  it("answers and logs no identity number anywhere", async () => {
    const answers = await Promise.all(
      ["/v1/records?limit=500", "/v1/authorisations?limit=500"].map(async (path) =>
        JSON.stringify(await read(path, "compliance")),
      ),
    );
    const text = [...answers, api.logged(), services.logged()].join("\n");
    for (const number of NUMBERS) expect(text.includes(number)).to.equal(false);
  });
});
