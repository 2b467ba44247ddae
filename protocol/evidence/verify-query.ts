/** The checks of what a package says as a whole: who asked about whom, what was anchored, and who signs for all of it. */
import { fromHex, toHex, type Hex } from "../encoding/bytes.ts";
import { queryLeaf, type Exchange } from "../oblivious-lookup/leaf.ts";
import { recoverAddress } from "../oblivious-lookup/typed-data.ts";
import { parseSubject, type SubjectId } from "../subject/subject.ts";
import type { AnchorFact, LedgerFacts, SessionFact } from "./chain-facts.ts";
import { requireComputed, requireKnown, requireThat, type CheckRun } from "./check-run.ts";
import type { EvidenceAnchor, EvidenceExchange, EvidenceQuery } from "./fields.ts";
import type { EvidenceTimes } from "./report.ts";
import { sealDigest } from "./seal.ts";

/**
 * Seconds that `requestedAt` may lie outside its bounds: the querier takes ledger time from its own clock between blocks.
 */
export const CLOCK_ALLOWANCE = 120;

/** Fails its check unless the subject is valid and canonical. */
export function subjectOf(query: EvidenceQuery): SubjectId {
  const at = query.subject.indexOf(":");
  const written = { scheme: query.subject.slice(0, at), number: query.subject.slice(at + 1) };
  const asOf = new Date(query.requestedAt);
  const subject = requireComputed(() => parseSubject(written, { asOf }), "SUBJECT_INVALID");
  requireThat(subject === query.subject, "SUBJECT_INVALID");
  return subject;
}

/** Fails its check unless each dataset occurs once, and each that answered in one anchor. */
export function checkAnchored(
  answered: readonly Hex[],
  unanswered: readonly Hex[],
  anchors: readonly EvidenceAnchor[],
): void {
  const all = [...answered, ...unanswered];
  requireThat(new Set(all).size === all.length, "DATASET_REPEATED");
  const anchored = anchors.flatMap(({ datasets }) => datasets);
  const covered = new Set(anchored);
  const each = anchored.length === answered.length && answered.every((dataset) => covered.has(dataset));
  requireThat(each, "ANCHOR_COVERAGE");
}

/** @returns by dataset, where its exchange was anchored; those that were not are left out */
export async function verifyAnchors(
  run: CheckRun<LedgerFacts>,
  pkg: {
    readonly query: EvidenceQuery;
    readonly exchanges: readonly Pick<EvidenceExchange, "dataset" | "session">[];
    readonly anchors: readonly EvidenceAnchor[];
  },
  exchanges: ReadonlyMap<Hex, Exchange>,
): Promise<ReadonlyMap<Hex, AnchorFact>> {
  const anchored = new Map<Hex, AnchorFact>();
  for (const anchor of pkg.anchors) {
    const { datasets } = anchor;
    const sessions = pkg.exchanges.filter(({ dataset }) => datasets.includes(dataset)).map(({ session }) => session);
    const fact = await verifyAnchor(run, pkg.query, sessions, anchor, exchanges);
    if (fact) for (const dataset of datasets) anchored.set(dataset, fact);
  }
  return anchored;
}

async function verifyAnchor(
  run: CheckRun<LedgerFacts>,
  query: EvidenceQuery,
  sessions: readonly Hex[],
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
    const same = blockNumber === anchor.blockNumber && sessions.every((each) => each === session);
    requireThat(same && leaves[anchor.position] === anchor.leaf, "ANCHOR_OTHER");
    return event;
  });
}

/** Whether `requestedAt` lies where the chain allows it to. @returns these bounds, if they are known and it does */
export async function verifyAskedTime(
  run: CheckRun<LedgerFacts>,
  query: EvidenceQuery,
  dated: readonly { readonly session: SessionFact | undefined; readonly anchor: AnchorFact | undefined }[],
): Promise<EvidenceTimes["asked"]> {
  const known = dated.flatMap(({ session, anchor }) => [session, anchor]);
  return await run.check("ASKED_TIME", known, () => {
    const sessionOpenedAt = Math.min(...dated.map(({ session }) => session?.openedAt ?? Infinity));
    const anchoredAt = Math.min(...dated.map(({ anchor }) => anchor?.blockTime ?? Infinity));
    const stated = Date.parse(query.requestedAt) / 1000;
    requireThat(stated >= sessionOpenedAt - CLOCK_ALLOWANCE, "ASKED_BEFORE_SESSION");
    requireThat(stated <= anchoredAt + CLOCK_ALLOWANCE, "ASKED_AFTER_ANCHOR");
    return { sessionOpenedAt, anchoredAt };
  });
}

/** Fails its check unless an operator of the querier signed the package. */
export async function checkSeal(
  run: CheckRun<LedgerFacts>,
  pkg: {
    readonly format: string;
    readonly query: EvidenceQuery;
    readonly sealedAt: string;
    readonly seal: Hex;
  },
): Promise<void> {
  const signer = requireComputed(() => recoverAddress(sealDigest(pkg), fromHex(pkg.seal)), "SEAL_SIGNER");
  const sealedAt = Math.floor(Date.parse(pkg.sealedAt) / 1000);
  requireThat(await run.chain.wasOperatorOf(pkg.query.querier, signer, sealedAt), "SEAL_SIGNER");
}
