/**
 * The holder's side on a real database, over a ledger double: gate, lanes, forks. Over a real ledger and HTTP it is tested
 * end to end.
 */
import { expect } from "chai";
import { after, afterEach, before, beforeEach, describe, it } from "mocha";

import { toHex, type Hex } from "../../../../protocol/encoding/bytes.ts";
import { isFault } from "../../../../protocol/errors/fault.ts";
import { composeRequest, encodeRequest, type EvaluateRequest } from "../../../../protocol/oblivious-lookup/request.ts";
import { initialTranscript } from "../../../../protocol/oblivious-lookup/transcript.ts";
import { ristretto255Sha512 as oprf, type Element } from "../../../../protocol/oprf/oprf.ts";
import type { SessionInfo } from "../../../../relayer/chain/chain-view.ts";
import { createOperatorKey } from "../../../../relayer/chain/operator-key.ts";
import {
  createEvaluateService,
  type EvaluateDependencies,
  type EvaluateService,
} from "../../../../relayer/services/evaluate/evaluate.ts";
import { CHAIN_ID, LEDGER, random } from "../../../support/asking-ledger.ts";
import { EPOCH, startAsking, type Asking } from "../../../support/asking.ts";
import { testDatabase, type TestDatabase } from "../../../support/postgres.ts";

const GRANTED = 16;

/** Member id of who asks. */
const QUERIER = 2;

