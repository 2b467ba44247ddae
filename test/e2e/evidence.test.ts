import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

import { expect } from "chai";
import { before, describe, it } from "mocha";

import { toHex } from "../../protocol/encoding/bytes.ts";
import type { ChainFacts } from "../../protocol/evidence/chain-facts.ts";
import type { EvidencePackage } from "../../protocol/evidence/package.ts";
import { checks, type CheckName } from "../../protocol/evidence/report.ts";
import { sealDigest } from "../../protocol/evidence/seal.ts";
import { verifyEvidence } from "../../protocol/evidence/verify.ts";
import type { OperatorKey } from "../../relayer/chain/operator-key.ts";
import type { QueryView } from "../../relayer/services/query/query-view.ts";
import { createLedgerFacts } from "../../scripts/evidence/ledger-facts.ts";
import { changesOf, type Change } from "../protocol/evidence/json-changes.ts";
import { NETWORK_START_MS, testNetwork, type TestNetwork } from "../support/network.ts";

const VERIFIER = resolve(import.meta.dirname, "../../scripts/verify-evidence.ts");
const ORDER = Object.keys(checks);

interface Outcome {
  readonly code: number | null;
  readonly output: string;
}

describe("evidence of the whole network's answers", () => {
  let net: TestNetwork;
  let view: QueryView;
  let hit: EvidencePackage;
  let miss: EvidencePackage;
  let facts: ChainFacts;
  let operator: OperatorKey;

  before(async function () {
    this.timeout(NETWORK_START_MS);
    net = await testNetwork();
    operator = await net.operator("alpha");
    const subjects = (["two-holders", "none"] as const).map(
      (kind) => net.expectations.demo.find((demo) => demo.querier === "alpha" && demo.kind === kind) ?? expect.fail(),
    );
    view = await net.ask(
      "alpha",
      subjects.map(({ scheme, number, authorisation }) => ({ scheme, number, authorisation })),
    );
    await net.anchored("alpha", view.id);
    hit = await packageOf(0);
    miss = await packageOf(1);
    // Nothing that a package states moves while this runs: each fact is read once.
    facts = readOnce(createLedgerFacts(net.provider, hit.chain));
  });

  async function packageOf(position: number): Promise<EvidencePackage> {
    const response = await net.call("alpha", "compliance", `/v1/queries/${view.id}/subjects/${position}/evidence`);
    expect(response.status).to.equal(200);
    return (await response.json()) as EvidencePackage;
  }

  /** A process of its own, which has the file, the chain's URL and no setting. */
  function verifyInProcess(content: unknown, ...options: string[]): Promise<Outcome> {
    mkdirSync(net.network.state.evidence, { recursive: true });
    const file = join(net.network.state.evidence, "e2e.json");
    writeFileSync(file, JSON.stringify(content));
    return new Promise((done, fail) => {
      const child = spawn(process.execPath, [VERIFIER, file, "--rpc", net.network.rpcUrl, ...options], {
        env: { PATH: process.env["PATH"] },
        stdio: ["ignore", "pipe", "pipe"],
      });
      let output = "";
      for (const stream of [child.stdout, child.stderr])
        stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
      child.once("error", fail);
      child.once("close", (code) => done({ code, output }));
    });
  }

  it("is of two hits and two misses, and of four misses", () => {
    const outcomes = (pkg: EvidencePackage): string[] => pkg.answers.map(({ outcome }) => outcome).toSorted();
    expect(outcomes(hit)).to.deep.equal(["hit", "hit", "miss", "miss"]);
    expect(outcomes(miss)).to.deep.equal(["miss", "miss", "miss", "miss"]);
    const found = hit.answers.flatMap((answer) => (answer.outcome === "hit" ? answer.records.map(({ id }) => id) : []));
    expect(found).to.have.members(view.subjects[0]?.records.map(({ id }) => id) ?? []);
  });

  it("verifies in a process that has only the file and the chain's URL, also against the published contracts", async () => {
    const { queryLedger, datasetRegistry, memberRegistry } = net.network.deployment.addresses;
    const pins = ["--ledger", queryLedger, "--datasets", datasetRegistry, "--members", memberRegistry];
    for (const pkg of [hit, miss]) {
      const { code, output } = await verifyInProcess(pkg, ...pins);
      expect(output).to.match(/^VERIFIED/m);
      expect(code).to.equal(0);
      for (const { number } of net.expectations.demo) expect(output).not.to.include(number);
    }
  });

  it("is refuted with any one field changed, naming the first check that fails", async function () {
    this.timeout(600_000);
    for (const pkg of [hit, miss]) {
      const leaves = leafChangesOf(pkg);
      const paths = leafPaths(pkg);
      expect(new Set(leaves.map(({ path }) => path))).to.deep.equal(new Set(paths));
      for (const change of leaves) {
        const { verdict, firstFailure } = await verifyEvidence(change.value, facts);
        expect(verdict, change.what).to.equal("refuted");
        expect(ORDER, change.what).to.include(firstFailure?.name);
      }
    }
  });

  it("is refuted by the process too, which names the check", async () => {
    const changes: [CheckName, (pkg: EvidencePackage) => void][] = [
      ["CHAIN", (pkg) => (pkg.chain.instanceSalt = flipped(pkg.chain.instanceSalt))],
      ["SUBJECT", (pkg) => (pkg.query.subject = pkg.query.subject.replace(/.$/, (last) => (last === "1" ? "2" : "1")))],
      ["COMMITMENT", (pkg) => (pkg.answers[0]!.root = flipped(pkg.answers[0]!.root))],
      ["SEAL", (pkg) => (pkg.sealedAt = "2020-01-01T00:00:00.000Z")],
    ];
    for (const [name, change] of changes) {
      const changed = structuredClone(miss);
      change(changed);
      const { code, output } = await verifyInProcess(changed);
      expect(output).to.include(`first failure: ${name}`);
      expect(code).to.equal(1);
    }
  });

  it("is refuted also when the querier itself seals the change again, but for what only the seal states", async function () {
    this.timeout(600_000);
    const sealOnly = /^(query\.requestedAt|sealedAt)$/;
    const stands: string[] = [];
    for (const { path, what, value } of leafChangesOf(hit)) {
      if (path === "seal") continue;
      const changed = value as EvidencePackage;
      changed.seal = toHex(operator.sign(sealDigest(changed)));
      const { verdict, firstFailure } = await verifyEvidence(changed, facts);
      if (verdict === "verified") stands.push(path);
      else if (!sealOnly.test(path)) expect(firstFailure?.name, what).not.to.equal("SEAL");
    }
    for (const path of stands) expect(path).to.match(sealOnly);
  });

  it("is refuted when a miss is told of a subject that was found, and with parts of another query's package", async () => {
    const swapped: [string, EvidencePackage][] = [];
    const told = structuredClone(miss);
    told.query.subject = hit.query.subject;
    swapped.push(["the other subject", told]);
    for (const part of ["answers", "anchors"] as const) {
      swapped.push([part, { ...structuredClone(hit), [part]: structuredClone(miss[part]) }]);
    }
    const dropped = structuredClone(hit);
    const index = dropped.answers.findIndex(({ outcome }) => outcome === "hit");
    dropped.answers[index] = { ...structuredClone(miss.answers[index] ?? expect.fail()) };
    swapped.push(["a miss in a hit's place", dropped]);
    for (const [what, changed] of swapped) {
      changed.seal = toHex(operator.sign(sealDigest(changed)));
      const { verdict, firstFailure } = await verifyEvidence(changed, facts);
      expect(verdict, what).to.equal("refuted");
      expect(firstFailure?.name, what).not.to.equal("SEAL");
    }
  });

  it("is handed out only to who may have it, only once anchored, and each time is logged", async () => {
    const path = `/v1/queries/${view.id}/subjects/0/evidence`;
    expect((await net.call("alpha", "auditor", path)).status).to.equal(403);
    expect((await net.call("alpha", "", path)).status).to.equal(401);
    expect((await net.call("beta", "compliance", path)).status).to.equal(404);
    expect((await net.call("alpha", "compliance", path.replace("/0/", "/2/"))).status).to.equal(404);
    const audit = net.database("alpha").selectFrom("audit_log").selectAll().where("action", "=", "evidence.export");
    const before = await audit.execute();
    await packageOf(1);
    const after = await audit.orderBy("sequence").execute();
    expect(after.length).to.equal(before.length + 1);
    expect(after.at(-1)?.subject_id).to.equal(`${view.id}:1`);
  });
});

/** One change of each leaf's value. */
function leafChangesOf(pkg: EvidencePackage): Change[] {
  return changesOf(pkg).filter(({ what }) => /: (character 2|\+1)$/.test(what));
}

/** Every place that holds a value and no object or list. A null is one too, and is altered in protocol tests. */
function leafPaths(value: unknown, path: readonly (string | number)[] = []): string[] {
  if (value === null) return [];
  if (typeof value !== "object") return [path.join(".")];
  return Object.entries(value).flatMap(([name, member]) => leafPaths(member, [...path, name]));
}

function flipped<T extends string>(hex: T): T {
  return hex.replace(/.$/, (last) => (last === "0" ? "1" : "0")) as T;
}

function readOnce(facts: ChainFacts): ChainFacts {
  const known = new Map<string, Promise<unknown>>();
  return new Proxy(facts, {
    get(target, name: keyof ChainFacts) {
      const read = target[name];
      if (typeof read !== "function") return read;
      return (...of: unknown[]) => {
        const key = `${name} ${of.join(" ")}`;
        const asked = known.get(key) ?? (read as (...of: unknown[]) => Promise<unknown>)(...of);
        known.set(key, asked);
        return asked;
      };
    },
  });
}
