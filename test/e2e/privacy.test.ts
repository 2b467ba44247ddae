import { expect } from "chai";
import { sql } from "kysely";
import { before, describe, it } from "mocha";

import type { QueryView } from "../../relayer/services/query/query-view.ts";
import { PARTIES, type PartyName } from "../../scripts/network/parties.ts";
import { createIdentities } from "../../scripts/sample-data/identity.ts";
import { createPrng } from "../../scripts/sample-data/prng.ts";
import { IAuditAnchors__factory } from "../../types/ethers-contracts/factories/evidence/IAuditAnchors__factory.ts";
import { IQueryLedger__factory } from "../../types/ethers-contracts/factories/query/IQueryLedger__factory.ts";
import { contentsOf, transactionsAfter, type ChainTransaction } from "../support/chain-contents.ts";
import { decodings, windowsOf } from "../support/leak-detector.ts";
import { NETWORK_START_MS, testNetwork, type AskedSubject, type TestNetwork } from "../support/network.ts";
import type { HttpExchange, HttpMessage } from "../support/recording-proxy.ts";

const QUERIER = "alpha";
const HOLDERS = PARTIES.map(({ name }) => name).filter((name) => name !== QUERIER);

/** What a query shows to those who are not the querier. */
interface Seen {
  readonly view: QueryView;
  readonly at: ReadonlyMap<PartyName, readonly HttpExchange[]>;
  readonly chain: readonly ChainTransaction[];
}

