/** The checks of one dataset's request and response: who asked, by which right, about whom, and who answered. */
import { bytesEqual, concatBytes, fromHex, toHex, uint, type Hex } from "../encoding/bytes.ts";
import { keccak256 } from "../encoding/digest.ts";
import { consentCommitment, consentRoot } from "../oblivious-lookup/consent.ts";
import { LANES } from "../oblivious-lookup/lane-guard.ts";
import type { Exchange } from "../oblivious-lookup/leaf.ts";
import { requestDigest, verifyVoucher, type EvaluateRequest } from "../oblivious-lookup/request.ts";
import { receiptSigner, responseDigest, type EvaluateResponse } from "../oblivious-lookup/response.ts";
import { initialTranscript, nextTranscript } from "../oblivious-lookup/transcript.ts";
import type { LedgerDomain } from "../oblivious-lookup/typed-data.ts";
import { RECORD_SCHEMA } from "../sealed-table/record.ts";
import { suiteById, type SealingSuite } from "../sealed-table/suite.ts";
import { subjectInput, type SubjectId } from "../subject/subject.ts";
import { requestOf, responseOf } from "./answer-bytes.ts";
import type { SessionFact } from "./chain-facts.ts";
import { requireComputed, requireKnown, requireThat, type CheckRun } from "./check-run.ts";
import type { EvidenceAnswer, EvidencePackage } from "./package.ts";

/** What the table's checks and the anchor's go on with; absent where the checks behind it are not ok. */
export interface VerifiedExchange {
  readonly committed: Committed | undefined;
  readonly session: SessionFact | undefined;
  readonly response: EvaluateResponse | undefined;
  readonly exchange: Exchange | undefined;
}

export interface Committed {
  readonly suite: SealingSuite;
  readonly entrySize: number;
  /** Ledger time, Unix seconds. */
  readonly publishedAt: number;
}

interface CoveringSession extends SessionFact {
  readonly granted: number;
}

export async function verifyExchange(
  run: CheckRun,
  pkg: EvidencePackage,
  answer: EvidenceAnswer,
  subject: SubjectId | undefined,
): Promise<VerifiedExchange> {
  const domain = { chainId: pkg.chain.chainId, ledger: pkg.chain.queryLedger };
  const session = await run.check("SESSION", [], () => coveringSession(run, pkg.query.querier, answer));
  const holder = await run.check("DATASET", [], () => holderOf(run, pkg.chain, answer));
  const committed = await run.check("COMMITMENT", [], () => commitmentOf(run, answer));
  const request = await run.check("REQUEST", [committed], ({ suite }) => wellFormedRequest(pkg, answer, suite));
  const consent = await run.check("CONSENT", [request, subject], (asked, about) =>
    openedConsent(pkg, answer, asked, about),
  );
  await run.check("BLIND", [request, subject, committed], (asked, about, { suite }) => {
    const blinded = requireComputed(
      () => suite.oprf.blind(subjectInput(about), suite.oprf.decodeScalar(fromHex(answer.blind))),
      "BLIND_OTHER",
    );
    requireThat(bytesEqual(blinded, elementAt(asked.elements, answer.index)), "BLIND_OTHER");
  });
  await run.check("TRANSCRIPT", [request], (asked) => checkTranscript(answer, asked));
  await run.check("VOUCHER", [request, session], (asked, opened) => checkVoucher(domain, asked, opened));
  const response = await run.check("RESPONSE", [request, committed], (asked, { suite }) => {
    const read = requireComputed(() => responseOf(answer, suite.oprf), "RESPONSE_ELEMENTS");
    requireThat(read.evaluated.length === asked.elements.length, "RESPONSE_ELEMENTS");
    return read;
  });
  await run.check("RECEIPT", [request, response, session, holder], async (asked, read, opened, member) => {
    const signer = requireComputed(() => receiptSigner(asked, read, domain), "RECEIPT_SIGNER");
    requireThat(await wasInOffice(run, member, signer, opened, pkg.query.requestedAt), "RECEIPT_SIGNER");
  });
  await run.check("PROOF", [request, response, committed], (asked, read, { suite }) => {
    const key = fromHex(answer.publicKey);
    requireThat(suite.oprf.verifyProof(key, asked.elements, read.evaluated, read.proof), "PROOF_INVALID");
  });
  return { committed, session, response, exchange: exchangeOf(answer, request, response, consent) };
}

async function coveringSession(run: CheckRun, querier: number, answer: EvidenceAnswer): Promise<CoveringSession> {
  const session = requireKnown(await run.chain.session(answer.session), "SESSION_UNKNOWN");
  requireThat(session.querier === querier, "SESSION_OTHER_QUERIER");
  const granted = (await run.chain.allotment(answer.session, answer.dataset)) ?? 0;
  requireThat(granted > 0, "SESSION_WITHOUT_DATASET");
  return { ...session, granted };
}

