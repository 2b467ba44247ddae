import { existsSync, readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { createServer, request as requestOf, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import { expect } from "chai";
import { after, afterEach, before, beforeEach, describe, it } from "mocha";
import { pino } from "pino";

import { EMPTY_BODY } from "../../../../protocol/channel/request.ts";
import { REQUEST_HEADER } from "../../../../protocol/channel/request-tag.ts";
import { fromHex } from "../../../../protocol/encoding/bytes.ts";
import { isFault } from "../../../../protocol/errors/fault.ts";
import { ristretto255Sha512 as oprf } from "../../../../protocol/oprf/oprf.ts";
import { leafHash, leafVerdict } from "../../../../protocol/sealed-table/linked-leaves.ts";
import { verifyPath } from "../../../../protocol/sealed-table/merkle.ts";
import { suiteById } from "../../../../protocol/sealed-table/suite.ts";
import type { Tag } from "../../../../protocol/sealed-table/table-id.ts";
import { subjectInput } from "../../../../protocol/subject/subject.ts";
import type { DatasetInfo } from "../../../../relayer/chain/chain-view.ts";
import { createApp } from "../../../../relayer/http/app.ts";
import { channelRoutes } from "../../../../relayer/http/peer/channel.ts";
import { tableRoutes } from "../../../../relayer/http/peer/tables.ts";
import { serve, type Serving } from "../../../../relayer/http/serve.ts";
import { createChannel, type Channel } from "../../../../relayer/services/channel/channel.ts";
import {
  createMirrorService,
  type MirrorContext,
  type MirrorService,
} from "../../../../relayer/services/mirror/mirror-service.ts";
import { createPublishService, type PublishService } from "../../../../relayer/services/publish/publish-service.ts";
import { mirrorDirectory } from "../../../../relayer/services/tables/table-files.ts";
import {
  addDataset,
  fakeLedger,
  fakeRelayer,
  type FakeLedger,
  type FakeRelayer,
} from "../../../support/fake-network.ts";
import { testDatabase, type TestDatabase } from "../../../support/postgres.ts";
import { publishableOf, sampleSubjects } from "../../../support/publishable.ts";
import { temporaryDirectory } from "../../../support/temporary-directory.ts";

const ENTRY = 560;
const BYTES = 1024 * ENTRY;

describe("mirroring another member's tables", () => {
  const directory = temporaryDirectory();
  const subjects = sampleSubjects(0, 30);
  let ledger: FakeLedger;
  let holder: FakeRelayer;
  let querier: FakeRelayer;
  let dataset: DatasetInfo;
  let publisher: PublishService;
  let holderChannel: Channel;
  let channel: Channel;
  let mirroring: MirrorContext;
  let mirror: MirrorService;
  let peer: Serving;
  let run = 0;
  const servers: Server[] = [];

  let holderDatabase: TestDatabase;
  let querierDatabase: TestDatabase;

  before(async () => {
    holderDatabase = await testDatabase();
    querierDatabase = await testDatabase();
  });

  after(async () => {
    await holderDatabase.close();
    await querierDatabase.close();
  });

  beforeEach(async () => {
    ledger = fakeLedger();
    holder = await fakeRelayer(ledger, directory, `holder-${String(run)}`, holderDatabase);
    querier = await fakeRelayer(ledger, directory, `querier-${String(run++)}`, querierDatabase);
    dataset = addDataset(ledger, holder.member, "CREDIT");
    publisher = createPublishService(holder.ctx, { threads: 1, collect: () => publishableOf(subjects) });
    [holderChannel, channel] = [createChannel(holder.ctx), createChannel(querier.ctx)];
    mirroring = { ...querier.ctx, channel };
    mirror = createMirrorService(mirroring, { idleMs: 5_000, fruitlessTries: 4, turnMs: 60_000 });
    const app = createApp({
      routes: [...channelRoutes(holderChannel, holder.ctx.clock), ...tableRoutes(publisher, holderChannel)],
      info: { title: { en: "peer", zh: "peer" }, version: "1" },
      checks: {},
      log: pino({ level: "silent" }),
      clock: () => new Date(),
      tokens: undefined,
      idempotency: undefined,
    });
    peer = await serve(app, { port: 0, bind: "127.0.0.1", service: "peer" });
    setEndpoint(peer.port);
    await publisher.publishDataset("CREDIT");
    await holder.mine();
  });

  afterEach(async () => {
    await mirror.close();
    await channel.close();
    await peer.close(0);
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      server.close();
    }
  });

  function setEndpoint(port: number): void {
    Object.assign(holder.member, { endpoint: `http://127.0.0.1:${String(port)}` });
  }

  /** A holder that serves what the test says; its channel is as it should be. */
  async function tamperWith(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<void> {
    const server = createServer((request, response) => {
      if (request.url?.startsWith("/peer/v1/channel")) {
        const { method, url, headers } = request;
        const real = requestOf({ port: peer.port, method, path: url, headers }, (answered) => {
          response.writeHead(answered.statusCode ?? 0, answered.headers);
          answered.pipe(response);
        });
        request.pipe(real);
      } else answer(request, response);
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    setEndpoint((server.address() as AddressInfo).port);
  }

  async function table(revision = 1): Promise<Buffer> {
    return readFileSync((await publisher.servedTable(dataset.id, 7, revision))?.path ?? "");
  }

  async function tagOf(index: number, epoch = 7): Promise<Tag> {
    const key = await holder.ctx.keys.findEpochKey(dataset.id, epoch);
    const input = subjectInput(sampleSubjects(index, index + 1)[0]!.subject);
    return suiteById(1).deriveTag(oprf.evaluate(key!.secretKey, input), { dataset: fromHex(dataset.id), epoch });
  }

  function mirrored(): string[] {
    const path = mirrorDirectory(querier.ctx.config.dataDir, dataset.id);
    return existsSync(path) ? readdirSync(path).sort() : [];
  }

  async function codeOf(work: Promise<unknown>): Promise<string> {
    try {
      await work;
      return "fine";
    } catch (error) {
      if (isFault(error)) return error.code;
      throw error;
    }
  }

  it("gives proven hits and misses out of a verified copy, and only of others' datasets", async () => {
    addDataset(ledger, querier.member, "CREDIT");
    addDataset(ledger, holder.member, "UNPUBLISHED");
    expect(await mirror.newestEpoch(dataset.id)).to.equal(undefined);
    expect(await codeOf(mirror.lookup(dataset.id, 7, await tagOf(1)))).to.equal("MIRROR_MISSING");
    const outcomes = await mirror.mirrorAll();
    expect(outcomes.map(({ state, revision }) => [state, revision])).to.deep.equal([["verified", 1]]);
    expect(await mirror.newestEpoch(dataset.id)).to.equal(7);
    const root = fromHex(ledger.commitments[0]?.root ?? "0x");
    for (const [index, verdict] of [
      [5, "hit"],
      [500, "miss"],
    ] as const) {
      const tag = await tagOf(index);
      const found = await mirror.lookup(dataset.id, 7, tag);
      expect(leafVerdict(found.leaf, tag)).to.equal(verdict);
      expect(found.hit !== undefined).to.equal(verdict === "hit");
      expect(verifyPath(leafHash(found.leaf), found.path, root)).to.equal(true);
    }
    expect(mirrored()).to.deep.equal(["7-1.table", "7-1.tree"]);
    expect(await codeOf(mirror.lookup(dataset.id, 6, await tagOf(1)))).to.equal("MIRROR_MISSING");
  });

  it("takes each revision once, answers from the newest and keeps the earlier ones of the epoch", async () => {
    await mirror.mirrorAll();
    await publisher.publishDataset("CREDIT", { force: true });
    await holder.mine();
    await mirror.mirrorAll();
    expect((await mirror.lookup(dataset.id, 7, await tagOf(5))).revision).to.equal(2);
    expect(mirrored()).to.deep.equal(["7-1.table", "7-1.tree", "7-2.table", "7-2.tree"]);
    await tamperWith((_request, response) => response.destroy());
    expect((await mirror.mirrorAll())[0]?.state).to.equal("verified");
  });

  const flip = (bytes: Buffer, at: number) => Buffer.from(bytes).fill(bytes[at]! ^ 1, at, at + 1);
  const entry = (bytes: Buffer, i: number) => bytes.subarray(i * ENTRY, (i + 1) * ENTRY);
  const replaced = (bytes: Buffer, i: number, by: readonly Buffer[]) =>
    Buffer.concat([bytes.subarray(0, i * ENTRY), ...by, bytes.subarray((i + by.length) * ENTRY)]);

  for (const [what, code, tamper] of [
    ["is cut by one entry", "TABLE_TRUNCATED", (b: Buffer) => b.subarray(ENTRY)],
    ["is cut by one byte", "TABLE_TRUNCATED", (b: Buffer) => b.subarray(0, BYTES - 1)],
    ["is empty", "TABLE_TRUNCATED", () => Buffer.alloc(0)],
    ["is longer", "TABLE_OVERSIZED", (b: Buffer) => Buffer.concat([b, Buffer.alloc(1)])],
    [
      "has two entries in the wrong order",
      "TABLE_MISORDERED",
      (b: Buffer) => replaced(b, 9, [entry(b, 10), entry(b, 9)]),
    ],
    ["has one entry twice", "TABLE_TAG_DUPLICATE", (b: Buffer) => replaced(b, 10, [entry(b, 9)])],
    ["has a flipped bit in a ciphertext", "TABLE_ROOT_MISMATCH", (b: Buffer) => flip(b, 700 * ENTRY + 300)],
    ["has a flipped bit in its last byte", "TABLE_ROOT_MISMATCH", (b: Buffer) => flip(b, BYTES - 1)],
    [
      "lacks an entry and has another instead",
      "TABLE_ROOT_MISMATCH",
      (b: Buffer) => replaced(b, 10, [flip(entry(b, 10), 20)]),
    ],
  ] as const) {
    it(`rejects a table that ${what} (${code}), records it, keeps none of it and goes on with the last good one`, async () => {
      await mirror.mirrorAll();
      await publisher.publishDataset("CREDIT", { force: true });
      await holder.mine();
      const tampered = tamper(await table(2));
      await tamperWith((_request, response) => {
        response.setHeader("content-length", tampered.length).end(tampered);
      });
      expect(await mirror.mirrorAll()).to.deep.equal([
        { dataset: dataset.id, holder: holder.member.id, epoch: 7, revision: 2, state: "rejected", code },
      ]);
      const [row] = await mirror.list();
      expect(row).to.deep.include({ revision: 2, state: "rejected", fault_code: code });
      expect(mirrored()).to.deep.equal(["7-1.table", "7-1.tree"]);
      expect((await mirror.lookup(dataset.id, 7, await tagOf(5))).revision).to.equal(1);
    });
  }

  it("rejects another revision's honest table under this revision's commitment", async () => {
    await publisher.publishDataset("CREDIT", { force: true });
    await holder.mine();
    const first = await table(1);
    await tamperWith((_request, response) => response.setHeader("content-length", first.length).end(first));
    expect((await mirror.mirrorAll())[0]).to.deep.include({ state: "rejected", code: "TABLE_ROOT_MISMATCH" });
    expect(await codeOf(mirror.lookup(dataset.id, 7, await tagOf(5)))).to.equal("MIRROR_MISSING");
  });

  it("does not take more than was committed from a holder that does not stop sending", async () => {
    let sent = 0;
    await tamperWith((_request, response) => {
      const send = () => {
        if (response.destroyed || sent > 50 * BYTES) return;
        sent += 65_536;
        if (response.write(Buffer.alloc(65_536))) setImmediate(send);
        else response.once("drain", send);
      };
      send();
    });
    expect((await mirror.mirrorAll())[0]).to.deep.include({ state: "rejected", code: "TABLE_OVERSIZED" });
    expect(sent).to.be.below(20 * BYTES);
    expect(mirrored()).to.deep.equal([]);
  });

  it("tries a rejected table again, but not at once, and takes it when the holder repaired it", async () => {
    let requests = 0;
    await tamperWith((_request, response) => {
      requests += 1;
      response.setHeader("content-length", 5).end("short");
    });
    await mirror.mirrorAll();
    expect((await mirror.mirrorAll())[0]).to.deep.include({ state: "rejected", code: "TABLE_TRUNCATED" });
    expect(requests).to.equal(1);
    const later = new Date(querier.ctx.clock().getTime() + 61_000);
    querier.setNow(later);
    holder.setNow(later);
    setEndpoint(peer.port);
    expect((await mirror.mirrorAll())[0]?.state).to.equal("verified");
  });

  it("goes on where a cut connection stopped, as often as it takes, with a fresh tag each time", async () => {
    const bytes = await table();
    const ranges: (string | undefined)[] = [];
    const tags = new Set<unknown>();
    await tamperWith((request, response) => {
      const { range, "if-range": condition } = request.headers;
      ranges.push(range);
      tags.add(request.headers[REQUEST_HEADER]);
      const from = range === undefined ? 0 : Number(/^bytes=(\d+)-$/.exec(range)?.[1]);
      if (from > 0) {
        expect(condition).to.equal(`"${ledger.commitments[0]?.root ?? ""}"`);
        response.writeHead(206, {
          "content-range": `bytes ${String(from)}-${String(BYTES - 1)}/${String(BYTES)}`,
          "content-length": BYTES - from,
        });
      } else {
        response.writeHead(200, { "content-length": BYTES });
      }
      response.write(bytes.subarray(from, from + 200_000), () => {
        if (from + 200_000 >= BYTES) response.end();
        else setTimeout(() => response.destroy(), 20);
      });
    });
    expect((await mirror.mirrorAll())[0]?.state).to.equal("verified");
    // What was under way when the connection broke may be lost; what was stored is not asked for again.
    const starts = ranges.map((range) => (range === undefined ? 0 : Number(range.slice(6, -1))));
    expect(starts.length).to.be.at.least(3);
    expect(starts).to.deep.equal(starts.toSorted((a, b) => a - b));
    expect(starts.at(-1)).to.be.at.least(BYTES - 200_000);
    expect(tags.size).to.equal(starts.length);
  });

  it("keeps what came when the holder goes away, and continues at the real route after a restart", async () => {
    const bytes = await table();
    await tamperWith((request, response) => {
      if (request.headers.range !== undefined) {
        response.destroy();
        return;
      }
      response.writeHead(200, { "content-length": BYTES });
      response.write(bytes.subarray(0, 123_456), () => setTimeout(() => response.destroy(), 20));
    });
    expect((await mirror.mirrorAll())[0]).to.deep.include({ state: "unreachable", code: "TABLE_UNREACHABLE" });
    expect(mirrored().map((name) => name.replace(/-[0-9a-f]{16}/, ""))).to.deep.equal(["7-1.part"]);
    await mirror.close();
    mirror = createMirrorService(mirroring);
    setEndpoint(peer.port);
    expect((await mirror.mirrorAll())[0]?.state).to.equal("verified");
    expect(mirrored()).to.deep.equal(["7-1.table", "7-1.tree"]);
  });

  it("gives up a connection that has gone silent, and does not wait for ever for one that never spoke", async () => {
    await mirror.close();
    mirror = createMirrorService(mirroring, { idleMs: 150, fruitlessTries: 2, turnMs: 60_000 });
    let requests = 0;
    await tamperWith(() => {
      requests += 1;
    });
    expect((await mirror.mirrorAll())[0]).to.deep.include({ state: "unreachable", code: "TABLE_UNREACHABLE" });
    expect(requests).to.equal(2);
  });

  it("does not let a holder that drips, or cuts again and again, hold up the tables of the others", async () => {
    const bytes = await table();
    for (const cutting of [false, true]) {
      await mirror.close();
      mirror = createMirrorService(mirroring, { idleMs: 5_000, fruitlessTries: 3, turnMs: 300 });
      await tamperWith((request, response) => {
        const from = Number(/\d+/.exec(request.headers.range ?? "")?.[0] ?? 0);
        response.writeHead(from === 0 ? 200 : 206, { "content-range": `bytes ${String(from)}-/${String(BYTES)}` });
        let at = from;
        const drip = setInterval(() => {
          response.write(bytes.subarray(at, ++at));
          if (cutting) response.destroy();
        }, 10);
        response.on("close", () => {
          clearInterval(drip);
        });
      });
      expect((await mirror.mirrorAll())[0]).to.deep.include({ state: "unreachable", code: "TABLE_UNREACHABLE" });
    }
    await mirror.close();
    mirror = createMirrorService(mirroring);
    setEndpoint(peer.port);
    expect((await mirror.mirrorAll())[0]?.state).to.equal("verified");
  });

  it("starts anew when the holder answers a range with the whole table", async () => {
    const bytes = await table();
    let requests = 0;
    await tamperWith((_request, response) => {
      requests += 1;
      response.writeHead(200, { "content-length": BYTES });
      if (requests === 1) response.write(bytes.subarray(0, 9_999), () => setTimeout(() => response.destroy(), 20));
      else response.end(bytes);
    });
    expect((await mirror.mirrorAll())[0]?.state).to.equal("verified");
    expect(requests).to.equal(2);
  });

  it("takes no redirect and no other status for a table", async () => {
    for (const status of [302, 404, 500, 204]) {
      await tamperWith((_request, response) => {
        response.writeHead(status, { location: `http://127.0.0.1:${String(peer.port)}/` }).end();
      });
      expect((await mirror.mirrorAll())[0]).to.deep.include({ state: "unreachable", code: "TABLE_UNREACHABLE" });
    }
  });

  it("does not ask for a table of an impossible shape, another suite than the epoch's, or from a suspended member", async () => {
    let requests = 0;
    await tamperWith((_request, response) => {
      requests += 1;
      response.destroy();
    });
    const [good] = ledger.commitments;
    for (const [change, code] of [
      [{ entryCount: 1025 }, "TABLE_SHAPE_REFUSED"],
      [{ entrySize: 561 }, "TABLE_SHAPE_REFUSED"],
      [{ entryCount: 7 * 2 ** 29, entrySize: 16_432 }, "TABLE_SHAPE_REFUSED"],
      [{ suite: 9 }, "SUITE_UNKNOWN"],
      [{ revision: 2, suite: 2 }, "SUITE_UNKNOWN"],
    ] as const) {
      ledger.commitments.splice(0, 2, good!, { ...good!, ...change, root: `0x${"0b".repeat(32)}` });
      querier.setNow(new Date(querier.ctx.clock().getTime() + 3_600_000 * 2));
      expect((await mirror.mirrorAll())[0]).to.deep.include({ state: "rejected", code });
    }
    ledger.commitments.splice(0, 2, good!);
    Object.assign(holder.member, { status: "Suspended" });
    expect((await mirror.mirrorAll())[0]).to.deep.include({ state: "waiting", code: "MEMBER_NOT_ACTIVE" });
    expect(requests).to.equal(0);
  });

  it("answers nothing from a withdrawn table, nor from the one before it, until there is a newer one", async () => {
    await publisher.publishDataset("CREDIT", { force: true });
    await holder.mine();
    await mirror.mirrorAll();
    ledger.commitments[1] = { ...ledger.commitments[1]!, withdrawn: true };
    expect((await mirror.mirrorAll())[0]?.state).to.equal("withdrawn");
    expect(await codeOf(mirror.lookup(dataset.id, 7, await tagOf(5)))).to.equal("MIRROR_MISSING");
    expect(await mirror.newestEpoch(dataset.id)).to.equal(undefined);
    await publisher.publishDataset("CREDIT", { force: true });
    await holder.mine();
    await mirror.mirrorAll();
    expect((await mirror.lookup(dataset.id, 7, await tagOf(5))).revision).to.equal(3);
  });

  it("notices a copy that rotted on disk, answers nothing from it, and fetches it anew", async () => {
    await mirror.mirrorAll();
    const path = `${mirrorDirectory(querier.ctx.config.dataDir, dataset.id)}/7-1.table`;
    writeFileSync(path, Buffer.alloc(BYTES, 0x55));
    expect(await codeOf(mirror.lookup(dataset.id, 7, await tagOf(5)))).to.equal("TABLE_DAMAGED");
    expect(querier.enqueued).to.deep.equal([{ name: "mirror", id: dataset.id }]);
    expect(await codeOf(mirror.lookup(dataset.id, 7, await tagOf(5)))).to.equal("MIRROR_MISSING");
    await querier.runJob("mirror", dataset.id);
    expect((await mirror.lookup(dataset.id, 7, await tagOf(5))).hit?.length).to.equal(ENTRY);
    await mirror.close();
    truncateSync(path, 100);
    mirror = createMirrorService(mirroring);
    expect(await codeOf(mirror.lookup(dataset.id, 7, await tagOf(5)))).to.equal("TABLE_DAMAGED");
  });

  it("replaces its copy when the chain came back with another root for the same revision", async () => {
    await mirror.mirrorAll();
    await mirror.lookup(dataset.id, 7, await tagOf(5));
    await publisher.publishDataset("CREDIT", { force: true });
    await holder.mine();
    const [first, second] = ledger.commitments;
    const bytes = await table(2);
    ledger.commitments.splice(0, 2, { ...second!, revision: 1 });
    await tamperWith((_request, response) => response.setHeader("content-length", bytes.length).end(bytes));
    expect((await mirror.mirrorAll())[0]).to.deep.include({ state: "verified", revision: 1 });
    const found = await mirror.lookup(dataset.id, 7, await tagOf(5));
    expect(verifyPath(leafHash(found.leaf), found.path, fromHex(second!.root))).to.equal(true);
    expect(verifyPath(leafHash(found.leaf), found.path, fromHex(first!.root))).to.equal(false);
  });

  it("forgets tables of epochs whose keys are destroyed", async () => {
    await mirror.mirrorAll();
    ledger.epoch = 9;
    expect(await mirror.removeOld()).to.equal(0);
    ledger.epoch = 10;
    expect(await mirror.removeOld()).to.equal(1);
    expect(mirrored()).to.deep.equal([]);
    expect(await mirror.newestEpoch(dataset.id)).to.equal(undefined);
  });

  describe("the peer route", () => {
    const nobody = "0x" + "00".repeat(32);

    function path(revision: string | number = 1, id: string = dataset.id): string {
      return `/peer/v1/tables/${id}/7/${String(revision)}`;
    }

    async function get(target: string, headers: Record<string, string> = {}): Promise<Response> {
      const request = { method: "GET", path: target, body: EMPTY_BODY };
      const { header } = await channel.authenticate(holder.member.id, request);
      return fetch(`http://127.0.0.1:${String(peer.port)}${target}`, {
        headers: { [REQUEST_HEADER]: header, ...headers },
      });
    }

    async function problem(response: Response): Promise<[number, unknown]> {
      return [response.status, ((await response.json()) as { code: unknown }).code];
    }

    it("serves the whole table and any one range of it, with the root as ETag", async () => {
      const bytes = await table();
      const whole = await get(path());
      expect([whole.status, whole.headers.get("etag")]).to.deep.equal([200, `"${ledger.commitments[0]?.root ?? ""}"`]);
      expect(Buffer.from(await whole.arrayBuffer()).equals(bytes)).to.equal(true);
      for (const [range, start, end] of [
        ["bytes=0-0", 0, 1],
        ["bytes=1000-", 1000, BYTES],
        [`bytes=5-${String(BYTES + 10)}`, 5, BYTES],
        [`bytes=${String(BYTES - 1)}-`, BYTES - 1, BYTES],
      ] as const) {
        const part = await get(path(), { range });
        expect(part.status).to.equal(206);
        expect(part.headers.get("content-range")).to.equal(
          `bytes ${String(start)}-${String(end - 1)}/${String(BYTES)}`,
        );
        expect(Buffer.from(await part.arrayBuffer()).equals(bytes.subarray(start, end))).to.equal(true);
      }
      const other = await get(path(), { range: "bytes=9-", "if-range": '"0xother"' });
      expect([other.status, (await other.arrayBuffer()).byteLength]).to.deep.equal([200, BYTES]);
    });

    it("refuses ranges that are not within the table, or several", async () => {
      for (const range of [
        `bytes=${String(BYTES)}-`,
        "bytes=5-4",
        "bytes=-5",
        "bytes=0-1,3-4",
        "entries=1-2",
        "bytes=",
      ]) {
        const response = await get(path(), { range });
        expect(response.headers.get("content-range")).to.equal(`bytes */${String(BYTES)}`);
        expect(await problem(response), range).to.deep.equal([416, "TABLE_RANGE_INVALID"]);
      }
    });

    it("knows only committed tables, and paths of the right form", async () => {
      expect(await problem(await get(path(2)))).to.deep.equal([404, "TABLE_NOT_FOUND"]);
      expect(await problem(await get(path(1, nobody)))).to.deep.equal([404, "TABLE_NOT_FOUND"]);
      await publisher.publishDataset("CREDIT", { force: true });
      expect(await problem(await get(path(2)))).to.deep.equal([404, "TABLE_NOT_FOUND"]);
      for (const wrong of [path(0), path("1e3"), path(-1), path(1, "0x12"), path("..%2f..%2fetc")]) {
        expect((await problem(await get(wrong)))[0]).to.equal(400);
      }
      expect((await get(path(99_999_999_999))).status).to.equal(400);
      expect((await get(path(9_999_999_999))).status).to.equal(400);
      expect((await get(path(2 ** 31 - 1))).status).to.equal(404);
    });

    it("serves active members only, each request once", async () => {
      const bare = await fetch(`http://127.0.0.1:${String(peer.port)}${path()}`);
      expect(await problem(bare)).to.deep.equal([401, "CHANNEL_TAG_MALFORMED"]);
      const { header } = await channel.authenticate(holder.member.id, {
        ...{ method: "GET", path: path(), body: EMPTY_BODY },
      });
      const again = () => get(path(), { [REQUEST_HEADER]: header });
      expect((await again()).status).to.equal(200);
      expect(await problem(await again())).to.deep.equal([401, "CHANNEL_REPLAYED"]);
      expect(await problem(await get(path(), { [REQUEST_HEADER]: `${header}A` }))).to.deep.equal([
        ...[401, "CHANNEL_TAG_MALFORMED"],
      ]);
      Object.assign(querier.member, { status: "Suspended" });
      expect(await problem(await get(path()))).to.deep.equal([403, "CHANNEL_PEER_NOT_ACTIVE"]);
    });
  });
});
