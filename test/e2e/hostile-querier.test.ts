/** A hostile member in front of an honest holder: each refusal has its own code, nothing is computed, nothing charged. */
import { expect } from "chai";
import { before, describe, it } from "mocha";

import { concatBytes, fromHex, toBase64Url, toHex, type Hex } from "../../protocol/encoding/bytes.ts";
import { encodeRequest, type EvaluateRequest, type RequestWire } from "../../protocol/oblivious-lookup/request.ts";
import { signDigest, voucherDigest } from "../../protocol/oblivious-lookup/typed-data.ts";
import type { Element } from "../../protocol/oprf/oprf.ts";
import { createOperatorKey } from "../../relayer/chain/operator-key.ts";
import { admitAttacker, blinded, evaluateAt, governance, random, said, type Attacker } from "../support/attacker.ts";
import { NETWORK_START_MS, testNetwork, type TestNetwork } from "../support/network.ts";

/** Order of secp256k1. */
const N = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
/** Prime of curve25519. */
const P = 2n ** 255n - 19n;

describe("a hostile querier", function () {
  this.timeout(240_000);
  let net: TestNetwork;
  let mallory: Attacker;
  let session: Hex;

  before(async function () {
    this.timeout(NETWORK_START_MS);
    net = await testNetwork();
    mallory = await admitAttacker(net, "mallory");
    session = await mallory.openSession(["beta", "gamma"]);
  });

  /** Sends it to beta; whatever it says, nothing may have been computed, stored or charged. */
  async function refused(request: EvaluateRequest | RequestWire | string): Promise<string> {
    const [before, points] = [await mallory.trace("beta", session), await mallory.points()];
    const reply = await evaluateAt(mallory, "beta", request);
    expect(await mallory.trace("beta", session)).to.deep.equal(before);
    expect(await mallory.points()).to.equal(points);
    return said(reply);
  }

  const honest = (): Promise<EvaluateRequest> => mallory.request({ session, holder: "beta" });
  const wire = async (change: Partial<Record<keyof RequestWire, unknown>>): Promise<string> =>
    JSON.stringify({ ...encodeRequest(await honest()), ...change });

  describe("before it has paid for anything", () => {
    it("cannot use a session that is not there", async () => {
      const request = await mallory.request({ session: toHex(random(32)), holder: "beta" });
      expect(await refused(request)).to.equal("404 SESSION_UNKNOWN");
    });

    it("cannot have another sign, nor sign as another", async () => {
      const stranger = createOperatorKey(random(32));
      const request = await mallory.request({ session, holder: "beta", signer: stranger });
      expect(await refused(request)).to.equal("403 VOUCHER_SIGNATURE_INVALID");
      const alpha = await net.operator("alpha");
      const asAlpha = await mallory.request({ session, holder: "beta", signer: alpha });
      expect(await refused(asAlpha)).to.equal("403 VOUCHER_SIGNATURE_INVALID");
    });

    it("cannot sign for another chain or ledger", async () => {
      const request = await honest();
      const foreign = [
        { ...mallory.domain, chainId: mallory.domain.chainId + 1 },
        { ...mallory.domain, ledger: toHex(random(20)) },
      ];
      for (const domain of foreign) {
        const voucher = mallory.operator.sign(voucherDigest(domain, request));
        expect(await refused({ ...request, voucher })).to.equal("403 VOUCHER_SIGNATURE_INVALID");
      }
    });

    it("cannot use the other form of its own signature", async () => {
      const request = await honest();
      const s = N - BigInt(toHex(request.voucher.subarray(32, 64)));
      const mirrored = concatBytes(
        request.voucher.subarray(0, 32),
        fromHex(`0x${s.toString(16).padStart(64, "0")}`, 32),
        Uint8Array.of(55 - (request.voucher[64] ?? 0)),
      );
      expect(await refused({ ...request, voucher: mirrored })).to.equal("403 VOUCHER_SIGNATURE_INVALID");
      const zero = new Uint8Array(65).fill(0, 0, 64);
      zero[64] = 27;
      expect(await refused({ ...request, voucher: zero })).to.equal("403 VOUCHER_SIGNATURE_INVALID");
    });

    it("cannot change what the voucher was signed for", async () => {
      const request = await honest();
      // The signature covers lane and count, and through the transcript all the rest.
      expect(await refused({ ...request, lane: 3 })).to.equal("403 VOUCHER_SIGNATURE_INVALID");
      expect(await refused({ ...request, count: 2 })).to.equal("403 VOUCHER_SIGNATURE_INVALID");
      expect(await refused({ ...request, elements: blinded(1) })).to.equal("409 TRANSCRIPT_MISMATCH");
      expect(await refused({ ...request, salt: random(32) })).to.equal("409 TRANSCRIPT_MISMATCH");
      expect(await refused({ ...request, consent: random(32) })).to.equal("409 TRANSCRIPT_MISMATCH");
      expect(await refused({ ...request, purpose: "MONITORING" })).to.equal("409 TRANSCRIPT_MISMATCH");
    });

    it("cannot ask for a dataset that is held elsewhere, or that the session does not cover", async () => {
      const elsewhere = await mallory.request({ session, holder: "gamma" });
      expect(await refused(elsewhere)).to.equal("404 DATASET_NOT_HELD");
      const uncovered = await mallory.openSession(["gamma"]);
      expect(await refused(await mallory.request({ session: uncovered, holder: "beta" }))).to.equal(
        "403 DATASET_NOT_IN_SESSION",
      );
    });

    it("cannot use a lane that is none", async () => {
      for (const lane of [16, 17, 2 ** 31, 2 ** 32 - 1]) {
        expect(await refused(await mallory.request({ session, holder: "beta", lane }))).to.equal(
          "400 LANE_OUT_OF_RANGE",
        );
      }
    });

    it("cannot leave requests out, count wrongly, or go back to a transcript of its own", async () => {
      const dataset = fromHex(await mallory.dataset("beta"), 32);
      const head = { count: 5, transcript: random(32) };
      expect(await refused(await mallory.request({ session, holder: "beta", head }))).to.equal(
        "409 REQUEST_OUT_OF_ORDER",
      );
      const request = await honest();
      const sign = (changed: EvaluateRequest): EvaluateRequest => ({
        ...changed,
        voucher: mallory.operator.sign(voucherDigest(mallory.domain, { ...changed, dataset })),
      });
      expect(await refused(sign({ ...request, count: 0 }))).to.equal("409 COUNT_MISMATCH");
      expect(await refused(sign({ ...request, count: 7 }))).to.equal("409 COUNT_MISMATCH");
      expect(await refused(sign({ ...request, count: 2 ** 32 - 1 }))).to.equal("409 COUNT_MISMATCH");
      expect(await refused(sign({ ...request, transcript: random(32) }))).to.equal("409 TRANSCRIPT_MISMATCH");
    });

    it("cannot ask for more than the allotment, in one lane or in several", async () => {
      const request = await mallory.request({ session, holder: "beta", elements: blinded(17) });
      expect(await refused(request)).to.equal("409 ALLOTMENT_EXCEEDED");
    });

    it("cannot ask in an epoch that is over, or that never was", async () => {
      const epoch = Number(await net.contracts.platformParameters.currentEpoch());
      for (const other of [epoch + 1, epoch + 1_000, 2 ** 32 - 1]) {
        const request = await mallory.request({ session, holder: "beta", change: { epoch: other } });
        expect(await refused(request)).to.equal("409 EPOCH_STALE");
      }
      expect(await refused(await wire({ epoch: 0 }))).to.equal("400 REQUEST_MALFORMED");
    });

    it("cannot have anything computed on what is no element", async () => {
      const of = async (bytes: Uint8Array): Promise<string> => refused(await wire({ elements: toBase64Url(bytes) }));
      const littleEndian = (value: bigint): Uint8Array =>
        fromHex(`0x${value.toString(16).padStart(64, "0")}`, 32).toReversed();
      expect(await of(new Uint8Array(32))).to.equal("400 ELEMENT_IDENTITY");
      // Negative, not reduced, no square root (RFC 9496, 4.3.1 and A.3), and of 256 bits.
      expect(await of(littleEndian(1n))).to.equal("400 ELEMENT_NOT_CANONICAL");
      expect(await of(littleEndian(P))).to.equal("400 ELEMENT_NOT_CANONICAL");
      expect(await of(littleEndian(P + 2n))).to.equal("400 ELEMENT_NOT_CANONICAL");
      expect(await of(new Uint8Array(32).fill(0xff))).to.equal("400 ELEMENT_NOT_CANONICAL");
      expect(await of(concatBytes(...blinded(2), new Uint8Array(32)))).to.equal("400 ELEMENT_IDENTITY");
      expect(await of(concatBytes(...blinded(2)).subarray(0, 63))).to.equal("400 ELEMENTS_LENGTH");
      expect(await of(new Uint8Array(0))).to.equal("400 ELEMENTS_EMPTY");
    });

    it("cannot send 10,001 elements", async () => {
      const [element] = blinded(1);
      const many = Array.from({ length: 10_001 }, () => element as Element);
      expect(await refused(await wire({ elements: toBase64Url(concatBytes(...many)) }))).to.equal(
        "413 ELEMENTS_TOO_MANY",
      );
      expect(await refused(await wire({ elements: "A".repeat(2_000_000) }))).to.equal("413 BODY_TOO_LARGE");
    });

    it("cannot write the same bytes in another way", async () => {
      const { salt } = encodeRequest(await honest());
      const last = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
      // 32 bytes leave two unused bits in the last of 43 characters.
      const other = salt.slice(0, 42) + (last[last.indexOf(salt[42] ?? "A") ^ 1] ?? "");
      for (const text of [
        other,
        `${salt}=`,
        `${salt}\n`,
        ` ${salt}`,
        salt.slice(0, 42),
        "+".repeat(43),
        "é".repeat(43),
      ]) {
        expect(await refused(await wire({ salt: text })), JSON.stringify(text)).to.equal("400 REQUEST_MALFORMED");
      }
    });

    it("cannot smuggle fields, prototypes or repeated names", async () => {
      const text = JSON.stringify(encodeRequest(await honest()));
      expect(await refused(text.replace("{", '{"admin":true,'))).to.equal("400 REQUEST_MALFORMED");
      const laneless = text.replace(/"lane":0,/, "");
      expect(await refused(laneless.replace("{", '{"__proto__":{"lane":0},'))).to.equal("400 REQUEST_MALFORMED");
      expect(await refused(text.replace("{", '{"constructor":1,'))).to.equal("400 REQUEST_MALFORMED");
      // The last of two counts, as everywhere in JSON: what is looked at is what is signed.
      expect(await refused(text.replace(/}$/, ',"lane":7}'))).to.equal("403 VOUCHER_SIGNATURE_INVALID");
      expect(await refused(`[${text}]`)).to.equal("400 REQUEST_INVALID");
      expect(await refused(await wire({ purpose: "constructor" }))).to.equal("400 PURPOSE_UNKNOWN");
      expect(await refused(await wire({ lane: "0" }))).to.equal("400 REQUEST_MALFORMED");
      expect(await refused(await wire({ count: 1.5 }))).to.equal("400 REQUEST_MALFORMED");
      expect(await refused(await wire({ count: 2 ** 53 }))).to.equal("400 REQUEST_MALFORMED");
    });
  });

  describe("who has paid for an answer", () => {
    it("gets the same bytes again, and nothing for an old or a forked voucher; the fork costs it the session", async () => {
      const forking = await mallory.openSession(["beta"]);
      const first = await mallory.request({ session: forking, holder: "beta" });
      const answered = await evaluateAt(mallory, "beta", first);
      expect(said(answered)).to.equal("200");
      const repeated = await evaluateAt(mallory, "beta", first);
      expect(repeated.text).to.equal(answered.text);
      const second = await mallory.request({ session: forking, holder: "beta", head: first });
      expect(said(await evaluateAt(mallory, "beta", second))).to.equal("200");
      expect((await mallory.trace("beta", forking)).requests).to.equal(2);

      const before = await mallory.trace("beta", forking);
      expect(said(await evaluateAt(mallory, "beta", first))).to.equal("409 VOUCHER_REPLAYED");
      const fork = await mallory.request({ session: forking, holder: "beta", head: first });
      expect(said(await evaluateAt(mallory, "beta", fork))).to.equal("409 VOUCHER_FORKED");
      const after = await mallory.trace("beta", forking);
      expect([after.lanes, after.requests]).to.deep.equal([before.lanes, before.requests]);

      await net.wait("the proof of the fork", async () => {
        const { status } = await net.contracts.queryLedger.getSession(forking);
        return status === 2n ? true : undefined;
      });
      const next = await mallory.request({ session: forking, holder: "beta", head: second });
      // Until then what it refuses is the signature: nothing is to be answered by this.
      const late = await net.wait("the holder to know", async () => {
        const reply = said(await evaluateAt(mallory, "beta", { ...next, voucher: random(65) }));
        return reply === "403 VOUCHER_SIGNATURE_INVALID" ? undefined : reply;
      });
      expect(late).to.equal("409 SESSION_NOT_OPEN");
      expect(said(await evaluateAt(mallory, "beta", next))).to.equal("409 SESSION_NOT_OPEN");
      // What was answered before the fault is paid, and can still be fetched.
      expect((await evaluateAt(mallory, "beta", second)).status).to.equal(200);
      await net.wait("settlement", async () =>
        (await mallory.trace("beta", forking)).settled >= 2n ? true : undefined,
      );
    });

    it("spends an allotment once, whatever the lanes and however many at once", async () => {
      const own = await mallory.openSession(["beta"]);
      const requests = await Promise.all(
        Array.from({ length: 5 }, (_, lane) =>
          mallory.request({ session: own, holder: "beta", lane, elements: blinded(4) }),
        ),
      );
      const replies = (await Promise.all(requests.map((request) => evaluateAt(mallory, "beta", request)))).map(said);
      expect(replies.toSorted()).to.deep.equal(["200", "200", "200", "200", "409 ALLOTMENT_EXCEEDED"]);
      const { lanes } = await mallory.trace("beta", own);
      expect((lanes as { count: number }[]).reduce((sum, { count }) => sum + count, 0)).to.equal(16);
    });

    it("cannot spend at one holder what was allotted at another", async () => {
      const dataset = await mallory.dataset("beta");
      const at = await mallory.openSession(["beta"]);
      for (const holder of ["beta", "gamma", "delta"] as const) {
        const request = await mallory.request({ session: at, holder, change: { dataset: fromHex(dataset, 32) } });
        expect(said(await evaluateAt(mallory, holder, request)), holder).to.equal(
          holder === "beta" ? "200" : "404 DATASET_NOT_HELD",
        );
        const own = await mallory.request({ session: at, holder, lane: 1 });
        expect(said(await evaluateAt(mallory, holder, own)), holder).to.equal(
          holder === "beta" ? "200" : "403 DATASET_NOT_IN_SESSION",
        );
      }
    });

    it("has one of two different requests in one lane answered, and forks if it signed both", async () => {
      const own = await mallory.openSession(["gamma"]);
      const [one, other] = await Promise.all([
        mallory.request({ session: own, holder: "gamma" }),
        mallory.request({ session: own, holder: "gamma" }),
      ]);
      const replies = await Promise.all([one, other].map((request) => evaluateAt(mallory, "gamma", request)));
      expect(replies.map(said).toSorted()).to.deep.equal(["200", "409 VOUCHER_FORKED"]);
      const trace = await mallory.trace("gamma", own);
      expect([trace.lanes.length, trace.requests]).to.deep.equal([1, 1]);
    });

    it("has one evaluation for the same request sent twenty times at once", async () => {
      const own = await mallory.openSession(["gamma"]);
      const request = await mallory.request({ session: own, holder: "gamma", elements: blinded(3) });
      const replies = await Promise.all(Array.from({ length: 20 }, () => evaluateAt(mallory, "gamma", request)));
      expect(new Set(replies.map(said))).to.deep.equal(new Set(["200"]));
      expect(new Set(replies.map(({ text }) => text)).size).to.equal(1);
      expect((await mallory.trace("gamma", own)).requests).to.equal(1);
    });

    it("can fetch a lost answer after the session has expired, and nothing new", async () => {
      const short = await mallory.openSession(["gamma"], 4);
      const request = await mallory.request({ session: short, holder: "gamma" });
      const answered = await evaluateAt(mallory, "gamma", request);
      expect(said(answered)).to.equal("200");
      const next = await mallory.request({ session: short, holder: "gamma", lane: 1 });
      const { expiresAt } = await net.contracts.queryLedger.getSession(short);
      await net.wait("the session's end", async () =>
        (await net.contracts.emergency.time()) > expiresAt + 1n || Date.now() / 1_000 > Number(expiresAt) + 2
          ? true
          : undefined,
      );
      const before = await mallory.trace("gamma", short);
      expect(said(await evaluateAt(mallory, "gamma", next))).to.equal("409 SESSION_EXPIRED");
      const after = await mallory.trace("gamma", short);
      expect([after.lanes, after.requests]).to.deep.equal([before.lanes, before.requests]);
      const repeated = await evaluateAt(mallory, "gamma", request);
      expect(repeated.text).to.equal(answered.text);
      // Only with the voucher that paid for it.
      const stranger = createOperatorKey(random(32));
      const stolen = { ...request, voucher: stranger.sign(voucherDigest(mallory.domain, request)) };
      expect(said(await evaluateAt(mallory, "gamma", stolen))).to.equal("409 SESSION_EXPIRED");
    });
  });

  // In a group of its own: mocha runs it after the others.
  describe("who is suspended", () => {
    it("is refused as soon as the chain says so, and is heard again when it is reinstated", async () => {
      const rules = await governance(net);
      const request = await honest();
      await mallory.mined(rules.memberRegistry.suspend(mallory.id, toHex(random(32))));
      const reply = await net.wait("the holder to know", async () => {
        const said_ = await refused({ ...request, voucher: signDigest(random(32), random(32)) });
        return said_ === "403 VOUCHER_SIGNATURE_INVALID" ? undefined : said_;
      });
      expect(reply).to.equal("403 CHANNEL_PEER_NOT_ACTIVE");
      expect(await refused(request)).to.equal("403 CHANNEL_PEER_NOT_ACTIVE");
      await mallory.mined(rules.memberRegistry.reinstate(mallory.id));
      await net.wait("the holder to know", async () =>
        said(await evaluateAt(mallory, "beta", request)) === "200" ? true : undefined,
      );
    });
  });
});
