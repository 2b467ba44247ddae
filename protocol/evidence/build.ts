/** Puts an evidence package together from what a querier has stored about one subject's query. */
import { toHex, type Hex } from "../encoding/bytes.ts";
import type { FaultCode } from "../errors/catalogue.ts";
import type { Purpose } from "../oblivious-lookup/purpose.ts";
import type { SignDigest } from "../oblivious-lookup/typed-data.ts";
import type { RiskRecord } from "../sealed-table/record.ts";
import type { SubjectId } from "../subject/subject.ts";
import {
  anchorOf,
  exchangeOf,
  lower,
  placeOf,
  type AnchoredLeaf,
  type ExchangeFacts,
  type PlaceFacts,
} from "./build-exchange.ts";
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
  readonly query: QueryFacts;
  readonly answers: readonly AnswerFacts[];
  readonly unanswered: readonly { readonly dataset: Uint8Array; readonly holder: number; readonly reason: FaultCode }[];
  readonly anchors: readonly AnchoredLeaf[];
}

export interface QueryFacts {
  /** UUID, lower case. */
  readonly id: string;
  readonly querier: number;
  readonly purpose: Purpose;
  readonly requestedAt: Date;
  readonly subject: SubjectId;
}

/** One dataset's answer. */
export interface AnswerFacts extends ExchangeFacts, PlaceFacts {
  readonly revision: number;
  readonly suite: number;
  readonly root: Uint8Array;
  readonly publicKey: Uint8Array;
  readonly blind: Uint8Array;
  /** The opened entry; absent for a miss. */
  readonly hit?: { readonly entry: Uint8Array; readonly records: readonly RiskRecord[] };
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
      memberRegistry: lower(chain.memberRegistry),
      instanceSalt: toHex(chain.instanceSalt),
      datasetRegistry: lower(chain.datasetRegistry),
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
  const fields = {
    ...exchangeOf(answer),
    revision: answer.revision,
    suite: answer.suite,
    root: toHex(answer.root),
    publicKey: toHex(answer.publicKey),
    blind: toHex(answer.blind),
    ...placeOf(answer),
  };
  if (!answer.hit) return { ...fields, outcome: "miss" };
  return { ...fields, outcome: "hit", entry: toHex(answer.hit.entry), records: [...answer.hit.records] };
}
