/**
 * Checks an evidence package against the chain. It trusts the chain that it is given and nothing in the package; no
 * relayer, no key and no clock is needed.
 *
 * What a verified package shows: on this chain, this querier asked these holders about this subject under a committed
 * authorisation and got these answers from tables that the holders had committed to. What it cannot show: that the
 * querier asked nobody else (a whole anchor and its answers can be left out), that the authorisation's document says
 * what the querier claims (its digest is bound, the document is shown separately), when it asked (only the seal says so),
 * that the revision was the newest then (all of an epoch are under one key: the querier chooses which it shows), and, for a
 * miss, that the holder's table is in order beyond this leaf (every mirror checks that, and disorder can be proven on its own).
 */
import { fromHex, toHex, type Hex } from "../encoding/bytes.ts";
import { queryLeaf, type Exchange } from "../oblivious-lookup/leaf.ts";
import { recoverAddress } from "../oblivious-lookup/typed-data.ts";
import { parseSubject, type SubjectId } from "../subject/subject.ts";
import type { ChainFacts } from "./chain-facts.ts";
import { createCheckRun, requireComputed, requireKnown, requireThat, type CheckRun } from "./check-run.ts";
import { evidenceSchema, type EvidenceAnchor, type EvidencePackage } from "./package.ts";
import { reportOf, type VerificationReport } from "./report.ts";
import { sealDigest } from "./seal.ts";
import { verifyExchange } from "./verify-exchange.ts";
import { verifyTable } from "./verify-table.ts";

/** Never throws: what is wrong with the package, or unreadable on the chain, is in the report. */
export async function verifyEvidence(pkg: unknown, facts: ChainFacts): Promise<VerificationReport> {
  const run = createCheckRun(facts);
  const read = await run.check("FORMAT", [], () => requireComputed(() => evidenceSchema.parse(pkg), "NOT_THE_FORMAT"));
  if (read) await verifyContent(run, read);
  return reportOf(run.made);
}

async function verifyContent(run: CheckRun, pkg: EvidencePackage): Promise<void> {
  await run.check("CHAIN", [], () => checkChain(run, pkg));
  const subject = await run.check("SUBJECT", [], () => subjectOf(pkg));
  await run.check("COVERAGE", [], () => checkCoverage(run, pkg));
  const exchanges = new Map<Hex, Exchange>();
  for (const answer of pkg.answers) {
    const about = run.about(answer.dataset);
    const { committed, response, exchange } = await verifyExchange(about, pkg, answer, subject);
    await verifyTable(about, answer, subject, committed, response);
    if (exchange) exchanges.set(answer.dataset, exchange);
  }
  for (const anchor of pkg.anchors) await verifyAnchor(run, pkg, anchor, exchanges);
  await run.check("SEAL", [], () => checkSeal(run, pkg));
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
): Promise<void> {
  const covered = anchor.datasets.map((dataset) => exchanges.get(dataset));
  const about = anchor.datasets.length === 1 && anchor.datasets[0] ? run.about(anchor.datasets[0]) : run;
  await about.check("ANCHOR_LEAF", covered, (...known) => {
    const queryId = fromHex(`0x${query.id.replaceAll("-", "")}`);
    const content = { salt: fromHex(anchor.salt), queryId, purpose: query.purpose, exchanges: known };
    requireThat(requireComputed(() => toHex(queryLeaf(content)), "LEAF_OTHER") === anchor.leaf, "LEAF_OTHER");
  });
  await about.check("ANCHOR", [], async () => {
    const event = await run.chain.leavesAnchoredAt(anchor.transactionHash, anchor.logIndex);
    const { session, leaves, blockNumber } = requireKnown(event, "ANCHOR_UNKNOWN");
    const sessions = answers.filter(({ dataset }) => anchor.datasets.includes(dataset)).map((answer) => answer.session);
    const same = blockNumber === anchor.blockNumber && sessions.every((each) => each === session);
    requireThat(same && leaves[anchor.position] === anchor.leaf, "ANCHOR_OTHER");
  });
}

async function checkSeal(run: CheckRun, pkg: EvidencePackage): Promise<void> {
  const signer = requireComputed(() => recoverAddress(sealDigest(pkg), fromHex(pkg.seal)), "SEAL_SIGNER");
  const sealedAt = Math.floor(Date.parse(pkg.sealedAt) / 1000);
  requireThat(await run.chain.wasOperatorOf(pkg.query.querier, signer, sealedAt), "SEAL_SIGNER");
}
