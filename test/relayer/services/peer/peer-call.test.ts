/** What another member's relayer may answer, and what becomes of it. Its channel stands open here; that it holds is tested there. */
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import { expect } from "chai";
import { afterEach, describe, it } from "mocha";

import { isFault } from "../../../../protocol/errors/fault.ts";
import { callPeer, PeerRefusal } from "../../../../relayer/services/peer/peer-call.ts";
import { openChannel } from "../../../support/open-channel.ts";

const MAC = { "riskveil-channel-response": "mac" };

describe("a call to another member's relayer", () => {
  const closers: (() => void)[] = [];

  afterEach(() => {
    for (const close of closers.splice(0)) close();
  });

  async function ask(
    answer: (response: ServerResponse, count: number) => void,
    channel = openChannel(),
  ): Promise<{ outcome: unknown; asked: number }> {
    let count = 0;
    const server = createServer((request, response) => {
      request.resume();
      answer(response, (count += 1));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    closers.push(() => {
      server.closeAllConnections();
      server.close();
    });
    const peer = { id: 7, endpoint: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}` };
    const call = { peer, path: "/peer/v1/statistics/share", body: {}, limit: 1_000, timeoutMs: 500 } as const;
    const outcome = await callPeer(channel, call).catch((error: unknown) => {
      if (isFault(error)) return error.code;
      if (error instanceof PeerRefusal) return `${String(error.status)} ${error.code ?? "none"}`;
      throw error;
    });
    return { outcome, asked: count };
  }

  const problem = JSON.stringify({ code: "STATISTIC_COLLECTION_OPEN" });

  it("has its answer, or its refusal with a code of ours", async () => {
    expect(await ask((response) => response.writeHead(200, MAC).end('{"a":1}'))).to.deep.include({ outcome: { a: 1 } });
    const refused = await ask((response) => response.writeHead(409, MAC).end(problem));
    expect(refused.outcome).to.equal("409 STATISTIC_COLLECTION_OPEN");
    const unknown = await ask((response) => response.writeHead(500, MAC).end('{"code":"HER_OWN"}'));
    expect(unknown.outcome).to.equal("500 none");
  });

  it("believes nothing that is not authenticated, neither answer nor refusal", async () => {
    for (const status of [200, 409]) {
      const { outcome } = await ask((response) => response.writeHead(status).end(problem));
      expect(outcome).to.equal("PEER_UNREACHABLE");
    }
  });

  it("tries again with a new session where the old one was lost, and no more than three times", async () => {
    const lost = openChannel({ unauthenticated: () => true });
    const { outcome, asked } = await ask((response) => response.writeHead(401).end("{}"), lost);
    expect([outcome, asked]).to.deep.equal(["PEER_UNREACHABLE", 3]);
    const back = await ask(
      (response, count) => (count === 1 ? response.writeHead(401).end("{}") : response.writeHead(200, MAC).end("{}")),
      openChannel({ unauthenticated: () => true }),
    );
    expect([back.outcome, back.asked]).to.deep.equal([{}, 2]);
  });

  it("takes no more than it asked for, follows nowhere, and waits no longer than it said", async () => {
    const answers: readonly ((response: ServerResponse) => unknown)[] = [
      (response) => response.writeHead(200, MAC).end("x".repeat(2_000)),
      (response) => response.writeHead(302, { ...MAC, location: "http://127.0.0.1:1/" }).end(),
      () => undefined,
      (response) => response.destroy(),
    ];
    for (const answer of answers) {
      expect((await ask((response) => void answer(response))).outcome).to.equal("PEER_UNREACHABLE");
    }
  });
});
