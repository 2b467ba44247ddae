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
import type { Hex } from "../encoding/bytes.ts";
import type { Exchange } from "../oblivious-lookup/leaf.ts";
import type { ChainFacts } from "./chain-facts.ts";
import { createCheckRun, requireComputed, requireThat, type CheckRun } from "./check-run.ts";
import { evidenceSchema, type EvidencePackage } from "./package.ts";
import { reportOf, type EvidenceTimes, type VerificationReport } from "./report.ts";
import { verifyTableTimes, type DatedAnswer } from "./times.ts";
import { verifyAnswer, type VerifiedAnswer } from "./verify-answer.ts";
import { checkAnchored, checkSeal, subjectOf, verifyAnchors, verifyAskedTime } from "./verify-query.ts";
import { verifyTable } from "./verify-table.ts";

/** Never throws: what is wrong with the package, or unreadable on the chain, is in the report. */
export async function verifyEvidence(pkg: unknown, facts: ChainFacts): Promise<VerificationReport> {
  const run = createCheckRun(facts);
  const read = await run.check("FORMAT", [], () => requireComputed(() => evidenceSchema.parse(pkg), "NOT_THE_FORMAT"));
  const times = read && (await verifyContent(run, read));
  return reportOf(run.made, times ?? { answers: [] });
}

async function verifyContent(run: CheckRun, pkg: EvidencePackage): Promise<EvidenceTimes> {
  await run.check("CHAIN", [], () => checkChain(run, pkg));
  const subject = await run.check("SUBJECT", [], () => subjectOf(pkg.query));
  await run.check("COVERAGE", [], () => checkCoverage(run, pkg));
  const exchanges = new Map<Hex, Exchange>();
  const read: (Pick<VerifiedAnswer, "session"> & Omit<DatedAnswer, "anchor">)[] = [];
  for (const answer of pkg.answers) {
    const about = run.about(answer.dataset);
    const { committed, session, response, exchange } = await verifyAnswer(about, pkg, answer, subject);
    await verifyTable(about, answer, subject, committed, response);
    if (exchange) exchanges.set(answer.dataset, exchange);
    read.push({ answer, committed, session });
  }
  const anchored = await verifyAnchors(run, { ...pkg, exchanges: pkg.answers }, exchanges);
  const dated = read.map((each) => ({ ...each, anchor: anchored.get(each.answer.dataset) }));
  const answers = await verifyTableTimes(run, dated);
  const asked = await verifyAskedTime(run, pkg.query, dated);
  await run.check("SEAL", [], () => checkSeal(run, pkg));
  return { answers, ...(asked && { asked }) };
}

async function checkChain(run: CheckRun, { chain }: EvidencePackage): Promise<void> {
  requireThat((await run.chain.chainId()) === chain.chainId, "OTHER_CHAIN");
  const { queryLedger, datasetRegistry, memberRegistry } = run.chain.contracts;
  const same = queryLedger === chain.queryLedger && datasetRegistry === chain.datasetRegistry;
  requireThat(same && memberRegistry === chain.memberRegistry, "OTHER_CONTRACTS");
  requireThat((await run.chain.instanceSalt()) === chain.instanceSalt, "OTHER_INSTANCE");
}

async function checkCoverage(run: CheckRun, { answers, unanswered, anchors }: EvidencePackage): Promise<void> {
  const datasets = (list: readonly { readonly dataset: Hex }[]) => list.map(({ dataset }) => dataset);
  checkAnchored(datasets(answers), datasets(unanswered), anchors);
  for (const { dataset, holder } of unanswered) {
    requireThat((await run.chain.dataset(dataset))?.holder === holder, "UNANSWERED_HOLDER");
  }
}
