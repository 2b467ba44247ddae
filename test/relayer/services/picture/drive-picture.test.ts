/**
 * The querier's side of a picture on a real database; the nodes are scripted and speak real HTTP, their keys and the table are
 * real. The ledger is a double: on a real one it is tested end to end.
 */
import { expect } from "chai";
import { after, afterEach, before, beforeEach, describe, it } from "mocha";

import { ristretto255 } from "../../../../protocol/group/ristretto255.ts";
import type { SubjectSummary } from "../../../../protocol/aggregate/schema.ts";
import type { ResponseWire } from "../../../../protocol/oblivious-lookup/response.ts";
import type { SubjectId } from "../../../../protocol/subject/subject.ts";
import { Fault, isFault } from "../../../../protocol/errors/fault.ts";
import { findPicture } from "../../../../relayer/services/picture/picture-store.ts";
import { viewQuery, type QueryView } from "../../../../relayer/services/query/query-view.ts";
import { NODE_SERVICES, type NodeService } from "../../../../protocol/key-round/round.ts";
import { serviceIdOf } from "../../../../protocol/picture-evidence/verify-node.ts";
import { paidServices } from "../../../../relayer/services/picture/choose-nodes.ts";
import { CHAIN_ID, random } from "../../../support/asking-ledger.ts";
import { addNodes, ALGORITHM_NODES, type AskedNodes, type Books } from "../../../support/asking-nodes.ts";
import { asked, startAsking, type Asking } from "../../../support/asking.ts";
import { testDatabase, type TestDatabase } from "../../../support/postgres.ts";
import { hangUp, tell, type Behaviour } from "../../../support/scripted-holder.ts";

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
  this.timeout(480_000);
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

  /** Looks at it again and again, as the sweep does. */
  async function again(id: string): Promise<QueryView> {
    for (let turn = 0; turn < 6 && !(await view(id)).final; turn += 1) {
      asking.later(400_000);
      await asking.queries.drive(id);
      await settled(id);
    }
    return await view(id);
  }

  it("ends, and says so, when the nodes have erased their shares of its keys", async () => {
    for (const { shares } of nodes.nodes) shares.clear();
    const id = await ask("aggregate", 3);
    // The edition is the newest: nodes without a share of its key are to have one soon.
    expect((await view(id)).picture?.reason?.code).to.equal("NODES_TOO_FEW");
    nodes.renew();
    nodes.publish(books);
    const seen = await again(id);
    expect(seen).to.deep.include({ state: "partial", final: true });
    expect(seen.picture?.state).to.equal("given_up");
    expect(seen.picture?.reason?.code).to.equal("AGGREGATE_EDITION_OVER");
    expect(seen.subjects[0]?.rating).to.equal(null);
  });

  it("is shown as it was where it is from before rows had places, and ends where it was not done then", async () => {
    const id = await ask("aggregate", 0, 3);
    const { picture, subjects } = await view(id);
    const { cipher, db } = asking.ctx;
    const { material } = (await findPicture(asking.ctx, id)) ?? expect.fail("a picture");
    const { blinds, elements, decryption } = material;
    const rows = decryption?.rows.map((row) => ({ y: "0x00", ...row }));
    const { root, ...others } = { ...decryption, locations: undefined };
    const earlier = JSON.stringify({ blinds, elements, decryption: { ...others, root, rows } });
    const sealed = Buffer.from(cipher.seal(earlier, `query_pictures.material:${id}`));
    await db.updateTable("query_pictures").set({ material: sealed, locator_round: null }).execute();
    const seen = await view(id);
    expect(seen.picture).to.deep.equal(picture);
    expect(seen.subjects).to.deep.equal(subjects);
    await db.updateTable("query_pictures").set({ state: "decrypting", result: null, completed_at: null }).execute();
    await db.updateTable("queries").set({ state: "accepted", completed_at: null }).execute();
    const asked = bodies();
    expect((await again(id)).picture).to.deep.include({ state: "given_up" });
    expect(bodies()).to.equal(asked);
  });

  describe("after a resharing of its keys", () => {
    /** In base64url. */
    const ONE_ELEMENT = 43;
    const evaluateOnly: Behaviour = (response, honest) =>
      ((honest() as ResponseWire).evaluated.length > ONE_ELEMENT ? hangUp : tell(200))(response, honest);
    const signedFor = async (id: string): Promise<(number | null)[]> =>
      (await exchanges(id)).filter(({ state }) => state === "answered").map(({ epoch }) => epoch);

    it("asks the nodes that share them now, though the others have retired and erased", async () => {
      for (const node of nodes.nodes.slice(0, 4)) node.status = "Retired";
      const round = await nodes.reshare([4], 2, 2);
      for (const { shares } of nodes.nodes) shares.delete(1);
      await asking.openSession();
      const id = await ask("aggregate", 0, 3);
      const seen = await view(id);
      expect(seen.picture?.state).to.equal("shown");
      expect(seen.subjects.map(({ picture }) => picture?.outcome)).to.deep.equal(["not_found", "found"]);
      expect(await signedFor(id)).to.deep.equal(Array(6).fill(round));
    });

    it("goes on where it was, in any stage, with other nodes than those that had answered", async () => {
      for (const stage of NODE_SERVICES) {
        const before = bodies();
        const behaviours: Readonly<Record<NodeService, Behaviour>> = {
          evaluation: hangUp,
          // Two share the key from the second round on, and answer for the evaluation.
          locator: (response, honest) => (bodies() > before + 2 ? hangUp : tell(200))(response, honest),
          query: evaluateOnly,
        };
        // So many hang up that the stage is not done: one has answered.
        for (const { server } of nodes.nodes.slice(0, -1)) {
          server.script.push(...Array.from({ length: 6 }, () => behaviours[stage]));
        }
        const id = await ask("aggregate", 3);
        const { state } = (await findPicture(asking.ctx, id)) ?? expect.fail("a picture");
        expect(state).to.equal({ evaluation: "evaluating", locator: "locating", query: "decrypting" }[stage]);
        const holding = nodes.nodes.slice(-5);
        for (const { server } of nodes.nodes) server.script.splice(0);
        const round = await nodes.reshare([nodes.nodes.length - 1], 4, 2);
        for (const { shares } of holding) shares.delete(round - 1);
        await asking.openSession();
        const seen = await again(id);
        expect(seen.picture?.state, stage).to.equal("shown");
        const signed = await signedFor(id);
        expect(new Set(signed).size, stage).to.equal(2);
        const answered = (await exchanges(id)).filter(({ state }) => state === "answered");
        expect(new Set(answered.map(({ dataset }) => dataset)).size).to.equal(answered.length);
        expect((await exchanges(id)).filter(({ state }) => state === "prepared" || state === "waiting")).to.be.empty;
      }
    });

    it("waits for a node of the chain that is behind it, and gives nothing up", async () => {
      await nodes.reshare([0, 1, 2, 3, 4], 0, 3);
      nodes.nodes[4]!.status = "Retired";
      for (const { server } of nodes.nodes.slice(2)) server.script.push(...Array.from({ length: 9 }, () => hangUp));
      const id = await ask("aggregate", 3);
      expect((await exchanges(id)).filter(({ state }) => state === "answered")).to.have.length(2);
      const { computation } = asking.ctx.chain;
      const now = { ...computation };
      const before = {
        roundCount: () => Promise.resolve(1),
        keySet: (...[number, purpose]: Parameters<typeof computation.keySet>) =>
          number === 1 ? now.keySet(number, purpose) : Promise.resolve(undefined),
      };
      for (const old of [before, { keySet: () => Promise.resolve(undefined) }]) {
        Object.assign(computation, old);
        asking.later(400_000);
        await asking.queries.drive(id);
        await settled(id);
        expect((await view(id)).picture).to.deep.include({ state: "waiting" });
        Object.assign(computation, now);
      }
      for (const { server } of nodes.nodes) server.script.splice(0);
      expect((await again(id)).picture?.state).to.equal("shown");
    });

    it("is put together from what enough nodes had answered before it", async () => {
      const [one, two, ...others] = nodes.nodes;
      if (one === undefined || two === undefined) expect.fail();
      const id = await ask("aggregate", 3);
      const paid = bodies();
      await database.db
        .updateTable("query_pictures")
        .set({ state: "decrypting", result: null, completed_at: null })
        .execute();
      await database.db.updateTable("queries").set({ state: "accepted", completed_at: null }).execute();
      await nodes.reshare([0, 1], 1, 2);
      for (const { shares } of [one, two, ...others]) shares.delete(1);
      expect((await again(id)).picture?.state).to.equal("shown");
      expect(bodies()).to.equal(paid);
    });

    it("is given up where all that share them now have answered before", async () => {
      for (const { server } of nodes.nodes.slice(2)) server.script.push(...Array.from({ length: 9 }, () => hangUp));
      const id = await ask("aggregate", 3);
      for (const node of nodes.nodes.slice(2)) node.status = "Retired";
      await nodes.reshare([0, 1], 1, 2);
      const seen = await again(id);
      expect(seen.picture?.reason?.code).to.equal("AGGREGATE_EDITION_OVER");
    });

    it("pays for what the new nodes do, in sessions from then on", async () => {
      for (const node of nodes.nodes) node.status = "Retired";
      await nodes.reshare([], 3, 2);
      const services = await paidServices(asking.ctx);
      const expected = nodes.nodes
        .slice(-3)
        .flatMap(({ member }) =>
          NODE_SERVICES.map((service) => serviceIdOf(CHAIN_ID, ALGORITHM_NODES, member, service)),
        );
      expect(services).to.have.members(expected);
    });

    it("reads a newer edition of the same key that was published while nodes were evaluating", async () => {
      for (const { server } of nodes.nodes.slice(0, 3)) server.script.push(...Array.from({ length: 3 }, () => hangUp));
      const id = await ask("aggregate", 3);
      for (const { server } of nodes.nodes) server.script.splice(0);
      await nodes.reshare([0, 1, 2, 3, 4], 0, 3);
      nodes.publish(books);
      const seen = await again(id);
      expect(seen.picture).to.deep.include({ state: "shown", edition: 2 });
    });
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
