import { expect } from "chai";
import { after, before, describe, it } from "mocha";

import { startTestApi, type TestApi } from "./api.ts";

describe("documentation", function () {
  this.timeout(240_000);
  let api: TestApi;
  before(async () => {
    api = await startTestApi();
  });
  after(() => api.close());

  it("is OpenAPI 3.1 of the very routes", async () => {
    const document = (await (await api.call("GET", "/openapi.json")).json()) as Record<string, unknown>;
    expect(document["openapi"]).to.equal("3.1.0");
    expect(document["info"]).to.deep.equal({ title: "Test", version: "1.2.3" });
    expect(document["paths"]).to.have.all.keys(
      "/healthz",
      "/readyz",
      "/v1/orders",
      "/v1/orders/{id}",
      "/v1/files",
      "/v1/broken",
      "/v1/events",
    );
    expect(document)
      .to.have.nested.property("paths./v1/orders.post.security")
      .that.deep.equals([{ token: [] }]);
    expect(document).to.have.nested.property(
      "paths./v1/orders.post.requestBody.content.application/json.schema.properties.amountFen.minimum",
      0,
    );
    expect(document).to.have.nested.property("paths./v1/orders.post.responses.202");
    expect(document).to.have.nested.property("paths./v1/files.post.requestBody.content.text/csv");
    const read = (document["paths"] as Record<string, { get: { parameters: unknown[] } }>)["/v1/orders/{id}"];
    expect(read?.get.parameters).to.deep.include.members([
      { name: "id", in: "path", required: true, schema: { type: "string", pattern: "^\\d+$" } },
    ]);
    expect(JSON.stringify(document)).to.include("#/components/schemas/Problem");
  });

  it("speaks Chinese", async () => {
    const response = await api.call("GET", "/openapi.json", { headers: { "Accept-Language": "zh-CN" } });
    expect(await response.text()).to.include("下单");
  });

  it("needs nothing from elsewhere", async () => {
    const page = await api.call("GET", "/docs");
    const html = await page.text();
    expect(page.status).to.equal(200);
    expect(html).not.to.match(/https?:/);
    expect(page.headers.get("content-security-policy")).to.include("script-src 'self';");
    const files = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1] ?? "");
    expect(files).to.have.length(4);
    for (const file of files) {
      const response = await api.call("GET", file);
      expect(response.status, file).to.equal(200);
      await response.arrayBuffer();
    }
    expect((await api.call("GET", "/docs/..%2f..%2fpackage.json")).status).to.equal(404);
  });
});
