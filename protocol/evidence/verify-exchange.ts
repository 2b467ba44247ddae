/** The checks of one request and response: who asked, by which right, about whom, and who answered. */
import { bytesEqual, fromHex, type Hex } from "../encoding/bytes.ts";
import { consentCommitment, consentRoot } from "../oblivious-lookup/consent.ts";
import { LANES } from "../oblivious-lookup/lane-guard.ts";
import type { Exchange } from "../oblivious-lookup/leaf.ts";
import { requestDigest, unitsOf, verifyVoucher, type EvaluateRequest } from "../oblivious-lookup/request.ts";
import { receiptSigner, responseDigest, type EvaluateResponse } from "../oblivious-lookup/response.ts";
import { initialTranscript, nextTranscript } from "../oblivious-lookup/transcript.ts";
import type { LedgerDomain } from "../oblivious-lookup/typed-data.ts";
import type { OprfSuite } from "../oprf/oprf.ts";
import type { SubjectId } from "../subject/subject.ts";
import { requestOf, responseOf } from "./answer-bytes.ts";
import type { LedgerFacts, SessionFact } from "./chain-facts.ts";
import { requireComputed, requireKnown, requireThat, type CheckRun } from "./check-run.ts";
import type { EvidenceExchange, EvidenceQuery } from "./fields.ts";

/** What was asked and of whom; absent where the checks behind it are not ok. */
export interface ExchangeTerms {
  readonly query: EvidenceQuery;
  readonly domain: LedgerDomain;
  readonly exchange: EvidenceExchange;
  readonly subject: SubjectId | undefined;
  readonly session: CoveringSession | undefined;
  /** Member whose operators sign receipts. */
  readonly holder: number | undefined;
  /** Whose elements they are. */
  readonly oprf: OprfSuite | undefined;
  /** Elements that a subject has in the request, and that are paid for as one. */
  readonly width: number;
  /** Makes the check that the subject's elements are what they should be. */
  verifyElements(request: EvaluateRequest | undefined): Promise<void>;
}

/** What further checks go on with; absent where the checks behind it are not ok. */
export interface VerifiedExchange {
  readonly session: SessionFact | undefined;
  readonly request: EvaluateRequest | undefined;
  readonly response: EvaluateResponse | undefined;
  readonly exchange: Exchange | undefined;
}

export interface CoveringSession extends SessionFact {
  readonly granted: number;
}

export async function verifySession(
  run: CheckRun<LedgerFacts>,
  query: EvidenceQuery,
  exchange: EvidenceExchange,
): Promise<CoveringSession | undefined> {
  return await run.check("SESSION", [], async () => {
    const session = requireKnown(await run.chain.session(exchange.session), "SESSION_UNKNOWN");
    requireThat(session.querier === query.querier, "SESSION_OTHER_QUERIER");
    const granted = (await run.chain.allotment(exchange.session, exchange.dataset)) ?? 0;
    requireThat(granted > 0, "SESSION_WITHOUT_DATASET");
    return { ...session, granted };
  });
}

export async function verifyExchange(run: CheckRun<LedgerFacts>, terms: ExchangeTerms): Promise<VerifiedExchange> {
  const { query, domain, exchange, subject, session, holder, oprf } = terms;
  const request = await run.check("REQUEST", [oprf], (suite) => wellFormedRequest(terms, suite));
  const consent = await run.check("CONSENT", [request, subject], (asked, about) => openedConsent(terms, asked, about));
  await terms.verifyElements(request);
  await run.check("TRANSCRIPT", [request], (asked) => {
    checkTranscript(terms, asked);
  });
  await run.check("VOUCHER", [request, session], (asked, opened) => {
    checkVoucher(terms, asked, opened);
  });
  const response = await run.check("RESPONSE", [request, oprf], (asked, suite) => {
    const read = requireComputed(() => responseOf(exchange, suite), "RESPONSE_ELEMENTS");
    requireThat(read.evaluated.length === asked.elements.length, "RESPONSE_ELEMENTS");
    return read;
  });
  await run.check("RECEIPT", [request, response, session, holder], async (asked, read, opened, member) => {
    const signer = requireComputed(() => receiptSigner(asked, read, domain), "RECEIPT_SIGNER");
    requireThat(await wasInOffice(run, member, signer, opened, query.requestedAt), "RECEIPT_SIGNER");
  });
  return { session, request, response, exchange: exchangeOf(exchange, request, response, consent) };
}

