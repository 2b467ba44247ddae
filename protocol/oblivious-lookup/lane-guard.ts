/**
 * What a holder decides about a request before it computes anything, from what it stored about the lane and what the
 * chain says about the allotment. The request's form and its voucher's signature have been checked; everything that is
 * refused here costs nothing and changes nothing.
 *
 * One request is in flight in a lane at a time: the caller holds the lane's row locked from here until the answer is stored.
 */
import { bytesEqual, toHex } from "../encoding/bytes.ts";
import { Fault } from "../errors/fault.ts";
import { checkElementCount, requestDigest, unitsOf, type EvaluateRequest, type LaneHead } from "./request.ts";
import { initialTranscript, nextTranscript } from "./transcript.ts";

/** Lanes of a (session, dataset): 0 to 15. */
export const LANES = 16;

/** One lane as the holder stored it. */
export interface LaneState extends LaneHead {
  /** Digest and voucher of the last accepted request; absent while there was none. */
  readonly lastRequestDigest?: Uint8Array;
  readonly lastVoucher?: Uint8Array;
  /** What the ledger has settled, if known. It leads where the holder came back from an older backup. */
  readonly settled?: LaneHead;
}

/** What the session may spend at the dataset, over all lanes. */
export interface LaneAllotment {
  readonly granted: number;
  /** Sum of the other lanes' counts. */
  readonly otherLanes: number;
}

/** One side of a fork, in the form that the ledger's `proveFork` takes. */
export interface SignedHead extends LaneHead {
  readonly lane: number;
  readonly signature: Uint8Array;
}

/** Two vouchers of one lane and count with two transcripts: provable fault of the querier. */
export class VoucherForked extends Fault {
  readonly first: SignedHead | undefined;
  readonly second: SignedHead;

  /** `first` is undefined where the earlier voucher itself is not held, only its transcript. */
  constructor(accepted: LaneHead, first: SignedHead | undefined, second: SignedHead) {
    super("VOUCHER_FORKED", {
      lane: second.lane,
      count: second.count,
      firstTranscript: toHex(accepted.transcript),
      secondTranscript: toHex(second.transcript),
    });
    this.first = first;
    this.second = second;
  }
}

/** `fresh`: evaluate, then store `next` with the answer. `repeat`: send the stored answer again, charge nothing. */
export type Admission = { readonly kind: "fresh"; readonly next: LaneState } | { readonly kind: "repeat" };

export function initialLane(session: Uint8Array, dataset: Uint8Array, lane: number): LaneState {
  return { count: 0, transcript: initialTranscript(session, dataset, lane) };
}

/**
 * `width`: elements that are paid for as one ({@link unitsOf}).
 * @throws Fault LANE_OUT_OF_RANGE, ELEMENTS_EMPTY, ELEMENTS_TOO_MANY, VOUCHER_REPLAYED, VOUCHER_FORKED (a
 * {@link VoucherForked}), ELEMENTS_WIDTH, REQUEST_OUT_OF_ORDER, COUNT_MISMATCH, TRANSCRIPT_MISMATCH, ALLOTMENT_EXCEEDED
 */
export function admitRequest(
  lane: LaneState,
  allotment: LaneAllotment,
  request: EvaluateRequest,
  width = 1,
): Admission {
  checkLane(request.lane);
  checkElementCount(request.elements.length);
  const head = leadingHead(lane);
  const digest = requestDigest(request);
  if (head.count > 0 && request.count <= head.count) return admitAgain(lane, head, request, digest);
  checkContinues(head, request, digest, width);
  const wanted = allotment.otherLanes + request.count;
  if (wanted > allotment.granted) throw new Fault("ALLOTMENT_EXCEEDED", { wanted, granted: allotment.granted });
  const { count, transcript, voucher } = request;
  const next = { count, transcript, lastRequestDigest: digest, lastVoucher: voucher };
  return { kind: "fresh", next: lane.settled === undefined ? next : { ...next, settled: lane.settled } };
}

/** @throws Fault LANE_OUT_OF_RANGE */
export function checkLane(lane: number): void {
  if (!Number.isInteger(lane) || lane < 0 || lane >= LANES)
    throw new Fault("LANE_OUT_OF_RANGE", { lane, lanes: LANES });
}

function leadingHead(lane: LaneState): LaneHead {
  return lane.settled !== undefined && lane.settled.count > lane.count ? lane.settled : lane;
}

function admitAgain(lane: LaneState, head: LaneHead, request: EvaluateRequest, digest: Uint8Array): Admission {
  if (request.count === head.count) {
    if (!bytesEqual(request.transcript, head.transcript)) throw fork(lane, head, request);
    if (head === lane && lane.lastRequestDigest && bytesEqual(digest, lane.lastRequestDigest))
      return { kind: "repeat" };
  }
  throw new Fault("VOUCHER_REPLAYED", { lane: request.lane, count: request.count, accepted: head.count });
}

function fork(lane: LaneState, head: LaneHead, request: EvaluateRequest): VoucherForked {
  const { lane: number, count, transcript, voucher } = request;
  const first =
    head === lane && lane.lastVoucher
      ? { lane: number, count: head.count, transcript: head.transcript, signature: lane.lastVoucher }
      : undefined;
  return new VoucherForked(head, first, { lane: number, count, transcript, signature: voucher });
}

function checkContinues(head: LaneHead, request: EvaluateRequest, digest: Uint8Array, width: number): void {
  const elements = unitsOf(request.elements.length, width);
  const values = { lane: request.lane, count: request.count, accepted: head.count, elements };
  const linked = bytesEqual(request.transcript, nextTranscript(head.transcript, digest));
  if (request.count !== head.count + elements) {
    // With the right transcript it is the next request with a wrong sum; otherwise a request before it is missing.
    const gap = !linked && request.count > head.count + elements;
    throw new Fault(gap ? "REQUEST_OUT_OF_ORDER" : "COUNT_MISMATCH", values);
  }
  if (!linked) throw new Fault("TRANSCRIPT_MISMATCH", values);
}
