/**
 * Pictures that were really asked for: database, cipher, keys, table, signatures and HTTP to scripted nodes are real, and so is
 * the verifier. The ledger is a double; that a package verifies on a real one is tested end to end.
 */
import { expect } from "chai";
import { after, afterEach, before, beforeEach, describe, it } from "mocha";

import { isFault } from "../../../../protocol/errors/fault.ts";
import { ristretto255 } from "../../../../protocol/group/ristretto255.ts";
import type { PictureEvidence } from "../../../../protocol/picture-evidence/package.ts";
import { verifyPictureEvidence } from "../../../../protocol/picture-evidence/verify.ts";
import type { SubjectId } from "../../../../protocol/subject/subject.ts";
import { queryRoutes } from "../../../../relayer/http/member/queries.ts";
import { pictureEvidence } from "../../../../relayer/services/evidence/picture-evidence.ts";
import type { QueryDependencies } from "../../../../relayer/services/query/query-context.ts";
import { anchorLeaves, type AnchoredBatch } from "../../../support/anchor-leaves.ts";
import { random } from "../../../support/asking-ledger.ts";
import { addNodes, type AskedNodes, type Books } from "../../../support/asking-nodes.ts";
import { hangUp } from "../../../support/scripted-holder.ts";
import { asked, startAsking, type Asking } from "../../../support/asking.ts";
import { exporting, pictureFactsOf } from "../../../support/exporting.ts";
import { testDatabase, type TestDatabase } from "../../../support/postgres.ts";
import { startTestApi } from "../../http/api.ts";

/** Three institutions have a record of subject 1, the first has one of subject 2. */
const books: Books = Object.fromEntries(
  [1, 2, 3].map((contributor) => [
    contributor,
    new Map(
      [1, 2]
        .filter((subject) => subject === 1 || contributor === 1)
        .map((subject): [SubjectId, { counts: Record<string, number>; overdueFen: number }] => [
          asked(subject).id,
          { counts: { B2: contributor }, overdueFen: contributor * 100 },
        ]),
    ),
  ]),
);

