/**
 * The published answer: everything from which anybody recomputes the released sums (contributions, shares with their proofs) and
 * judges what was refused. With the chain's own facts it needs nobody's word: see `verifyAnswer`.
 *
 *   on chain: D("riskveil/statistics/answer", salt, [RFC 8785 form of the answer])
 */
import { z } from "zod";

import { fromBase64Url, fromHex, toBase64Url, toHex, utf8, type Hex } from "../encoding/bytes.ts";
import { SALT_BYTES, saltedDigest } from "../encoding/digest.ts";
import type { FaultCode } from "../errors/catalogue.ts";
import { Fault, isFault } from "../errors/fault.ts";
import { canonicalJson } from "../evidence/canonical-json.ts";
import { add } from "../paillier/encryption.ts";
import { decodeShare, examineShare, type DecryptionShare } from "../paillier/decryption-share.ts";
import type { ThresholdKey } from "../paillier/threshold-key.ts";
import { openRelease, type ReleasedStatistic } from "./answer.ts";
import { decodeContribution, encodeContribution, type Collection, type Contribution } from "./contribution.ts";
import { admission, type AdmittedRelease, type ReleaseFacts, type ReleaseRules } from "./release.ts";
import { signerOf, type SignedShare } from "./signed-share.ts";
import { finish, type Steps } from "./steps.ts";

const DOMAIN = "riskveil/statistics/answer";
const bytes = z.string().regex(/^[A-Za-z0-9_-]*$/);
const digest = z.string().regex(/^0x[0-9a-f]{64}$/);
const member = z.int().min(1);
const shareOf = { node: member, share: bytes.max(200_000), signature: bytes.max(87) };

export const answerSchema = z.strictObject({
  format: z.literal("riskveil/statistic-answer/1"),
  statistic: digest,
  period: z.int().min(0),
  /** Digest of the threshold key. */
  key: digest,
  /** In ascending order of contributors, each as `encodeContribution` has it. */
  contributions: z.array(bytes.max(100_000)).max(10_000),
  /** Right shares, in ascending order of nodes. */
  shares: z.array(z.strictObject(shareOf)).max(255),
  /** What other nodes sent, and what is wrong with it. */
  refused: z.array(z.strictObject({ ...shareOf, code: z.string() })).max(255),
  /** Sums by field, decimal. */
  values: z.record(z.string(), z.string().regex(/^\d{1,60}$/)),
});

export type PublishedAnswer = z.infer<typeof answerSchema>;

export interface NodeShare extends SignedShare {
  /** Member id. */
  readonly node: number;
}

export interface RefusedShare extends NodeShare {
  readonly code: FaultCode;
}

export interface JudgedShares {
  readonly right: readonly NodeShare[];
  readonly refused: readonly RefusedShare[];
}

/** What is wrong with a share's bytes; undefined if it is right. */
export function judgeShare(
  threshold: ThresholdKey,
  release: AdmittedRelease,
  share: Uint8Array,
): FaultCode | undefined {
  let decoded: DecryptionShare;
  try {
    decoded = decodeShare(threshold, share);
  } catch (error) {
    if (isFault(error)) return error.code;
    throw error;
  }
  return examineShare(threshold, release, decoded);
}

/** @throws Fault PAILLIER_SHARES_TOO_FEW, PACKING_SUM_INVALID */
export function publishAnswer(
  threshold: ThresholdKey,
  release: AdmittedRelease,
  contributions: readonly Contribution[],
  { right, refused }: JudgedShares,
): PublishedAnswer {
  const { collection } = release;
  const opened = openRelease(
    threshold,
    release,
    right.map(({ share }) => decodeShare(threshold, share)),
  );
  const shown = ({ node, share, signature }: NodeShare) => ({
    node,
    share: toBase64Url(share),
    signature: toBase64Url(signature),
  });
  const byNode = (a: NodeShare, b: NodeShare): number => a.node - b.node;
  return {
    format: "riskveil/statistic-answer/1",
    statistic: toHex(collection.statistic),
    period: collection.period,
    key: toHex(threshold.digest),
    contributions: contributions
      .toSorted((a, b) => a.contributor - b.contributor)
      .map((each) => toBase64Url(encodeContribution(collection, each))),
    shares: right.toSorted(byNode).map(shown),
    refused: refused.toSorted(byNode).map((each) => ({ ...shown(each), code: each.code })),
    values: decimals(opened.values),
  };
}

