import { expect } from "chai";
import { after, before, describe, it } from "mocha";

import { startTestApi, type TestApi } from "./api.ts";

describe("event stream", function () {
  this.timeout(240_000);
  let api: TestApi;
  before(async () => {
    api = await startTestApi();
  });
  after(() => api.close());

  it("sends events with ids, each on its own lines", async () => {
    const response = await api.call("GET", "/v1/events");
    expect(response.headers.get("content-type")).to.equal("text/event-stream; charset=utf-8");
    const text = await response.text();
    expect(text).to.include('id: 1\nevent: progress\ndata: {"step":1,"text":"a\\nb"}\n\n');
    expect(text.match(/^id:/gm)).to.have.length(3);
  });

  it("goes on where the client left off", async () => {
    const response = await api.call("GET", "/v1/events", { headers: { "Last-Event-ID": "2" } });
    const text = await response.text();
    expect(text.match(/^id: (\d)/gm)).to.deep.equal(["id: 3"]);
  });

  it("shows that it lives, and ends with its client", async () => {
    const controller = new AbortController();
    const response = await api.call("GET", "/v1/events?forever=1", { signal: controller.signal });
    let text = "";
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) {
      text += decoder.decode(chunk as Uint8Array);
      if (text.includes(": still here")) break;
    }
    controller.abort();
    await api.aborted;
  });
});
