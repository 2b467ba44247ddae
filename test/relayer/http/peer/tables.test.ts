/** What the table route lets one member take up of this relayer; what it serves is tested with the mirrors. */
import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";
import { pino } from "pino";

import { REQUEST_HEADER } from "../../../../protocol/channel/request-tag.ts";
import { createApp } from "../../../../relayer/http/app.ts";
import { tableRoutes } from "../../../../relayer/http/peer/tables.ts";
import { serve, type Serving } from "../../../../relayer/http/serve.ts";

const PATH = `/peer/v1/tables/0x${"00".repeat(32)}/7/1`;

describe("downloads of tables", () => {
  let peer: Serving;
  let waiting: (() => void)[];

  beforeEach(async () => {
    waiting = [];
    const routes = tableRoutes(
      { servedTable: () => new Promise((resolve) => waiting.push(() => resolve(undefined))) },
      // The header names the member here.
      { verify: (_, header) => Promise.resolve({ member: Number(header), authenticate: () => "" }) },
    );
    const info = { title: { en: "peer", zh: "peer" }, version: "1" };
    const none = { checks: {}, tokens: undefined, idempotency: undefined };
    const app = createApp({ routes, info, ...none, log: pino({ level: "silent" }), clock: () => new Date() });
    peer = await serve(app, { port: 0, bind: "127.0.0.1", service: "peer" });
  });
  afterEach(() => peer.close(0));

  async function statusFor(member: number): Promise<number> {
    const headers = { [REQUEST_HEADER]: String(member) };
    const response = await fetch(`http://127.0.0.1:${String(peer.port)}${PATH}`, { headers });
    await response.arrayBuffer();
    return response.status;
  }
  async function begun(count: number): Promise<void> {
    while (waiting.length < count) await new Promise((resolve) => setTimeout(resolve, 5));
  }

  it("are eight at once for a member, and it may begin another when one has ended", async () => {
    const eight = Array.from({ length: 8 }, () => statusFor(2));
    await begun(8);
    expect(await statusFor(2)).to.equal(429);
    const other = statusFor(3);
    await begun(9);
    for (const end of waiting.splice(0)) end();
    expect(await Promise.all([...eight, other])).to.deep.equal(Array.from({ length: 9 }, () => 404));
    const next = statusFor(2);
    await begun(1);
    waiting[0]?.();
    expect(await next).to.equal(404);
  });
});
