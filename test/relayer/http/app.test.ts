import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { z } from "zod";

import { createApp } from "../../../relayer/http/app.ts";
import { defineRoute } from "../../../relayer/http/route.ts";
import { JSON_HEADERS, outcome, startTestApi, type TestApi } from "./api.ts";

const good = JSON.stringify({ name: "one", amountFen: 5 });

describe("member API", function () {
  this.timeout(240_000);
  let api: TestApi;
  const post = (
    body: NonNullable<RequestInit["body"]>,
    headers: Record<string, string> = JSON_HEADERS,
  ): Promise<Response> => api.call("POST", "/v1/orders", { role: "admin", headers, body, duplex: "half" });

  before(async () => {
    api = await startTestApi();
  });
  after(() => api.close());

  it("answers with what the response declares and nothing else", async () => {
    const response = await post(good);
    expect(response.status).to.equal(202);
    expect(response.headers.get("content-type")).to.include("application/json");
    expect(await response.json()).to.have.all.keys("id", "name");
  });

  describe("access", () => {
    it("asks for a token, a good one, and the right role, before it reads the body", async () => {
      const body = "not json";
      expect(await outcome(api.call("POST", "/v1/orders", { body }))).to.equal("401 TOKEN_MISSING");
      const headers = { Authorization: "Bearer rv_wrong" };
      expect(await outcome(api.call("POST", "/v1/orders", { body, headers }))).to.equal("401 TOKEN_INVALID");
      const basic = { Authorization: "Basic YTpi" };
      expect(await outcome(api.call("POST", "/v1/orders", { body, headers: basic }))).to.equal("401 TOKEN_INVALID");
      expect(await outcome(api.call("POST", "/v1/orders", { body, role: "auditor" }))).to.equal("403 ROLE_FORBIDDEN");
    });

    it("says how to authenticate", async () => {
      const response = await api.call("GET", "/v1/orders/1");
      expect(response.headers.get("www-authenticate")).to.include("Bearer");
    });

    it("limits each token's rate apart", async () => {
      const limited = await startTestApi({ rateLimit: { perSecond: 0.001, burst: 3 } });
      try {
        for (let n = 0; n < 3; n++)
          expect((await limited.call("GET", "/v1/orders/1", { role: "admin" })).status).to.equal(200);
        const refused = await limited.call("GET", "/v1/orders/1", { role: "admin" });
        expect(Number(refused.headers.get("retry-after"))).to.be.greaterThan(0);
        expect(await outcome(refused)).to.equal("429 RATE_LIMITED");
        expect((await limited.call("GET", "/v1/orders/1", { role: "auditor" })).status).to.equal(200);
      } finally {
        await limited.close();
      }
    });
  });

  describe("bad input", () => {
    it("is refused with its own code", async () => {
      expect(await outcome(post("{"))).to.equal("400 BODY_MALFORMED");
      expect(await outcome(post(""))).to.equal("400 BODY_MALFORMED");
      expect(await outcome(post(new Uint8Array([0x22, 0xff, 0x22])))).to.equal("400 BODY_MALFORMED");
      expect(await outcome(post("[".repeat(100_000)))).to.equal("400 BODY_MALFORMED");
      expect(await outcome(post(good, { "Content-Type": "text/plain" }))).to.equal("415 CONTENT_TYPE_UNSUPPORTED");
      expect(await outcome(post(good, { "Content-Type": "application/json; charset=gbk" }))).to.equal(
        "415 CONTENT_TYPE_UNSUPPORTED",
      );
      expect(await outcome(post(good, { ...JSON_HEADERS, "Content-Encoding": "gzip" }))).to.equal(
        "415 CONTENT_ENCODING_UNSUPPORTED",
      );
      expect(await outcome(post("{}"))).to.equal("400 REQUEST_INVALID");
      expect(await outcome(post("null"))).to.equal("400 REQUEST_INVALID");
    });

    it("is named by place and kind, never by value", async () => {
      const body = {
        name: "110101190002300019-and-more",
        amountFen: 1.5,
        tags: [{ code: "A" }, { code: "Zhang San" }],
      };
      const response = await post(JSON.stringify(body));
      const text = await response.text();
      expect(JSON.parse(text)).to.have.nested.property(
        "values.paths",
        "body.name (too_big), body.amountFen (invalid_type), body.tags.1.code (invalid_value)",
      );
      expect(text).not.to.include("Zhang").and.not.to.include("1101");
    });

    it("is refused in paths and queries too", async () => {
      const get = (path: string): Promise<string> => outcome(api.call("GET", path, { role: "admin" }));
      expect(await get("/v1/orders/x")).to.equal("400 REQUEST_INVALID");
      expect(await get("/v1/orders/%E0%A4%A")).to.equal("400 URL_MALFORMED");
      expect(await get("/v1/orders/1?limit=11")).to.equal("400 REQUEST_INVALID");
      expect(await get("/v1/orders/1?limit=1&limit=2")).to.equal("400 REQUEST_INVALID");
      expect(await get("/v1/orders/1?__proto__=1&constructor=2&limit=3")).to.equal("200");
      expect(await get("/v1/nothing")).to.equal("404 ROUTE_UNKNOWN");
      const wrong = await api.call("DELETE", "/v1/orders/1", { role: "admin" });
      expect(wrong.headers.get("allow")).to.equal("GET");
      expect(await outcome(wrong)).to.equal("405 METHOD_NOT_ALLOWED");
    });

    it("of 100 MB is refused, declared or not", async () => {
      const size = 100 * 1024 * 1024;
      expect(await outcome(post(new Uint8Array(size)))).to.equal("413 BODY_TOO_LARGE");
      let sent = 0;
      const endless = new ReadableStream<Uint8Array>({
        pull(controller) {
          if (sent >= size) controller.close();
          else controller.enqueue(new Uint8Array(1024 * 1024));
          sent += 1024 * 1024;
        },
      });
      expect(await outcome(post(endless))).to.equal("413 BODY_TOO_LARGE");
      expect((await post(good)).status).to.equal(202);
    });
  });

  it("takes files up to the route's own limit, as bytes", async () => {
    const send = (bytes: number, type = "text/csv; charset=gb18030"): Promise<Response> =>
      api.call("POST", "/v1/files", {
        role: "data_officer",
        headers: { "Content-Type": type },
        body: new Uint8Array(bytes),
      });
    expect(await (await send(3 * 1024 * 1024)).json()).to.deep.equal({ bytes: 3 * 1024 * 1024 });
    expect(await outcome(send(3 * 1024 * 1024 + 1))).to.equal("413 BODY_TOO_LARGE");
    expect(await outcome(send(1, "application/json"))).to.equal("415 CONTENT_TYPE_UNSUPPORTED");
  });

  it("describes a problem in the reader's language", async () => {
    const ask = async (language: string): Promise<Record<string, unknown>> => {
      const response = await api.call("GET", "/nowhere", { headers: { "Accept-Language": language } });
      expect(response.headers.get("content-type")).to.equal("application/problem+json");
      const body = (await response.json()) as Record<string, unknown>;
      expect(body["requestId"]).to.equal(response.headers.get("x-request-id"));
      expect(body).to.have.all.keys("type", "title", "status", "detail", "code", "values", "requestId");
      return body;
    };
    expect((await ask("zh-CN,zh;q=0.9,en;q=0.8"))["title"]).to.equal("该路径不存在");
    expect((await ask("en;q=0.5,zh;q=0.4"))["title"]).to.equal("There is nothing at this path");
    expect((await ask("fr"))["code"]).to.equal("ROUTE_UNKNOWN");
  });

  it("keeps the cause of a failure to the log", async () => {
    const response = await api.call("GET", "/v1/broken");
    const text = await response.text();
    expect(response.status).to.equal(500);
    expect(text).to.include("INTERNAL").and.not.to.include("cause of it all").and.not.to.include("at ");
    const requestId = response.headers.get("x-request-id") ?? "";
    const line = api
      .logged()
      .split("\n")
      .find((each) => each.includes(requestId) && each.includes("request failed"));
    expect(line).to.include("cause of it all");
  });

  it("logs patterns, not what was asked", async () => {
    await post(JSON.stringify({ name: "visible-name", amountFen: 1 }));
    await api.call("GET", "/v1/orders/424242?limit=7", { role: "admin" });
    expect(api.logged()).to.include("/v1/orders/{id}");
    expect(api.logged()).not.to.include("424242").and.not.to.include("visible-name");
    expect(api.logged()).not.to.include(api.token["admin"]);
  });

  it("sends the headers that keep a browser from helping an attacker", async () => {
    for (const path of ["/healthz", "/nowhere", "/v1/orders/1"]) {
      const { headers } = await api.call("GET", path);
      expect(headers.get("content-security-policy")).to.include("default-src 'none'");
      expect(headers.get("x-content-type-options")).to.equal("nosniff");
      expect(headers.get("cache-control")).to.equal("no-store");
      expect(headers.get("x-powered-by")).to.equal(null);
    }
  });

  it("is ready when all its parts are", async () => {
    expect(await (await api.call("GET", "/healthz")).json()).to.deep.equal({ status: "ok" });
    expect(await (await api.call("GET", "/readyz")).json()).to.deep.equal({
      status: "ok",
      checks: { db: "ok", chain: "ok" },
    });
    const checks = { db: () => Promise.resolve(true), chain: () => Promise.reject(new Error("down")) };
    const half = await startTestApi({ checks });
    try {
      const response = await half.call("GET", "/readyz");
      expect(response.status).to.equal(503);
      expect(await response.json()).to.deep.equal({ status: "failing", checks: { db: "ok", chain: "failing" } });
    } finally {
      await half.close();
    }
  });

  it("finds the program's own mistakes when it starts", () => {
    const route = defineRoute({
      method: "get",
      path: "/x/{a}",
      summary: { en: "x", zh: "x" },
      tag: "x",
      access: "public",
      response: z.object({}),
      handler: () => Promise.resolve({}),
    });
    const build = (...routes: (typeof route)[]): (() => unknown) => {
      const info = { title: { en: "", zh: "" }, version: "" };
      const log = { child: () => undefined } as never;
      const options = { tokens: undefined, idempotency: undefined, checks: {}, info, log, clock: () => new Date() };
      return () => createApp({ ...options, routes });
    };
    expect(build(route)).not.to.throw();
    expect(build(route, { ...route, path: "/x/{b}" })).to.throw("twice");
    expect(build({ ...route, access: ["admin"] })).to.throw("tokens");
    expect(build({ ...route, idempotent: true })).to.throw("idempotent");
  });
});
