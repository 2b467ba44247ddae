import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";

import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";

import { isFault } from "../../../../protocol/errors/fault.ts";
import { callEvaluate, HolderRefusal } from "../../../../relayer/services/query/holder-client.ts";
import { channelParty, channelWorld, type ChannelParty, type ChannelWorld } from "../../../support/channel-party.ts";
import { certified, revocations, writeCertificates, writeTrust } from "../../../support/identities.ts";
import { temporaryDirectory } from "../../../support/temporary-directory.ts";

const HOUR = 3_600;

describe("the channel of a relayer", () => {
  const directory = temporaryDirectory();
  let run = 0;
  let world: ChannelWorld;
  let alpha: ChannelParty;
  let beta: ChannelParty;
  const servers: Server[] = [];

  beforeEach(async () => {
    world = channelWorld(join(directory, String(run++)));
    [alpha, beta] = [await channelParty(world, "alpha"), await channelParty(world, "beta")];
  });

  afterEach(async () => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      server.close();
    }
    await alpha.close();
    await beta.close();
  });

  const endpointOf = (party: ChannelParty): string => world.members[party.id - 1]?.endpoint ?? "";

  async function ask(from: ChannelParty, to: ChannelParty, body: object = { n: 1 }): Promise<string> {
    const holder = { id: to.id, name: to.name, endpoint: endpointOf(to) };
    try {
      return (await callEvaluate(from.channel, { holder, body: JSON.stringify(body), elements: 1 })).text;
    } catch (error) {
      if (error instanceof HolderRefusal) return `${String(error.authenticated)} ${error.code ?? ""}`;
      if (isFault(error)) return error.code;
      throw error;
    }
  }

  /** Tends and waits until what that began is over. */
  async function settled(party: ChannelParty, done: () => boolean): Promise<void> {
    await party.channel.tend();
    while (!done()) await new Promise((resolve) => setTimeout(resolve, 5));
    await new Promise((resolve) => setTimeout(resolve, 100));
  }

  /** Between alpha and beta; `change` has the last word on each answer. */
  async function between(
    change: (path: string, answer: { status: number; headers: Headers; body: string }) => Promise<string>,
  ) {
    const real = endpointOf(beta);
    const server = createServer((request, response) => {
      void (async () => {
        const chunks: Buffer[] = [];
        for await (const chunk of request) chunks.push(chunk as Buffer);
        const { "riskveil-channel": tag } = request.headers;
        const answered = await fetch(real + (request.url ?? ""), {
          method: "POST",
          headers: {
            "content-type": "application/json",
            ...(typeof tag === "string" ? { "riskveil-channel": tag } : {}),
          },
          body: Buffer.concat(chunks),
        });
        const answer = { status: answered.status, headers: answered.headers, body: await answered.text() };
        const body = await change(request.url ?? "", answer);
        const mac = answer.headers.get("riskveil-channel-response");
        response.writeHead(answer.status, mac === null ? {} : { "riskveil-channel-response": mac });
        response.end(body);
      })();
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    Object.assign(world.members[beta.id - 1]!, {
      endpoint: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    });
  }

  it("carries requests both ways, and refusals, each answer authenticated", async () => {
    expect(await ask(alpha, beta)).to.equal('{"echo":{"n":1}}');
    expect(await ask(beta, alpha, { n: 2 })).to.equal('{"echo":{"n":2}}');
    expect(await ask(alpha, beta, { refuse: true })).to.equal("true PLATFORM_FROZEN");
    expect([alpha.evaluated, beta.evaluated]).to.deep.equal([[beta.id], [alpha.id, alpha.id]]);
    expect([alpha.hellos(), beta.hellos()]).to.deep.equal([1, 1]);
  });

  it("is agreed on once for all who wait, and ahead of them", async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => ask(alpha, beta, { n })));
    expect(answers).to.deep.equal(Array.from({ length: 20 }, (_, n) => `{"echo":{"n":${String(n)}}}`));
    expect(beta.hellos()).to.equal(1);
    await settled(beta, () => alpha.agreements() === 1);
    await settled(beta, () => true);
    expect(await ask(beta, alpha)).to.equal('{"echo":{"n":1}}');
    expect(alpha.hellos()).to.equal(1);
  });

  it("is agreed on with a member that appears, and with none that is not active or has no endpoint", async () => {
    await settled(alpha, () => beta.agreements() === 1);
    const gamma = await channelParty(world, "gamma");
    const delta = await channelParty(world, "delta");
    Object.assign(world.members[delta.id - 1]!, { status: "Suspended" });
    world.members.push({ ...world.members[0]!, id: 99, name: "silent", endpoint: "" });
    await settled(alpha, () => gamma.agreements() === 1);
    expect([beta.hellos(), gamma.hellos(), delta.hellos()]).to.deep.equal([1, 1, 0]);
    await gamma.close();
    await delta.close();
  });

  it("is replaced in the background before it runs out; no request waits for it", async () => {
    await ask(alpha, beta);
    world.now += 0.7 * HOUR;
    await settled(alpha, () => true);
    expect(beta.hellos()).to.equal(1);
    world.now += 0.1 * HOUR;
    expect(await ask(alpha, beta)).to.equal('{"echo":{"n":1}}');
    expect(beta.hellos()).to.equal(1);
    await settled(alpha, () => beta.agreements() === 2);
    world.now += 0.3 * HOUR;
    expect(await ask(alpha, beta)).to.equal('{"echo":{"n":1}}');
    expect(beta.hellos()).to.equal(2);
  });

  it("is there again for fifty requests at once after the other side lost it, by one agreement", async () => {
    await ask(alpha, beta);
    world.now += 60;
    await beta.restart();
    const answers = await Promise.all(Array.from({ length: 50 }, () => ask(alpha, beta)));
    expect(new Set(answers)).to.deep.equal(new Set(['{"echo":{"n":1}}']));
    expect(beta.hellos()).to.equal(2);
    // Also right after an agreement.
    await beta.restart();
    expect(await ask(alpha, beta)).to.equal('{"echo":{"n":1}}');
  });

  it("is agreed on anew with a member that opens one itself: it may have been restarted", async () => {
    await settled(alpha, () => beta.agreements() === 1);
    await settled(beta, () => alpha.agreements() === 1);
    world.now += 60;
    await beta.restart();
    await settled(beta, () => alpha.agreements() === 2);
    await settled(alpha, () => beta.agreements() === 2);
    // And that is the end of it.
    await settled(beta, () => true);
    await settled(alpha, () => true);
    expect([alpha.hellos(), beta.hellos()]).to.deep.equal([2, 2]);
  });

  it("leaves a member alone for longer and longer that cannot be reached, and is back with its first word", async () => {
    const endpoint = endpointOf(beta);
    Object.assign(world.members[beta.id - 1]!, { endpoint: "http://127.0.0.1:9" });
    expect([await ask(alpha, beta), await ask(alpha, beta)]).to.deep.equal(Array(2).fill("HOLDER_UNREACHABLE"));
    Object.assign(world.members[beta.id - 1]!, { endpoint });
    expect(await ask(alpha, beta)).to.equal("HOLDER_UNREACHABLE");
    expect(beta.hellos()).to.equal(0);
    await ask(beta, alpha);
    expect(await ask(alpha, beta)).to.equal('{"echo":{"n":1}}');
    expect(alpha.complaints()).to.deep.equal([]);
  });

  it("believes no answer that was changed on the way, nor one to another request", async () => {
    const seen: string[] = [];
    await between((path, { body }) => {
      if (path !== "/peer/v1/evaluate") return Promise.resolve(body);
      seen.push(body);
      return Promise.resolve(seen.length === 1 ? body.replace("1", "7") : (seen[0] ?? ""));
    });
    expect(await ask(alpha, beta)).to.equal("CHANNEL_RESPONSE_INVALID");
    expect(await ask(alpha, beta, { n: 5 })).to.equal("CHANNEL_RESPONSE_INVALID");
    expect(await ask(alpha, beta)).to.equal('{"echo":{"n":1}}');
  });

  it("is not agreed on as often as somebody between the two says that it was lost", async () => {
    await between((path, answer) => {
      if (path !== "/peer/v1/evaluate") return Promise.resolve(answer.body);
      Object.assign(answer, { status: 401, headers: new Headers() });
      return Promise.resolve('{"code":"CHANNEL_SESSION_UNKNOWN"}');
    });
    for (let i = 0; i < 20; i += 1) expect(await ask(alpha, beta)).to.equal("CHANNEL_REFUSED");
    expect(beta.hellos()).to.be.at.most(3);
  });

  it("goes to no member that is not active, and is taken from none: nothing is computed", async () => {
    await ask(alpha, beta);
    Object.assign(world.members[alpha.id - 1]!, { status: "Suspended" });
    expect(await ask(alpha, beta)).to.equal("false CHANNEL_PEER_NOT_ACTIVE");
    expect(await ask(beta, alpha)).to.equal("CHANNEL_PEER_NOT_ACTIVE");
    expect([alpha.evaluated.length, beta.evaluated.length]).to.deep.equal([0, 1]);
    const before = alpha.hellos();
    await settled(beta, () => true);
    expect(alpha.hellos()).to.equal(before);
    Object.assign(world.members[alpha.id - 1]!, { status: "Active" });
    expect([await ask(alpha, beta), await ask(beta, alpha)]).to.deep.equal(Array(2).fill('{"echo":{"n":1}}'));
  });

  it("ends with the certificate's registration, on both sides at once", async () => {
    await ask(alpha, beta);
    await ask(beta, alpha);
    world.digests.set(alpha.id, []);
    expect(await ask(alpha, beta)).to.equal("CHANNEL_REFUSED");
    expect(await ask(beta, alpha)).to.equal("CHANNEL_CERTIFICATE_NOT_REGISTERED");
    expect([alpha.evaluated.length, beta.evaluated.length]).to.deep.equal([1, 1]);
  });

  it("is closed by a revocation list that names the other side, and opened by nobody on it", async () => {
    await ask(alpha, beta);
    await ask(beta, alpha);
    const { serial } = alpha.credential.certificate;
    await writeTrust(beta.trustDir, world.authority.certificate, revocations(world.authority, [serial], world.now));
    await settled(beta, () => true);
    expect(await ask(alpha, beta)).to.equal("CHANNEL_REFUSED");
    expect(await ask(beta, alpha)).to.equal("CERTIFICATE_REVOKED");
    expect([alpha.evaluated.length, beta.evaluated.length]).to.deep.equal([1, 1]);
    expect(beta.complaints().map((line) => (JSON.parse(line) as { code: string }).code)).to.deep.equal([
      "CERTIFICATE_REVOKED",
      "CERTIFICATE_REVOKED",
    ]);
  });

  it("is closed when the revocation list runs out, and opened again by the next one", async () => {
    await ask(alpha, beta);
    const list = revocations(world.authority, [], world.now, { nextUpdate: world.now + 600 });
    await writeTrust(beta.trustDir, world.authority.certificate, list);
    await settled(beta, () => true);
    expect(await ask(alpha, beta)).to.equal('{"echo":{"n":1}}');
    world.now += 601;
    await settled(beta, () => true);
    expect(await ask(alpha, beta)).to.equal("CHANNEL_REFUSED");
    await writeTrust(beta.trustDir, world.authority.certificate, revocations(world.authority, [], world.now));
    await settled(beta, () => true);
    world.now += 60;
    expect(await ask(alpha, beta)).to.equal('{"echo":{"n":1}}');
  });

  it("goes over to a new key without a request that fails", async () => {
    await ask(alpha, beta);
    await ask(beta, alpha);
    const next = certified(world.authority, "alpha", await alpha.keys.nextIdentityKey(), world.now);
    await writeCertificates(alpha.certificateFile, alpha.credential.certificate, next.certificate);
    await settled(alpha, () => true);
    // Not registered yet: the old one speaks.
    expect(beta.hellos()).to.equal(1);
    world.digests.set(alpha.id, [alpha.credential.certificate.digest, next.certificate.digest]);
    expect(await ask(alpha, beta)).to.equal('{"echo":{"n":1}}');
    await settled(alpha, () => beta.agreements() === 2);
    expect([await ask(alpha, beta), await ask(beta, alpha)]).to.deep.equal(Array(2).fill('{"echo":{"n":1}}'));
    // The old one runs out.
    world.digests.set(alpha.id, [next.certificate.digest]);
    expect([await ask(alpha, beta), await ask(beta, alpha)]).to.deep.equal(Array(2).fill('{"echo":{"n":1}}'));
    await alpha.restart();
    world.now += 60;
    expect([await ask(alpha, beta), await ask(beta, alpha)]).to.deep.equal(Array(2).fill('{"echo":{"n":1}}'));
  });
});
