/** Editions and openings over real HTTP, of an edition that real nodes make; openings are checked by the script for readers. */
import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";
import { sql } from "kysely";
import { after, before, describe, it } from "mocha";

import { memberAggregateRoutes } from "../../../../relayer/http/member/aggregate.ts";
import { ROLES } from "../../../../relayer/http/role.ts";
import type { Route } from "../../../../relayer/http/route.ts";
import { held, owes, passport } from "../../../support/edition-books.ts";
import { startEditionStage, type EditionStage, type Party } from "../../../support/edition-stage.ts";
import { createLeakDetector, formsOf, WINDOW } from "../../../support/leak-detector.ts";
import { JSON_HEADERS, startTestApi, type TestApi } from "../api.ts";

const SCRIPT = join(import.meta.dirname, "../../../../scripts/aggregate/verify-opening.ts");
const ADDRESS = `0x${"11".repeat(20)}`;

interface Opened {
  readonly chain: { readonly chainId: number; readonly consortiumTables: string; readonly keyRounds: string };
  readonly opening: { readonly evaluation: string; readonly values: number[]; readonly randomness: string[] };
  readonly evidence: { readonly row: string; readonly path: string[] };
  readonly [other: string]: unknown;
}

describe("member API of the consortium table", function () {
  this.timeout(600_000);
  let stage: EditionStage;
  let alpha: Party;
  let others: readonly Party[];
  let api: TestApi;
  let directory: string;
  const received: [party: string, bytes: Uint8Array][] = [];

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "riskveil-opening-"));
    stage = await startEditionStage({ routes: (party, routes) => routes.map((route) => recording(party, route)) });
    [alpha, ...others] = stage.firms as [Party, ...Party[]];
    const { editions } = alpha;
    api = await startTestApi({ routes: memberAggregateRoutes(alpha.ctx, { editions }) });
    alpha.subjects = [held(1, { class: "B2", status: "open", amountFen: 1_234 }), owes(2, 7)];
    for (const other of others.slice(1)) other.subjects = [owes(1, 3)];
    for (const firm of [alpha, ...others.slice(1)]) await firm.publish();
  });

  /** What comes to nodes is kept by the test. */
  function recording(party: string, route: Route): Route {
    if (!route.path.endsWith("/evaluate")) return route;
    return {
      ...route,
      handler: async (request) => {
        received.push([party, (request as { bytes: Uint8Array }).bytes]);
        return await route.handler(request);
      },
    };
  }

  after(async () => {
    await api.close();
    await stage.close();
    await rm(directory, { recursive: true, force: true });
  });

  const get = (path: string, role = "credit_officer") => api.call("GET", path, { role });
  const view = async () => (await (await get("/v1/aggregate/editions/1")).json()) as Record<string, unknown>;
  const open = (edition: number, number: string, role = "compliance") =>
    api.call("POST", `/v1/aggregate/contributions/${String(edition)}/opening`, {
      ...{ role, headers: JSON_HEADERS },
      body: JSON.stringify({ scheme: "cn-passport", number }),
    });
  const codeOf = async (response: Response) => ((await response.json()) as { code: string }).code;

  function verify(file: string, ...options: string[]): Promise<{ readonly code: number; readonly stdout: string }> {
    const { rpcUrl } = stage.platform.deployment;
    return new Promise((resolve) => {
      execFile(process.execPath, [SCRIPT, file, "--rpc", rpcUrl, ...options], (error, stdout) => {
        resolve({ code: error ? Number(error.code) : 0, stdout });
      });
    });
  }

  async function verdictOf(
    content: unknown,
    ...options: string[]
  ): Promise<{ code: number; failed: string | undefined }> {
    const file = join(directory, "opening.json");
    await writeFile(file, JSON.stringify(content));
    const { code, stdout } = await verify(file, "--json", ...options);
    const { checks } = JSON.parse(stdout) as { checks: { name: string; ok: boolean }[] };
    return { code, failed: checks.find(({ ok }) => !ok)?.name };
  }

  it("lists nothing before the first edition, and knows none that is not", async () => {
    expect(await (await get("/v1/aggregate/editions")).json()).to.deep.equal({ items: [] });
    const response = await get("/v1/aggregate/editions/1");
    expect([response.status, await codeOf(response)]).to.deep.equal([404, "EDITION_UNKNOWN"]);
  });

  it("says how far the own contribution is and for how many nodes it waits", async () => {
    await stage.open(1);
    const first = await view();
    expect(first).to.deep.include({ status: "Collecting", aggregator: "collector", contributors: [], mirrored: false });
    expect(first["own"]).to.deep.equal({ state: "to_begin", progress: 0, rows: null, reason: null, missing: 0 });
    for (const other of others) await other.down();
    await alpha.editions.run("contribute");
    const waiting = { state: "evaluating", progress: 0, rows: 4, reason: "NODES_TOO_FEW", missing: 1 };
    expect((await view())["own"]).to.deep.equal(waiting);
    for (const other of others) await other.up();
  });

  it("shows contributors, rows, nodes and the mirror once it is published", async () => {
    await stage.work(() => stage.published(1));
    const { items } = (await (await get("/v1/aggregate/editions")).json()) as { items: Record<string, unknown>[] };
    expect(items).to.deep.equal([await view()]);
    const [{ contributors, nodes, own, ...facts }] = items as [Record<string, unknown>];
    expect(facts).to.deep.include({
      status: "Published",
      rows: 10,
      excluded: [],
      mirrored: true,
      abandonedBecause: null,
    });
    const named = (contributors as { member: string; rows: number }[]).map(({ member, rows }) => `${member} ${rows}`);
    expect(named.sort()).to.deep.equal(["alpha 4", "delta 4", "gamma 4"]);
    expect(nodes).to.have.length(2);
    expect(own).to.deep.equal({ state: "contributed", progress: 1, rows: 4, reason: null, missing: 0 });
    const before = await get("/v1/aggregate/editions?before=1");
    expect(await before.json()).to.deep.equal({ items: [] });
  });

  it("opens a row for compliance alone, on the record, and of subjects that were contributed", async () => {
    for (const role of ROLES.filter((each) => each !== "compliance")) {
      expect((await open(1, "E10000001", role)).status).to.equal(403);
    }
    expect(await codeOf(await open(1, "E10000009"))).to.equal("EDITION_ROW_UNKNOWN");
    expect(await codeOf(await open(2, "E10000001"))).to.equal("EDITION_NOT_CONTRIBUTED");
    expect(await codeOf(await open(1, "1"))).to.match(/^SUBJECT_/);
    expect((await open(1, "E10000001")).status).to.equal(200);
    const entries = await alpha.database.db.selectFrom("audit_log").select(["action", "subject_id"]).execute();
    expect(entries.filter(({ action }) => action === "aggregate.open-row")).to.deep.equal([
      { action: "aggregate.open-row", subject_id: "edition-1" },
    ]);
  });

  it("gives an opening that holds against the chain, and that nothing in it can be changed of", async () => {
    const opened = (await (await open(1, "E10000001")).json()) as Opened;
    const file = join(directory, "opening.json");
    await writeFile(file, JSON.stringify(opened));
    const { code, stdout } = await verify(file);
    expect(stdout).to.contain("B2 × 1").and.to.contain("overdue, fen: 1234").and.to.contain("THE OPENING HOLDS");
    expect(stdout).not.to.contain("E10000001");
    expect(code).to.equal(0);

    const { chain, opening, evidence } = opened;
    const other = (await (await open(1, "E10000002")).json()) as Opened;
    const [value = 0, ...values] = opening.values;
    const [, ...path] = evidence.path;
    const [refuted, undetermined] = [1, 2];
    const lies: [object, number, string | undefined][] = [
      [{ ...opened, opening: { ...opening, values: [value + 1, ...values] } }, refuted, "opening"],
      [{ ...opened, opening: { ...opening, randomness: other.opening.randomness } }, refuted, "opening"],
      [{ ...opened, opening: other.opening }, refuted, "row"],
      [{ ...opened, evidence: { ...evidence, row: other.evidence.row } }, refuted, "row"],
      [{ ...opened, evidence: { ...evidence, path } }, refuted, "row"],
      [{ ...opened, contributor: others[1]!.member.id }, refuted, "row"],
      [{ ...opened, contributor: stage.aggregator.member.id }, refuted, "contribution"],
      [{ ...opened, edition: 2 }, refuted, "contribution"],
      [{ ...opened, chain: { ...chain, chainId: 5 } }, refuted, "chain"],
      [{ ...opened, format: "other" }, refuted, "format"],
      [{ ...opened, chain: { ...chain, consortiumTables: ADDRESS } }, undetermined, undefined],
    ];
    for (const [content, exit, failed] of lies) expect(await verdictOf(content)).to.deep.equal({ code: exit, failed });
    expect(await verdictOf(opened, "--tables", chain.consortiumTables, "--rounds", chain.keyRounds)).to.deep.equal({
      ...{ code: 0, failed: undefined },
    });
    expect((await verdictOf(opened, "--tables", ADDRESS)).code).to.equal(undetermined);
  });

  it("leaves no subject with the aggregator, nor with a node that holds nothing itself", async () => {
    const secrets = [1, 2].flatMap((number) => {
      const subject = passport(number);
      const [, text = ""] = subject.split(":");
      return [...formsOf(text), ["a subject", Buffer.from(subject)] as [string, Uint8Array]];
    });
    const found = createLeakDetector(secrets.filter(([, secret]) => secret.length >= WINDOW));
    // Shorter than what the detector takes.
    const numbers = /E1000000[12]/;
    const idle = others[0]!;
    expect(received.filter(([party]) => party === idle.name)).not.to.have.length(0);
    for (const party of [stage.aggregator, idle]) {
      const { rows } = await sql<{ name: string }>`
        select table_name as name from information_schema.tables where table_schema = 'public'`.execute(
        party.database.db,
      );
      const tables = await Promise.all(
        rows.map(({ name }) => sql`select * from ${sql.table(name)}`.execute(party.database.db)),
      );
      const views = [
        ...received.filter(([to]) => to === party.name).map(([, bytes]) => bytes),
        ...readdirSync(party.ctx.config.dataDir, { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile())
          .map((entry) => readFileSync(join(entry.parentPath, entry.name))),
        Buffer.from(JSON.stringify([tables.map((table) => table.rows), party.log()])),
      ];
      expect(views.reduce((sum, { length }) => sum + length, 0)).to.be.greaterThan(20_000);
      for (const view of views) {
        expect(found.find(view)).to.deep.equal([]);
        expect(Buffer.from(view).toString("latin1")).not.to.match(numbers);
      }
    }
    expect(found.find(Buffer.from(`{"x":"${passport(1)}"}`))).to.include("a subject");
  });
});