describe("what a query shows to others", () => {
  let net: TestNetwork;
  const newNumber = createIdentities(createPrng(815));

  before(async function () {
    this.timeout(NETWORK_START_MS);
    net = await testNetwork();
  });

  function evaluations(name: PartyName): HttpExchange[] {
    return net.traffic(name).filter(({ request }) => request.start === "POST /peer/v1/evaluate HTTP/1.1");
  }

  /** Asks, waits until all of it is anchored and settled, and gives what passed meanwhile. */
  async function seen(subjects: readonly AskedSubject[], holders?: readonly PartyName[]): Promise<Seen> {
    await net.settled();
    const keyOf = ({ request }: HttpExchange): string => request.raw.toString("latin1");
    const known = new Set(PARTIES.flatMap(({ name }) => evaluations(name).map(keyOf)));
    const block = await net.provider.getBlockNumber();
    const view = await net.ask(QUERIER, subjects, holders === undefined ? {} : { holders });
    expect(view.state).to.equal("answered");
    await net.anchored(QUERIER, view.id);
    await net.settled();
    const fresh = (name: PartyName) => evaluations(name).filter((exchange) => !known.has(keyOf(exchange)));
    return {
      view,
      at: new Map(PARTIES.map(({ name }) => [name, fresh(name)])),
      chain: await transactionsAfter(net.provider, block),
    };
  }

  /** Numbers of the sample that `holder` has records of, but for those that the querier has itself. */
  const hitsAt = (holder: PartyName): string[] =>
    net.expectations.demo.filter(({ answers }) => answers[holder] !== undefined).map(({ number }) => number);

  it("to a holder, a hit and a miss have one size and one shape, alone and in a batch", async () => {
    for (const size of [1, 10]) {
      const misses = await net.authorise(QUERIER, Array.from({ length: size }, newNumber));
      for (const holder of size === 1 ? HOLDERS : (["beta", "association"] as const)) {
        const hits = await net.authorise(QUERIER, hitsAt(holder).slice(0, size));
        const [missed, found] = await comparable(
          () => seen(misses),
          () => seen(hits),
        );
        for (const { outcome } of missed.view.subjects) expect(outcome).to.equal("not_found");
        for (const { records } of found.view.subjects) {
          expect(records.map((record) => record.holder)).to.include(holder);
        }
        for (const each of HOLDERS) expect(shapes(found.at.get(each)), each).to.deep.equal(shapes(missed.at.get(each)));
        expect(missed.at.get(holder)).to.have.lengthOf(1);
        expect(chainShape(found.chain)).to.deep.equal(chainShape(missed.chain));
      }
    }
  });

  /**
   * Asks again where something of others was on the ledger meanwhile, as what an earlier test left, or where the queries differ in
   * what has nothing to do with hits: a holder answered one later than the rest, a session ended. Relayers' stores say so, not
   * what is compared.
   */
  async function comparable<Asks extends (() => Promise<Seen>)[]>(...asks: Asks): Promise<{ [I in keyof Asks]: Seen }> {
    const reasons: string[] = [];
    while (reasons.length < 8) {
      const all: Seen[] = [];
      for (const ask of asks) all.push(await ask());
      const found = await Promise.all(all.map(circumstances));
      if (new Set(found).size === 1 && found[0]?.includes("others") === false)
        return all as { [I in keyof Asks]: Seen };
      reasons.push(found.join(" / "));
    }
    throw new Error(`never alone on the ledger: ${reasons.join("; ")}`);
  }

  /** In how many sessions a query was asked and how many leaves it has, and whether anything of others was on the ledger. */
  async function circumstances({ view, chain }: Seen): Promise<string> {
    const leaves = await net
      .database(QUERIER)
      .selectFrom("query_leaves")
      .select(["session", "batch", "query_id"])
      .where("batch", "is not", null)
      .execute();
    const own = leaves.filter(({ query_id }) => query_id === view.id);
    const sessions = new Set(own.map(({ session }) => session));
    const isBeside = (leaf: (typeof own)[number]): boolean =>
      own.some(({ session, batch }) => session === leaf.session && batch === leaf.batch);
    const calls = chain.flatMap(({ to, input }) =>
      to?.toLowerCase() === net.network.deployment.addresses.queryLedger.toLowerCase()
        ? (net.contracts.queryLedger.interface.parseTransaction({ data: input }) ?? expect.fail())
        : [],
    );
    const foreign = calls.filter(({ name, args }) => name !== "openSession" && !sessions.has(String(args["session"])));
    const others = [
      ...new Set(foreign.map(({ name }) => `others' ${name}`)),
      ...(leaves.filter(isBeside).length > own.length ? ["others' leaves"] : []),
    ];
    return [`${String(sessions.size)} sessions`, `${String(own.length)} leaves`, ...others].join(", ");
  }

  it("two queries of one person under one authorisation have nothing in common that strangers have not", async () => {
    const strangers = await net.authorise(QUERIER, [newNumber(), hitsAt("beta")[0] ?? "", newNumber()]);
    const [person = expect.fail()] = await net.authorise(QUERIER, [hitsAt("gamma")[0] ?? ""]);
    const [u1, u2, u3] = strangers as [AskedSubject, AskedSubject, AskedSubject];
    const asked: Seen[] = [];
    for (const subject of [u1, person, u2, person, u3]) asked.push(await seen([subject]));
    for (const holder of HOLDERS) {
      // What the channel adds has nothing in common from request to request, whoever they are about.
      const headers = asked.flatMap(({ at }) => (at.get(holder) ?? []).map(channelHeaders));
      expect(headers).to.have.lengthOf(asked.length);
      for (const [i, a] of headers.entries()) {
        for (const b of headers.slice(i + 1)) {
          expect([...windowsOf(a).intersection(windowsOf(b))], holder).to.deep.equal([]);
        }
      }
      const views = asked.map(({ at, chain }) =>
        windowsOf([...(at.get(holder) ?? []).flatMap(bytesOf), ...contentsOf(chain)]),
      );
      const [s1, s2] = [views[1] ?? expect.fail(), views[3] ?? expect.fail()];
      const ordinary = new Set<string>();
      for (const [i, a] of views.entries()) {
        for (const [j, b] of views.entries()) {
          if (i < j && !(i === 1 && j === 3)) for (const window of a.intersection(b)) ordinary.add(window);
        }
      }
      const linking = [...s1.intersection(s2)].filter((window) => !ordinary.has(window));
      expect(
        linking.map((window) => Buffer.from(window, "latin1").toString("hex")),
        holder,
      ).to.deep.equal([]);
      // Each view has plenty that is its own, which a link would be made of.
      expect([...s1].filter((window) => !ordinary.has(window)).length).to.be.greaterThan(500);
    }
  });

  it("one authorisation shows itself to each holder differently", async () => {
    const [person = expect.fail()] = await net.authorise(QUERIER, [newNumber()]);
    const { at } = await seen([person]);
    const bodies = HOLDERS.map(
      (holder) => JSON.parse(at.get(holder)?.[0]?.request.body.toString() ?? "") as Record<string, string>,
    );
    for (const field of ["consent", "salt", "dataset", "transcript", "voucher"]) {
      expect(new Set(bodies.map((body) => body[field])).size, field).to.equal(HOLDERS.length);
    }
  });

  describe("as the table of who learns what says", () => {
    it("a holder: who, how many, when, for which purpose; and random elements", async () => {
      const subjects = await net.authorise(QUERIER, [hitsAt("beta")[1] ?? "", newNumber(), newNumber()]);
      const rows = await countRows("beta");
      const { at } = await seen(subjects);
      for (const holder of HOLDERS) {
        const [exchange = expect.fail(), ...more] = at.get(holder) ?? [];
        expect(more).to.deep.equal([]);
        const request = JSON.parse(exchange.request.body.toString()) as Record<string, unknown>;
        expect(Object.keys(request)).to.deep.equal([
          ...["session", "dataset", "epoch", "lane", "count", "salt", "purpose", "consent", "elements", "transcript"],
          "voucher",
        ]);
        expect(request["purpose"]).to.equal("CREDIT_GRANTING");
        expect(Buffer.from(String(request["elements"]), "base64url")).to.have.lengthOf(32 * subjects.length);
        for (const [name, bytes] of Object.entries({ salt: 32, consent: 32, transcript: 32, voucher: 65 })) {
          expect(Buffer.from(String(request[name]), "base64url"), name).to.have.lengthOf(bytes);
        }
        expect(exchange.request.headers.map(([name]) => name)).to.have.members([
          ...["host", "connection", "content-type", "content-length", "riskveil-channel"],
        ]);
        const response = JSON.parse(exchange.response?.body.toString() ?? "") as Record<string, unknown>;
        expect(Object.keys(response)).to.deep.equal(["salt", "evaluated", "proof", "receipt"]);
      }
      const grown = [...(await countRows("beta"))]
        .filter(([table, count]) => count !== rows.get(table))
        .map(([table]) => table);
      expect(grown).to.include("holder_requests");
      for (const table of grown) {
        expect(table).to.be.oneOf(["holder_requests", "holder_lanes", "chain_intents", "chain_transactions"]);
      }
      const last = await net
        .database("beta")
        .selectFrom("holder_requests")
        .selectAll()
        .orderBy("id", "desc")
        .executeTakeFirstOrThrow();
      expect(last).to.include({ elements: 3, purpose: "CREDIT_GRANTING", querier: await net.memberId(QUERIER) });
    });

    it("a member that was not asked: nothing; the chain: coarse sessions, padded leaves, settlements", async () => {
      const subjects = await net.authorise(QUERIER, [newNumber()]);
      const [{ at, chain }] = await comparable(() => seen(subjects, ["beta"]));
      for (const { name } of PARTIES) expect(at.get(name), name).to.have.lengthOf(name === "beta" ? 1 : 0);
      const { queryLedger } = net.contracts;
      const ledger = net.network.deployment.addresses.queryLedger.toLowerCase();
      const calls = chain
        .filter(({ to }) => to?.toLowerCase() === ledger)
        .map(({ input }) => queryLedger.interface.parseTransaction({ data: input }) ?? expect.fail("another call"));
      // Each relayer anchors its audit log by the clock, whether or not anything happened, and in one size.
      const anchors = net.network.deployment.addresses.auditAnchors.toLowerCase();
      const audits = chain.filter(({ to }) => to?.toLowerCase() === anchors);
      for (const { input } of audits) expect(input).to.have.lengthOf(2 + 2 * (4 + 32 + 32));
      expect(chain.length, "nothing but the ledger is called").to.equal(calls.length + audits.length);
      expect(calls.map(({ name }) => name)).to.include.members(["settle", "anchor"]);
      for (const { name, args } of calls) {
        expect(name).to.be.oneOf(["openSession", "settle", "anchor"]);
        if (name === "anchor") expect((args["leaves"] as unknown[]).length).to.be.oneOf([16, 64, 256, 1024]);
        if (name === "openSession") {
          for (const allotment of args["allotments"] as bigint[]) {
            expect(Number(allotment)).to.be.oneOf([16, 64, 256, 1024, 4096, 16384]);
          }
        }
      }
    });

    it("the querier: the records of whom it asked, and no other entry of any table", async () => {
      const number = hitsAt("delta")[2] ?? expect.fail();
      const { view } = await seen(await net.authorise(QUERIER, [number]));
      const answers = await net
        .database(QUERIER)
        .selectFrom("query_answers")
        .selectAll()
        .where("query_id", "=", view.id)
        .execute();
      expect(answers).to.have.lengthOf(HOLDERS.length);
      // What it stores of the answer is sealed: not even the tag is there to be read.
      for (const { opening } of answers) {
        for (const { id } of view.subjects[0]?.records ?? []) {
          for (const bytes of decodings(opening)) expect(bytes.includes(id)).to.equal(false);
        }
      }
    });
  });

  async function countRows(name: PartyName): Promise<Map<string, number>> {
    const db = net.database(name);
    const { rows } = await sql<{ table: string }>`
      select table_name as "table" from information_schema.tables
      where table_schema = 'public' and table_type = 'BASE TABLE'`.execute(db);
    const counts = new Map<string, number>();
    for (const { table } of rows) {
      const counted = await sql<{ count: string }>`select count(*) as count from ${sql.table(table)}`.execute(db);
      counts.set(table, Number(counted.rows[0]?.count));
    }
    return counts;
  }
});

