/**
 * The evaluate request: blinded elements for one dataset, with the voucher that pays for them. Nothing in it depends on
 * who is asked about: the elements are uniformly random, the consent commitment is salted by a PRF.
 */
import { z } from "zod";

import { concatBytes, toBase64Url, uint, utf8, type Hex } from "../encoding/bytes.ts";
import { saltedDigest } from "../encoding/digest.ts";
import { Fault, isFault } from "../errors/fault.ts";
import type { Element, OprfSuite } from "../oprf/oprf.ts";
import { parsePurpose, type Purpose } from "./purpose.ts";
import { nextTranscript } from "./transcript.ts";
import {
  recoverAddress,
  SIGNATURE_BYTES,
  voucherDigest,
  type LedgerDomain,
  type SignDigest,
  type Voucher,
} from "./typed-data.ts";
import { decodeText, encodedBytes, parseWire, wireBytes, wireUint32 } from "./wire.ts";

/** Most elements one request may carry. */
export const MAX_ELEMENTS = 10_000;

/** What is asked, before it is paid for. `consent` is the root over the commitments of all subjects, in element order. */
export interface Inquiry {
  readonly session: Uint8Array;
  readonly dataset: Uint8Array;
  readonly epoch: number;
  readonly lane: number;
  readonly salt: Uint8Array;
  readonly purpose: Purpose;
  readonly consent: Uint8Array;
  readonly elements: readonly Element[];
}

/** `count` and `transcript` are those of the lane after this request; `voucher` is the querier's signature over them. */
export interface EvaluateRequest extends Inquiry {
  readonly count: number;
  readonly transcript: Uint8Array;
  readonly voucher: Uint8Array;
}

/** A request whose elements are bytes yet: to decode them takes longer than to see who asks and who pays for them. */
export interface UndecodedRequest extends Omit<EvaluateRequest, "elements"> {
  /** @throws Fault, the suite's ELEMENT_* faults */
  decode(): EvaluateRequest;
}

/** Where a lane stands: units paid for in it so far, mostly elements, and its transcript. */
export interface LaneHead {
  readonly count: number;
  readonly transcript: Uint8Array;
}

export function requestDigest(inquiry: Inquiry): Uint8Array {
  return saltedDigest("riskveil/request", inquiry.salt, [
    inquiry.session,
    inquiry.dataset,
    uint(inquiry.epoch, 4),
    uint(inquiry.lane, 4),
    utf8(inquiry.purpose),
    inquiry.consent,
    concatBytes(...inquiry.elements),
  ]);
}

export function voucherOf(request: Voucher): Voucher {
  const { session, dataset, lane, count, transcript } = request;
  return { session, dataset, lane, count, transcript };
}

/**
 * The request that continues a lane from `head`, with a voucher signed by `sign`. `width`: elements that are paid for as one,
 * see {@link unitsOf}.
 */
export function composeRequest(
  inquiry: Inquiry,
  head: LaneHead,
  domain: LedgerDomain,
  sign: SignDigest,
  width = 1,
): EvaluateRequest {
  checkElementCount(inquiry.elements.length);
  const unsigned = {
    ...inquiry,
    count: head.count + unitsOf(inquiry.elements.length, width),
    transcript: nextTranscript(head.transcript, requestDigest(inquiry)),
  };
  return { ...unsigned, voucher: sign(voucherDigest(domain, voucherOf(unsigned))) };
}

/** @throws Fault VOUCHER_SIGNATURE_INVALID unless `signer`, the session's, signed this request's voucher. */
export function verifyVoucher(
  request: Voucher & Pick<EvaluateRequest, "voucher">,
  domain: LedgerDomain,
  signer: Hex,
): void {
  const values = { lane: request.lane, count: request.count };
  let recovered: Hex;
  try {
    recovered = recoverAddress(voucherDigest(domain, voucherOf(request)), request.voucher);
  } catch (error) {
    if (!isFault(error, "SIGNATURE_INVALID")) throw error;
    throw new Fault("VOUCHER_SIGNATURE_INVALID", values, error);
  }
  if (recovered !== signer.toLowerCase()) throw new Fault("VOUCHER_SIGNATURE_INVALID", values);
}

/** @throws Fault ELEMENTS_EMPTY, ELEMENTS_TOO_MANY */
export function checkElementCount(count: number): void {
  if (count === 0) throw new Fault("ELEMENTS_EMPTY");
  if (count > MAX_ELEMENTS) throw new Fault("ELEMENTS_TOO_MANY", { count, most: MAX_ELEMENTS });
}

/**
 * What so many elements count for: an evaluation is one element, the decryption of a subject's sums as many as a row has slots.
 * @throws Fault ELEMENTS_WIDTH unless they make whole units
 */
export function unitsOf(elements: number, width: number): number {
  if (elements % width !== 0) throw new Fault("ELEMENTS_WIDTH", { elements, width });
  return elements / width;
}

/** JSON of the call: byte strings in base64url, all elements in one. */
export interface RequestWire {
  session: string;
  dataset: string;
  epoch: number;
  lane: number;
  count: number;
  salt: string;
  purpose: string;
  consent: string;
  elements: string;
  transcript: string;
  voucher: string;
}

/** For the API description; {@link decodeRequest} is what checks a request. */
export const requestSchema = z.strictObject({
  session: wireBytes(32),
  dataset: wireBytes(32),
  epoch: wireUint32.min(1),
  lane: wireUint32,
  count: wireUint32,
  salt: wireBytes(32),
  purpose: z.string(),
  consent: wireBytes(32),
  elements: z.string(),
  transcript: wireBytes(32),
  voucher: wireBytes(SIGNATURE_BYTES),
});

export function encodeRequest(request: EvaluateRequest): RequestWire {
  return {
    session: toBase64Url(request.session),
    dataset: toBase64Url(request.dataset),
    epoch: request.epoch,
    lane: request.lane,
    count: request.count,
    salt: toBase64Url(request.salt),
    purpose: request.purpose,
    consent: toBase64Url(request.consent),
    elements: toBase64Url(concatBytes(...request.elements)),
    transcript: toBase64Url(request.transcript),
    voucher: toBase64Url(request.voucher),
  };
}

/** @throws Fault those of {@link parseRequest}, and the suite's ELEMENT_* faults. */
export function decodeRequest(body: unknown, suite: OprfSuite): EvaluateRequest {
  return parseRequest(body, suite).decode();
}

/** @throws Fault REQUEST_MALFORMED, PURPOSE_UNKNOWN, ELEMENTS_EMPTY, ELEMENTS_TOO_MANY (before anything is decoded). */
export function parseRequest(body: unknown, suite: OprfSuite): UndecodedRequest {
  const { elements: text, ...rest } = parseWire(requestSchema, body, "REQUEST_MALFORMED");
  const purpose = parsePurpose(rest.purpose);
  checkElementCount(Math.ceil(encodedBytes(text) / suite.elementBytes));
  const bytes = decodeText(text, "elements", "REQUEST_MALFORMED");
  return { ...rest, purpose, decode: () => ({ ...rest, purpose, elements: suite.decodeElements(bytes) }) };
}
