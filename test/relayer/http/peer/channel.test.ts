import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { pino } from "pino";

import { Fault } from "../../../../protocol/errors/fault.ts";
import { createApp } from "../../../../relayer/http/app.ts";
import { channelRoutes } from "../../../../relayer/http/peer/channel.ts";
import { evaluateRoutes } from "../../../../relayer/http/peer/evaluate.ts";
import { serve, type Serving } from "../../../../relayer/http/serve.ts";
import type { PeerRequest } from "../../../../relayer/services/channel/server.ts";

const JSON_TYPE = { "content-type": "application/json" };

describe("peer routes of the channel", () => {
  let serving: Serving;
  let now = 1_000_000;
  const verified: (PeerRequest & { header: string | undefined })[] = [];
  const evaluated: unknown[] = [];
  let hellos = 0;

  before(async () => {
    const channel = {
      hello: () => Promise.resolve({ mac: Uint8Array.of(++hellos) }),
      confirm: () => Promise.reject(new Fault("CHANNEL_HANDSHAKE_UNKNOWN")),
      verify(request: PeerRequest, header: string | undefined) {
        verified.push({ ...request, header });
        if (header !== "good") return Promise.reject(new Fault("CHANNEL_TAG_MALFORMED"));
        const authenticate = (status: number, body: Uint8Array): string => `${String(status)}:${String(body.length)}`;
        return Promise.resolve({ member: 5, authenticate });
      },
    };
    const evaluate = {
      answer(body: unknown, bytes: number, caller: number) {
        evaluated.push([body, bytes, caller]);
        return "n" in (body as object) ? Promise.resolve('{"a":"é"}') : Promise.reject(new Fault("PLATFORM_FROZEN"));
      },
    };
    const app = createApp({
      routes: [
        ...channelRoutes(channel as unknown as Parameters<typeof channelRoutes>[0], () => new Date(now), {
          perSecond: 1,
          burst: 3,
        }),
        ...evaluateRoutes(evaluate, channel),
      ],
      ...{ info: { title: { en: "peer", zh: "peer" }, version: "1" }, checks: {}, clock: () => new Date() },
      ...{ log: pino({ level: "silent" }), tokens: undefined, idempotency: undefined },
    });
    serving = await serve(app, { port: 0, bind: "127.0.0.1", service: "peer" });
  });
  after(() => serving.close(0));

  const post = (path: string, body: string | Uint8Array, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`http://127.0.0.1:${String(serving.port)}${path}`, {
      method: "POST",
      headers: { ...JSON_TYPE, ...headers },
      body: typeof body === "string" ? body : new Uint8Array(body),
    });
  const code = async (response: Response): Promise<unknown> => ((await response.json()) as { code: unknown }).code;

  it("answer hellos, so many from an address, and confirmations without that limit", async () => {
    for (let i = 1; i <= 3; i += 1) expect((await post("/peer/v1/channel", "{}")).status).to.equal(200);
    const limited = await post("/peer/v1/channel", "{}");
    expect([limited.status, await code(limited), hellos]).to.deep.equal([429, "RATE_LIMITED", 3]);
    expect(await code(await post("/peer/v1/channel/confirm", "{}"))).to.equal("CHANNEL_HANDSHAKE_UNKNOWN");
    now += 1_000;
    expect((await post("/peer/v1/channel", "{}")).status).to.equal(200);
  });

  it("have a request judged as it came, before anything is read out of it", async () => {
    for (const body of ["{", "[]", '{ "n" : 1 }', "\u0000", Uint8Array.of(0xff, 0xfe)]) {
      const refused = await post("/peer/v1/evaluate?x=1", body);
      expect([refused.status, await code(refused)]).to.deep.equal([401, "CHANNEL_TAG_MALFORMED"]);
      const { method, path, body: seen } = verified.at(-1) ?? expect.fail();
      expect([method, path]).to.deep.equal(["POST", "/peer/v1/evaluate?x=1"]);
      expect(Buffer.from(seen).equals(Buffer.from(body))).to.equal(true);
      expect([refused.headers.get("riskveil-channel-response"), refused.headers.get("www-authenticate")]).to.deep.equal(
        [null, null],
      );
    }
    expect(evaluated).to.deep.equal([]);
  });

  it("authenticate the answer, a refusal too, with the bytes that are sent", async () => {
    const good = { "riskveil-channel": "good" };
    const answer = await post("/peer/v1/evaluate", '{ "n" : 1 }', good);
    expect([answer.status, answer.headers.get("riskveil-channel-response")]).to.deep.equal([200, "200:10"]);
    expect(await answer.text()).to.equal('{"a":"é"}');
    expect(evaluated).to.deep.equal([[{ n: 1 }, 11, 5]]);
    for (const [body, status, expected] of [
      ["{}", 503, "PLATFORM_FROZEN"],
      ["{", 400, "BODY_MALFORMED"],
      ["[]", 400, "REQUEST_INVALID"],
    ] as const) {
      const refused = await post("/peer/v1/evaluate", body, good);
      const text = await refused.text();
      expect([refused.status, (JSON.parse(text) as { code: unknown }).code]).to.deep.equal([refused.status, expected]);
      expect(refused.headers.get("riskveil-channel-response"), String(status)).to.equal(
        `${String(refused.status)}:${String(Buffer.byteLength(text))}`,
      );
    }
  });
});
