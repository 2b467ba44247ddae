/** Many at once, and relayers that die: nothing is lost, nothing is counted twice, what is missing is named. */
import { expect } from "chai";
import { after, before, describe, it } from "mocha";

import type { Hex } from "../../protocol/encoding/bytes.ts";
import type { QueryView } from "../../relayer/services/query/query-view.ts";
import type { PartyName } from "../../scripts/network/parties.ts";
import { createIdentities } from "../../scripts/sample-data/identity.ts";
import { createPrng } from "../../scripts/sample-data/prng.ts";
import { admitAttacker, blinded, evaluateAt, said, type Attacker } from "../support/attacker.ts";
import { startLyingHolder, type LyingHolder } from "../support/lying-holder.ts";
import { NETWORK_START_MS, testNetwork, type AskedSubject, type TestNetwork } from "../support/network.ts";

const newNumber = createIdentities(createPrng(9_009));
const HOLDERS = ["association", "alpha", "beta", "gamma"] as const;
const AT_ONCE = 50;

describe("many at once, and crashes", function () {
  this.timeout(480_000);
  let net: TestNetwork;
  let mallory: Attacker;
  let liar: LyingHolder | undefined;
  const down = new Set<PartyName>();

  before(async function () {
    this.timeout(NETWORK_START_MS);
    net = await testNetwork();
    mallory = await admitAttacker(net, "mallory-again");
  });

  after(async () => {
    await liar?.stop();
    for (const name of down) await net.member(name).up();
  });

  async function kill(name: PartyName): Promise<void> {
    down.add(name);
    await net.member(name).down("kill");
  }

  async function up(name: PartyName): Promise<void> {
    await net.member(name).up();
    down.delete(name);
  }

  async function send(subjects: readonly AskedSubject[], key?: string): Promise<string> {
    const body = { subjects: subjects.map((subject) => ({ ...subject })), purpose: "CREDIT_GRANTING", holders: "all" };
    const { id } = (await net.member("delta").client.post("credit_officer", "/v1/queries", body, key)) as {
      id: string;
    };
    return id;
  }

  const read = async (id: string): Promise<QueryView> =>
    (await net.member("delta").client.get("credit_officer", `/v1/queries/${id}`)) as QueryView;

  const final = (id: string): Promise<QueryView> =>
    net.wait(`query ${id}`, async () => {
      const view = await read(id);
      return view.final ? view : undefined;
    });

  it("fifty queries at once are all answered, and every holder is paid for exactly fifty", async () => {
    const subjects = await net.authorise("delta", Array.from({ length: AT_ONCE }, newNumber));
    await net.settled();
    const points = async (): Promise<bigint[]> =>
      Promise.all(HOLDERS.map(async (name) => net.contracts.points.pointsOf(await net.memberId(name))));
    const before = await points();
    const queries = await Promise.all(subjects.map((subject) => send([subject])));
    const views = await Promise.all(queries.map(final));
    expect(views.map(({ state }) => state)).to.deep.equal(Array(AT_ONCE).fill("answered"));
    expect(views.flatMap((view) => view.subjects.map(({ outcome }) => outcome))).to.deep.equal(
      Array(AT_ONCE).fill("not_found"),
    );
    await net.settled();
    const after = await points();
    for (const [i, name] of HOLDERS.entries()) {
      const price = await net.contracts.incentiveRules.priceOf(await mallory.dataset(name));
      const [toHolder] = await net.contracts.incentiveRules.split(price * BigInt(AT_ONCE));
      expect((after[i] ?? 0n) - (before[i] ?? 0n), name).to.equal(toHolder);
    }
  });

  it("one query sent twenty times with one key is one query", async () => {
    const subjects = await net.authorise("delta", [newNumber()]);
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, () => send(subjects, "twenty-times-the-same")),
    );
    const ids = new Set(outcomes.flatMap((each) => (each.status === "fulfilled" ? [each.value] : [])));
    expect(ids.size).to.equal(1);
    const refusals = outcomes.flatMap((each) => (each.status === "rejected" ? [(each.reason as Error).message] : []));
    for (const message of refusals) expect(message).to.include("409 IDEMPOTENCY_IN_PROGRESS");
    await final([...ids][0] ?? "");
  });

  it("a holder that died is named, the others' answers are there, and it is asked again when it is back", async () => {
    const subjects = await net.authorise("delta", [newNumber(), newNumber()]);
    await kill("gamma");
    const id = await send(subjects);
    const partial = await net.wait("the others", async () => {
      const view = await read(id);
      return view.state === "partial" ? view : undefined;
    });
    expect(partial.final).to.equal(false);
    const missing = partial.holders.filter(({ state }) => state !== "answered");
    expect(missing.map(({ holder, reason }) => [holder, reason?.code])).to.deep.equal([
      ["gamma", "HOLDER_UNREACHABLE"],
    ]);
    expect(partial.subjects.map(({ outcome }) => outcome)).to.deep.equal(["incomplete", "incomplete"]);
    await up("gamma");
    const view = await final(id);
    expect([view.state, ...view.subjects.map(({ outcome }) => outcome)]).to.deep.equal([
      "answered",
      "not_found",
      "not_found",
    ]);
  });

  it("a querier that dies in the middle of a query completes it after its start, with the same request", async () => {
    const subjects = await net.authorise("delta", [newNumber()]);
    const received: string[] = [];
    let arrived: () => void = () => undefined;
    const arrival = new Promise<void>((resolve) => (arrived = resolve));
    let dead = false;
    liar = await startLyingHolder(net, "beta", async (request) => {
      if (request.method !== "POST") return undefined;
      received.push(request.body.toString());
      if (dead) return undefined;
      // The holder computes and stores its answer; it never reaches the querier.
      await request.truth();
      arrived();
      return new Promise(() => undefined);
    });
    const id = await send(subjects);
    await arrival;
    await kill("delta");
    dead = true;
    await up("delta");
    const view = await final(id);
    expect(view.state).to.equal("answered");
    expect([received.length > 1, new Set(received).size]).to.deep.equal([true, 1]);
    const { session } = JSON.parse(received[0] ?? "{}") as { session: string };
    const { rows } = await net
      .database("beta")
      .selectFrom("holder_requests")
      .select((eb) => eb.fn.countAll<string>().as("rows"))
      .where("session", "=", `0x${Buffer.from(session, "base64url").toString("hex")}`)
      .where("received_at", ">", new Date(view.createdAt))
      .executeTakeFirstOrThrow();
    expect(rows).to.equal("1");
    await liar.stop();
    await net.anchored("delta", id);
  });

  it("a holder that dies between answering and settling is paid for what it answered, once", async () => {
    const session: Hex = await mallory.openSession(["beta"]);
    const request = await mallory.request({ session, holder: "beta", elements: blinded(5) });
    const answered = await evaluateAt(mallory, "beta", request);
    expect(said(answered)).to.equal("200");
    await kill("beta");
    await up("beta");
    expect((await evaluateAt(mallory, "beta", request)).text).to.equal(answered.text);
    await net.wait("settlement", async () =>
      (await mallory.trace("beta", session)).settled === 5n ? true : undefined,
    );
    const { paid } = await net.contracts.queryLedger.getSession(session);
    const price = await net.contracts.incentiveRules.priceOf(await mallory.dataset("beta"));
    expect(paid).to.equal(5n * price);
  });

  it("a holder whose store is older than the ledger answers no settled voucher again, and goes on from the ledger", async () => {
    const session = await mallory.openSession(["beta"]);
    const first = await mallory.request({ session, holder: "beta", elements: blinded(5) });
    expect(said(await evaluateAt(mallory, "beta", first))).to.equal("200");
    await net.wait("settlement", async () =>
      (await mallory.trace("beta", session)).settled === 5n ? true : undefined,
    );
    // As after a restore of yesterday's backup.
    await kill("beta");
    await net.database("beta").deleteFrom("holder_lanes").where("session", "=", session).execute();
    await up("beta");
    expect(said(await evaluateAt(mallory, "beta", first))).to.equal("409 VOUCHER_REPLAYED");
    const again = await mallory.request({ session, holder: "beta", elements: blinded(5) });
    expect(said(await evaluateAt(mallory, "beta", again))).to.equal("409 VOUCHER_FORKED");
    const tooMany = await mallory.request({ session, holder: "beta", lane: 1, elements: blinded(12) });
    expect(said(await evaluateAt(mallory, "beta", tooMany))).to.equal("409 ALLOTMENT_EXCEEDED");
    const next = await mallory.request({ session, holder: "beta", head: first, elements: blinded(11) });
    expect(said(await evaluateAt(mallory, "beta", next))).to.equal("200");
    await net.wait("settlement", async () =>
      (await mallory.trace("beta", session)).settled === 16n ? true : undefined,
    );
  });
});
