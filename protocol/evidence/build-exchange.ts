/** What packages of both formats say in the same words, from what a querier has stored. */
import { concatBytes, toHex, type Hex } from "../encoding/bytes.ts";
import type { EvaluateRequest } from "../oblivious-lookup/request.ts";
import type { EvaluateResponse } from "../oblivious-lookup/response.ts";
import type { LinkedLeaf } from "../sealed-table/linked-leaves.ts";
import type { EvidenceAnchor, EvidenceExchange, EvidencePlace } from "./fields.ts";

/** One request and its response; session, dataset, epoch and lane are those of the request. */
export interface ExchangeFacts {
  readonly holder: number;
  /** Position of the subject in the request, from 0. */
  readonly index: number;
  readonly previousTranscript: Uint8Array;
  readonly request: EvaluateRequest;
  readonly response: EvaluateResponse;
  /** Commitments of all the request's subjects, in order. */
  readonly consents: readonly Uint8Array[];
  readonly consent: { readonly salt: Uint8Array; readonly documentDigest: Uint8Array };
}

/** Where a table decides on the subject. */
export interface PlaceFacts {
  readonly leaf: LinkedLeaf;
  readonly path: readonly Uint8Array[];
}

export interface AnchoredLeaf {
  readonly datasets: readonly Uint8Array[];
  readonly salt: Uint8Array;
  readonly leaf: Uint8Array;
  readonly transactionHash: Hex;
  readonly blockNumber: number;
  readonly logIndex: number;
  readonly position: number;
}

export function exchangeOf({ request, response, ...facts }: ExchangeFacts): EvidenceExchange {
  return {
    dataset: toHex(request.dataset),
    holder: facts.holder,
    epoch: request.epoch,
    session: toHex(request.session),
    lane: request.lane,
    index: facts.index,
    previousTranscript: toHex(facts.previousTranscript),
    request: {
      session: toHex(request.session),
      dataset: toHex(request.dataset),
      epoch: request.epoch,
      lane: request.lane,
      count: request.count,
      salt: toHex(request.salt),
      purpose: request.purpose,
      consent: toHex(request.consent),
      elements: toHex(concatBytes(...request.elements)),
      transcript: toHex(request.transcript),
      voucher: toHex(request.voucher),
    },
    response: {
      salt: toHex(response.salt),
      evaluated: toHex(concatBytes(...response.evaluated)),
      proof: toHex(response.proof),
      receipt: toHex(response.receipt),
    },
    consents: facts.consents.map(toHex),
    consent: { salt: toHex(facts.consent.salt), documentDigest: toHex(facts.consent.documentDigest) },
  };
}

export function placeOf({ leaf, path }: PlaceFacts): EvidencePlace {
  return {
    leaf: { tag: toHex(leaf.tag), next: toHex(leaf.next), entryHash: toHex(leaf.entryHash) },
    path: path.map(toHex),
  };
}

export function anchorOf(anchor: AnchoredLeaf): EvidenceAnchor {
  const { datasets, salt, leaf, transactionHash, blockNumber, logIndex, position } = anchor;
  const numbers = { blockNumber, logIndex, position };
  return {
    datasets: datasets.map(toHex),
    salt: toHex(salt),
    leaf: toHex(leaf),
    transactionHash: lower(transactionHash),
    ...numbers,
  };
}

export function lower(hex: Hex): Hex {
  return hex.toLowerCase() as Hex;
}
