/** A holder that lies, in front of an honest querier: no lie becomes an answer, and nobody else's answer suffers. */
import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";

import { expect } from "chai";
import { afterEach, before, describe, it } from "mocha";

import { concatBytes, toBase64Url } from "../../protocol/encoding/bytes.ts";
import { decodeRequest, type EvaluateRequest } from "../../protocol/oblivious-lookup/request.ts";
import {
  composeResponse,
  decodeResponse,
  encodeResponse,
  type Evaluation,
} from "../../protocol/oblivious-lookup/response.ts";
import type { LedgerDomain } from "../../protocol/oblivious-lookup/typed-data.ts";
import { ristretto255Sha512, type Proof } from "../../protocol/oprf/oprf.ts";
import { ledgerDomain } from "../../relayer/chain/deployment.ts";
import { createOperatorKey, type OperatorKey } from "../../relayer/chain/operator-key.ts";
import type { QueryView } from "../../relayer/services/query/query-view.ts";
import type { PartyName } from "../../scripts/network/parties.ts";
import { createIdentities } from "../../scripts/sample-data/identity.ts";
import { createPrng } from "../../scripts/sample-data/prng.ts";
import { random } from "../support/attacker.ts";
import { startLyingHolder, type Lie, type LyingHolder, type Told, type ToldRequest } from "../support/lying-holder.ts";
import { NETWORK_START_MS, testNetwork, type AskedSubject, type TestNetwork } from "../support/network.ts";
import { importFile, recordsFile, authorisationsFile } from "../support/sample-upload.ts";

const newNumber = createIdentities(createPrng(77));

/** One lie about an answer; `evaluation` is the truth. */
type AnswerLie = (asked: EvaluateRequest, truth: () => Promise<Evaluation>) => ReturnType<Lie>;

