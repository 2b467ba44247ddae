/** A package's hex as the byte strings that the protocol computes with. */
import { fromHex } from "../encoding/bytes.ts";
import type { EvaluateRequest } from "../oblivious-lookup/request.ts";
import type { EvaluateResponse } from "../oblivious-lookup/response.ts";
import type { OprfSuite, Proof } from "../oprf/oprf.ts";
import type { LinkedLeaf } from "../sealed-table/linked-leaves.ts";
import { asTag, type TableId } from "../sealed-table/table-id.ts";
import type { EvidenceExchange, EvidencePlace } from "./fields.ts";

/** @throws Fault ELEMENT_*, ELEMENTS_LENGTH */
export function requestOf({ request }: Pick<EvidenceExchange, "request">, oprf: OprfSuite): EvaluateRequest {
  return {
    session: fromHex(request.session),
    dataset: fromHex(request.dataset),
    epoch: request.epoch,
    lane: request.lane,
    count: request.count,
    salt: fromHex(request.salt),
    purpose: request.purpose,
    consent: fromHex(request.consent),
    elements: oprf.decodeElements(fromHex(request.elements)),
    transcript: fromHex(request.transcript),
    voucher: fromHex(request.voucher),
  };
}

/** @throws Fault ELEMENT_*, ELEMENTS_LENGTH; RangeError if the proof has another length. */
export function responseOf({ response }: Pick<EvidenceExchange, "response">, oprf: OprfSuite): EvaluateResponse {
  return {
    salt: fromHex(response.salt),
    evaluated: oprf.decodeElements(fromHex(response.evaluated)),
    proof: fromHex(response.proof, oprf.proofBytes) as Proof,
    receipt: fromHex(response.receipt),
  };
}

export function leafOf({ leaf }: Pick<EvidencePlace, "leaf">): LinkedLeaf {
  return { tag: asTag(fromHex(leaf.tag)), next: asTag(fromHex(leaf.next)), entryHash: fromHex(leaf.entryHash) };
}

export function pathOf({ path }: Pick<EvidencePlace, "path">): Uint8Array[] {
  return path.map((node) => fromHex(node));
}

export function tableOf({ dataset, epoch }: Pick<EvidenceExchange, "dataset" | "epoch">): TableId {
  return { dataset: fromHex(dataset), epoch };
}
