/** The ledger is a double (test/support/asking-ledger.ts). */
import { expect } from "chai";
import { after, afterEach, before, beforeEach, describe, it } from "mocha";

import { fromHex, toHex } from "../../../../protocol/encoding/bytes.ts";
import { consentCommitment, consentRoot } from "../../../../protocol/oblivious-lookup/consent.ts";
import { admitRequest, initialLane, type LaneState } from "../../../../protocol/oblivious-lookup/lane-guard.ts";
import { verifyVoucher } from "../../../../protocol/oblivious-lookup/request.ts";
import { ristretto255Sha512 as oprf, type Scalar } from "../../../../protocol/oprf/oprf.ts";
import { subjectInput } from "../../../../protocol/subject/subject.ts";
import { pieces } from "../../../../relayer/services/query/secrets.ts";
import { CHAIN_ID, LEDGER } from "../../../support/asking-ledger.ts";
import { prepare, requestOf, storeQuery, type StoredQuery } from "../../../support/asking-steps.ts";
import { EPOCH, startAsking, type Asking } from "../../../support/asking.ts";
import { testDatabase, type TestDatabase } from "../../../support/postgres.ts";

describe("preparing a query's exchanges", () => {
  let database: TestDatabase;
  let asking: Asking;

  before(async () => {
    database = await testDatabase();
  });
  after(() => database.close());
  beforeEach(async () => {
    asking = await startAsking(database);
  });
  afterEach(() => asking.close());

  const rowsOf = ({ query }: StoredQuery) =>
    database.db.selectFrom("query_exchanges").selectAll().where("query_id", "=", query.id).orderBy("holder").execute();
  const lanes = () => database.db.selectFrom("query_lanes").selectAll().orderBy("dataset").orderBy("lane").execute();
  const busy = async () => (await lanes()).filter(({ exchange }) => exchange !== null);
  const used = async (): Promise<number[]> =>
    (await database.db.selectFrom("query_allotments").select("used").execute()).map((row) => row.used);

  it("stores for each holder a request that the holder would admit, before anything is sent", async () => {
    await asking.openSession();
    const stored = await storeQuery(asking, 3);
    const { prepared, reasons } = await prepare(asking, stored);
    expect(reasons.size).to.equal(0);
    const rows = await rowsOf(stored);
    expect(rows.map(({ state }) => state)).to.deep.equal(["prepared", "prepared"]);
    for (const row of rows) {
      expect(row.request).to.equal(prepared.find(({ id }) => id === row.id)?.request);
      const request = requestOf(row.request ?? "");
      verifyVoucher(request, { chainId: CHAIN_ID, ledger: LEDGER }, asking.ctx.operator.address);
      const lane = initialLane(request.session, request.dataset, request.lane);
      expect(admitRequest(lane, { granted: 256, otherLanes: 0 }, request).kind).to.equal("fresh");
      expect(toHex(lane.transcript)).to.equal(row.previous_transcript);
    }
    expect(asking.holders.flatMap(({ server }) => server.bodies)).to.deep.equal([]);
    expect(await used()).to.deep.equal([3, 3]);
  });

  it("keeps what opens the request: blinds to the elements, consents to the root", async () => {
    await asking.openSession();
    const stored = await storeQuery(asking, 3);
    for (const { request: body, secrets } of (await prepare(asking, stored)).prepared) {
      const request = requestOf(body);
      const blinds = pieces(fromHex(secrets.blinds), 32) as Scalar[];
      stored.query.subjects.forEach(({ subject }, i) => {
        const element = oprf.blind(subjectInput(subject), blinds[i] as Scalar);
        expect(element).to.deep.equal(request.elements[i]);
        const consent = secrets.consents[i];
        if (consent === undefined) expect.fail();
        const opening = {
          ...{ salt: fromHex(consent.salt, 32), documentDigest: fromHex(consent.documentDigest, 32) },
          ...{ purpose: stored.query.purpose, subject },
        };
        expect(toHex(consentCommitment(opening))).to.equal(consent.commitment);
      });
      const commitments = secrets.consents.map(({ commitment }) => fromHex(commitment, 32));
      expect(consentRoot(commitments)).to.deep.equal(request.consent);
    }
  });

  it("blinds anew each time, and salts each holder's request and consents by themselves", async () => {
    await asking.openSession();
    const [a, b] = (await prepare(asking, await storeQuery(asking))).prepared.map(({ request }) => requestOf(request));
    const [c] = (await prepare(asking, await storeQuery(asking))).prepared.map(({ request }) => requestOf(request));
    if (!a || !b || !c) expect.fail();
    expect(a.elements).to.deep.equal(b.elements);
    expect(c.elements).to.not.deep.equal(a.elements);
    for (const field of ["salt", "consent", "transcript"] as const) {
      expect(new Set([a, b, c].map((each) => toHex(each[field]))).size).to.equal(3);
    }
  });

  it("goes on in a lane where its last request ended, as the holder sees it", async () => {
    await asking.openSession();
    const to = asking.holders.slice(0, 1);
    let lane: LaneState | undefined;
    for (let i = 1; i <= 3; i++) {
      const [exchange] = (await prepare(asking, await storeQuery(asking, i, to))).prepared;
      const request = requestOf(exchange?.request ?? "");
      lane ??= initialLane(request.session, request.dataset, request.lane);
      const admission = admitRequest(lane, { granted: 256, otherLanes: 0 }, request);
      if (admission.kind !== "fresh") expect.fail();
      lane = admission.next;
      // As when its answer came.
      await database.db.updateTable("query_lanes").set({ exchange: null }).execute();
    }
    expect(lane?.count).to.equal(6);
  });

  it("gives queries that are prepared at once a lane each, and never more than the allotment", async () => {
    await asking.openSession();
    const to = asking.holders.slice(0, 1);
    const stored = await Promise.all(Array.from({ length: 20 }, () => storeQuery(asking, 1, to)));
    const done = await Promise.all(stored.map((each) => prepare(asking, each)));
    const requests = done.flatMap(({ prepared }) => prepared.map(({ request }) => requestOf(request)));
    expect(new Set(requests.map(({ lane }) => lane)).size).to.equal(requests.length);
    expect(requests.length).to.equal((await busy()).length);
    expect(requests.length).to.be.at.most(16).and.at.least(1);
    const waiting = done.flatMap(({ reasons }) => [...reasons.values()]);
    expect(waiting.filter((reason) => reason === "LANES_BUSY").length).to.equal(20 - requests.length);
    expect((await used()).reduce((a, b) => a + b)).to.equal(requests.length);
  });

  it("does not lock itself out when queries to all and to some holders are prepared at once", async () => {
    await asking.close();
    asking = await startAsking(database, 4);
    await asking.openSession();
    const [a, b, c, d] = asking.holders;
    if (!a || !b || !c || !d) expect.fail();
    const mixes = [[a, b, c, d], [d, c, b, a], [b], [c, a], [d, b], [a]];
    const stored = await Promise.all(Array.from({ length: 24 }, (_, i) => storeQuery(asking, 1, mixes[i % 6])));
    for (const some of [stored.slice(0, 12), stored.slice(12)]) {
      await Promise.all(some.map((each) => prepare(asking, each)));
      await database.db.updateTable("query_lanes").set({ exchange: null }).execute();
    }
  });

  it("takes no lane where the allotment is used up while it looks", async () => {
    await asking.openSession();
    const stored = await storeQuery(asking, 2);
    const session = (await lanes())[0]?.session;
    // Found with room, then used up by another before the allotment is taken.
    asking.ctx.sessions.find = () => Promise.resolve(session as `0x${string}`);
    await database.db.updateTable("query_allotments").set({ used: 255 }).execute();
    const { prepared, reasons } = await prepare(asking, stored);
    expect([prepared.length, [...new Set(reasons.values())]]).to.deep.equal([0, ["LANES_BUSY"]]);
    expect(await used()).to.deep.equal([255, 255]);
    expect(await busy()).to.deep.equal([]);
  });

  it("signs no voucher for an epoch that the holder does not answer any more", async () => {
    await asking.openSession();
    const stored = await storeQuery(asking);
    asking.ledger.epoch = EPOCH + 2;
    expect([...(await prepare(asking, stored)).reasons.values()]).to.deep.equal(["MIRROR_MISSING", "MIRROR_MISSING"]);
    asking.ledger.epoch = EPOCH + 1;
    expect((await prepare(asking, stored)).prepared).to.have.length(2);
  });

  it("waits for a session, a mirror, or a lane, and says for which", async () => {
    const first = await storeQuery(asking);
    expect([...(await prepare(asking, first)).reasons.values()]).to.deep.equal(["SESSION_OPENING", "SESSION_OPENING"]);
    await asking.openSession();
    const [beta, gamma] = asking.holders;
    if (!beta || !gamma) expect.fail();
    beta.mirrored = false;
    const { prepared, reasons } = await prepare(asking, first);
    expect(prepared.map(({ dataset }) => dataset)).to.deep.equal([gamma.dataset]);
    expect([...reasons.values()]).to.deep.equal(["MIRROR_MISSING"]);
  });

  it("leaves a holder out whose lanes are all given up, and asks the others", async () => {
    await asking.openSession();
    const [beta, gamma] = asking.holders;
    const given = database.db.updateTable("query_lanes").set({ abandoned: true });
    await given.where("dataset", "=", beta?.dataset ?? "").execute();
    const { prepared, reasons } = await prepare(asking, await storeQuery(asking));
    expect(prepared.map(({ dataset }) => dataset)).to.deep.equal([gamma?.dataset]);
    expect([...reasons.values()]).to.deep.equal(["LANES_WORN_OUT"]);
  });

  it("spends nothing on an exchange that somebody else answered meanwhile", async () => {
    await asking.openSession();
    const stored = await storeQuery(asking);
    await database.db.updateTable("query_exchanges").set({ state: "answered" }).execute();
    expect(
      await prepare(asking, stored).then(
        () => "done",
        () => "refused",
      ),
    ).to.equal("refused");
    expect(await used()).to.deep.equal([0, 0]);
    expect(await busy()).to.deep.equal([]);
  });

  it("never works twice on one exchange, though two prepare it at once", async () => {
    await asking.openSession();
    const stored = await storeQuery(asking);
    const runs = await Promise.allSettled([prepare(asking, stored), prepare(asking, stored), prepare(asking, stored)]);
    expect(runs.filter(({ status }) => status === "fulfilled")).to.have.length(1);
    expect(await busy()).to.have.length(2);
    expect(await used()).to.deep.equal([1, 1]);
  });
});
