/**
 * What an algorithm node asks before it gives a decryption share for a statistic. A node decrypts one thing only: the product that
 * it has recomputed from all contributions committed for a statistic and period. So no contribution is decrypted alone,
 * none is left out, none comes from elsewhere, and no two sums differ by one.
 *
 * - The node stores `contributions` of what it admits as `released`, durably and under a unique key (statistic, period), whatever
 *   the encryption key, before its share leaves; of two requests at once one is refused then. Asking again for the same is harmless and allowed.
 * - What t nodes in collusion decrypt no rule can stop.
 * - Not seen here: two statistics whose definitions differ by one member, or periods that overlap. Whoever governs the
 *   definitions sees to that. Nor that all contributors but one tell each other what they sent: k counts names.
 */
import { bytesEqual, lengthPrefixed, uint, utf8 } from "../encoding/bytes.ts";
import { sha256 } from "../encoding/digest.ts";
import { Fault } from "../errors/fault.ts";
import { parseCiphertext, type Ciphertext } from "../paillier/ciphertext.ts";
import { add } from "../paillier/encryption.ts";
import { finish, type Steps } from "./steps.ts";
import { isCommitted, isProven, type Collection, type Contribution } from "./contribution.ts";

const CONTRIBUTIONS_DOMAIN = utf8("riskveil/statistics/contributions/1");
const CONTEXT_DOMAIN = utf8("riskveil/statistics/release/1");
/** With two contributors each would read the other's values off the sum. No rule goes below. */
const LEAST_CONTRIBUTORS = 3;

export interface ReleaseRequest {
  readonly collection: Collection;
  readonly contributions: readonly Contribution[];
  /** What the asker would have decrypted. */
  readonly ciphertext: bigint;
}

/** What chain and node know about the statistic and period. */
export interface ReleaseFacts {
  /** No contribution can be committed any more. */
  readonly closed: boolean;
  /** Digests by contributor, without those that were struck. */
  readonly committed: ReadonlyMap<number, Uint8Array>;
  /** `contributions` of an earlier release, by the chain or by this node's own store. */
  readonly released?: Uint8Array | undefined;
}

export interface ReleaseRules {
  /** k. Where it is below 3, 3 counts. */
  readonly leastContributors: number;
}

declare const admittedBrand: unique symbol;

export interface ReleaseContent {
  readonly collection: Collection;
  /** Member ids in ascending order. */
  readonly contributors: readonly number[];
  /** 32 bytes that stand for who contributed what. */
  readonly contributions: Uint8Array;
  readonly ciphertext: Ciphertext;
  /** The same at every node: shares are bound to it. */
  readonly context: Uint8Array;
}

/** Comes out of `admitRelease` only: what a node may decrypt. */
export type AdmittedRelease = ReleaseContent & { readonly [admittedBrand]: true };

/**
 * The checks in this order, the cheap ones first.
 * @throws Fault STATISTIC_COLLECTION_OPEN, STATISTIC_CONTRIBUTION_REPEATED, STATISTIC_CONTRIBUTION_UNCOMMITTED,
 * STATISTIC_CONTRIBUTION_MISSING, STATISTIC_CONTRIBUTORS_TOO_FEW, STATISTIC_CONTRIBUTORS_TOO_MANY, STATISTIC_ALREADY_RELEASED,
 * STATISTIC_CONTRIBUTION_DIFFERS, STATISTIC_CONTRIBUTION_UNPROVEN, STATISTIC_CIPHERTEXT_DIFFERS; those of `parseCiphertext`
 */
export function admitRelease(request: ReleaseRequest, facts: ReleaseFacts, rules: ReleaseRules): AdmittedRelease {
  return finish(admission(request, facts, rules));
}

/** The same in steps of one contribution. */
export function* admission(
  { collection, contributions, ciphertext }: ReleaseRequest,
  facts: ReleaseFacts,
  rules: ReleaseRules,
): Steps<AdmittedRelease> {
  if (!facts.closed) throw new Fault("STATISTIC_COLLECTION_OPEN");
  const sorted = contributions.toSorted((a, b) => a.contributor - b.contributor);
  const contributors = sorted.map(({ contributor }) => contributor);
  checkContributors(contributors, collection, facts, rules);
  const set = contributionsDigest(contributors, facts.committed);
  if (facts.released !== undefined && !bytesEqual(facts.released, set)) throw new Fault("STATISTIC_ALREADY_RELEASED");
  for (const contribution of sorted) {
    yield;
    checkContribution(collection, contribution, facts.committed);
  }

  const [first, ...others] = sorted.map((each) => each.ciphertext);
  const product = first === undefined ? 1n : add(collection.key, first, ...others);
  if (product !== ciphertext) throw new Fault("STATISTIC_CIPHERTEXT_DIFFERS");
  const { key, statistic, period, layout } = collection;
  const admitted: ReleaseContent = {
    collection,
    contributors,
    contributions: set,
    ciphertext: parseCiphertext(key, product),
    context: lengthPrefixed(CONTEXT_DOMAIN, key.digest, statistic, uint(period, 4), layout.digest, set),
  };
  return admitted as AdmittedRelease;
}

/** @param contributors in ascending order */
function checkContributors(
  contributors: readonly number[],
  { layout }: Collection,
  { committed }: ReleaseFacts,
  { leastContributors }: ReleaseRules,
): void {
  const repeated = contributors.find((each, position) => each === contributors[position + 1]);
  if (repeated !== undefined) throw new Fault("STATISTIC_CONTRIBUTION_REPEATED", { contributor: repeated });
  const stranger = contributors.find((each) => !committed.has(each));
  if (stranger !== undefined) throw new Fault("STATISTIC_CONTRIBUTION_UNCOMMITTED", { contributor: stranger });
  const missing = [...committed.keys()].find((each) => !contributors.includes(each));
  if (missing !== undefined) throw new Fault("STATISTIC_CONTRIBUTION_MISSING", { contributor: missing });

  const count = contributors.length;
  const least = Math.max(LEAST_CONTRIBUTORS, leastContributors);
  // Not "count < least": a rule that is no number refuses.
  if (!(count >= least)) throw new Fault("STATISTIC_CONTRIBUTORS_TOO_FEW", { contributors: count, least });
  if (count > layout.contributors) {
    throw new Fault("STATISTIC_CONTRIBUTORS_TOO_MANY", { contributors: count, most: layout.contributors });
  }
}

function checkContribution(
  collection: Collection,
  contribution: Contribution,
  committed: ReadonlyMap<number, Uint8Array>,
): void {
  const { contributor } = contribution;
  const digest = committed.get(contributor);
  if (digest === undefined || !isCommitted(collection, contribution, digest)) {
    throw new Fault("STATISTIC_CONTRIBUTION_DIFFERS", { contributor });
  }
  if (!isProven(collection, contribution)) throw new Fault("STATISTIC_CONTRIBUTION_UNPROVEN", { contributor });
}

/** @param contributors in ascending order */
export function contributionsDigest(
  contributors: readonly number[],
  committed: ReadonlyMap<number, Uint8Array>,
): Uint8Array {
  const pairs = contributors.flatMap((each) => [uint(each, 4), committed.get(each) ?? new Uint8Array(0)]);
  return sha256(lengthPrefixed(CONTRIBUTIONS_DOMAIN, ...pairs));
}
