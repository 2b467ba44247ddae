/** Puts an evidence package together from what a querier has stored about one subject's query. */
import { concatBytes, toHex, type Hex } from "../encoding/bytes.ts";
import type { FaultCode } from "../errors/catalogue.ts";
import type { Purpose } from "../oblivious-lookup/purpose.ts";
import type { EvaluateRequest } from "../oblivious-lookup/request.ts";
import type { EvaluateResponse } from "../oblivious-lookup/response.ts";
import type { SignDigest } from "../oblivious-lookup/typed-data.ts";
import type { LinkedLeaf } from "../sealed-table/linked-leaves.ts";
import type { RiskRecord } from "../sealed-table/record.ts";
import type { SubjectId } from "../subject/subject.ts";
import { EVIDENCE_FORMAT, evidenceSchema, type EvidenceAnswer, type EvidencePackage } from "./package.ts";
import { sealDigest } from "./seal.ts";

export interface EvidenceFacts {
  readonly chain: {
    readonly chainId: number;
    readonly queryLedger: Hex;
    readonly datasetRegistry: Hex;
    readonly memberRegistry: Hex;
    readonly instanceSalt: Uint8Array;
  };
  readonly query: {
    /** UUID, lower case. */
    readonly id: string;
    readonly querier: number;
    readonly purpose: Purpose;
    readonly requestedAt: Date;
    readonly subject: SubjectId;
  };
  readonly answers: readonly AnswerFacts[];
  readonly unanswered: readonly { readonly dataset: Uint8Array; readonly holder: number; readonly reason: FaultCode }[];
  readonly anchors: readonly AnchoredLeaf[];
}

/** One dataset's answer; session, dataset, epoch and lane are those of the request. */
export interface AnswerFacts {
  readonly holder: number;
  readonly revision: number;
  readonly suite: number;
  readonly root: Uint8Array;
  readonly publicKey: Uint8Array;
  readonly blind: Uint8Array;
  /** Position of the subject's element in the request, from 0. */
  readonly index: number;
  readonly previousTranscript: Uint8Array;
  readonly request: EvaluateRequest;
  readonly response: EvaluateResponse;
  /** Commitments of all the request's elements, in order. */
  readonly consents: readonly Uint8Array[];
  readonly consent: { readonly salt: Uint8Array; readonly documentDigest: Uint8Array };
  readonly leaf: LinkedLeaf;
  readonly path: readonly Uint8Array[];
  /** The opened entry; absent for a miss. */
  readonly hit?: { readonly entry: Uint8Array; readonly records: readonly RiskRecord[] };
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

/**
 * `sealedAt` is ledger time, at which the signer is an operator of the querier; `sign` gives 65 bytes over 32.
 * @throws ZodError if the facts do not make a package of the format.
 */
export function buildEvidence(facts: EvidenceFacts, sealedAt: Date, sign: SignDigest): EvidencePackage {
  const { chain, query } = facts;
  const body = {
    format: EVIDENCE_FORMAT,
    chain: {
      chainId: chain.chainId,
      queryLedger: lower(chain.queryLedger),
      datasetRegistry: lower(chain.datasetRegistry),
      memberRegistry: lower(chain.memberRegistry),
      instanceSalt: toHex(chain.instanceSalt),
    },
    query: { ...query, requestedAt: query.requestedAt.toISOString() },
    answers: facts.answers.map(answerOf),
    unanswered: facts.unanswered.map((each) => ({ ...each, dataset: toHex(each.dataset) })),
    anchors: facts.anchors.map(anchorOf),
    sealedAt: sealedAt.toISOString(),
  } as const;
  return evidenceSchema.parse({ ...body, seal: toHex(sign(sealDigest(body))) });
}

function answerOf(answer: AnswerFacts): EvidenceAnswer {
  const { request, response, leaf } = answer;
  const fields = {
    dataset: toHex(request.dataset),
    holder: answer.holder,
    epoch: request.epoch,
    revision: answer.revision,
    suite: answer.suite,
    root: toHex(answer.root),
    publicKey: toHex(answer.publicKey),
    session: toHex(request.session),
    lane: request.lane,
    blind: toHex(answer.blind),
    index: answer.index,
    previousTranscript: toHex(answer.previousTranscript),
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
    consents: answer.consents.map(toHex),
    consent: { salt: toHex(answer.consent.salt), documentDigest: toHex(answer.consent.documentDigest) },
    leaf: { tag: toHex(leaf.tag), next: toHex(leaf.next), entryHash: toHex(leaf.entryHash) },
    path: answer.path.map(toHex),
  };
  if (!answer.hit) return { ...fields, outcome: "miss" };
  return { ...fields, outcome: "hit", entry: toHex(answer.hit.entry), records: [...answer.hit.records] };
}

function anchorOf(anchor: AnchoredLeaf): EvidencePackage["anchors"][number] {
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

function lower(hex: Hex): Hex {
  return hex.toLowerCase() as Hex;
}
