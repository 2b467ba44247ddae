/** The overall picture over the whole network: five relayers that are algorithm nodes, their keys made by themselves. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";
import { before, describe, it } from "mocha";

import { fromBase64Url, toHex } from "../../protocol/encoding/bytes.ts";
import { NODE_SERVICES, type NodeService } from "../../protocol/key-round/round.ts";
import { serviceIdOf } from "../../protocol/picture-evidence/verify-node.ts";
import type { QueryView } from "../../relayer/services/query/query-view.ts";
import { PARTIES, type PartyName } from "../../scripts/network/parties.ts";
import { verifyFile } from "../../scripts/evidence/verify-file.ts";
import { createIdentities } from "../../scripts/sample-data/identity.ts";
import { createPrng } from "../../scripts/sample-data/prng.ts";
import { uniformity } from "../support/byte-statistics.ts";
import { booksOfFirstEdition, NETWORK_START_MS, testNetwork, type TestNetwork } from "../support/network.ts";
import { plainSums, type PlainSums } from "../support/plain-sums.ts";
import type { HttpExchange } from "../support/recording-proxy.ts";

const QUERIER = "alpha";
const NODES = PARTIES.map(({ name }) => name).filter((name) => name !== QUERIER);
const FIRMS = ["alpha", "beta", "gamma", "delta"] as const;
/** Investors of one query: the allotments of a session are 256 usually. */
const BATCH = 100;
const RUNS = 24;

interface Asked {
  /** Of the node. */
  readonly service: string;
  readonly elements: Uint8Array;
  readonly bytes: number;
}

