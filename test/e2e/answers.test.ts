import { expect } from "chai";
import { before, describe, it } from "mocha";

import type { QueryView } from "../../relayer/services/query/query-view.ts";
import { PARTIES, type PartyName } from "../../scripts/network/parties.ts";
import { createIdentities } from "../../scripts/sample-data/identity.ts";
import type { Expectations } from "../../scripts/sample-data/expectations.ts";
import { createPrng } from "../../scripts/sample-data/prng.ts";
import { NETWORK_START_MS, testNetwork, type AskedSubject, type TestNetwork } from "../support/network.ts";

type Demo = Expectations["demo"][number];

const FIRMS = PARTIES.filter(({ kind }) => kind === "SecuritiesFirm").map(({ name }) => name);
const ASKING_PRICE = 10n ** 18n;

describe("answers of the whole network", () => {
  let net: TestNetwork;
  /** Of people nobody has records of: another seed than the sample's. */
  const newNumber = createIdentities(createPrng(4_711));

  before(async function () {
    this.timeout(NETWORK_START_MS);
    net = await testNetwork();
  });

  const demoOf = (querier: string): Demo[] => net.expectations.demo.filter((demo) => demo.querier === querier);
  const toAsk = ({ scheme, number, authorisation }: Demo): AskedSubject => ({ scheme, number, authorisation });

  function demo(querier: string, kind: Demo["kind"], turn = 0): Demo {
    return demoOf(querier).filter((each) => each.kind === kind)[turn] ?? expect.fail(`no ${kind} for ${querier}`);
  }

  /** A member asks all others, never itself. */
  function expectAnswer(view: QueryView, position: number, querier: PartyName, answers: Demo["answers"]): void {
    const wanted = Object.entries(answers)
      .filter(([holder]) => holder !== querier)
      .flatMap(([holder, records]) => records.map((record) => ({ holder, ...record })));
    const subject = view.subjects[position] ?? expect.fail(`no subject ${position}`);
    const found = subject.records.map((record) => ({
      holder: record.holder,
      class: record.class,
      status: record.status,
      statusDate: record.statusDate,
      eventDate: record.eventDate,
      amountFen: record.amountFen ?? null,
      note: record.note ?? null,
    }));
    expect(found).to.have.deep.members(wanted);
    expect(subject.outcome).to.equal(wanted.length > 0 ? "found" : "not_found");
    for (const { id, class: kind, authorisation, dataset } of subject.records) {
      expect(id, "not the firm's own numbering").to.match(/^[0-9a-f]{8}-[0-9a-f-]{27}$/);
      expect(dataset).to.equal(kind.startsWith("A") ? "REGULATORY" : "CREDIT");
      if (kind.startsWith("A")) expect(authorisation).to.equal(null);
      else expect(authorisation).to.match(/^0x[0-9a-f]{64}$/);
    }
  }

  function expectComplete(view: QueryView, querier: PartyName): void {
    expect(view.state).to.equal("answered");
    expect(view.final).to.equal(true);
    expect(view.holders.map(({ holder }) => holder)).to.have.members(
      PARTIES.map(({ name }) => name).filter((name) => name !== querier),
    );
    for (const { state, reason } of view.holders)
      expect({ state, reason }).to.deep.equal({ state: "answered", reason: null });
  }

  it("gives exactly the records of one investor: at two firms, at one, at none, at a firm and the Association", async () => {
    for (const kind of ["two-holders", "one-holder", "none", "one-holder-and-association"] as const) {
      const subject = demo("alpha", kind);
      const view = await net.ask("alpha", [toAsk(subject)]);
      expectComplete(view, "alpha");
      expectAnswer(view, 0, "alpha", subject.answers);
      const holders = new Set(view.subjects[0]?.records.map(({ holder }) => holder));
      expect(holders.size).to.equal(
        { "two-holders": 2, "one-holder": 1, none: 0, "one-holder-and-association": 2 }[kind],
      );
    }
  });

  for (const querier of FIRMS) {
    it(`gives ${querier} exactly the records of its twenty investors, in order`, async () => {
      const subjects = demoOf(querier);
      expect(subjects).to.have.lengthOf(20);
      const view = await net.ask(querier, subjects.map(toAsk));
      expectComplete(view, querier);
      subjects.forEach(({ answers }, position) => expectAnswer(view, position, querier, answers));
    });
  }

  it("gives the Association nothing: it does not ask, and nothing is stored or opened for it", async () => {
    const [subject] = net.expectations.demo;
    const [own] = await net.authorise("association", [subject?.number ?? ""]);
    const sessions = (): Promise<unknown[]> =>
      net.database("association").selectFrom("query_sessions").select("id").execute();
    const before = await sessions();
    const reply = await net.call("association", "credit_officer", "/v1/queries", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ subjects: [own], purpose: "CREDIT_GRANTING" }),
    });
    const { code } = (await reply.json()) as { code: string };
    expect([reply.status, code]).to.deep.equal([403, "QUERY_NOT_ENTITLED"]);
    expect(await net.database("association").selectFrom("queries").select("id").execute()).to.deep.equal([]);
    expect(await sessions()).to.deep.equal(before);
  });

  it("answers a batch of 100 in the order asked", async () => {
    const known = net.expectations.demo.filter(({ querier }) => querier !== "beta");
    const others = Array.from({ length: 100 - known.length }, newNumber);
    // Hits and misses mixed, so that a shifted answer shows.
    const mixed = [
      ...known.map(({ number, answers }) => ({ number, answers })),
      ...others.map((number) => ({ number, answers: {} })),
    ]
      .map((each, i) => ({ ...each, turn: (i * 37) % 100 }))
      .sort((a, b) => a.turn - b.turn);
    const view = await net.ask(
      "beta",
      await net.authorise(
        "beta",
        mixed.map(({ number }) => number),
      ),
    );
    expectComplete(view, "beta");
    expect(view.subjects).to.have.lengthOf(100);
    mixed.forEach(({ answers }, position) => expectAnswer(view, position, "beta", answers));
  });

  it("says of a miss what was looked at, never that there is no default", async () => {
    const view = await net.ask("alpha", [toAsk(demo("alpha", "none"))]);
    const { en, zh } = view.subjects[0]?.statement ?? expect.fail();
    expect(en).to.match(/^As of \d{4}-\d{2}-\d{2}, in 4 of 4 members' classes A, B, C: no record found\.$/);
    expect(zh).to.match(/^截至 \d{4}-\d{2}-\d{2}，在 4 家成员中的 4 家的 A, B, C 类数据中：未查得记录。$/);
    expect(JSON.stringify(view)).not.to.match(/no default|has not defaulted|无违约|未违约|没有违约/i);
    expect(view.cohortsNotCovered).to.deep.equal(["existing"]);
    expect(view.advice.zh).to.include("仅供信用业务参考");
  });

  it("says of a subset of holders that it is one, and asks nobody else", async () => {
    const before = await requestsSeen();
    const subject = demo("alpha", "two-holders");
    const view = await net.ask("alpha", [toAsk(subject)], { holders: ["beta"] });
    expect(view.holders.map(({ holder }) => holder)).to.deep.equal(["beta"]);
    const records = subject.answers["beta"] ?? [];
    expectAnswer(view, 0, "alpha", { beta: records });
    expect(view.subjects[0]?.statement.en).to.include("in 1 of 4 members' classes B, C");
    const after = await requestsSeen();
    for (const [name, count] of after) expect(count - (before.get(name) ?? 0), name).to.equal(name === "beta" ? 1 : 0);
  });

  async function requestsSeen(): Promise<Map<PartyName, number>> {
    const counts = new Map<PartyName, number>();
    for (const { name } of PARTIES) {
      const { count } = await net
        .database(name)
        .selectFrom("holder_requests")
        .select((eb) => eb.fn.countAll<string>().as("count"))
        .executeTakeFirstOrThrow();
      counts.set(name, Number(count));
    }
    return counts;
  }

  it("refuses each of the wrong authorisations with its code; no holder hears of it", async () => {
    const before = await requestsSeen();
    const { queryRefusals } = net.expectations;
    expect(new Set(queryRefusals.map(({ code }) => code)).size).to.be.at.least(6);
    for (const { querier, scheme, number, authorisation, purpose, code } of queryRefusals) {
      const subject = { scheme, number, ...(authorisation === null ? {} : { authorisation }) };
      const good = toAsk(demo(querier, "none"));
      // Alone, and hidden behind one that is allowed.
      for (const subjects of [[subject], [good, subject]]) {
        const response = await net.call(querier as PartyName, "credit_officer", "/v1/queries", {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ subjects, purpose }),
        });
        const problem = await response.text();
        expect(JSON.parse(problem)).to.include({ code });
        expect(response.status).to.be.within(400, 499);
        expect(problem).not.to.include(number);
      }
    }
    expect(await requestsSeen()).to.deep.equal(before);
  });

  it("reports progress as server-sent events, without a word about the person", async () => {
    const subject = demo("gamma", "two-holders");
    const { id } = (await net.member("gamma").client.post("credit_officer", "/v1/queries", {
      subjects: [{ ...toAsk(subject) }],
      purpose: "CREDIT_GRANTING",
    })) as { id: string };
    const response = await net.call("gamma", "credit_officer", `/v1/queries/${id}/events`);
    expect(response.headers.get("content-type")).to.match(/^text\/event-stream/);
    const text = await response.text();
    const field = (block: string, name: string): string =>
      block
        .split("\n")
        .find((line) => line.startsWith(`${name}: `))
        ?.slice(name.length + 2) ?? "";
    const events = text.split("\n\n").filter((block) => block.startsWith("id:"));
    for (const [i, event] of events.entries()) {
      expect(Number(field(event, "id"))).to.equal(i + 1);
      expect(field(event, "event")).to.equal(i === events.length - 1 ? "done" : "progress");
      const data = JSON.parse(field(event, "data")) as { answered: number; asked: number; holders: object[] };
      expect(data.answered).to.be.at.most(data.asked);
      for (const holder of data.holders) {
        expect(holder).to.have.all.keys("holder", "dataset", "categories", "state", "epoch", "reason");
      }
    }
    expect(JSON.parse(field(events.at(-1) ?? "", "data"))).to.include({
      ...{ final: true, answered: 4, asked: 4, state: "answered" },
    });
    expect(text).not.to.include(subject.number);
    expect(text).not.to.include(subject.authorisation);
    for (const { eventDate } of Object.values(subject.answers).flat()) expect(text).not.to.include(eventDate);
  });

  describe("with an Idempotency-Key", () => {
    function post(key: string, subjects: readonly AskedSubject[]): Promise<Response> {
      return net.call("delta", "credit_officer", "/v1/queries", {
        method: "POST",
        headers: { "content-type": "application/json", "idempotency-key": key, prefer: "wait=30" },
        body: JSON.stringify({ subjects, purpose: "CREDIT_GRANTING" }),
      });
    }

    async function queriesOfDelta(): Promise<number> {
      const rows = await net.database("delta").selectFrom("queries").select("id").execute();
      return rows.length;
    }

    it("asks once, however often and at once it is sent, and refuses the key for another question", async () => {
      const subjects = [toAsk(demo("delta", "one-holder"))];
      const [queries, before] = [await queriesOfDelta(), await requestsSeen()];
      const together = await Promise.all(Array.from({ length: 5 }, () => post("e2e-together", subjects)));
      const accepted = together.filter(({ status }) => status === 202);
      expect(accepted.length).to.be.at.least(1);
      for (const response of together) expect(response.status).to.be.oneOf([202, 409]);
      const later = await post("e2e-together", subjects);
      expect(later.status).to.equal(202);
      expect(later.headers.get("idempotency-replayed")).to.equal("true");
      const ids = await Promise.all(
        [...accepted, later].map(async (each) => ((await each.json()) as { id: string }).id),
      );
      expect(new Set(ids).size).to.equal(1);
      const other = await post("e2e-together", [toAsk(demo("delta", "none"))]);
      expect(await other.json()).to.include({ code: "IDEMPOTENCY_KEY_REUSED" });
      expect(await queriesOfDelta()).to.equal(queries + 1);
      const after = await requestsSeen();
      for (const [name, count] of after)
        expect(count - (before.get(name) ?? 0), name).to.equal(name === "delta" ? 0 : 1);
    });

    it("opens nothing again once the authorisation has ended", async () => {
      const { number, answers } = demo("alpha", "two-holders", 1);
      const [subject] = await net.authorise("delta", [number]);
      const subjects = [subject ?? expect.fail()];
      const first = (await (await post("e2e-consent", subjects)).json()) as { id: string; query: QueryView };
      expectAnswer(first.query, 0, "delta", answers);
      const { client } = net.member("delta");
      const { items } = (await client.get("compliance", "/v1/authorisations?limit=500")) as {
        items: { id: string; number: string | null }[];
      };
      const authorisation = items.find((each) => each.number === subject?.authorisation) ?? expect.fail();
      await client.post("compliance", `/v1/authorisations/${authorisation.id}/withdraw`, {
        reason: "SUBJECT_REQUEST",
      });

      const view = (await client.get("credit_officer", `/v1/queries/${first.id}`)) as QueryView;
      expect(view.subjects[0]).to.deep.include({ outcome: "withheld", records: [] });
      const evidence = await net.call("delta", "compliance", `/v1/queries/${first.id}/subjects/0/evidence`);
      expect(await evidence.json()).to.include({ code: "AUTHORISATION_WITHDRAWN" });
      const replayed = await post("e2e-consent", subjects);
      const text = await replayed.text();
      for (const { id } of first.query.subjects[0]?.records ?? []) expect(text).not.to.include(id);
    });
  });

  describe("on the ledger", () => {
    interface Purse {
      /** What a member has: in its vault, and locked in its sessions and not spent. */
      readonly wealth: ReadonlyMap<PartyName, bigint>;
      readonly pool: bigint;
      readonly escrow: bigint;
      readonly supply: bigint;
    }

    async function sessions(): Promise<{ id: string; querier: number }[]> {
      const ledger = net.contracts.queryLedger;
      const events = await ledger.queryFilter(ledger.filters["SessionOpened"](), 0);
      return events.map(({ args }) => ({ id: args.session, querier: Number(args.querier) }));
    }

    async function purse(): Promise<Purse> {
      const { points, queryLedger, incentiveRules } = net.contracts;
      const wealth = new Map<PartyName, bigint>();
      let escrow = 0n;
      const opened = await sessions();
      for (const { name } of PARTIES) {
        const member = await net.memberId(name);
        let own = await points.pointsOf(member);
        for (const { id } of opened.filter(({ querier }) => querier === member)) {
          const { status, locked, paid } = await queryLedger.getSession(id);
          if (Number(status) === 3) continue;
          own += locked - paid;
          escrow += locked - paid;
        }
        wealth.set(name, own);
      }
      expect(await points.balanceOf(await queryLedger.getAddress()), "the ledger holds what is locked").to.equal(
        escrow,
      );
      return {
        wealth,
        escrow,
        pool: await points.balanceOf(await incentiveRules.pool()),
        supply: await points.totalSupply(),
      };
    }

    it("moves points by price times evaluations: from the querier's lock to each holder and to the pool", async () => {
      await net.settled();
      const before = await purse();
      const subjects = demoOf("alpha").slice(0, 7);
      const view = await net.ask("alpha", subjects.map(toAsk));
      await net.anchored("alpha", view.id);
      await net.settled();
      const after = await purse();
      const price = BigInt(subjects.length) * ASKING_PRICE;
      const [toHolder, toPool] = await net.contracts.incentiveRules.split(price);
      expect([toHolder, toPool]).to.deep.equal([(price * 8n) / 10n, (price * 2n) / 10n]);
      for (const { name } of PARTIES) {
        const change = (after.wealth.get(name) ?? 0n) - (before.wealth.get(name) ?? 0n);
        expect(change, name).to.equal(name === "alpha" ? -4n * price : toHolder);
      }
      expect(after.pool - before.pool).to.equal(4n * toPool);
      expect(after.supply).to.equal(before.supply);
      const all = [...after.wealth.values()].reduce((sum, each) => sum + each, 0n);
      expect(all + after.pool, "nothing is anywhere else").to.equal(after.supply);
      const { balance } = (await net.member("beta").client.get("compliance", "/v1/points")) as { balance: string };
      expect(BigInt(balance)).to.equal(await net.contracts.points.pointsOf(await net.memberId("beta")));
    });

    it("has leaves for each subject, in padded batches, each at the place that the querier kept", async () => {
      const subjects = demoOf("beta");
      const view = await net.ask("beta", subjects.map(toAsk));
      await net.anchored("beta", view.id);
      const ledger = net.contracts.queryLedger;
      const events = await ledger.queryFilter(ledger.filters["LeavesAnchored"](), 0);
      const batches = new Map(events.map(({ args }) => [`${args.session}:${String(args.batch)}`, [...args.leaves]]));
      expect(batches.size).to.equal(events.length);
      for (const leaves of batches.values()) expect(leaves.length).to.be.oneOf([16, 64, 256, 1024]);

      const stored = await net
        .database("beta")
        .selectFrom("query_leaves")
        .selectAll()
        .where("query_id", "=", view.id)
        .execute();
      // Answers that came apart have leaves apart: together a subject's leaves cover each dataset once.
      for (const position of subjects.keys()) {
        const covered = stored
          .filter((row) => row.position === position)
          .flatMap(({ datasets }) => datasets.split(","));
        expect([covered.length, new Set(covered).size]).to.deep.equal([4, 4]);
      }
      for (const { session, batch, place, leaf } of stored) {
        expect(batches.get(`${session}:${String(batch)}`)?.[place ?? -1]).to.equal(leaf);
      }
      const all = [...batches.values()].flat();
      expect(new Set(all).size, "no leaf twice").to.equal(all.length);

      for (const { id, querier } of await sessions()) {
        const { leavesAnchored, largestSettled, batches: count } = await ledger.getSession(id);
        const own = [...batches].filter(([key]) => key.startsWith(`${id}:`)).map(([, leaves]) => leaves.length);
        expect(Number(leavesAnchored), `session of ${querier}`).to.equal(own.reduce((sum, each) => sum + each, 0));
        expect(Number(count)).to.equal(own.length);
        expect(Number(leavesAnchored)).to.be.at.least(Number(largestSettled));
      }
      const answered = await net
        .database("beta")
        .selectFrom("queries")
        .select("id")
        .where("state", "=", "answered")
        .execute();
      for (const { id } of answered) await net.anchored("beta", id);
    });
  });
});
