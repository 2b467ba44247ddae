/**
 * A querier's two answered datasets and one unanswered, made with the real OPRF, signatures and sealed tables in memory.
 * The chain is a fake that is generated from the same facts, so it shows that the verifier compares and not that the
 * contracts agree with it: the end-to-end test verifies packages against a real chain.
 */
import { fromHex, toHex, utf8, type Hex } from "../../../protocol/encoding/bytes.ts";
import { sha256 } from "../../../protocol/encoding/digest.ts";
import type { AnchoredLeaf, ExchangeFacts } from "../../../protocol/evidence/build-exchange.ts";
import { buildEvidence, type AnswerFacts, type EvidenceFacts } from "../../../protocol/evidence/build.ts";
import type { ChainFacts } from "../../../protocol/evidence/chain-facts.ts";
import type { EvidencePackage } from "../../../protocol/evidence/package.ts";
import { datasetIdOf } from "../../../protocol/evidence/verify-answer.ts";
import { consentCommitment, consentRoot, consentSalt } from "../../../protocol/oblivious-lookup/consent.ts";
import { queryLeaf } from "../../../protocol/oblivious-lookup/leaf.ts";
import { initialTranscript } from "../../../protocol/oblivious-lookup/transcript.ts";
import { composeRequest, requestDigest } from "../../../protocol/oblivious-lookup/request.ts";
import { composeResponse, responseDigest } from "../../../protocol/oblivious-lookup/response.ts";
import { addressOf, signDigest } from "../../../protocol/oblivious-lookup/typed-data.ts";
import { sealEntry } from "../../../protocol/sealed-table/entry.ts";
import { leafHash, leafVerdict, linkEntries } from "../../../protocol/sealed-table/linked-leaves.ts";
import { createMerkleTree } from "../../../protocol/sealed-table/merkle.ts";
import { padPayload } from "../../../protocol/sealed-table/payload.ts";
import { encodeRecords, RECORD_SCHEMA, type RiskRecord } from "../../../protocol/sealed-table/record.ts";
import { suiteById, type SealingSuite } from "../../../protocol/sealed-table/suite.ts";
import { parseSubject, subjectInput, type SubjectId } from "../../../protocol/subject/subject.ts";
import { domain, querierAddress, querierKey, seededRandom } from "../oblivious-lookup/lookup-fixture.ts";

const random = seededRandom("evidence");
export const requestedAt = new Date("2026-03-04T05:06:07.000Z");
const [openedAt, expiresAt] = [1_772_000_000, 1_773_000_000];
export const committedAt = openedAt - 3_600;
export const anchoredAt = requestedAt.getTime() / 1000 + 42;
export const datasetRegistry: Hex = `0x${"da".repeat(20)}`;
export const memberRegistry: Hex = `0x${"3e".repeat(20)}`;
export const label = toHex(Uint8Array.from({ length: 32 }, (_, i) => utf8("CREDIT")[i] ?? 0));
const QUERIER = 4;

function passport(number: string): SubjectId {
  return parseSubject({ scheme: "cn-passport", number }, { asOf: requestedAt });
}

export const subject = passport("E00000001");
const others = [passport("E00000002"), passport("E00000003")];

export const records: RiskRecord[] = [
  {
    ...{ id: "r-1", class: "B2", status: "open", statusDate: "2025-06-01", eventDate: "2025-05-30" },
    ...{ amountFen: 120_000_00, authorisation: toHex(random(32)), note: "合约期满未清偿" },
  },
  {
    ...{ id: "r-2", class: "C2", status: "cured", statusDate: "2025-09-01", eventDate: "2025-01-30" },
    authorisation: toHex(random(32)),
  },
];

export interface Holder {
  readonly member: number;
  readonly key: Uint8Array;
  readonly dataset: Uint8Array;
  readonly suite: SealingSuite;
  readonly epoch: number;
  readonly revision: number;
  readonly epochKey: ReturnType<SealingSuite["oprf"]["generateKeyPair"]>;
}

/** A holder whose one dataset is registered at `registry` of the chain of `domain`. */
export function holder(
  member: number,
  suite: number,
  change: Partial<Holder> = {},
  registry = datasetRegistry,
): Holder {
  return {
    ...{ member, key: sha256(utf8(`holder ${member}`)), suite: suiteById(suite), epoch: 7, revision: 2 },
    dataset: fromHex(datasetIdOf(domain.chainId, registry, member, label)),
    epochKey: suiteById(suite).oprf.generateKeyPair(random),
    ...change,
  };
}