describe("the overall picture", function () {
  this.timeout(600_000);
  let net: TestNetwork;
  const newNumber = createIdentities(createPrng(4_711));

  before(async function () {
    this.timeout(NETWORK_START_MS);
    net = await testNetwork();
  });

  const requests = (name: PartyName): HttpExchange[] =>
    net.traffic(name).filter(({ request }) => request.start === "POST /peer/v1/evaluate HTTP/1.1");

  /** Which kind of work a service is, by its id. */
  function stagesByService(): ReadonlyMap<string, NodeService> {
    const { chainId, addresses } = net.network.deployment;
    const nodes = PARTIES.map((_, at) => at + 1);
    return new Map(
      NODE_SERVICES.flatMap((stage) =>
        nodes.map((node) => [serviceIdOf(chainId, addresses.algorithmNodes, node, stage), stage] as const),
      ),
    );
  }

  /** What every node was sent during `work`. */
  async function during<T>(work: () => Promise<T>): Promise<{ readonly result: T; readonly sent: readonly Asked[] }> {
    // Not by their place: exchanges are in the order of connections.
    const textOf = ({ request }: HttpExchange): string => request.raw.toString("latin1");
    const before = new Map(NODES.map((name) => [name, new Set(requests(name).map(textOf))]));
    const result = await work();
    const sent = NODES.flatMap((name) =>
      requests(name)
        .filter((each) => before.get(name)?.has(textOf(each)) !== true)
        .map(({ request }): Asked => {
          const { dataset, elements } = JSON.parse(request.body.toString("utf8")) as Record<
            "dataset" | "elements",
            string
          >;
          return {
            service: toHex(fromBase64Url(dataset)),
            elements: fromBase64Url(elements),
            bytes: request.body.length,
          };
        }),
    );
    return { result, sent };
  }

  it("has exactly the sums of every subject of the sample, over none to four institutions", async () => {
    const books = booksOfFirstEdition();
    const numbers = [...new Set([...books.values()].flatMap((book) => [...book.keys()]))];
    const strangers = Array.from({ length: 5 }, newNumber);
    const overlaps = new Set<number>();
    for (let from = 0; from < numbers.length + 5; from += BATCH) {
      const wanted = [...numbers, ...strangers].slice(from, from + BATCH);
      // In turn: one firm's points would not do for all.
      const querier = FIRMS[(from / BATCH) % FIRMS.length] ?? QUERIER;
      const view = await net.ask(querier, await net.authorise(querier, wanted), { mode: "aggregate" });
      expect(view.state).to.equal("answered");
      for (const [position, { picture }] of view.subjects.entries()) {
        const plain = plainSums(books, wanted[position] ?? "");
        overlaps.add(plain.institutions);
        expect(shown(picture), `subject ${String(from + position)}`).to.deep.equal(plain);
      }
    }
    expect([...overlaps]).to.include.members([0, 1, 2]);
  });

  it("shows nodes the same of one who is known and of one who is not: counts, sizes, and bytes that look random", async () => {
    const books = booksOfFirstEdition();
    const known = [...(books.get("beta") ?? new Map<string, unknown>()).keys()];
    const seen: Record<"present" | "absent", Asked[]> = { present: [], absent: [] };
    const numbers = Array.from({ length: RUNS }, (_, run) => [known[run] ?? expect.fail(), newNumber()]).flat();
    const subjects = await net.authorise(QUERIER, numbers);
    for (let run = 0; run < RUNS; run += 1) {
      for (const [offset, kind] of (["present", "absent"] as const).entries()) {
        const subject = subjects[2 * run + offset] ?? expect.fail();
        const { result, sent } = await during(() => net.ask(QUERIER, [subject], { mode: "aggregate" }));
        expect(result.subjects[0]?.picture?.outcome).to.equal(kind === "present" ? "found" : "not_found");
        seen[kind].push(...sent);
      }
    }
    const stages = stagesByService();
    for (const asked of Object.values(seen)) {
      for (const [stage, bytes] of [
        ["evaluation", 32] as const,
        ["locator", 32] as const,
        ["query", 8 * 32] as const,
      ]) {
        const sizes = asked.filter(({ service }) => stages.get(service) === stage).map((each) => each.elements.length);
        expect(sizes, stage).to.deep.equal(Array.from({ length: RUNS * 3 }, () => bytes));
      }
      expect(asked).to.have.lengthOf(RUNS * 9);
    }
    // Sizes differ by the digits of a counter only, and in the mean not at all.
    const mean = (kind: "present" | "absent"): number =>
      seen[kind].reduce((sum, { bytes }) => sum + bytes, 0) / seen[kind].length;
    expect(Math.abs(mean("present") - mean("absent"))).to.be.below(2);
    for (const kind of ["present", "absent"] as const) {
      // The nodes of one stage are sent the same.
      const once = new Map(seen[kind].map((each) => [Buffer.from(each.elements).toString("hex"), each.elements]));
      const bytes = Buffer.concat([...once.values()]);
      expect(uniformity(bytes, 32), kind).to.be.above(1e-6);
    }
    // No element is ever sent twice, but to the nodes of one request.
    const distinct = new Set(
      seen.present.concat(seen.absent).map((each) => Buffer.from(each.elements).toString("hex")),
    );
    expect(distinct.size).to.equal(RUNS * 2 * 3);
  });

  it("is paid for and anchored like everything else", async () => {
    const subjects = await net.authorise(QUERIER, [newNumber()]);
    const view = await net.ask(QUERIER, subjects, { mode: "both" });
    expect(view.state).to.equal("answered");
    await net.anchored(QUERIER, view.id);
    await net.settled();
    const leaves = await net
      .database(QUERIER)
      .selectFrom("query_leaves")
      .selectAll()
      .where("query_id", "=", view.id)
      .execute();
    const nodes = await net.contracts.algorithmNodes.nodeCount();
    expect(nodes).to.equal(5n);
    const covered = new Set(leaves.flatMap(({ datasets }) => datasets.split(",")));
    expect(covered.size).to.equal(4 + 9);
  });

  it("is evidenced: sums, and that there is no row, are verified from the file and the chain alone", async () => {
    const books = booksOfFirstEdition();
    const [known = expect.fail()] = [...(books.get("gamma") ?? new Map<string, unknown>()).keys()];
    const view = await net.ask(QUERIER, await net.authorise(QUERIER, [known, newNumber()]), { mode: "aggregate" });
    await net.anchored(QUERIER, view.id);
    const directory = mkdtempSync(join(tmpdir(), "riskveil-picture-"));
    try {
      for (const { position } of view.subjects) {
        const path = `/v1/queries/${view.id}/subjects/${String(position)}/picture-evidence`;
        const response = await net.call(QUERIER, "compliance", path);
        expect(response.status).to.equal(200);
        const file = join(directory, `${String(position)}.json`);
        writeFileSync(file, await response.text(), { mode: 0o600 });
        const { report } = await verifyFile(file, net.network.rpcUrl, {});
        expect(report.verdict, JSON.stringify(report.firstFailure ?? null)).to.equal("verified");
      }
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it("waits with its number of missing nodes when too few are up, and is answered when they are back", async () => {
    const down: PartyName[] = ["beta", "gamma", "delta"];
    for (const name of down) await net.member(name).down("kill");
    try {
      const subjects = await net.authorise(QUERIER, [newNumber()]);
      const response = await net.call(QUERIER, "credit_officer", "/v1/queries", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ subjects, purpose: "CREDIT_GRANTING", mode: "aggregate" }),
      });
      expect(response.status).to.equal(202);
      const { id } = (await response.json()) as { id: string };
      const read = async (): Promise<QueryView> =>
        (await net.member(QUERIER).client.get("credit_officer", `/v1/queries/${id}`)) as QueryView;
      const waiting = await net.wait("the reason, with two nodes missing", async () => {
        const view = await read();
        // Three for as long as the one that is left is not asked because it was slow a moment ago.
        const { code, missing } = view.picture?.reason ?? {};
        return code === "NODES_TOO_FEW" && missing === 2 ? view : undefined;
      });
      expect(waiting.final).to.equal(false);
      for (const name of down.splice(0)) await net.member(name).up();
      const answered = await net.wait("the picture", async () => {
        const view = await read();
        return view.final ? view : undefined;
      });
      expect(answered.subjects[0]?.picture?.outcome).to.equal("not_found");
    } finally {
      for (const name of down)
        await net
          .member(name)
          .up()
          .catch(() => undefined);
    }
  });

  it("cannot be asked for by the Association, which adds the contributions up", async () => {
    const response = await net.call("association", "credit_officer", "/v1/queries", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        subjects: [{ scheme: "cn-resident-id", number: newNumber() }],
        purpose: "CREDIT_GRANTING",
        mode: "aggregate",
      }),
    });
    expect(((await response.json()) as { code: string }).code).to.equal("QUERY_NOT_ENTITLED");
  });
});

function shown(picture: QueryView["subjects"][number]["picture"]): PlainSums {
  const counts = Object.fromEntries(Object.entries(picture?.counts ?? {}).filter(([, count]) => count > 0));
  return {
    counts,
    overdueFen: picture?.overdueFen ?? 0,
    institutions: picture?.institutions?.atLeast ?? 0,
  };
}