/** By which both messages are authenticated. */
function channelHeaders({ request, response }: HttpExchange): Uint8Array[] {
  const values = [request, response].flatMap((message) =>
    (message?.headers ?? []).filter(([name]) => name.startsWith("riskveil-channel")).map(([, value]) => value),
  );
  expect(values).to.have.lengthOf(2);
  return values.map((value) => Buffer.from(value, "utf8"));
}

/**
 * Every value of both messages but what the clock says, each by itself: beside a field's name, one character of chance
 * would make sixteen bytes in common. Names and order are the same in all messages: see shapes().
 */
function bytesOf({ request, response }: HttpExchange): Uint8Array[] {
  return [request, response].flatMap((message) => {
    if (message === undefined) return [];
    const headers = message.headers.filter(([name]) => name !== "date").map(([, value]) => value);
    const fields = JSON.parse(message.body.toString("utf8")) as Record<string, unknown>;
    expect(JSON.stringify(fields), "nothing between the fields").to.equal(message.body.toString("utf8"));
    return [message.start, ...headers, ...Object.values(fields).map(String)].map((text) => Buffer.from(text, "utf8"));
  });
}

/** Names, order and sizes. The lane's running count is a number that grows with every query: its digits are not counted. */
function shapes(exchanges: readonly HttpExchange[] = []): unknown[] {
  return exchanges.map(({ request, response }) => [shapeOf(request), response && shapeOf(response)]);
}