/** A table of eight entries, with the subject's among them or not. */
function sealTable(at: Holder, withSubject: boolean): Pick<AnswerFacts, "root" | "leaf" | "path" | "hit"> {
  const { suite, epochKey, dataset, epoch } = at;
  const table = { dataset, epoch };
  const sealer = { suite, secretKey: epochKey.secretKey, table, random };
  const inputs = Array.from({ length: 7 }, (_, i) => utf8(`dummy:${i}-${at.member}`));
  inputs.push(withSubject ? subjectInput(subject) : utf8("dummy:last"));
  const entries = inputs.map((input) => sealEntry(sealer, input, padPayload(encodeRecords(records), 1024)));
  entries.sort((a, b) => Buffer.compare(a, b));
  const leaves = linkEntries(entries);
  const tree = createMerkleTree(leaves.map(leafHash));
  const tag = suite.deriveTag(suite.oprf.evaluate(epochKey.secretKey, subjectInput(subject)), table);
  const index = leaves.findIndex((leaf) => leafVerdict(leaf, tag) !== undefined);
  const leaf = leaves[index];
  if (!leaf) throw new Error("a table decides on every tag");
  const entry = entries[index - 1];
  const hit = withSubject && entry ? { hit: { entry, records } } : {};
  return { root: tree.root, leaf, path: tree.path(index), ...hit };
}

/** The second request of a lane, for three subjects of which ours is at position 1; or the first, for ours alone. */
export function answer(
  from: Holder,
  session: Uint8Array,
  lane: number,
  withSubject: boolean,
  ledger = domain,
): AnswerFacts {
  const { suite, dataset, epoch, epochKey } = from;
  const subjects = lane === 0 ? [subject] : [others[0] ?? subject, subject, others[1] ?? subject];
  const index = subjects.indexOf(subject);
  const salt = random(32);
  const secrets = subjects.map(() => ({ secret: random(32), documentDigest: random(32) }));
  const openings = subjects.map((about, i) => ({
    salt: consentSalt(secrets[i]?.secret ?? salt, salt, dataset, i),
    documentDigest: secrets[i]?.documentDigest ?? salt,
    purpose: "CREDIT_GRANTING" as const,
    subject: about,
  }));
  const consents = openings.map(consentCommitment);
  const blinds = subjects.map(() => suite.oprf.randomScalar(random));
  const elements = subjects.map((about, i) => suite.oprf.blind(subjectInput(about), blinds[i] ?? epochKey.secretKey));
  const inquiry = { session, dataset, epoch, lane, salt, purpose: "CREDIT_GRANTING" as const, elements };
  const head =
    lane === 0
      ? { count: 0, transcript: initialTranscript(session, dataset, lane) }
      : { count: 9, transcript: random(32) };
  const request = composeRequest({ ...inquiry, consent: consentRoot(consents) }, head, ledger, seal);
  const evaluation = { salt: random(32), ...suite.oprf.blindEvaluate(epochKey, elements, random) };
  const blind = blinds[index] ?? salt;
  const opening = openings[index];
  if (!opening) throw new Error("our subject is in the request");
  return {
    ...{ holder: from.member, revision: from.revision, suite: suite.id, blind, index, request },
    publicKey: epochKey.publicKey,
    previousTranscript: head.transcript,
    response: composeResponse(request, evaluation, ledger, (digest) => signDigest(from.key, digest)),
    consents,
    consent: { salt: opening.salt, documentDigest: opening.documentDigest },
    ...sealTable(from, withSubject),
  };
}

export const queryId = "0190a5c4-7d1e-7000-8000-00000000002a";

export function anchorOf(answers: readonly ExchangeFacts[], position: number): AnchoredLeaf {
  const salt = random(32);
  const exchanges = answers.map(({ request, response, consents, index }) => {
    const digest = requestDigest(request);
    const consent = consents[index] ?? salt;
    return {
      ...{ dataset: request.dataset, requestDigest: digest, consent },
      responseDigest: responseDigest(digest, response),
    };
  });
  const id = fromHex(`0x${queryId.replaceAll("-", "")}`);
  const leaf = queryLeaf({ salt, queryId: id, purpose: "CREDIT_GRANTING", exchanges });
  return {
    ...{ datasets: answers.map(({ request }) => request.dataset), salt, leaf, position },
    ...{ transactionHash: toHex(random(32)), blockNumber: 77, logIndex: 3 },
  };
}

