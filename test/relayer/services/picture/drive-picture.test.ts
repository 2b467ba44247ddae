/**
 * The querier's side of a picture on a real database; the nodes are scripted and speak real HTTP, their keys and the table are
 * real. The ledger is a double: on a real one it is tested end to end.
 */
import { expect } from "chai";
import { after, afterEach, before, beforeEach, describe, it } from "mocha";

import { ristretto255 } from "../../../../protocol/group/ristretto255.ts";
import type { SubjectSummary } from "../../../../protocol/aggregate/schema.ts";
import type { SubjectId } from "../../../../protocol/subject/subject.ts";
import { Fault, isFault } from "../../../../protocol/errors/fault.ts";
import { viewQuery, type QueryView } from "../../../../relayer/services/query/query-view.ts";
import { random } from "../../../support/asking-ledger.ts";
import { addNodes, type AskedNodes, type Books } from "../../../support/asking-nodes.ts";
import { asked, startAsking, type Asking } from "../../../support/asking.ts";
import { testDatabase, type TestDatabase } from "../../../support/postgres.ts";
import { hangUp, tell } from "../../../support/scripted-holder.ts";

const one = (counts: Record<string, number>, overdueFen: number): SubjectSummary => ({ counts, overdueFen });

/** Subjects 0 to 3 have rows of as many contributors; 4 of all of them. */
const books: Books = Object.fromEntries(
  [1, 2, 3, 4].map((contributor) => [
    contributor,
    new Map(
      [1, 2, 3, 4]
        .filter((overlap) => contributor <= overlap)
        .map((overlap): [SubjectId, SubjectSummary] => [
          asked(overlap).id,
          one({ B1: contributor, C2: overlap }, contributor * 1_000_003),
        ]),
    ),
  ]),
);