function shapeOf(message: HttpMessage): unknown {
  const fields = JSON.parse(message.body.toString("utf8")) as Record<string, unknown>;
  const counters = ["count", "lane"].filter((name) => name in fields);
  const digits = counters.reduce((sum, name) => sum + String(fields[name]).length, 0);
  return {
    start: message.start,
    headers: message.headers.map(([name, value]) => [
      name,
      name === "content-length" ? Number(value) - digits : value.length,
    ]),
    bytes: message.body.length - digits,
    fields: Object.entries(fields).map(([name, value]) => [name, counters.includes(name) || String(value).length]),
  };
}

const ON_ANOTHER_CLOCK = [
  IQueryLedger__factory.createInterface().getFunction("openSession").selector,
  IAuditAnchors__factory.createInterface().getFunction("anchorAudit").selector,
];

/**
 * Which contract was called how often with how many bytes, and which events of which size came out of it. Sessions are
 * opened when the last one runs low, and audit logs are anchored at every window, whatever was asked.
 */
function chainShape(transactions: readonly ChainTransaction[]): string[] {
  return transactions
    .filter(({ input }) => !ON_ANOTHER_CLOCK.some((selector) => input.startsWith(selector)))
    .map(({ to, input, logs }) =>
      [
        to,
        input.slice(0, 10),
        input.length,
        ...logs.map(({ topics, data }) => `${topics[0] ?? ""}+${data.length}`),
      ].join(" "),
    )
    .toSorted();
}