describe("evidence of an overall picture", function () {
  this.timeout(480_000);
  let database: TestDatabase;
  let asking: Asking;
  let nodes: AskedNodes;
  let batches: AnchoredBatch[];

  before(async () => {
    database = await testDatabase();
  });
  after(() => database.close());
  beforeEach(async () => {
    asking = await startAsking(database);
    nodes = await addNodes(asking);
    nodes.publish(books);
    batches = [];
    await asking.openSession();
  });
  afterEach(async () => {
    await nodes.close();
    await asking.close();
  });

  type Asked = Parameters<Asking["queries"]["create"]>[0]["subjects"];

  async function ask(mode: "detail" | "aggregate" | "both", subjects: Asked): Promise<string> {
    const demand = { subjects, purpose: "CREDIT_GRANTING", mode, holders: "all", caller: "token-1" } as const;
    const id = await asking.queries.create(demand);
    await settled(id);
    return id;
  }

  /** Until nobody works on it. */
  async function settled(id: string): Promise<void> {
    for (;;) {
      const moved = asking.ctx.progress.next(id, 200);
      const row = await database.db.selectFrom("queries").selectAll().where("id", "=", id).executeTakeFirstOrThrow();
      if (row.leased_until === null) return;
      await moved;
    }
  }

  const exported = (query: string, investor = 0, document = 0): Promise<PictureEvidence> =>
    pictureEvidence(exporting(asking), { query, investor, document }, "token-1");

  async function anchor(): Promise<void> {
    batches.push(...(await anchorLeaves(asking, 101 + batches.length)));
  }

  async function expectVerified(pkg: PictureEvidence): Promise<void> {
    const report = await verifyPictureEvidence(JSON.parse(JSON.stringify(pkg)), pictureFactsOf(asking, batches));
    expect(report.firstFailure).to.equal(undefined);
    expect(report.verdict).to.equal("verified");
  }

  async function expectRefused(query: string, code: Parameters<typeof isFault>[1]): Promise<void> {
    const refused = await exported(query).catch((error: unknown) => error);
    expect(isFault(refused, code), String(refused)).to.equal(true);
  }

  it("verifies where the nodes changed between evaluation and decryption, a part of the old ones among the answers", async () => {
    const last = nodes.nodes.at(-1) ?? expect.fail("a node");
    for (const { server } of nodes.nodes.slice(0, -1)) server.script.push(...Array.from({ length: 6 }, () => hangUp));
    const id = await ask("aggregate", [asked(1)]);
    for (const { server } of nodes.nodes) server.script.splice(0);
    const round = await nodes.reshare([nodes.nodes.length - 1], 3, 2);
    last.shares.delete(round - 1);
    await asking.openSession();
    asking.later(400_000);
    await asking.queries.drive(id);
    await settled(id);
    await anchor();
    const pkg = await exported(id);
    await expectVerified(pkg);
    expect(pkg.exchanges.map(({ epoch }) => epoch).sort()).to.deep.equal([round - 1, ...Array<number>(6).fill(round)]);
  });

  it("verifies for each of several subjects, with a row and without, also beside details", async () => {
    const id = await ask("both", [asked(0), asked(1), asked(2)]);
    await anchor();
    const packages = await Promise.all([0, 1, 2].map((investor) => exported(id, investor)));
    for (const pkg of packages) await expectVerified(pkg);
    expect(packages.map(({ picture }) => picture.outcome)).to.deep.equal(["not_found", "found", "found"]);
    const sums = packages.map(({ picture }) => (picture.outcome === "found" ? picture.sums : undefined));
    expect(sums[1]).to.deep.include({ contributors: 3, overdueFen: 600, capped: 0 });
    expect(sums[1]?.counts).to.include({ B2: 6, B1: 0 });
    expect(sums[2]).to.deep.include({ contributors: 1, overdueFen: 100 });
    for (const { exchanges } of packages) {
      expect(exchanges.filter(({ service }) => service === "evaluation")).to.have.length(3);
      expect(exchanges.filter(({ service }) => service === "query")).to.have.length(3);
    }
  });

  it("is of one document of an investor at a time", async () => {
    const { scheme, number } = asked(1);
    const id = await ask("aggregate", [{ documents: [{ scheme, number }, asked(5)] }]);
    await anchor();
    for (const [document, outcome] of ["found", "not_found"].entries()) {
      const pkg = await exported(id, 0, document);
      expect(pkg.picture.outcome).to.equal(outcome);
      await expectVerified(pkg);
    }
  });

  it("holds a liar's answer too, as one that is not proved", async () => {
    const [liar] = nodes.nodes;
    if (liar === undefined) expect.fail();
    for (const node of nodes.nodes.slice(3)) node.status = "Retired";
    liar.lie = (elements) =>
      elements.map((element) => ristretto255.multiply(ristretto255.randomScalar(random), element));
    const id = await ask("aggregate", [asked(1)]);
    await expectRefused(id, "QUERY_NOT_ANSWERED");
    for (const node of nodes.nodes) node.status = "Active";
    asking.later(400_000);
    await asking.queries.drive(id);
    await settled(id);
    await anchor();
    const pkg = await exported(id);
    const wrong = pkg.exchanges.filter(({ proved }) => !proved);
    expect(wrong.length).to.be.greaterThan(0);
    for (const { holder } of wrong) expect(holder).to.equal(liar.member);
    await expectVerified(pkg);
  });

  it("is refused until all its leaves are anchored, where no picture was asked for, and once consent has ended", async () => {
    const detail = await ask("detail", [asked(1)]);
    const id = await ask("aggregate", [asked(1)]);
    await expectRefused(id, "EVIDENCE_NOT_ANCHORED");
    await anchor();
    await expectVerified(await exported(id));
    await expectRefused(detail, "EVIDENCE_NOT_ASKED");
    for (const [investor, document] of [
      [1, 0],
      [0, 1],
    ] as const) {
      const unknown = await exported(id, investor, document).catch((error: unknown) => error);
      expect(isFault(unknown, "QUERY_DOCUMENT_UNKNOWN") && unknown.values).to.deep.equal({
        query: id,
        investor,
        document,
      });
    }
    asking.refuseConsent("AUTHORISATION_WITHDRAWN");
    await expectRefused(id, "AUTHORISATION_WITHDRAWN");
  });

  it("is refused where a sum could not be read, and where the picture was given up", async () => {
    const id = await ask("aggregate", [asked(1)]);
    await anchor();
    const result = JSON.stringify([{ outcome: "unreadable", code: "AGGREGATE_SUM_UNDECODABLE" }]);
    const sealed = Buffer.from(asking.ctx.cipher.seal(result, `query_pictures.result:${id}`));
    await database.db.updateTable("query_pictures").set({ result: sealed }).where("query_id", "=", id).execute();
    await expectRefused(id, "EVIDENCE_ENTRY_UNREADABLE");
    await database.db.updateTable("query_pictures").set({ state: "failed", result: null }).execute();
    await expectRefused(id, "PICTURE_GIVEN_UP");
  });

  it("comes as a file over HTTP, for compliance too, and puts on record who took it out", async () => {
    const { scheme, number } = asked(1);
    const id = await ask("aggregate", [{ documents: [asked(5), { scheme, number }] }]);
    await anchor();
    const dependencies = exporting(asking) as unknown as QueryDependencies;
    const api = await startTestApi({ routes: queryRoutes(dependencies, asking.queries) });
    try {
      const path = `/v1/queries/${id}/subjects/0/picture-evidence`;
      const response = await api.call("GET", `${path}?document=1`, { role: "compliance" });
      expect(response.status).to.equal(200);
      expect(response.headers.get("content-disposition")).to.include(`picture-evidence-${id}-0.json`);
      const pkg = (await response.json()) as PictureEvidence;
      expect(pkg.picture.outcome).to.equal("found");
      await expectVerified(pkg);
      expect((await api.call("GET", `${path}?document=2`, { role: "compliance" })).status).to.equal(404);
    } finally {
      await api.close();
    }
    const entries = await database.db
      .selectFrom("audit_log")
      .selectAll()
      .where("action", "=", "evidence.export")
      .where("subject_id", "=", `${id}:1:picture`)
      .execute();
    expect(entries).to.have.length(1);
  });
});
