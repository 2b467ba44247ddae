/** A querier, a holder and a session for the tests; all randomness from a seed. */
import { fromHex, uint, utf8, type RandomBytes } from "../../../protocol/encoding/bytes.ts";
import { sha256 } from "../../../protocol/encoding/digest.ts";
import { isFault } from "../../../protocol/errors/fault.ts";
import type { FaultCode } from "../../../protocol/errors/catalogue.ts";
import { consentRoot } from "../../../protocol/oblivious-lookup/consent.ts";
import { initialLane } from "../../../protocol/oblivious-lookup/lane-guard.ts";
import {
  composeRequest,
  type EvaluateRequest,
  type Inquiry,
  type LaneHead,
} from "../../../protocol/oblivious-lookup/request.ts";
import { composeResponse, type EvaluateResponse } from "../../../protocol/oblivious-lookup/response.ts";
import { addressOf, signDigest, type LedgerDomain } from "../../../protocol/oblivious-lookup/typed-data.ts";
import { ristretto255Sha512 as oprf } from "../../../protocol/oprf/oprf.ts";

export function seededRandom(seed: string): RandomBytes {
  let calls = 0;
  return (length) => {
    const out = new Uint8Array(length);
    for (let at = 0; at < length; at += 32) {
      out.set(sha256(utf8(seed), uint(calls++, 4)).subarray(0, Math.min(32, length - at)), at);
    }
    return out;
  };
}

export const domain: LedgerDomain = { chainId: 31337, ledger: `0x${"5e".repeat(20)}` };
export const querierKey = sha256(utf8("querier"));
export const querierAddress = addressOf(querierKey);
export const holderKey = sha256(utf8("holder"));
export const holderAddress = addressOf(holderKey);
export const signAsQuerier = (digest: Uint8Array): Uint8Array => signDigest(querierKey, digest);
export const signAsHolder = (digest: Uint8Array): Uint8Array => signDigest(holderKey, digest);
export const session = sha256(utf8("session"));
export const dataset = fromHex(`0x${"d5".repeat(32)}`);
export const epochKey = oprf.generateKeyPair(seededRandom("epoch key"));

export function inquiry(elements: number, seed: string, change: Partial<Inquiry> = {}): Inquiry {
  const random = seededRandom(seed);
  const blinded = Array.from({ length: elements }, (_, i) => oprf.blind(utf8(`dummy:${i}`), oprf.randomScalar(random)));
  const consent = consentRoot(blinded.map(() => random(32)));
  return {
    ...{ session, dataset, epoch: 3, lane: 2, salt: random(32), purpose: "CREDIT_GRANTING", consent },
    elements: blinded,
    ...change,
  };
}

export function request(
  elements: number,
  seed: string,
  head: LaneHead = initialLane(session, dataset, 2),
): EvaluateRequest {
  return composeRequest(inquiry(elements, seed), head, domain, signAsQuerier);
}

export function respond(asked: EvaluateRequest): EvaluateResponse {
  const random = seededRandom("holder");
  const evaluation = oprf.blindEvaluate(epochKey, asked.elements, random);
  return composeResponse(asked, { salt: random(32), ...evaluation }, domain, signAsHolder);
}

/** The fault that `action` throws. @throws whatever else it throws, or an Error if it throws nothing. */
export function codeThrown(action: () => unknown): FaultCode {
  try {
    action();
  } catch (error) {
    if (isFault(error)) return error.code;
    throw error;
  }
  throw new Error("nothing was thrown");
}