export const hitHolder = holder(2, 1);
export const missHolder = holder(3, 2);
export const silentHolder = holder(5, 1);

const session = random(32);
const hitAnswer = answer(hitHolder, session, 2, true);
const missAnswer = answer(missHolder, session, 0, false);

export const evidenceFacts: EvidenceFacts = {
  chain: {
    ...{ chainId: domain.chainId, queryLedger: domain.ledger, datasetRegistry, memberRegistry },
    instanceSalt: random(32),
  },
  query: { id: queryId, querier: QUERIER, purpose: "CREDIT_GRANTING", requestedAt, subject },
  answers: [hitAnswer, missAnswer],
  unanswered: [{ dataset: silentHolder.dataset, holder: silentHolder.member, reason: "HOLDER_UNREACHABLE" }],
  anchors: [anchorOf([hitAnswer, missAnswer], 5)],
};

export const sealedAt = new Date("2026-03-05T00:00:00.000Z");

export function seal(digest: Uint8Array): Uint8Array {
  return signDigest(querierKey, digest);
}

export function buildPackage(facts: EvidenceFacts = evidenceFacts): EvidencePackage {
  return buildEvidence(facts, sealedAt, seal);
}

/** What the chain would say if everything in `facts` happened on it. */
export function chainOf(facts: EvidenceFacts): ChainFacts {
  const holders = [hitHolder, missHolder, silentHolder];
  const holderOf = (dataset: Hex): Holder | undefined => holders.find((each) => toHex(each.dataset) === dataset);
  const answerOf = (dataset: Hex): AnswerFacts | undefined =>
    facts.answers.find(({ request }) => toHex(request.dataset) === dataset);
  const operators = new Map([[querierAddress, QUERIER], ...holders.map((h) => [addressOf(h.key), h.member] as const)]);
  const sessions = new Set(facts.answers.map(({ request }) => toHex(request.session)));
  return {
    contracts: { queryLedger: domain.ledger, datasetRegistry, memberRegistry },
    chainId: () => Promise.resolve(facts.chain.chainId),
    instanceSalt: () => Promise.resolve(toHex(facts.chain.instanceSalt)),
    session: (id) =>
      Promise.resolve(sessions.has(id) ? { querier: QUERIER, signer: querierAddress, openedAt, expiresAt } : undefined),
    allotment: (id, dataset) => Promise.resolve(sessions.has(id) && holderOf(dataset) ? 16 : undefined),
    dataset: (dataset) => {
      const found = holderOf(dataset);
      return Promise.resolve(found && { holder: found.member, label });
    },
    commitment: (dataset, epoch, revision) => {
      const found = answerOf(dataset);
      if (!found || epoch !== found.request.epoch || revision !== found.revision) return Promise.resolve(undefined);
      const { suite } = found;
      const [root, publicKey] = [toHex(found.root), toHex(found.publicKey)];
      const entrySize = 1024 + 48;
      return Promise.resolve({ root, publicKey, suite, schema: RECORD_SCHEMA, entrySize, publishedAt: committedAt });
    },
    wasOperatorOf: (member, account, moment) =>
      Promise.resolve(operators.get(account) === member && moment >= openedAt - 1000),
    leavesAnchoredAt: (transactionHash, logIndex) => {
      const found = facts.anchors.find(
        (each) => each.transactionHash === transactionHash && each.logIndex === logIndex,
      );
      if (!found) return Promise.resolve(undefined);
      const first = facts.answers.find(({ request }) => request.dataset === found.datasets[0]);
      const leaves = Array.from({ length: 16 }, (_, i) =>
        toHex(i === found.position ? found.leaf : sha256(utf8(`padding ${i}`))),
      );
      return Promise.resolve({
        ...{ session: toHex(first?.request.session ?? found.leaf), leaves },
        ...{ blockNumber: found.blockNumber, blockTime: anchoredAt },
      });
    },
    publications: (dataset, since, until) => {
      const found = answerOf(dataset);
      const made = { blockNumber: 70, blockTime: committedAt };
      const isThere = found && since <= made.blockTime && until >= made.blockNumber;
      return Promise.resolve(isThere ? [{ epoch: found.request.epoch, revision: found.revision, ...made }] : []);
    },
  };
}