function wellFormedRequest({ query, exchange, width }: ExchangeTerms, oprf: OprfSuite): EvaluateRequest {
  const { session, dataset, epoch, lane, purpose } = exchange.request;
  const same = session === exchange.session && dataset === exchange.dataset;
  requireThat(same && epoch === exchange.epoch && lane === exchange.lane && lane < LANES, "REQUEST_OTHER");
  requireThat(purpose === query.purpose, "REQUEST_OTHER");
  const request = requireComputed(() => requestOf(exchange, oprf), "REQUEST_ELEMENTS");
  const units = requireComputed(() => unitsOf(request.elements.length, width), "REQUEST_ELEMENTS");
  requireThat(exchange.index < units, "REQUEST_ELEMENTS");
  return request;
}

/** This subject's commitment. */
function openedConsent(
  { query, exchange, width }: ExchangeTerms,
  request: EvaluateRequest,
  subject: SubjectId,
): Uint8Array {
  const commitments = exchange.consents.map((commitment) => fromHex(commitment));
  requireThat(commitments.length === unitsOf(request.elements.length, width), "CONSENT_COUNT");
  requireThat(bytesEqual(consentRoot(commitments), request.consent), "CONSENT_ROOT");
  const { salt, documentDigest } = exchange.consent;
  const opening = { salt: fromHex(salt), documentDigest: fromHex(documentDigest), purpose: query.purpose, subject };
  const commitment = consentCommitment(opening);
  requireThat(bytesEqual(commitment, elementAt(commitments, exchange.index)), "CONSENT_OPENING");
  return commitment;
}

function checkTranscript({ exchange, width }: ExchangeTerms, request: EvaluateRequest): void {
  const previous = fromHex(exchange.previousTranscript);
  const { session, dataset, lane } = request;
  const isFirst = request.count === unitsOf(request.elements.length, width);
  requireThat(!isFirst || bytesEqual(previous, initialTranscript(session, dataset, lane)), "TRANSCRIPT_START");
  requireThat(bytesEqual(nextTranscript(previous, requestDigest(request)), request.transcript), "TRANSCRIPT_OTHER");
}

function checkVoucher({ domain, width }: ExchangeTerms, request: EvaluateRequest, session: CoveringSession): void {
  const units = unitsOf(request.elements.length, width);
  requireThat(request.count >= units && request.count <= session.granted, "VOUCHER_COUNT");
  requireComputed(() => {
    verifyVoucher(request, domain, session.signer);
  }, "VOUCHER_SIGNER");
}

/**
 * Nothing on chain says when the receipt was signed, only that it was during the session. So its signer must have been
 * an operator of the holder when the session opened, at the time that the package states, or when the session ended.
 */
async function wasInOffice(
  run: CheckRun<LedgerFacts>,
  holder: number,
  signer: Hex,
  session: SessionFact,
  requestedAt: string,
): Promise<boolean> {
  const stated = Math.floor(Date.parse(requestedAt) / 1000);
  const within = Math.min(Math.max(stated, session.openedAt), session.expiresAt);
  for (const moment of new Set([session.openedAt, within, session.expiresAt])) {
    if (await run.chain.wasOperatorOf(holder, signer, moment)) return true;
  }
  return false;
}

function exchangeOf(
  { dataset }: EvidenceExchange,
  request: EvaluateRequest | undefined,
  response: EvaluateResponse | undefined,
  consent: Uint8Array | undefined,
): Exchange | undefined {
  if (!request || !response || !consent) return undefined;
  const digest = requestDigest(request);
  return {
    ...{ dataset: fromHex(dataset), requestDigest: digest, consent },
    responseDigest: responseDigest(digest, response),
  };
}

export function elementAt<T>(list: readonly T[], index: number): T {
  return requireKnown(list[index], "REQUEST_ELEMENTS");
}
