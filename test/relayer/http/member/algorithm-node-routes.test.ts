/** Algorithm nodes over real HTTP: real chain, real PostgreSQL, real key rounds. */
import { expect } from "chai";
import { after, before, describe, it } from "mocha";

import { Fault } from "../../../../protocol/errors/fault.ts";
import type { ChainView } from "../../../../relayer/chain/chain-view.ts";
import { algorithmNodeRoutes } from "../../../../relayer/http/member/algorithm-nodes.ts";
import { ROLES } from "../../../../relayer/http/role.ts";
import type { Route } from "../../../../relayer/http/route.ts";
import { createNodeOffice } from "../../../../relayer/services/nodes/office.ts";
import { createRoundReports, type RoundReport } from "../../../../relayer/services/nodes/round-report.ts";
import { createAuditLog } from "../../../../relayer/store/audit-log.ts";
import { createKeyNodes, random, until, type KeyNode, type KeyNodes } from "../../../support/key-nodes.ts";
import { startTestPlatform, type TestPlatform } from "../../../support/platform.ts";
import { outcome, startTestApi, type TestApi } from "../api.ts";

const READING = ["admin", "data_officer", "credit_officer", "compliance", "auditor"];
const WINDOW_SECONDS = 3_600;

interface NodeView {
  readonly member: string;
  readonly status: string;
  readonly lastHeartbeat: string | null;
  readonly late: boolean;
}

interface Overview {
  readonly me: {
    readonly member: string;
    readonly node: NodeView | null;
    readonly shares: readonly unknown[];
    readonly health: { readonly document: { readonly shares: readonly string[] }; readonly digest: string } | null;
  };
  readonly items: readonly NodeView[];
  readonly keys: readonly {
    readonly purpose: string;
    readonly round: number;
    readonly threshold: number;
    readonly nodes: readonly string[];
    readonly publicKey: string;
  }[];
}

