import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";

import { isFault } from "../../../protocol/errors/fault.ts";
import {
  admitRequest,
  initialLane,
  VoucherForked,
  type LaneState,
} from "../../../protocol/oblivious-lookup/lane-guard.ts";
import { type EvaluateRequest, type LaneHead, requestDigest } from "../../../protocol/oblivious-lookup/request.ts";
import { initialTranscript, nextTranscript } from "../../../protocol/oblivious-lookup/transcript.ts";
import { codeThrown, dataset, request, session } from "./lookup-fixture.ts";

const plenty = { granted: 64, otherLanes: 0 };
const start = initialLane(session, dataset, 2);

function accept(lane: LaneState, asked: EvaluateRequest): LaneState {
  const admission = admitRequest(lane, plenty, asked);
  if (admission.kind !== "fresh") throw new Error("not fresh");
  return admission.next;
}

function refusal(lane: LaneState, asked: EvaluateRequest, allotment = plenty): string {
  return codeThrown(() => admitRequest(lane, allotment, asked));
}

const first = request(2, "first");
const afterFirst = accept(start, first);
const second = request(3, "second", afterFirst);
const afterSecond = accept(afterFirst, second);

describe("lane guard", () => {
  it("admits the requests of a lane in order and keeps count, transcript and voucher", () => {
    expect(afterFirst.count).to.equal(2);
    expect(afterFirst.transcript).to.deep.equal(
      nextTranscript(initialTranscript(session, dataset, 2), requestDigest(first)),
    );
    expect(afterSecond).to.deep.equal({
      count: 5,
      transcript: nextTranscript(afterFirst.transcript, requestDigest(second)),
      lastRequestDigest: requestDigest(second),
      lastVoucher: second.voucher,
    });
  });

  it("knows the last accepted request again, and charges nothing for it, even where the allotment is used up", () => {
    expect(admitRequest(afterSecond, plenty, second)).to.deep.equal({ kind: "repeat" });
    expect(admitRequest(afterSecond, { granted: 5, otherLanes: 0 }, second)).to.deep.equal({ kind: "repeat" });
  });

  it("refuses an older request, and the last voucher with other contents", () => {
    expect(refusal(afterSecond, first)).to.equal("VOUCHER_REPLAYED");
    expect(refusal(afterSecond, { ...second, elements: second.elements.toReversed() })).to.equal("VOUCHER_REPLAYED");
    expect(refusal(afterSecond, { ...second, elements: first.elements })).to.equal("VOUCHER_REPLAYED");
    expect(refusal(afterSecond, { ...second, purpose: "MONITORING" })).to.equal("VOUCHER_REPLAYED");
    expect(refusal(afterSecond, { ...second, epoch: 4 })).to.equal("VOUCHER_REPLAYED");
  });

  it("proves a fork with both vouchers in the form of the ledger", () => {
    const forked = request(3, "another second", afterFirst);
    let thrown: unknown;
    try {
      admitRequest(afterSecond, plenty, forked);
    } catch (error) {
      thrown = error;
    }
    if (!(thrown instanceof VoucherForked)) throw new Error("not a fork");
    expect(isFault(thrown, "VOUCHER_FORKED")).to.equal(true);
    expect(thrown.first).to.deep.equal({
      ...{ lane: 2, count: 5, transcript: second.transcript },
      signature: second.voucher,
    });
    expect(thrown.second).to.deep.equal({
      ...{ lane: 2, count: 5, transcript: forked.transcript },
      signature: forked.voucher,
    });
  });

  it("names a gap, a wrong sum and a wrong transcript", () => {
    expect(refusal(start, second)).to.equal("REQUEST_OUT_OF_ORDER");
    const linked = request(3, "sum", afterFirst);
    for (const count of [3, 4, 6, 600]) expect(refusal(afterFirst, { ...linked, count })).to.equal("COUNT_MISMATCH");
    expect(refusal(start, { ...first, count: 0 })).to.equal("COUNT_MISMATCH");
    expect(refusal(start, { ...first, count: 1 })).to.equal("COUNT_MISMATCH");
    expect(refusal(afterFirst, { ...second, transcript: first.transcript })).to.equal("TRANSCRIPT_MISMATCH");
    expect(refusal(afterFirst, { ...second, salt: first.salt })).to.equal("TRANSCRIPT_MISMATCH");
  });

  it("holds the sum over the lanes to the allotment", () => {
    expect(admitRequest(afterFirst, { granted: 16, otherLanes: 11 }, second).kind).to.equal("fresh");
    expect(refusal(afterFirst, second, { granted: 16, otherLanes: 12 })).to.equal("ALLOTMENT_EXCEEDED");
    expect(refusal(start, first, { granted: 0, otherLanes: 0 })).to.equal("ALLOTMENT_EXCEEDED");
  });

  it("refuses lanes that do not exist, no element and 10,001 elements", () => {
    for (const lane of [16, -1, 0.5]) expect(refusal(start, { ...first, lane })).to.equal("LANE_OUT_OF_RANGE");
    expect(refusal(start, { ...first, elements: [] })).to.equal("ELEMENTS_EMPTY");
    const element = first.elements[0] ?? expect.fail();
    const elements = Array.from({ length: 10_001 }, () => element);
    expect(refusal(start, { ...first, elements })).to.equal("ELEMENTS_TOO_MANY");
  });

  it("follows what the ledger settled where its own state is older", () => {
    const settled: LaneHead = { count: afterFirst.count, transcript: afterFirst.transcript };
    const restored: LaneState = { ...start, settled };
    expect(refusal(restored, first)).to.equal("VOUCHER_REPLAYED");
    const admission = admitRequest(restored, plenty, second);
    expect(admission).to.deep.equal({ kind: "fresh", next: { ...afterSecond, settled } });
    const forked = request(2, "another first");
    expect(() => admitRequest(restored, plenty, forked))
      .to.throw(VoucherForked)
      .with.property("first", undefined);
  });

  it("over any order of honest, repeated and skipped requests, computes each once and never beyond the allotment", () => {
    const requests: EvaluateRequest[] = [];
    for (let i = 0, head: LaneHead = start; i < 8; i++) {
      const next = request(1 + (i % 3), `chain ${i}`, head);
      requests.push(next);
      head = next;
    }
    fc.assert(
      fc.property(fc.array(fc.nat(7), { maxLength: 40 }), fc.nat(20), (order, granted) => {
        let lane = start;
        let computed = 0;
        for (const index of order) {
          const asked = requests[index] ?? expect.fail();
          try {
            const admission = admitRequest(lane, { granted, otherLanes: 0 }, asked);
            if (admission.kind === "repeat") continue;
            computed += asked.elements.length;
            lane = admission.next;
          } catch (error) {
            if (!isFault(error)) throw error;
          }
        }
        expect(computed).to.equal(lane.count).and.to.be.at.most(granted);
      }),
    );
  });
});
