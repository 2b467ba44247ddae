/**
 * Checks an evidence package against the chain. It trusts the chain that it is given and nothing in the package; no
 * relayer, no key and no clock is needed.
 *
 * What a verified package shows: on this chain, this querier asked these holders about this subject under a committed
 * authorisation and got these answers from tables that the holders had committed to. What it cannot show: that the
 * querier asked nobody else (a whole anchor and its answers can be left out), that the authorisation's document says
 * what the querier claims (its digest is bound, the document is shown separately), when
 * exactly it asked (only the seal says so, the chain gives the bounds), that it looked into the newest table (the report says
 * which there were: all revisions of an epoch are under one key), and, for a miss, that the holder's table is in order beyond this leaf (every mirror checks that, and disorder can be proven on its own).
 */
import { fromHex, toHex, type Hex } from "../encoding/bytes.ts";
import { queryLeaf, type Exchange } from "../oblivious-lookup/leaf.ts";
import { recoverAddress } from "../oblivious-lookup/typed-data.ts";
import { parseSubject, type SubjectId } from "../subject/subject.ts";
import type { AnchorFact, ChainFacts } from "./chain-facts.ts";
import { createCheckRun, requireComputed, requireKnown, requireThat, type CheckRun } from "./check-run.ts";
import { evidenceSchema, type EvidenceAnchor, type EvidencePackage } from "./package.ts";
import { reportOf, type EvidenceTimes, type VerificationReport } from "./report.ts";
import { sealDigest } from "./seal.ts";
import { verifyTimes, type DatedAnswer } from "./times.ts";
import { verifyExchange } from "./verify-exchange.ts";
import { verifyTable } from "./verify-table.ts";

/** Never throws: what is wrong with the package, or unreadable on the chain, is in the report. */
export async function verifyEvidence(pkg: unknown, facts: ChainFacts): Promise<VerificationReport> {
  const run = createCheckRun(facts);
  const read = await run.check("FORMAT", [], () => requireComputed(() => evidenceSchema.parse(pkg), "NOT_THE_FORMAT"));
  const times = read && (await verifyContent(run, read));
  return reportOf(run.made, times);
}

async function verifyContent(run: CheckRun, pkg: EvidencePackage): Promise<EvidenceTimes> {
  await run.check("CHAIN", [], () => checkChain(run, pkg));
  const subject = await run.check("SUBJECT", [], () => subjectOf(pkg));
  await run.check("COVERAGE", [], () => checkCoverage(run, pkg));
  const exchanges = new Map<Hex, Exchange>();
  const dated: Omit<DatedAnswer, "anchor">[] = [];
  for (const answer of pkg.answers) {
    const about = run.about(answer.dataset);
    const { committed, session, response, exchange } = await verifyExchange(about, pkg, answer, subject);
    await verifyTable(about, answer, subject, committed, response);
    if (exchange) exchanges.set(answer.dataset, exchange);
    dated.push({ answer, committed, session });
  }
  const anchored = new Map<Hex, AnchorFact>();
  for (const anchor of pkg.anchors) {
    const fact = await verifyAnchor(run, pkg, anchor, exchanges);
    if (fact) for (const dataset of anchor.datasets) anchored.set(dataset, fact);
  }
  const withAnchors = dated.map((each) => ({ ...each, anchor: anchored.get(each.answer.dataset) }));
  const times = await verifyTimes(run, pkg.query, withAnchors);
  await run.check("SEAL", [], () => checkSeal(run, pkg));
  return times;
}

async function checkChain(run: CheckRun, { chain }: EvidencePackage): Promise<void> {
  requireThat((await run.chain.chainId()) === chain.chainId, "OTHER_CHAIN");
  const { queryLedger, datasetRegistry, memberRegistry } = run.chain.contracts;
  const same = queryLedger === chain.queryLedger && datasetRegistry === chain.datasetRegistry;
  requireThat(same && memberRegistry === chain.memberRegistry, "OTHER_CONTRACTS");
  requireThat((await run.chain.instanceSalt()) === chain.instanceSalt, "OTHER_INSTANCE");
}

function subjectOf({ query }: EvidencePackage): SubjectId {
  const at = query.subject.indexOf(":");
  const written = { scheme: query.subject.slice(0, at), number: query.subject.slice(at + 1) };
  const asOf = new Date(query.requestedAt);
  const subject = requireComputed(() => parseSubject(written, { asOf }), "SUBJECT_INVALID");
  requireThat(subject === query.subject, "SUBJECT_INVALID");
  return subject;
}

async function checkCoverage(run: CheckRun, pkg: EvidencePackage): Promise<void> {
  const answered = pkg.answers.map(({ dataset }) => dataset);
  const all = [...answered, ...pkg.unanswered.map(({ dataset }) => dataset)];
  requireThat(new Set(all).size === all.length, "DATASET_REPEATED");
  const anchored = pkg.anchors.flatMap(({ datasets }) => datasets);
  requireThat(anchored.length === answered.length, "ANCHOR_COVERAGE");
  const covered = new Set(anchored);
  requireThat(
    answered.every((dataset) => covered.has(dataset)),
    "ANCHOR_COVERAGE",
  );
  for (const { dataset, holder } of pkg.unanswered) {
    requireThat((await run.chain.dataset(dataset))?.holder === holder, "UNANSWERED_HOLDER");
  }
}

async function verifyAnchor(
  run: CheckRun,
  { query, answers }: EvidencePackage,
  anchor: EvidenceAnchor,
  exchanges: ReadonlyMap<Hex, Exchange>,
): Promise<AnchorFact | undefined> {
  const covered = anchor.datasets.map((dataset) => exchanges.get(dataset));
  const about = anchor.datasets.length === 1 && anchor.datasets[0] ? run.about(anchor.datasets[0]) : run;
  await about.check("ANCHOR_LEAF", covered, (...known) => {
    const queryId = fromHex(`0x${query.id.replaceAll("-", "")}`);
    const content = { salt: fromHex(anchor.salt), queryId, purpose: query.purpose, exchanges: known };
    requireThat(requireComputed(() => toHex(queryLeaf(content)), "LEAF_OTHER") === anchor.leaf, "LEAF_OTHER");
  });
  return await about.check("ANCHOR", [], async () => {
    const found = await run.chain.leavesAnchoredAt(anchor.transactionHash, anchor.logIndex);
    const event = requireKnown(found, "ANCHOR_UNKNOWN");
    const { session, leaves, blockNumber } = event;
    const sessions = answers.filter(({ dataset }) => anchor.datasets.includes(dataset)).map((answer) => answer.session);
    const same = blockNumber === anchor.blockNumber && sessions.every((each) => each === session);
    requireThat(same && leaves[anchor.position] === anchor.leaf, "ANCHOR_OTHER");
    return event;
  });
}

async function checkSeal(run: CheckRun, pkg: EvidencePackage): Promise<void> {
  const signer = requireComputed(() => recoverAddress(sealDigest(pkg), fromHex(pkg.seal)), "SEAL_SIGNER");
  const sealedAt = Math.floor(Date.parse(pkg.sealedAt) / 1000);
  requireThat(await run.chain.wasOperatorOf(pkg.query.querier, signer, sealedAt), "SEAL_SIGNER");
}