describe("a hostile holder", function () {
  this.timeout(480_000);
  let net: TestNetwork;
  let beta: OperatorKey;
  let domain: LedgerDomain;
  let liar: LyingHolder | undefined;

  before(async function () {
    this.timeout(NETWORK_START_MS);
    net = await testNetwork();
    beta = await net.operator("beta");
    domain = ledgerDomain(net.network.deployment);
  });

  afterEach(async () => {
    await liar?.stop();
    liar = undefined;
  });

  const signed = (request: EvaluateRequest, evaluation: Evaluation, by: OperatorKey): Told => ({
    body: JSON.stringify(encodeResponse(composeResponse(request, evaluation, domain, by.sign))),
  });

  async function truthOf(request: EvaluateRequest, told: ToldRequest): Promise<Evaluation> {
    const { body } = await told.truth();
    return decodeResponse(JSON.parse(body.toString()), ristretto255Sha512, request.elements.length);
  }

  /**
   * Lies in turn to each querier and purpose, and tells the truth when there are no more. `bySubstance`: the same request gets
   * the same lie again, as when an answer was lost on the way, and only another one the next.
   */
  function lying(lies: ReadonlyMap<string, AnswerLie[]>, bySubstance = false): Lie {
    const given = new Map<string, AnswerLie | undefined>();
    return async (told) => {
      if (told.method !== "POST") return undefined;
      const request = decodeRequest(JSON.parse(told.body.toString()), ristretto255Sha512);
      const { querier } = await net.contracts.queryLedger.getSession(request.session);
      const { name } = await net.contracts.memberRegistry.getMember(querier);
      const body = told.body.toString();
      const lie = bySubstance && given.has(body) ? given.get(body) : lies.get(`${name}/${request.purpose}`)?.shift();
      given.set(body, lie);
      return lie?.(request, () => truthOf(request, told));
    };
  }

  /** Why each attempt at beta came to nothing, in their order. */
  async function reasons(name: PartyName, view: QueryView): Promise<(string | null)[]> {
    const rows = await net
      .database(name)
      .selectFrom("query_exchanges")
      .select(["reason"])
      .where("query_id", "=", view.id)
      .where("holder", "=", await net.memberId("beta"))
      .where("state", "=", "abandoned")
      .orderBy("created_at")
      .execute();
    return rows.map(({ reason }) => reason);
  }

  const atBeta = (view: QueryView): QueryView["holders"][number] | undefined =>
    view.holders.find(({ holder }) => holder === "beta");

  function expectOnlyBetaMissing(view: QueryView): void {
    expect([view.state, atBeta(view)?.state]).to.deep.equal(["partial", "given_up"]);
    expect(view.holders.filter(({ state }) => state !== "answered").map(({ holder }) => holder)).to.deep.equal([
      "beta",
    ]);
    expect(view.subjects.map(({ outcome }) => outcome)).to.not.include("not_found");
  }

  it("is believed in nothing that the chain does not bear out", async () => {
    const stranger = createOperatorKey(random(32));
    const otherKey = ristretto255Sha512.generateKeyPair(random);
    let earlier: string | undefined;
    const refusal =
      (status: number, body: unknown): AnswerLie =>
      () =>
        Promise.resolve({ status, body: typeof body === "string" ? body : JSON.stringify(body) });

    const wrongKey: AnswerLie = async (request) => {
      const answer = ristretto255Sha512.blindEvaluate(otherKey, request.elements, random);
      earlier = signed(request, { ...answer, salt: random(32) }, beta).body as string;
      return { body: earlier };
    };
    const tamperedProof: AnswerLie = async (request, truth) => {
      const evaluation = await truth();
      const proof = Uint8Array.from(evaluation.proof) as Proof;
      proof[40] = (proof[40] ?? 0) ^ 1;
      return signed(request, { ...evaluation, proof }, beta);
    };
    const otherElement: AnswerLie = async (request, truth) =>
      signed(request, { ...(await truth()), evaluated: request.elements }, beta);
    const strangersReceipt: AnswerLie = async (request, truth) => signed(request, await truth(), stranger);
    const othersReceipt: AnswerLie = async (request, truth) =>
      signed(request, await truth(), await net.operator("gamma"));
    const identity: AnswerLie = async (request, truth) => {
      const wire = encodeResponse(composeResponse(request, await truth(), domain, beta.sign));
      return { body: JSON.stringify({ ...wire, evaluated: toBase64Url(new Uint8Array(32)) }) };
    };
    const replayed: AnswerLie = () => Promise.resolve({ body: earlier ?? "" });
    const twoElements: AnswerLie = async (request, truth) => {
      const wire = encodeResponse(composeResponse(request, await truth(), domain, beta.sign));
      return {
        body: JSON.stringify({
          ...wire,
          evaluated: toBase64Url(concatBytes(...request.elements, ...request.elements)),
        }),
      };
    };

    const plan: readonly [PartyName, string, AnswerLie[], string[]][] = [
      ["alpha", "CREDIT_GRANTING", [wrongKey, tamperedProof, otherElement], Array<string>(3).fill("PROOF_REJECTED")],
      [
        "gamma",
        "CREDIT_GRANTING",
        [strangersReceipt, othersReceipt, identity],
        ["RECEIPT_INVALID", "RECEIPT_INVALID", "ELEMENT_IDENTITY"],
      ],
      [
        "delta",
        "CREDIT_GRANTING",
        [refusal(200, "<html>"), twoElements, refusal(200, { salt: 1, __proto__: 2 })],
        Array<string>(3).fill("RESPONSE_MALFORMED"),
      ],
      // Whatever a holder gives as its reason: the lane is not used again, and nothing is signed for it twice.
      [
        "alpha",
        "MONITORING",
        [refusal(409, { code: "VOUCHER_FORKED" }), refusal(403, { code: "toString" }), replayed],
        ["VOUCHER_FORKED", "HOLDER_UNREACHABLE", "RECEIPT_INVALID"],
      ],
    ];
    liar = await startLyingHolder(
      net,
      "beta",
      lying(new Map(plan.map(([name, purpose, lies]) => [`${name}/${purpose}`, lies])), true),
    );
    const number = newNumber();
    const views = await Promise.all(
      plan.map(async ([name, purpose]) => {
        const [subject] = await net.authorise(name, [number]);
        return net.ask(name, subject === undefined ? [] : [subject], { purpose });
      }),
    );
    for (const [i, [name, , , expected]] of plan.entries()) {
      const view = views[i] as QueryView;
      expect(await reasons(name, view), name).to.deep.equal(expected);
      expectOnlyBetaMissing(view);
    }
    await liar.stop();
  });

  it("cannot send its askers elsewhere, nor drown them, nor cost them twice what it did not answer", async () => {
    let visits = 0;
    const inside = createServer((_request, response) => {
      visits += 1;
      response.end("{}");
    }).listen(0, "127.0.0.1");
    await once(inside, "listening");
    const location = `http://127.0.0.1:${String((inside.address() as AddressInfo).port)}/`;
    const bodies = new Map<string, Set<string>>();
    const redirect =
      (status: number): AnswerLie =>
      () =>
        Promise.resolve({ status, headers: { location } });
    const huge: AnswerLie = () => Promise.resolve({ body: "x".repeat(8 * 1024 * 1024) });
    const cut: AnswerLie = () => Promise.resolve("cut" as const);
    const busy: AnswerLie = () => Promise.resolve({ status: 503, body: "{" });
    const lies = new Map<string, AnswerLie[]>([
      ["alpha/ANTI_FRAUD", [redirect(307), huge]],
      ["gamma/ANTI_FRAUD", [redirect(308), cut]],
      ["delta/ANTI_FRAUD", [busy, redirect(302)]],
    ]);
    const told = lying(lies);
    liar = await startLyingHolder(net, "beta", (request) => {
      if (request.method === "POST") {
        const { session } = JSON.parse(request.body.toString()) as { session: string };
        bodies.set(session, (bodies.get(session) ?? new Set()).add(request.body.toString()));
      }
      return told(request);
    });
    const number = newNumber();
    const views = await Promise.all(
      (["alpha", "gamma", "delta"] as const).map(async (name) => {
        const [subject] = await net.authorise(name, [number]);
        return net.ask(name, subject === undefined ? [] : [subject], { purpose: "ANTI_FRAUD" });
      }),
    );
    for (const view of views) expect([view.state, view.final]).to.deep.equal(["answered", true]);
    expect([...bodies.values()].map(({ size }) => size)).to.deep.equal([1, 1, 1]);
    expect(visits).to.equal(0);
    await liar.stop();
    inside.closeAllConnections();
    inside.close();
  });

  it("holds nobody up by not answering: what the others said is there", async () => {
    let release: () => void = () => undefined;
    const held = new Promise<undefined>((resolve) => (release = () => resolve(undefined)));
    liar = await startLyingHolder(net, "beta", (request) =>
      request.method === "POST" ? held : Promise.resolve(undefined),
    );
    const [subject] = await net.authorise("delta", [newNumber()]);
    const { id } = (await net.member("delta").client.post("credit_officer", "/v1/queries", {
      subjects: [{ ...subject }],
      purpose: "CREDIT_GRANTING",
      holders: "all",
    })) as { id: string };
    const read = (): Promise<QueryView> =>
      net.member("delta").client.get("credit_officer", `/v1/queries/${id}`) as Promise<QueryView>;
    const waiting = await net.wait("the others", async () => {
      const view = await read();
      return view.holders.filter(({ state }) => state === "answered").length === 3 ? view : undefined;
    });
    expect([waiting.final, atBeta(waiting)?.state]).to.deep.equal([false, "unanswered"]);
    expect(waiting.subjects[0]?.outcome).to.equal("incomplete");
    release();
    const view = await net.wait("beta", async () => {
      const seen = await read();
      return seen.final ? seen : undefined;
    });
    expect(view.state).to.equal("answered");
    await liar.stop();
  });

  it("cannot wear out its askers: it is left aside, the others are asked, and no further points are locked for it", async () => {
    liar = await startLyingHolder(net, "beta", (request) =>
      Promise.resolve(request.method === "POST" ? { body: "{}" } : undefined),
    );
    const sessions = async (): Promise<string[]> => {
      const rows = await net
        .database("gamma")
        .selectFrom("query_sessions")
        .select("id")
        .where("state", "in", ["opening", "open"])
        .orderBy("id")
        .execute();
      return rows.map(({ id }) => id);
    };
    const before = await sessions();
    // Three attempts each, and sixteen lanes a session; one more asks when all are worn.
    const wearing = Math.ceil((before.length * 16) / 3);
    const subjects = await net.authorise("gamma", Array.from({ length: wearing + 1 }, newNumber));
    const asks = async (subject: AskedSubject): Promise<string> => {
      const body = { subjects: [{ ...subject }], purpose: "CREDIT_GRANTING", holders: "all" };
      return ((await net.member("gamma").client.post("credit_officer", "/v1/queries", body)) as { id: string }).id;
    };
    const sees = async (id: string): Promise<QueryView> =>
      (await net.member("gamma").client.get("credit_officer", `/v1/queries/${id}`)) as QueryView;
    const last = subjects.pop() as AskedSubject;
    await Promise.all(
      subjects.map(async (subject) => {
        const id = await asks(subject);
        await net.wait("beta to be given up", async () => {
          const seen = await sees(id);
          return seen.final || atBeta(seen)?.reason?.code === "LANES_WORN_OUT" ? true : undefined;
        });
      }),
    );
    const id = await asks(last);
    const view = await net.wait("the others", async () => {
      const seen = await sees(id);
      return seen.state === "partial" ? seen : undefined;
    });
    expect(
      view.holders.filter(({ state }) => state !== "answered").map(({ holder, reason }) => [holder, reason?.code]),
    ).to.deep.equal([["beta", "LANES_WORN_OUT"]]);
    expect(await sessions()).to.deep.equal(before);
    await liar.stop();
    // Its next session is this one's heir for the tests to come.
    await net.anchored("gamma", id);
    await net
      .database("gamma")
      .updateTable("query_sessions")
      .set({ state: "closing" })
      .where("id", "in", before)
      .execute();
    await net.wait("the next session", async () => {
      const open = await net
        .database("gamma")
        .selectFrom("query_sessions")
        .select("id")
        .where("state", "=", "open")
        .execute();
      return open.length > 0 ? true : undefined;
    });
    const after = await net.wait("beta", async () => {
      const seen = await sees(id);
      return seen.final ? seen : undefined;
    });
    expect(after.state).to.equal("answered");
  });

  it("cannot make its asker short of leaves by refusing what it settles afterwards", async () => {
    // A session of its own, in which nobody else's answers bring leaves.
    const sessions = net.database("delta");
    const open = await sessions.selectFrom("query_sessions").select("id").where("state", "=", "open").execute();
    const before = open.map(({ id }) => id);
    await sessions.updateTable("query_sessions").set({ state: "closing" }).where("id", "in", before).execute();
    liar = await startLyingHolder(net, "beta", async (told) => {
      if (told.method !== "POST") return undefined;
      await told.truth();
      return { status: 409, body: JSON.stringify({ code: "COUNT_MISMATCH" }) };
    });
    const subjects = await net.authorise("delta", Array.from({ length: 6 }, newNumber));
    const view = await net.ask("delta", subjects, { holders: ["beta"] });
    expect(atBeta(view)?.state).to.equal("given_up");
    await liar.stop();
    const [exchange] = await net
      .database("delta")
      .selectFrom("query_exchanges")
      .select("session")
      .where("query_id", "=", view.id)
      .where("state", "=", "abandoned")
      .execute();
    await net.settled();
    const session = await net.wait("the leaves", async () => {
      const found = await net.contracts.queryLedger.getSession(exchange?.session ?? "");
      return found.largestSettled === 18n && found.leavesAnchored > 0n ? found : undefined;
    });
    // What the ledger takes points for when the session ends.
    expect(session.leavesAnchored >= session.largestSettled).to.equal(true);
    expect((await net.call("delta", "credit_officer", `/v1/queries/${view.id}/subjects/0/evidence`)).status).to.equal(
      409,
    );
  });

  it("has no table mirrored that is not the committed one; the one before goes on answering", async () => {
    const dataset = (await net.member("beta").client.get("data_officer", "/v1/datasets")) as {
      items: { id: string; holder: string; latestRevision: number }[];
    };
    const own = dataset.items.find(({ holder }) => holder === "beta");
    const revision = (own?.latestRevision ?? 0) + 1;
    const tampering: Readonly<Record<string, (table: Buffer, entry: number) => Buffer>> = {
      alpha: (table) => {
        table[table.length - 1] = (table.at(-1) ?? 0) ^ 1;
        return table;
      },
      gamma: (table, entry) =>
        Buffer.concat([table.subarray(entry, 2 * entry), table.subarray(0, entry), table.subarray(2 * entry)]),
      delta: (table, entry) => table.subarray(0, -entry),
      association: (table, entry) => Buffer.concat([table, table.subarray(-entry)]),
    };
    const names = new Map<number, string>();
    for (const name of Object.keys(tampering) as PartyName[]) names.set(await net.memberId(name), name);
    liar = await startLyingHolder(net, "beta", async (told) => {
      if (told.method !== "GET") return undefined;
      const { status, body } = await told.truth();
      if (status !== 200) return undefined;
      const { entrySize } = (await net.contracts.datasetRegistry.latestCommitment(own?.id ?? "")).publication;
      const tamper = tampering[names.get(told.caller) ?? ""];
      const table = tamper?.(body, Number(entrySize)) ?? body;
      return {
        headers: { "content-type": "application/octet-stream", "content-length": String(table.length) },
        body: table,
      };
    });
    const number = newNumber();
    await importFile(
      net,
      "beta",
      "authorisations",
      authorisationsFile([{ number, authorisation: `H-${number.slice(-6)}` }]),
    );
    await importFile(net, "beta", "records", recordsFile([{ number, record: `H-${number.slice(-6)}` }]));
    await net.member("beta").client.post("data_officer", "/v1/datasets/CREDIT/publish", {});
    const found: Record<string, string | null> = {};
    for (const name of Object.keys(tampering) as PartyName[]) {
      found[name] = await net.wait(`${name} to refuse the table`, async () => {
        const { items } = (await net.member(name).client.get("data_officer", "/v1/mirrors")) as {
          items: { dataset: string; revision: number; state: string; code: string | null }[];
        };
        const copy = items.find((each) => each.dataset === own?.id && each.revision === revision);
        return copy?.state === "rejected" ? copy.code : undefined;
      });
    }
    expect(found).to.deep.equal({
      alpha: "TABLE_ROOT_MISMATCH",
      gamma: "TABLE_MISORDERED",
      delta: "TABLE_TRUNCATED",
      association: "TABLE_OVERSIZED",
    });
    const [subject] = await net.authorise("alpha", [number]);
    const before = await net.ask("alpha", subject === undefined ? [] : [subject]);
    expect([before.state, before.subjects[0]?.outcome]).to.deep.equal(["answered", "not_found"]);

    // The true table is taken when its turn comes again, which is now.
    await liar.stop();
    for (const name of Object.keys(tampering) as PartyName[]) {
      await net
        .database(name)
        .updateTable("mirrored_tables")
        .set({ retry_at: null })
        .where("state", "=", "rejected")
        .execute();
      await net.wait(`${name} to have the table`, async () => {
        const { items } = (await net.member(name).client.get("data_officer", "/v1/mirrors")) as {
          items: { dataset: string; revision: number; state: string }[];
        };
        const copy = items.find((each) => each.dataset === own?.id && each.revision === revision);
        return copy?.state === "verified" ? true : undefined;
      });
    }
    const again = await net.ask("alpha", subject === undefined ? [] : [subject]);
    expect(again.subjects[0]?.outcome).to.equal("found");
    expect(again.subjects[0]?.records.map(({ holder }) => holder)).to.deep.equal(["beta"]);
  });
});
