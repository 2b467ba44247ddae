import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { pino } from "pino";

import { Fault } from "../../../../protocol/errors/fault.ts";
import type { EditionContext } from "../../../../relayer/services/editions/edition-context.ts";
import { fetchPublished } from "../../../../relayer/services/editions/fetch-published.ts";

const NODE = 2;
const TABLE = Buffer.alloc(528, 7);

describe("a published table that this member cannot verify", () => {
  let server: Server;
  let dataDir: string;
  let touched = 0;

  before(async () => {
    dataDir = await mkdtemp(join(tmpdir(), "riskveil-published-"));
    server = createServer((_, response) => response.end(TABLE));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });
  after(async () => {
    server.closeAllConnections();
    server.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  function fetchWith(code: "SEALING_FAILED" | "TABLE_ROOT_MISMATCH"): Promise<boolean> {
    const endpoint = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
    const ctx = {
      log: pino({ level: "silent" }),
      chain: { member: (id: number) => Promise.resolve({ id, status: "Active", endpoint }) },
      channel: {
        authenticate: () => Promise.resolve({ header: "", unauthenticated: () => false, verify: () => undefined }),
      },
      limits: { idleMs: 5_000, fruitlessTries: 3, turnMs: 60_000 },
      stop: new AbortController().signal,
      random: () => {
        touched += 1;
        throw new Error("evidence is salted");
      },
    } as unknown as EditionContext;
    const published = {
      ...{ edition: { number: 1, tableRoot: `0x${"11".repeat(32)}` as const }, bytes: TABLE.length },
      ...{ file: join(dataDir, "consortium.table") },
      verify: () => Promise.reject(new Fault(code, code === "SEALING_FAILED" ? { reason: "ENOSPC" } : {})),
    };
    return fetchPublished(ctx, published, NODE);
  }

  const caught = (...given: Parameters<typeof fetchWith>): Promise<unknown> =>
    fetchWith(...given).catch((error: unknown) => error);

  it("for a reason of its own is nobody's fault", async () => {
    expect(await caught("SEALING_FAILED")).to.have.property("code", "SEALING_FAILED");
    expect(touched).to.equal(0);
    expect(existsSync(join(dataDir, "consortium.table"))).to.equal(false);
  });

  it("because it is another is its node's", async () => {
    expect(await caught("TABLE_ROOT_MISMATCH")).to.have.property("message", "evidence is salted");
    expect(touched).to.equal(1);
  });
});
