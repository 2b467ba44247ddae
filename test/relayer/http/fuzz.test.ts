import { expect } from "chai";
import fc from "fast-check";
import { once } from "node:events";
import { connect } from "node:net";
import { after, before, describe, it } from "mocha";

import { startTestApi, type TestApi } from "./api.ts";

const RUNS = Number(process.env["RISKVEIL_FUZZ_RUNS"] ?? 256);

describe("requests as nobody should send them", function () {
  this.timeout(480_000);
  let api: TestApi;
  before(async () => {
    api = await startTestApi({ rateLimit: { perSecond: 1e9, burst: 1e9 } });
  });
  after(() => api.close());

  /** What the server says to bytes on the line until it hangs up; with `breakOff` the line ends with them. */
  async function say(bytes: Buffer, breakOff: boolean): Promise<string> {
    const socket = connect(api.port, "127.0.0.1");
    let said = "";
    socket.setEncoding("latin1").on("data", (text: string) => (said += text));
    socket.on("error", () => undefined);
    if (breakOff) socket.end(bytes);
    else socket.write(bytes);
    await once(socket, "close");
    return said;
  }

  function statuses(said: string): number[] {
    return [...said.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map((match) => Number(match[1]));
  }

  it("never fail the server: any JSON", async () => {
    await fc.assert(
      fc.asyncProperty(fc.json({ maxDepth: 4 }), async (body) => {
        const headers = { "Content-Type": "application/json" };
        const response = await api.call("POST", "/v1/orders", { role: "admin", headers, body });
        await response.arrayBuffer();
        expect(response.status).to.be.lessThan(500);
      }),
      { numRuns: RUNS },
    );
  });

  it("never fail the server: any body, type and key", async () => {
    const printable = fc.stringMatching(/^[!-~]([ -~]{0,30}[!-~])?$/);
    const type = fc.oneof(fc.constantFrom("application/json", "application/json;charset=UTF-8", "text/csv"), printable);
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 500 }), type, printable, async (bytes, contentType, key) => {
        for (const path of ["/v1/orders", "/v1/files"]) {
          const headers = { "Content-Type": contentType, "Idempotency-Key": key, "Accept-Language": key };
          const role = path === "/v1/files" ? "data_officer" : "admin";
          const response = await api.call("POST", path, { role, headers, body: new Uint8Array(bytes) });
          await response.arrayBuffer();
          expect(response.status).to.be.lessThan(500);
        }
      }),
      { numRuns: RUNS },
    );
  });

  it("never fail the server: any path and query", async () => {
    const piece = fc.oneof(
      fc.constantFrom("v1", "orders", "docs", "..", ".", "%2e%2e", "%00", "%", "%ff", "{id}", ":id", "1", "__proto__"),
      fc.webPath(),
      fc.webQueryParameters(),
    );
    const path = fc.array(piece, { maxLength: 5 }).map((pieces) => `/${pieces.join("/")}`);
    await fc.assert(
      fc.asyncProperty(path, fc.webQueryParameters(), async (target, query) => {
        const line = `GET ${target}?${query} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${api.token["admin"] ?? ""}\r\n`;
        // A caller that ends its side would not hear an answer that takes a moment.
        const said = await say(Buffer.from(`${line}Connection: close\r\n\r\n`), false);
        expect(statuses(said).filter((status) => status >= 500)).to.deep.equal([]);
        expect(statuses(said)).to.have.length(1);
      }),
      { numRuns: RUNS },
    );
  });

  it("never fail the server: bytes that are no HTTP, or break off", async () => {
    const whole = Buffer.from(
      `POST /v1/orders HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${api.token["admin"] ?? ""}\r\n` +
        'Content-Type: application/json\r\nContent-Length: 30\r\nConnection: close\r\n\r\n{"name":"one","amountFen":1  }',
    );
    const change = fc.record({ at: fc.nat(whole.length - 1), byte: fc.nat(255), length: fc.nat(whole.length) });
    await fc.assert(
      fc.asyncProperty(change, async ({ at, byte, length }) => {
        const changed = Buffer.from(whole.subarray(0, length));
        if (at < length) changed[at] = byte;
        expect(statuses(await say(changed, true)).filter((status) => status >= 500)).to.deep.equal([]);
      }),
      { numRuns: RUNS },
    );
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
        expect(statuses(await say(Buffer.from(bytes), true)).filter((status) => status >= 500)).to.deep.equal([]);
      }),
      { numRuns: RUNS },
    );
    expect(api.logged()).not.to.include("request failed");
  });
});