describe("member API of algorithm nodes", function () {
  this.timeout(600_000);
  let platform: TestPlatform;
  let nodes: KeyNodes;
  let node: KeyNode;
  let api: TestApi;
  /** The nodes have confirmed what is no key. */
  let deceived: TestApi;

  before(async () => {
    platform = await startTestPlatform(3);
    nodes = createKeyNodes(platform);
    node = await nodes.start(platform.firms[0]!, { settings: { nodeHeartbeatMs: WINDOW_SECONDS * 1_000 } });
    const { db } = node.database;
    const chain = node.chain.view;
    const audit = createAuditLog(db, () => new Date(), random);
    const config = { nodeHeartbeatMs: WINDOW_SECONDS * 1_000, algorithmNode: "auto" } as Parameters<
      typeof algorithmNodeRoutes
    >[0]["config"];
    const outbox = node.chain.outbox;
    const routesOn = (seen: ChainView): Route[] =>
      algorithmNodeRoutes(
        { chain: seen, config },
        node.service,
        createRoundReports(seen, node.service.reader),
        createNodeOffice({ chain: seen, db, outbox, audit }),
      );
    api = await startTestApi({ routes: routesOn(chain) });
    const keySet = (): Promise<never> => Promise.reject(new Fault("KEY_SET_INCONSISTENT"));
    deceived = await startTestApi({ routes: routesOn({ ...chain, computation: { ...chain.computation, keySet } }) });
  });
  after(async () => {
    await api.close();
    await deceived.close();
    await nodes.close();
    await platform.stop();
  });

  const get = async <T>(path: string, role = "auditor"): Promise<T> =>
    (await (await api.call("GET", path, { role })).json()) as T;
  const post = (path: string, role = "admin"): Promise<Response> => api.call("POST", path, { role });
  const overview = (): Promise<Overview> => get<Overview>("/v1/algorithm-nodes");

  it("says that there are none", async () => {
    const { me, items, keys } = await overview();
    expect(me).to.deep.equal({ member: "firm-1", setting: "auto", node: null, shares: [], health: null });
    expect([items, keys]).to.deep.equal([[], []]);
    expect(await get("/v1/algorithm-nodes/rounds")).to.deep.equal({ items: [] });
    expect(await outcome(api.call("GET", "/v1/algorithm-nodes/rounds/1", { role: "auditor" }))).to.equal(
      "404 KEY_ROUND_UNKNOWN",
    );
    for (const number of ["0", "x", "4294967296", "1.5"]) {
      const path = `/v1/algorithm-nodes/rounds/${number}`;
      expect(await outcome(api.call("GET", path, { role: "auditor" }))).to.match(/^400 /);
    }
    expect(await outcome(post("/v1/algorithm-nodes/resign"))).to.equal("409 CHAIN_REVERTED");
  });

  for (const [method, path, roles] of [
    ["GET", "/v1/algorithm-nodes", READING],
    ["GET", "/v1/algorithm-nodes/rounds", READING],
    ["GET", "/v1/algorithm-nodes/rounds/9", READING],
    ["POST", "/v1/algorithm-nodes/register", ["admin"]],
    ["POST", "/v1/algorithm-nodes/resign", ["admin"]],
  ] as [string, string, readonly string[]][]) {
    it(`lets only those who may ${method} ${path}`, async () => {
      for (const role of ROLES.filter((each) => method === "GET" || !roles.includes(each))) {
        const response = await api.call(method, path, { role });
        expect(response.status === 403, role).to.equal(!roles.includes(role));
        await response.body?.cancel();
      }
      expect((await api.call(method, path)).status).to.equal(401);
    });
  }

  it("offers this member once, whoever asks how often, and puts it on record", async () => {
    const answers = await Promise.all([1, 2, 3].map(() => post("/v1/algorithm-nodes/register")));
    for (const answer of answers) {
      expect(answer.status).to.equal(201);
      expect(await answer.json()).to.deep.include({ member: "firm-1", status: "Registered", lastHeartbeat: null });
    }
    const { algorithmNodes } = platform.contracts;
    expect((await algorithmNodes.queryFilter(algorithmNodes.filters.NodeRegistered())).length).to.equal(1);
    const entries = await node.database.db.selectFrom("audit_log").select(["action", "subject_id"]).execute();
    expect(entries).to.deep.include({ action: "node.register", subject_id: String(platform.firms[0]!.id) });
    expect((await overview()).me.node).to.deep.include({ status: "Registered", late: false });
  });

  it("shows nodes, heartbeats and what this node says of itself", async () => {
    await platform.mined(platform.governance.algorithmNodes.activate(platform.firms[0]!.id));
    await nodes.appoint(platform.firms.slice(1));
    for (const firm of platform.firms.slice(1)) await nodes.start(firm);
    await node.chain.watcher.look();
    await node.service.report();
    await until(async () => (await overview()).me.node?.lastHeartbeat !== null);
    const { me, items } = await overview();
    expect(items.map(({ member, status, late }) => [member, status, late])).to.deep.equal([
      ["firm-1", "Active", false],
      ["firm-2", "Active", false],
      ["firm-3", "Active", false],
    ]);
    expect(me.node).to.deep.equal(items[0]);
    const { algorithmNodes } = platform.contracts;
    const [beat] = await algorithmNodes.queryFilter(algorithmNodes.filters.NodeHeartbeat(platform.firms[0]!.id));
    expect(me.health!.digest).to.equal(beat!.args.healthDigest);
    expect(me.health!.document.shares).to.deep.equal([]);
  });

  it("shows a round from its beginning to its keys", async () => {
    const round = await nodes.begin(platform.firms, { threshold: 2 });
    expect(await nodes.over(round)).to.equal("Completed");
    await until(async () => (await overview()).me.shares.length === 4);
    const report = await get<RoundReport>(`/v1/algorithm-nodes/rounds/${String(round)}`);
    const all = platform.firms.map(({ name }) => name);
    expect(report).to.deep.include({ number: round, phase: "Completed", phaseEndsAt: null, threshold: 2, basis: null });
    expect(report).to.deep.include({ nodes: all, dealers: all, joined: all, agreed: true });
    for (const { phase, asked, spoken } of report.phases) {
      expect(asked).to.deep.equal(all);
      // Left out where nobody complained or disputed; the confirmation is over with the second.
      const silent = ["Answering", "Exposing"].includes(phase);
      if (phase !== "Confirming") expect([...spoken].sort()).to.deep.equal(silent ? [] : all);
    }
    for (const { qualified, excluded, exposed, failure } of report.keys) {
      expect([qualified, excluded, exposed, failure]).to.deep.equal([all, [], [], null]);
    }
    const { items } = await get<{ items: unknown[] }>("/v1/algorithm-nodes/rounds?limit=1");
    expect(items).to.deep.equal([
      {
        ...{
          number: round,
          phase: "Completed",
          phaseEndsAt: null,
          purposes: ["evaluation", "query", "layer", "locator"],
        },
        ...{ threshold: 2, basis: null, nodes: all, dealers: all },
      },
    ]);
    const { keys, me } = await overview();
    expect(keys).to.deep.equal(
      report.keys.map(({ purpose, publicKey }) => ({ purpose, round, threshold: 2, nodes: all, publicKey })),
    );
    const shown = (await (await deceived.call("GET", "/v1/algorithm-nodes", { role: "auditor" })).json()) as Overview;
    expect(shown.keys).to.deep.equal(keys.map((key) => ({ ...key, publicKey: null })));
    expect(me.shares).to.deep.equal(report.keys.map(({ purpose }) => ({ round, purpose })));
    expect(api.logged()).to.not.include("secret");
  });

  it("shows a round that runs, and who is late", async () => {
    const round = await nodes.begin(platform.firms, { threshold: 2, purposes: ["query"], phaseSeconds: 1_000_000 });
    const path = `/v1/algorithm-nodes/rounds/${String(round)}`;
    const running = await get<RoundReport>(path);
    expect([running.agreed, running.keys[0]!.publicKey]).to.deep.equal([null, null]);
    expect(await nodes.over(round)).to.equal("Completed");
    await platform.provider.send("evm_increaseTime", [2 * WINDOW_SECONDS + 10]);
    await platform.provider.send("evm_mine", []);
    await node.chain.watcher.look();
    expect((await overview()).items.map(({ late }) => late)).to.deep.equal([true, true, true]);
  });

  it("resigns this member, and takes a new offer of it", async () => {
    const resigned = await post("/v1/algorithm-nodes/resign");
    expect(resigned.status).to.equal(200);
    expect(await resigned.json()).to.deep.include({ member: "firm-1", status: "Retired", late: false });
    expect(await (await post("/v1/algorithm-nodes/resign")).json()).to.deep.include({ status: "Retired" });
    expect(await (await post("/v1/algorithm-nodes/register")).json()).to.deep.include({ status: "Registered" });
    expect(await (await post("/v1/algorithm-nodes/resign")).json()).to.deep.include({ status: "Retired" });
    const entries = await node.database.db.selectFrom("audit_log").select("action").execute();
    expect(entries.map(({ action }) => action).slice(-3)).to.deep.equal([
      "node.retire",
      "node.register",
      "node.retire",
    ]);
  });
});
