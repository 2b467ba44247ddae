import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { pino } from "pino";

import { standardSchema } from "../../../../protocol/aggregate/schema.ts";
import { contributionBytes } from "../../../../protocol/aggregate/table-bytes.ts";
import { ristretto255 } from "../../../../protocol/group/ristretto255.ts";
import type { EditionInfo } from "../../../../relayer/chain/computation-view.ts";
import type { EditionContext } from "../../../../relayer/services/editions/edition-context.ts";
import { gather } from "../../../../relayer/services/editions/gather.ts";
import { randomSource as random } from "../../../../scripts/governance/random-source.ts";

const ROWS = 4;
const STAGE_SECONDS = 32;
const DRIP_MS = 100;
const AGGREGATOR = 1;
const CONTRIBUTORS = [2, 3, 4];

/** A real server that never ends what it serves, and never falls silent. */
describe("contributions that drip", () => {
  let server: Server;
  let dataDir: string;
  const drips = new Set<NodeJS.Timeout>();

  before(async () => {
    dataDir = await mkdtemp(join(tmpdir(), "riskveil-gather-"));
    server = createServer((_, response) => {
      response.writeHead(200, { "content-length": contributionBytes(ROWS, standardSchema.slotCount) });
      const drip = setInterval(() => response.write("x"), DRIP_MS);
      drips.add(drip);
      response.on("close", () => clearInterval(drip));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });

  after(async () => {
    for (const drip of drips) clearInterval(drip);
    server.closeAllConnections();
    server.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  async function gatherFrom(contributors: readonly number[], endpoint: string, counted = contributors.length) {
    const publicKey = ristretto255.multiplyBase(ristretto255.randomScalar(random));
    const posted = contributors.map((contributor) => ({
      ...{ contributor, rows: ROWS, root: `0x${"11".repeat(32)}`, postedAt: 1, excluded: false },
      proof: new Uint8Array(64),
    }));
    const ctx = {
      config: { dataDir },
      log: pino({ level: "silent" }),
      chain: {
        me: () => Promise.resolve({ id: AGGREGATOR }),
        member: (id: number) => Promise.resolve({ id, status: "Active", endpoint }),
        contracts: { consortiumTables: { terms: () => Promise.resolve({ stage: BigInt(STAGE_SECONDS) }) } },
        computation: {
          contributions: () => Promise.resolve(posted),
          keySet: () => Promise.resolve({ publicKey }),
        },
      },
      channel: {
        authenticate: () => Promise.resolve({ header: "", unauthenticated: () => false, verify: () => undefined }),
      },
      limits: { idleMs: 5_000, fruitlessTries: 3, turnMs: 600_000 },
      stop: new AbortController().signal,
    } as unknown as EditionContext;
    const edition = { number: 1, aggregator: AGGREGATOR, leastRows: ROWS, contributors: counted } as EditionInfo;
    return await gather(ctx, edition);
  }

  it("take no more than a quarter of a stage, all of them together", async () => {
    const endpoint = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
    const started = Date.now();
    const { contributions, rejected, unreachable } = await gatherFrom(CONTRIBUTORS, endpoint);
    expect(Date.now() - started).to.be.lessThan((STAGE_SECONDS * 1_000) / 2);
    expect([contributions, rejected]).to.deep.equal([[], []]);
    expect(unreachable.map(({ contributor, fault }) => [contributor, fault.code])).to.deep.equal(
      CONTRIBUTORS.map((contributor) => [contributor, "TABLE_UNREACHABLE"]),
    );
  });

  it("beyond what can be added up are left out, the last to come first", async () => {
    const { maxContributors } = standardSchema;
    const members = Array.from({ length: maxContributors + 2 }, (_, at) => at + 2);
    const { rejected, unreachable } = await gatherFrom(members, "http://127.0.0.1:1");
    expect(unreachable).to.have.length(maxContributors);
    expect(rejected.map(({ contributor, fault }) => [contributor, fault.code])).to.deep.equal(
      members.slice(maxContributors).map((contributor) => [contributor, "AGGREGATE_CONTRIBUTORS_TOO_MANY"]),
    );
  });

  it("are not judged while the chain's list is not the one that it counts: nobody is left out, or accused, over it", async () => {
    for (const counted of [CONTRIBUTORS.length - 1, CONTRIBUTORS.length + 1]) {
      const outcome = await gatherFrom(CONTRIBUTORS, "http://127.0.0.1:1", counted).catch((error: unknown) => error);
      expect(outcome).to.have.property("code", "EDITION_STEP_FAILED");
    }
  });
});