describe("answering evaluate requests", () => {
  const querier = createOperatorKey(random(32));
  let database: TestDatabase;
  let holder: Asking;
  let evaluate: EvaluateService;
  let dataset: Uint8Array;
  let session: Uint8Array;
  let onLedger: SessionInfo;
  let keys: number[];
  /** Counts that the ledger has settled, by lane. */
  let settledLanes: Map<number, number>;

  before(async () => {
    database = await testDatabase();
  });
  after(() => database.close());
  beforeEach(async () => {
    // The relayer of the double is the holder here, its other member the querier.
    holder = await startAsking(database, 1);
    for (const table of ["holder_lanes", "holder_requests", "holder_forks"] as const) {
      await database.db.deleteFrom(table).execute();
    }
    settledLanes = new Map();
    [dataset, session, keys] = [random(32), random(32), [EPOCH, EPOCH - 1, EPOCH - 2]];
    holder.ledger.datasets.push({
      id: toHex(dataset),
      holder: 1,
      label: "CREDIT",
      categories: ["B"],
      latestEpoch: EPOCH,
    });
    onLedger = {
      ...{ id: toHex(session), querier: QUERIER, signer: querier.address, status: "Open", openedAt: 0 },
      ...{ expiresAt: holder.ledger.now + 60, batches: 0, leavesAnchored: 0, locked: 1n, paid: 0n },
      allotment: (id: Hex) =>
        Promise.resolve(id === toHex(dataset) ? { granted: GRANTED, settled: 0, price: 1n } : undefined),
    };
    const key = oprf.generateKeyPair(random);
    const ctx = {
      ...holder.ctx,
      outbox: holder.outbox.outbox,
      keys: { findEpochKey: (_: string, epoch: number) => Promise.resolve(keys.includes(epoch) ? key : undefined) },
      chain: {
        ...holder.ledger.chain,
        contracts: {
          queryLedger: {
            interface: holder.ctx.chain.contracts.queryLedger.interface,
            getLane: (_session: Hex, _dataset: Hex, lane: number) =>
              Promise.resolve({ count: BigInt(settledLanes.get(lane) ?? 0), transcript: toHex(new Uint8Array(32)) }),
          },
        },
        session: (id: Hex) => Promise.resolve(id === onLedger.id ? onLedger : undefined),
      },
    };
    evaluate = createEvaluateService(ctx as unknown as EvaluateDependencies);
  });
  afterEach(() => holder.close());

  interface Change {
    readonly elements?: number;
    readonly lane?: number;
    readonly epoch?: number;
    readonly dataset?: Uint8Array;
    readonly session?: Uint8Array;
    readonly by?: typeof querier;
    readonly from?: EvaluateRequest;
  }

  function request(change: Change = {}): EvaluateRequest {
    const { elements = 1, lane = 0, epoch = EPOCH, by = querier, from } = change;
    const [of, at] = [change.session ?? session, change.dataset ?? dataset];
    const blinded = Array.from({ length: elements }, () => oprf.blind(random(8), oprf.randomScalar(random)));
    return composeRequest(
      {
        ...{ session: of, dataset: at, epoch, lane, salt: random(32), purpose: "ANTI_FRAUD", consent: random(32) },
        elements: blinded,
      },
      from ?? { count: 0, transcript: initialTranscript(of, at, lane) },
      { chainId: CHAIN_ID, ledger: LEDGER },
      by.sign,
    );
  }
  const ask = (what: EvaluateRequest, caller = QUERIER): Promise<string> =>
    evaluate.answer(encodeRequest(what), 700, caller);
  const codeOf = (what: EvaluateRequest): Promise<string> =>
    ask(what).then(
      () => "answered",
      (error: unknown) => (isFault(error) ? error.code : String(error)),
    );
  const lanes = () => database.db.selectFrom("holder_lanes").selectAll().orderBy("lane").execute();

  it("stores voucher and answer before the answer leaves, and logs what it received", async () => {
    const first = request({ elements: 3 });
    const text = await ask(first);
    expect((await lanes()).map(({ count, voucher, response }) => [count, voucher, response])).to.deep.equal([
      [3, toHex(first.voucher), text],
    ]);
    const received = await database.db.selectFrom("holder_requests").select(["elements", "querier"]).execute();
    expect(received).to.deep.equal([{ elements: 3, querier: 2 }]);
  });

  it("gives the same bytes to each repetition, also when the session is over, and charges once", async () => {
    const first = request();
    const answers = await Promise.all(Array.from({ length: 4 }, () => ask(first)));
    expect(new Set(answers).size).to.equal(1);
    Object.assign(onLedger, { status: "Closed" });
    expect(await ask(first)).to.equal(answers[0]);
    expect((await lanes()).map(({ count }) => count)).to.deep.equal([1]);
    expect(await codeOf(request({ from: first }))).to.equal("SESSION_NOT_OPEN");
  });

  it("answers a member's vouchers to that member only, the answer that was paid for too", async () => {
    const first = request();
    const stranger = (what: EvaluateRequest) => ask(what, QUERIER + 1).catch((error: unknown) => error);
    const refused = async (what: EvaluateRequest): Promise<boolean> =>
      isFault(await stranger(what), "VOUCHER_OF_ANOTHER_MEMBER");
    expect(await refused(first)).to.equal(true);
    expect(await lanes()).to.deep.equal([]);
    const answer = await ask(first);
    expect(await refused(first)).to.equal(true);
    Object.assign(onLedger, { status: "Closed" });
    expect(await refused(first)).to.equal(true);
    expect(await ask(first)).to.equal(answer);
  });

  it("grants the allotment once over all lanes, though they are asked at once", async () => {
    const all = Array.from({ length: 8 }, (_, lane) => request({ lane, elements: 3 }));
    const outcomes = await Promise.all(all.map(codeOf));
    expect(outcomes.toSorted()).to.deep.equal([
      ...Array.from({ length: 3 }, () => "ALLOTMENT_EXCEEDED"),
      ...Array.from({ length: 5 }, () => "answered"),
    ]);
    const spent = (await lanes()).reduce((sum, { count }) => sum + count, 0);
    expect(spent).to.equal(15);
  });

  it("counts what the ledger has settled in lanes that a restored store has forgotten, beside what it knows", async () => {
    const settled = 10;
    Object.assign(onLedger, { allotment: () => Promise.resolve({ granted: GRANTED, settled, price: 1n }) });
    settledLanes.set(0, settled);
    expect(await codeOf(request({ lane: 1, elements: GRANTED - settled }))).to.equal("answered");
    expect(await codeOf(request({ lane: 2 }))).to.equal("ALLOTMENT_EXCEEDED");
  });

  it("keeps both vouchers of a fork and proves it on the ledger, once a session", async () => {
    const first = request();
    await ask(first);
    const [second, third] = [request(), request()];
    expect([await codeOf(second), await codeOf(third)]).to.deep.equal(["VOUCHER_FORKED", "VOUCHER_FORKED"]);
    const forks = await database.db.selectFrom("holder_forks").selectAll().execute();
    expect(forks.map((fork) => [fork.first_voucher, fork.second_voucher])).to.deep.equal([
      [toHex(first.voucher), toHex(second.voucher)],
    ]);
    expect(holder.outbox.calls.map(({ kind }) => kind)).to.deep.equal(["prove-fork"]);
    const ledger = holder.ctx.chain.contracts.queryLedger.interface;
    const [of, at, a, b] = ledger.decodeFunctionData("proveFork", holder.outbox.calls[0]?.data ?? "0x") as unknown as [
      ...[string, string],
      ...[{ transcript: string; count: bigint }, { transcript: string; count: bigint }],
    ];
    expect([of, at, a.transcript, b.transcript]).to.deep.equal([
      ...[toHex(session), toHex(dataset), toHex(first.transcript), toHex(second.transcript)],
    ]);
    expect(a.count).to.equal(b.count);
  });

  describe("computes and charges nothing", () => {
    afterEach(async () => {
      expect(await lanes()).to.deep.equal([]);
    });

    for (const [what, change, code] of [
      ["in a session that the ledger does not know", () => ({ session: random(32) }), "SESSION_UNKNOWN"],
      ["for a dataset of somebody else", () => ({ dataset: random(32) }), "DATASET_NOT_HELD"],
      ["in a lane that does not exist", () => ({ lane: 16 }), "LANE_OUT_OF_RANGE"],
      ["for a voucher of another key", () => ({ by: createOperatorKey(random(32)) }), "VOUCHER_SIGNATURE_INVALID"],
      ["in an epoch before the last, though its key is there", () => ({ epoch: EPOCH - 2 }), "EPOCH_STALE"],
      ["beyond the allotment", () => ({ elements: GRANTED + 1 }), "ALLOTMENT_EXCEEDED"],
    ] as [string, () => Change, string][]) {
      it(what, async () => {
        expect(await codeOf(request(change()))).to.equal(code);
      });
    }

    it("on what is no element, and does not look at elements for who cannot pay", async () => {
      const broken = (what: EvaluateRequest) => ({ ...what, elements: [new Uint8Array(32).fill(0xff) as Element] });
      expect(await codeOf(broken(request()))).to.equal("ELEMENT_NOT_CANONICAL");
      expect(await codeOf(broken(request({ session: random(32) })))).to.equal("SESSION_UNKNOWN");
      const stranger = createOperatorKey(random(32));
      expect(await codeOf(broken(request({ by: stranger })))).to.equal("VOUCHER_SIGNATURE_INVALID");
    });

    for (const [what, make, code] of [
      ["while the platform is frozen", () => (holder.ledger.frozen = true), "PLATFORM_FROZEN"],
      ["in a session that is over", () => (holder.ledger.now += 61), "SESSION_EXPIRED"],
      ["in a faulted session", () => Object.assign(onLedger, { status: "Faulted" }), "SESSION_NOT_OPEN"],
      [
        "for a suspended querier",
        () => Object.assign(holder.ledger.members[1] ?? {}, { status: "Suspended" }),
        "MEMBER_SUSPENDED",
      ],
      [
        "while suspended itself",
        () => Object.assign(holder.ledger.members[0] ?? {}, { status: "Suspended" }),
        "MEMBER_SUSPENDED",
      ],
      [
        "without an allotment",
        () => Object.assign(onLedger, { allotment: () => Promise.resolve(undefined) }),
        "DATASET_NOT_IN_SESSION",
      ],
      ["with a key that was destroyed", () => (keys = []), "EPOCH_STALE"],
    ] as [string, () => unknown, string][]) {
      it(what, async () => {
        make();
        expect(await codeOf(request())).to.equal(code);
      });
    }
  });

  it("answers in the epoch before, while the members mirror the new tables", async () => {
    expect(await codeOf(request({ epoch: EPOCH - 1 }))).to.equal("answered");
  });
});