/** @throws RangeError unless the salt is 32 bytes */
export function answerDigest(answer: PublishedAnswer, salt: Uint8Array): Uint8Array {
  return saltedDigest(DOMAIN, salt, [utf8(canonicalJson(answer))]);
}

export interface AnswerFacts extends Pick<ReleaseFacts, "committed"> {
  readonly threshold: ThresholdKey;
  /** Of the chain, with the definition's layout. */
  readonly collection: Collection;
  readonly rules: ReleaseRules;
  /** What stands on chain of the release, and the salt that opens it; absent before it is there. */
  readonly released?: { readonly contributions: Hex; readonly answer: Hex; readonly salt: string } | undefined;
}

export interface VerifiedAnswer extends ReleasedStatistic {
  readonly contributorIds: readonly number[];
  /** Nodes whose refused share is wrong as told, and their own if the signer is theirs. */
  readonly liars: readonly { readonly node: number; readonly code: string }[];
  /** Who signed what is there as each node's share. The chain says whether the account is the node's: it must be asked. */
  readonly signers: readonly { readonly node: number; readonly account: Hex }[];
}

/**
 * Recomputes everything from the answer and the chain's facts: product, proofs, shares, sums, and each refusal. What is left to ask is
 * whose the `signers` are.
 * @throws Fault STATISTIC_ANSWER_INVALID naming what does not hold; those of `admitRelease` and `openRelease`
 */
export function verifyAnswer(answer: PublishedAnswer, facts: AnswerFacts): VerifiedAnswer {
  return finish(verification(answer, facts));
}

/** The same in steps of one contribution or share. */
export function* verification(answer: PublishedAnswer, facts: AnswerFacts): Steps<VerifiedAnswer> {
  const { threshold, collection, committed, rules, released } = facts;
  const named =
    answer.statistic === toHex(collection.statistic) &&
    answer.period === collection.period &&
    answer.key === toHex(threshold.digest);
  if (!named) throw new Fault("STATISTIC_ANSWER_INVALID", { part: "heading" });
  if (released && toHex(answerDigest(answer, fromHex(released.salt, SALT_BYTES))) !== released.answer) {
    throw new Fault("STATISTIC_ANSWER_INVALID", { part: "digest" });
  }
  const contributions = answer.contributions.map((each) => decodeContribution(collection, fromBase64Url(each)));
  const earlier = released && { released: fromHex(released.contributions, 32) };
  const release = yield* admissionOfAll(collection, contributions, { closed: true, committed, ...earlier }, rules);
  const shares = answer.shares.map(shareBytes);
  const refused = answer.refused.map((each) => ({ ...shareBytes(each), code: each.code }));
  yield;
  const opened = openRelease(
    threshold,
    release,
    shares.map(({ share }) => decodeShare(threshold, share)),
  );
  if (opened.rejected.length > 0) throw new Fault("STATISTIC_ANSWER_INVALID", { part: "shares" });
  if (canonicalJson(decimals(opened.values)) !== canonicalJson(answer.values)) {
    throw new Fault("STATISTIC_ANSWER_INVALID", { part: "values" });
  }
  for (const { share, code } of refused) {
    yield;
    if (judgeShare(threshold, release, share) !== code)
      throw new Fault("STATISTIC_ANSWER_INVALID", { part: "refused" });
  }
  return {
    ...opened,
    contributorIds: release.contributors,
    liars: refused.map(({ node, code }) => ({ node, code })),
    signers: [...shares, ...refused].map((each) => ({ node: each.node, account: signerOf(release, each) })),
  };
}

/** Admission of contributions whose product is asked for. @throws Fault those of `admitRelease` */
export function admissionOfAll(
  collection: Collection,
  contributions: readonly Contribution[],
  facts: ReleaseFacts,
  rules: ReleaseRules,
): Steps<AdmittedRelease> {
  const [first, ...others] = contributions.map((each) => each.ciphertext);
  const ciphertext = first === undefined ? 1n : add(collection.key, first, ...others);
  return admission({ collection, contributions, ciphertext }, facts, rules);
}

function shareBytes(given: { readonly node: number; readonly share: string; readonly signature: string }): NodeShare {
  return { node: given.node, share: fromBase64Url(given.share), signature: fromBase64Url(given.signature) };
}

function decimals(values: Readonly<Record<string, bigint>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, value.toString()]));
}
