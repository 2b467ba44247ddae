/** One request to an algorithm node and its answer, as relayers make them. */
import type { RandomBytes } from "../../../protocol/encoding/bytes.ts";
import { decryptionShares } from "../../../protocol/aggregate/query.ts";
import { standardSchema } from "../../../protocol/aggregate/schema.ts";
import type { Element } from "../../../protocol/group/group.ts";
import { consentCommitment, consentRoot } from "../../../protocol/oblivious-lookup/consent.ts";
import { composeRequest } from "../../../protocol/oblivious-lookup/request.ts";
import { composeResponse } from "../../../protocol/oblivious-lookup/response.ts";
import { initialTranscript } from "../../../protocol/oblivious-lookup/transcript.ts";
import type { LedgerDomain, SignDigest } from "../../../protocol/oblivious-lookup/typed-data.ts";
import type { Proof } from "../../../protocol/oprf/oprf.ts";
import type { NodeExchangeFacts } from "../../../protocol/picture-evidence/build.ts";
import type { NodeService } from "../../../protocol/key-round/round.ts";
import type { SubjectId } from "../../../protocol/subject/subject.ts";
import { thresholdOprf } from "../../../protocol/threshold/threshold-oprf.ts";
import type { DealtKey } from "../threshold/ceremony.ts";

export interface NodeDemand {
  readonly service: NodeService;
  /** Of all subjects. */
  readonly elements: readonly Element[];
  readonly subjects: readonly SubjectId[];
  /** Whose evidence it becomes. */
  readonly subject: SubjectId;
  readonly session: Uint8Array;
  /** 0: its first request; in others this is a later one. */
  readonly lane: number;
  /** The querier's signature. */
  readonly sign: SignDigest;
  readonly domain: LedgerDomain;
  /** Member. */
  readonly node: number;
  /** In the protocol, from 1. */
  readonly index: number;
  readonly dataset: Uint8Array;
  /** Key round. */
  readonly epoch: number;
  readonly key: DealtKey;
  readonly signNode: SignDigest;
  /** Proves what it computed of other elements. */
  readonly liar?: boolean;
  readonly random: RandomBytes;
}

const schemes = { evaluation: thresholdOprf, locator: thresholdOprf, query: decryptionShares };

export function composeExchange(demand: NodeDemand): NodeExchangeFacts {
  const { service, elements, subjects, session, dataset, lane, domain, key, random, liar = false } = demand;
  const width = service === "query" ? standardSchema.slotCount : 1;
  const openings = subjects.map((about) => ({
    ...{ salt: random(32), documentDigest: random(32), purpose: "CREDIT_GRANTING" as const, subject: about },
  }));
  const consents = openings.map(consentCommitment);
  const head =
    lane === 0
      ? { count: 0, transcript: initialTranscript(session, dataset, lane) }
      : { count: 7, transcript: random(32) };
  const inquiry = { session, dataset, epoch: demand.epoch, lane, salt: random(32), elements };
  const request = composeRequest(
    { ...inquiry, purpose: "CREDIT_GRANTING", consent: consentRoot(consents) },
    head,
    domain,
    demand.sign,
    width,
  );
  const position = subjects.indexOf(demand.subject);
  const [share, opening] = [key.shares[demand.index - 1], openings[position]];
  if (!share || !opening) throw new Error("a node with a share, about one of the subjects");
  const bytes = schemes[service].evaluate(key.keys, share, liar ? elements.toReversed() : elements, random);
  const end = elements.length * 32;
  const evaluated = elements.map((_, at) => bytes.slice(at * 32, (at + 1) * 32) as Element);
  const evaluation = { salt: random(32), evaluated, proof: bytes.slice(end) as Proof };
  return {
    ...{ holder: demand.node, index: position, previousTranscript: head.transcript, request, consents, service },
    response: composeResponse(request, evaluation, domain, demand.signNode),
    consent: { salt: opening.salt, documentDigest: opening.documentDigest },
    proved: !liar,
  };
}
