/** The evaluate response: evaluated elements with one batched proof, and the holder's signed receipt for them. */
import { z } from "zod";

import { concatBytes, toBase64Url, type Hex } from "../encoding/bytes.ts";
import { saltedDigest } from "../encoding/digest.ts";
import { Fault, isFault } from "../errors/fault.ts";
import type { Element, OprfSuite, Proof } from "../oprf/oprf.ts";
import { checkElementCount, requestDigest, voucherOf, type EvaluateRequest } from "./request.ts";
import {
  receiptDigest,
  recoverAddress,
  SIGNATURE_BYTES,
  type LedgerDomain,
  type Receipt,
  type SignDigest,
} from "./typed-data.ts";
import { decodeText, encodedBytes, parseWire, wireBytes } from "./wire.ts";

/** What was computed, before it is signed for. */
export interface Evaluation {
  readonly salt: Uint8Array;
  readonly evaluated: readonly Element[];
  readonly proof: Proof;
}

/** `receipt` is the signature of an operator of the holder. */
export interface EvaluateResponse extends Evaluation {
  readonly receipt: Uint8Array;
}

/** Bound to the request it answers by `request`, that request's digest. */
export function responseDigest(request: Uint8Array, evaluation: Evaluation): Uint8Array {
  return saltedDigest("riskveil/response", evaluation.salt, [
    request,
    concatBytes(...evaluation.evaluated),
    evaluation.proof,
  ]);
}

export function receiptOf(request: EvaluateRequest, evaluation: Evaluation): Receipt {
  return { ...voucherOf(request), response: responseDigest(requestDigest(request), evaluation) };
}

export function composeResponse(
  request: EvaluateRequest,
  evaluation: Evaluation,
  domain: LedgerDomain,
  sign: SignDigest,
): EvaluateResponse {
  return { ...evaluation, receipt: sign(receiptDigest(domain, receiptOf(request, evaluation))) };
}

/**
 * Who signed the receipt (lower-case address). Whether that is an operator of the holder only the chain can say.
 * @throws Fault RECEIPT_INVALID if nobody did
 */
export function receiptSigner(request: EvaluateRequest, response: EvaluateResponse, domain: LedgerDomain): Hex {
  try {
    return recoverAddress(receiptDigest(domain, receiptOf(request, response)), response.receipt);
  } catch (error) {
    if (!isFault(error, "SIGNATURE_INVALID")) throw error;
    throw new Fault("RECEIPT_INVALID", { lane: request.lane, count: request.count }, error);
  }
}

/** JSON of the answer: byte strings in base64url, all evaluated elements in one. */
export interface ResponseWire {
  salt: string;
  evaluated: string;
  proof: string;
  receipt: string;
}

/** For the API description; {@link decodeResponse} is what checks a response. */
export const responseSchema = z.strictObject({
  salt: wireBytes(32),
  evaluated: z.string(),
  proof: z.string(),
  receipt: wireBytes(SIGNATURE_BYTES),
});

export function encodeResponse(response: EvaluateResponse): ResponseWire {
  return {
    salt: toBase64Url(response.salt),
    evaluated: toBase64Url(concatBytes(...response.evaluated)),
    proof: toBase64Url(response.proof),
    receipt: toBase64Url(response.receipt),
  };
}

/**
 * `expected` is the number of elements of the request.
 * @throws Fault RESPONSE_MALFORMED (also for another number of elements), and the suite's ELEMENT_* faults.
 */
export function decodeResponse(body: unknown, suite: OprfSuite, expected: number): EvaluateResponse {
  checkElementCount(expected);
  const wire = parseWire(responseSchema, body, "RESPONSE_MALFORMED");
  if (encodedBytes(wire.evaluated) !== expected * suite.elementBytes) {
    throw new Fault("RESPONSE_MALFORMED", { field: "evaluated", reason: `must hold ${String(expected)} elements` });
  }
  const proof = decodeText(wire.proof, "proof", "RESPONSE_MALFORMED");
  if (proof.length !== suite.proofBytes) {
    throw new Fault("RESPONSE_MALFORMED", { field: "proof", reason: `must be ${String(suite.proofBytes)} bytes` });
  }
  const evaluated = suite.decodeElements(decodeText(wire.evaluated, "evaluated", "RESPONSE_MALFORMED"));
  return { salt: wire.salt, evaluated, proof: proof as Proof, receipt: wire.receipt };
}