async function holderOf(run: CheckRun, chain: EvidencePackage["chain"], answer: EvidenceAnswer): Promise<number> {
  const { holder, label } = requireKnown(await run.chain.dataset(answer.dataset), "DATASET_UNKNOWN");
  requireThat(holder === answer.holder, "DATASET_OTHER_HOLDER");
  requireThat(datasetIdOf(chain.chainId, chain.datasetRegistry, holder, label) === answer.dataset, "DATASET_ID_WRONG");
  return holder;
}

/** keccak256(abi.encode(chain id, registry, holder, label)): ties the dataset, and with it the session, to the registry. */
export function datasetIdOf(chainId: number, registry: Hex, holder: number, label: Hex): Hex {
  const word = (value: Uint8Array): Uint8Array => concatBytes(new Uint8Array(32 - value.length), value);
  const fields = [word(uint(chainId, 6)), word(fromHex(registry, 20)), word(uint(holder, 4)), fromHex(label, 32)];
  return toHex(keccak256(...fields));
}

async function commitmentOf(run: CheckRun, answer: EvidenceAnswer): Promise<Committed> {
  const found = await run.chain.commitment(answer.dataset, answer.epoch, answer.revision);
  const commitment = requireKnown(found, "COMMITMENT_UNKNOWN");
  requireThat(commitment.root === answer.root, "ROOT_OTHER");
  requireThat(commitment.publicKey === answer.publicKey, "KEY_OTHER");
  requireThat(commitment.suite === answer.suite, "SUITE_OTHER");
  requireThat(commitment.schema === RECORD_SCHEMA, "SCHEMA_OTHER");
  const { entrySize, publishedAt } = commitment;
  return { suite: requireComputed(() => suiteById(answer.suite), "SUITE_OTHER"), entrySize, publishedAt };
}

function wellFormedRequest({ query }: EvidencePackage, answer: EvidenceAnswer, suite: SealingSuite): EvaluateRequest {
  const { session, dataset, epoch, lane, purpose } = answer.request;
  const same = session === answer.session && dataset === answer.dataset;
  requireThat(same && epoch === answer.epoch && lane === answer.lane && lane < LANES, "REQUEST_OTHER");
  requireThat(purpose === query.purpose, "REQUEST_OTHER");
  const request = requireComputed(() => requestOf(answer, suite.oprf), "REQUEST_ELEMENTS");
  requireThat(answer.index < request.elements.length, "REQUEST_ELEMENTS");
  return request;
}

/** This subject's commitment. */
function openedConsent(
  { query }: EvidencePackage,
  answer: EvidenceAnswer,
  request: EvaluateRequest,
  subject: SubjectId,
): Uint8Array {
  const commitments = answer.consents.map((commitment) => fromHex(commitment));
  requireThat(commitments.length === request.elements.length, "CONSENT_COUNT");
  requireThat(bytesEqual(consentRoot(commitments), request.consent), "CONSENT_ROOT");
  const { salt, documentDigest } = answer.consent;
  const opening = { salt: fromHex(salt), documentDigest: fromHex(documentDigest), purpose: query.purpose, subject };
  const commitment = consentCommitment(opening);
  requireThat(bytesEqual(commitment, elementAt(commitments, answer.index)), "CONSENT_OPENING");
  return commitment;
}

function checkTranscript(answer: EvidenceAnswer, request: EvaluateRequest): void {
  const previous = fromHex(answer.previousTranscript);
  const { session, dataset, lane } = request;
  const isFirst = request.count === request.elements.length;
  requireThat(!isFirst || bytesEqual(previous, initialTranscript(session, dataset, lane)), "TRANSCRIPT_START");
  requireThat(bytesEqual(nextTranscript(previous, requestDigest(request)), request.transcript), "TRANSCRIPT_OTHER");
}

function checkVoucher(domain: LedgerDomain, request: EvaluateRequest, session: CoveringSession): void {
  const fits = request.count >= request.elements.length && request.count <= session.granted;
  requireThat(fits, "VOUCHER_COUNT");
  requireComputed(() => {
    verifyVoucher(request, domain, session.signer);
  }, "VOUCHER_SIGNER");
}

/**
 * Nothing on chain says when the receipt was signed, only that it was during the session. So its signer must have been
 * an operator of the holder when the session opened, at the time that the package states, or when the session ended.
 */
async function wasInOffice(
  run: CheckRun,
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
  answer: EvidenceAnswer,
  request: EvaluateRequest | undefined,
  response: EvaluateResponse | undefined,
  consent: Uint8Array | undefined,
): Exchange | undefined {
  if (!request || !response || !consent) return undefined;
  const digest = requestDigest(request);
  const dataset = fromHex(answer.dataset);
  return { dataset, requestDigest: digest, responseDigest: responseDigest(digest, response), consent };
}

function elementAt<T>(list: readonly T[], index: number): T {
  return requireKnown(list[index], "REQUEST_ELEMENTS");
}