describe("driving a picture", function () {
  this.timeout(120_000);
  let database: TestDatabase;
  let asking: Asking;
  let nodes: AskedNodes;

  before(async () => {
    database = await testDatabase();
  });
  after(() => database.close());
  beforeEach(async () => {
    asking = await startAsking(database);
    nodes = await addNodes(asking);
    nodes.publish(books);
    await asking.openSession();
  });
  afterEach(async () => {
    await nodes.close();
    await asking.close();
  });

  async function ask(mode: "aggregate" | "both", ...positions: number[]): Promise<string> {
    const subjects = positions.map((position) => asked(position));
    const demand = { subjects, purpose: "CREDIT_GRANTING", mode, holders: "all", caller: "token-1" } as const;
    const id = await asking.queries.create(demand);
    await settled(id);
    return id;
  }

  /** Until nobody works on it. */
  async function settled(id: string): Promise<void> {
    for (;;) {
      const moved = asking.ctx.progress.next(id, 200);
      const row = await database.db
        .selectFrom("queries")
        .select("leased_until")
        .where("id", "=", id)
        .executeTakeFirstOrThrow();
      if (row.leased_until === null) return;
      await moved;
    }
  }

  const view = (id: string): Promise<QueryView> => viewQuery(asking.ctx, id, "token-1");
  const exchanges = (id: string) =>
    database.db.selectFrom("query_exchanges").selectAll().where("query_id", "=", id).execute();
  const bodies = (): number => nodes.nodes.reduce((sum, { server }) => sum + server.bodies.length, 0);

  it("gives the exact sums for 0 to 4 contributors, and how many they are", async () => {
    const id = await ask("aggregate", 0, 1, 2, 3, 4);
    const seen = await view(id);
    expect(seen.state).to.equal("answered");
    expect(seen.final).to.equal(true);
    expect(seen.picture).to.deep.include({ state: "shown", edition: 1, institutions: 4, reason: null });
    const plain = (overlap: number) => {
      const contributors = [1, 2, 3, 4].filter((contributor) => contributor <= overlap);
      const sum = contributors.reduce((total, contributor) => total + contributor, 0);
      return { B1: sum, C2: overlap * contributors.length, overdueFen: sum * 1_000_003, count: contributors.length };
    };
    for (const [overlap, { picture }] of seen.subjects.entries()) {
      if (overlap === 0) expect(picture).to.deep.include({ outcome: "not_found", counts: null, institutions: null });
      else {
        const { B1, C2, overdueFen, count } = plain(overlap);
        expect(picture?.counts).to.deep.include({ B1, C2, A1: 0, B2: 0 });
        expect(picture).to.deep.include({ overdueFen, institutions: { atLeast: count, atMost: count } });
      }
    }
    expect(seen.subjects.map(({ outcome }) => outcome)).to.deep.equal(Array.from({ length: 5 }, () => "not_asked"));
    expect(seen.holders).to.deep.equal([]);
  });

  it("asks three nodes for evaluations, three for places and three for decryptions, present or absent", async () => {
    await ask("aggregate", 0);
    const absent = nodes.nodes.flatMap(({ server }) => server.bodies.map((body) => body.length));
    await ask("aggregate", 3);
    const both = nodes.nodes.flatMap(({ server }) => server.bodies.map((body) => body.length));
    expect(absent).to.have.length(9);
    expect(both).to.have.length(18);
    // Evaluations and places are one element, decryptions eight.
    const sizes = [...new Set(both)].toSorted((a, b) => a - b);
    expect(sizes.length).to.be.at.most(4);
  });

  it("answers details and the picture under one query, with one leaf a subject and wave", async () => {
    asking.holders[0]?.put(asked(2).id);
    const id = await ask("both", 2);
    const seen = await view(id);
    expect(seen.state).to.equal("answered");
    const [subject] = seen.subjects;
    expect(subject?.outcome).to.equal("found");
    expect(subject?.picture?.outcome).to.equal("found");
    expect(subject?.rating?.grade).to.be.a("string");
    const settledRows = (await exchanges(id)).filter(({ state }) => state === "answered");
    expect(settledRows).to.have.length(2 + 3 + 3 + 3);
  });

  it("goes on with another node when one is silent", async () => {
    for (const node of nodes.nodes.slice(0, 2)) node.server.script.push(...Array.from({ length: 9 }, () => hangUp));
    const id = await ask("aggregate", 3);
    expect((await view(id)).subjects[0]?.picture?.outcome).to.equal("found");
  });

  it("says how many nodes are missing, keeps the query, and goes on when they are back", async () => {
    for (const node of nodes.nodes.slice(0, 3)) node.server.script.push(...Array.from({ length: 3 }, () => hangUp));
    const id = await ask("aggregate", 3);
    const waiting = await view(id);
    expect(waiting).to.deep.include({ state: "accepted", final: false });
    expect(waiting.picture?.reason).to.deep.include({ code: "NODES_TOO_FEW", missing: 1 });
    expect(waiting.subjects[0]?.picture?.outcome).to.equal("waiting");
    for (const { server } of nodes.nodes) server.script.splice(0);
    asking.later(400_000);
    await asking.queries.drive(id);
    await settled(id);
    const seen = await view(id);
    expect(seen.final).to.equal(true);
    expect(seen.subjects[0]?.picture?.outcome).to.equal("found");
  });

  it("leaves a liar out, reports it on chain, and still answers", async () => {
    const liar = nodes.nodes[1];
    const others = nodes.nodes.filter((node) => node !== liar).slice(0, 2);
    // Only three can be asked at first, the liar among them.
    for (const node of nodes.nodes) if (node !== liar && !others.includes(node)) node.status = "Retired";
    if (liar === undefined) expect.fail();
    liar.lie = (elements) =>
      elements.map((element) => ristretto255.multiply(ristretto255.randomScalar(random), element));
    const id = await ask("aggregate", 3);
    expect((await view(id)).picture?.reason?.code).to.equal("NODES_TOO_FEW");
    const reports = await database.db.selectFrom("node_reports").selectAll().execute();
    expect(reports.map(({ node, reason }) => [node, reason])).to.deep.equal([[liar.member, "PARTIAL_PROOF_INVALID"]]);
    expect(asking.outbox.calls.filter(({ kind }) => kind === "report-node")).to.have.length(1);
    for (const node of nodes.nodes) node.status = "Active";
    asking.later(400_000);
    await asking.queries.drive(id);
    await settled(id);
    expect((await view(id)).subjects[0]?.picture?.outcome).to.equal("found");
    // It is not asked for another evaluation; that it is asked to decrypt, and lies again, does no harm.
    const evaluations = (await exchanges(id)).filter(({ service }) => service === "evaluation");
    expect(evaluations.filter(({ holder }) => holder === liar.member)).to.have.length(1);
  });

  it("sends the same bytes again after a crash between sending and storing", async () => {
    for (const { server } of nodes.nodes) server.script.push(...Array.from({ length: 2 }, () => tell(503)));
    const id = await ask("aggregate", 1);
    const before = nodes.nodes.map(({ server }) => [...server.bodies]);
    for (const { server } of nodes.nodes) server.script.splice(0);
    asking.later(400_000);
    await asking.queries.drive(id);
    await settled(id);
    expect((await view(id)).final).to.equal(true);
    for (const [position, { server }] of nodes.nodes.entries()) {
      const [first] = before[position] ?? [];
      if (first !== undefined) expect(server.bodies.filter((body) => body === first).length).to.be.greaterThan(1);
    }
  });

  it("is refused before any edition was published, and then nothing was sent", async () => {
    const other = await startAsking(database);
    const quiet = await addNodes(other);
    try {
      const subjects = [asked(1)];
      const demand = { subjects, purpose: "MONITORING", mode: "aggregate", holders: "all", caller: "token-1" } as const;
      const refused = await other.queries.create(demand).then(
        () => "taken in",
        (error: unknown) => (isFault(error) ? error.code : String(error)),
      );
      expect(refused).to.equal("AGGREGATE_NOT_PUBLISHED");
      expect(bodies()).to.equal(0);
    } finally {
      await quiet.close();
      await other.close();
    }
  });

  it("ends, and says so, when the nodes have erased their shares of its keys", async () => {
    const gone = tell(409, { code: "NODE_ROLE_MISSING" });
    for (const { server } of nodes.nodes) server.script.push(...Array.from({ length: 9 }, () => gone));
    const id = await ask("aggregate", 3);
    for (let turn = 0; turn < 6 && !(await view(id)).final; turn += 1) {
      asking.later(400_000);
      await asking.queries.drive(id);
      await settled(id);
    }
    const seen = await view(id);
    expect(seen).to.deep.include({ state: "partial", final: true });
    expect(seen.picture?.state).to.equal("given_up");
    expect(seen.picture?.reason?.code).to.equal("AGGREGATE_EDITION_OVER");
    expect(seen.subjects[0]?.rating).to.equal(null);
  });

  it("says why it waits when the ledger opens no session for it", async () => {
    const poor = await startAsking(database);
    const asked3 = await addNodes(poor);
    try {
      asked3.publish(books);
      poor.outbox.refusal = new Fault("CHAIN_REVERTED", { error: "QuerierBalanceTooLow" });
      const subjects = [asked(1)];
      const demand = { subjects, purpose: "MONITORING", mode: "aggregate", holders: "all", caller: "token-1" } as const;
      const id = await poor.queries.create(demand);
      let seen = await viewQuery(poor.ctx, id, "token-1");
      for (let turn = 0; turn < 50 && seen.picture?.reason === null; turn += 1) {
        await poor.ctx.progress.next(id, 100);
        seen = await viewQuery(poor.ctx, id, "token-1");
      }
      expect(seen.picture?.reason?.code).to.equal("CHAIN_REVERTED");
    } finally {
      await asked3.close();
      await poor.close();
    }
  });

  it("withholds the picture when consent has ended", async () => {
    const id = await ask("aggregate", 3);
    asking.refuseConsent("AUTHORISATION_WITHDRAWN");
    const [subject] = (await view(id)).subjects;
    expect(subject).to.deep.include({ outcome: "withheld", rating: null });
    expect(subject?.picture).to.deep.include({ outcome: "withheld", counts: null, overdueFen: null });
  });
});
