import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";

import { Fault, isFault } from "../../../../protocol/errors/fault.ts";
import { callEvaluate, HolderRefusal } from "../../../../relayer/services/query/holder-client.ts";
import { openChannel, type OpenChannel } from "../../../support/open-channel.ts";

describe("a call to another member's relayer", () => {
  const servers: Server[] = [];
  const realTimeout = AbortSignal.timeout.bind(AbortSignal);
  let closed: Promise<void>;
  let channel: OpenChannel;
  let sealed: boolean;

  beforeEach(() => {
    [channel, sealed] = [openChannel(), true];
  });

  afterEach(() => {
    AbortSignal.timeout = realTimeout;
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      server.close();
    }
  });

  async function holder(answer: (response: ServerResponse, request: IncomingMessage) => void): Promise<string> {
    let noteClosed: () => void = () => undefined;
    closed = new Promise((resolve) => (noteClosed = resolve));
    const server = createServer((request, response) => {
      if (sealed) response.setHeader("riskveil-channel-response", "as the double takes it");
      response.on("close", noteClosed);
      answer(response, request);
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  }

  const call = (endpoint: string, elements = 1): Promise<unknown> =>
    callEvaluate(channel, { holder: { id: 3, name: "beta", endpoint }, body: '{"a":1}', elements }).catch(
      (error: unknown) => error,
    );
  const unreachable = async (endpoint: string): Promise<boolean> => isFault(await call(endpoint), "HOLDER_UNREACHABLE");

  it("sends the body as it is and gives the answer back as it came", async () => {
    let received = "";
    let target = "";
    const endpoint = await holder((response, request) => {
      target = `${request.method ?? ""} ${request.url ?? ""}`;
      request.on("data", (chunk: Buffer) => (received += chunk.toString()));
      request.on("end", () => response.end('{ "b": 2 }'));
    });
    expect(await call(endpoint)).to.deep.equal({ text: '{ "b": 2 }', json: { b: 2 } });
    expect([target, received]).to.deep.equal(["POST /peer/v1/evaluate", '{"a":1}']);
  });

  it("lets an answer be as large as its elements need, and not larger", async () => {
    const limit = 2 * 43 + 4_096;
    const sized = (bytes: number) => (response: ServerResponse) =>
      void response.end(JSON.stringify("x".repeat(bytes - 2)));
    expect(await call(await holder(sized(limit)), 2))
      .to.have.property("text")
      .with.length(limit);
    expect(isFault(await call(await holder(sized(limit + 1)), 2), "HOLDER_UNREACHABLE")).to.equal(true);
  });

  it("cuts an answer off that never ends", async () => {
    const endless = await holder((response) => {
      const write = (): void => {
        while (response.write("x".repeat(4_096)));
      };
      response.on("drain", write);
      write();
    });
    expect(await unreachable(endless)).to.equal(true);
    await closed;
  });

  it("cuts an answer off that is small only while it is compressed", async () => {
    const { gzipSync } = await import("node:zlib");
    const bomb = gzipSync(Buffer.alloc(10_000_000));
    expect(bomb.length).to.be.below(20_000);
    const endpoint = await holder((response) => {
      response.writeHead(200, { "content-encoding": "gzip" });
      response.end(bomb);
    });
    expect(await unreachable(endpoint)).to.equal(true);
  });

  for (const [what, begin] of [
    ["says nothing", () => undefined],
    ["stops in the middle", (response: ServerResponse) => void response.write('{"salt":')],
  ] as const) {
    it(`gives a holder up that ${what}, when its time is over`, async () => {
      // The timeout as it is, only that the test says when it is over.
      const over = new AbortController();
      AbortSignal.timeout = () => over.signal;
      let asked: () => void = () => undefined;
      const started = new Promise<void>((resolve) => (asked = resolve));
      const endpoint = await holder((response) => {
        begin(response);
        asked();
      });
      const calling = unreachable(endpoint);
      await started;
      over.abort(new DOMException("time is over", "TimeoutError"));
      expect(await calling).to.equal(true);
      await closed;
    });
  }

  it("waits for a single element far less than for ten thousand", async () => {
    const waited: number[] = [];
    AbortSignal.timeout = (milliseconds) => {
      waited.push(milliseconds);
      return realTimeout(milliseconds);
    };
    const endpoint = await holder((response) => response.end("{}"));
    for (const elements of [1, 10_000]) await call(endpoint, elements);
    expect(waited).to.deep.equal([10_005, 60_000]);
  });

  it("uses a connection again, and sends the same bytes once more when it was closed under the request", async () => {
    const connections = new Set<unknown>();
    const bodies: string[] = [];
    let cut = false;
    const endpoint = await holder((response, request) => {
      const fresh = !connections.has(request.socket);
      connections.add(request.socket);
      if (cut && !fresh) {
        request.socket.destroy();
        return;
      }
      request.on("data", (chunk: Buffer) => bodies.push(chunk.toString())).on("end", () => response.end("{}"));
    });
    for (let i = 0; i < 3; i += 1) expect(await call(endpoint)).to.have.property("text", "{}");
    expect(connections.size).to.equal(1);
    cut = true;
    expect(await call(endpoint)).to.have.property("text", "{}");
    expect([connections.size, bodies]).to.deep.equal([2, Array<string>(4).fill('{"a":1}')]);
    // Each sending has a tag of its own: the holder may have seen the one that was cut.
    expect(channel.asked).to.have.lengthOf(5);
  });

  it("is made once on a connection of its own", async () => {
    let asked = 0;
    const endpoint = await holder((_response, request) => {
      asked += 1;
      request.socket.destroy();
    });
    expect(await unreachable(endpoint)).to.equal(true);
    expect(asked).to.equal(1);
  });

  it("follows no redirection", async () => {
    let followed = 0;
    const elsewhere = await holder((response) => {
      followed += 1;
      response.end("{}");
    });
    const endpoint = await holder((response) => {
      response.writeHead(307, { location: `${elsewhere}/peer/v1/evaluate` });
      response.end();
    });
    expect([await unreachable(endpoint), followed]).to.deep.equal([true, 0]);
  });

  it("names a holder that is not there, with the cause for the log only", async () => {
    const endpoint = await holder(() => undefined);
    for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
    const fault = await call(endpoint);
    if (!isFault(fault)) expect.fail();
    expect([fault.code, fault.values]).to.deep.equal(["HOLDER_UNREACHABLE", { holder: "beta" }]);
  });

  it("gives no JSON as undefined", async () => {
    expect(await call(await holder((response) => void response.end("<html>")))).to.deep.equal({
      ...{ text: "<html>", json: undefined },
    });
  });

  it("tells a refusal by its status, and by its code if it is one of ours", async () => {
    const refusing = (body: string) =>
      holder((response) => {
        response.writeHead(409);
        response.end(body);
      });
    for (const [body, code] of [
      ['{"code":"VOUCHER_FORKED"}', "VOUCHER_FORKED"],
      ['{"code":"toString"}', undefined],
      ['{"code":7}', undefined],
      ["null", undefined],
      ["<html>", undefined],
    ] as const) {
      const refusal = await call(await refusing(body));
      if (!(refusal instanceof HolderRefusal)) expect.fail(body);
      expect([refusal.status, refusal.code]).to.deep.equal([409, code]);
    }
  });

  describe("over the channel", () => {
    const answering = (answers: readonly [number, string][], tags: unknown[] = []): Promise<string> => {
      const left = [...answers];
      return holder((response, request) => {
        tags.push(request.headers["riskveil-channel"]);
        const [status, body] = left.shift() ?? [500, ""];
        response.writeHead(status).end(body);
      });
    };

    it("has every try authenticated anew, and every answer checked with its status", async () => {
      const [tags, checked]: [unknown[], unknown[]] = [[], []];
      channel = openChannel({
        verify: (status, body, mac) => void checked.push([status, Buffer.from(body).toString(), mac]),
      });
      const endpoint = await answering([[200, "{}"]], tags);
      expect(await call(endpoint)).to.have.property("text", "{}");
      expect([tags, checked]).to.deep.equal([["tag-1"], [[200, "{}", "as the double takes it"]]]);
    });

    it("takes no answer that is not the holder's", async () => {
      sealed = false;
      expect(isFault(await call(await answering([[200, "{}"]])), "CHANNEL_RESPONSE_INVALID")).to.equal(true);
      sealed = true;
      const invalid = new Fault("CHANNEL_RESPONSE_INVALID", { member: 3 });
      channel = openChannel({
        verify: () => {
          throw invalid;
        },
      });
      expect(await call(await answering([[200, "{}"]]))).to.equal(invalid);
      expect(await call(await answering([[409, '{"code":"VOUCHER_FORKED"}']]))).to.equal(invalid);
    });

    it("says of a refusal whether the holder vouches for it", async () => {
      for (const authenticated of [true, false]) {
        sealed = authenticated;
        const refusal = await call(await answering([[409, '{"code":"VOUCHER_FORKED"}']]));
        expect(refusal).to.include({ status: 409, code: "VOUCHER_FORKED", authenticated });
      }
    });

    it("tries again with another session when the holder has lost this one, and not for ever", async () => {
      sealed = false;
      channel = openChannel({ unauthenticated: (code) => code === "CHANNEL_SESSION_UNKNOWN" });
      const lost: [number, string] = [401, '{"code":"CHANNEL_SESSION_UNKNOWN"}'];
      const tags: unknown[] = [];
      const refusal = await call(await answering([lost, lost, lost, lost], tags));
      expect(refusal).to.include({ code: "CHANNEL_SESSION_UNKNOWN", authenticated: false });
      expect(tags).to.deep.equal(["tag-1", "tag-2", "tag-3"]);
    });

    it("calls a holder unreachable with whom no session can be agreed on", async () => {
      const authenticate = () => Promise.reject(new Fault("CHANNEL_UNREACHABLE", { member: 3 }));
      channel = Object.assign(openChannel(), { authenticate });
      expect(await unreachable("http://127.0.0.1:9")).to.equal(true);
    });
  });
});
