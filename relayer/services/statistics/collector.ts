/**
 * The collector's side (the Association's relayer): gathers what members committed to, has t nodes decrypt the product, names who
 * sent a wrong share, and keeps the answer. Each step stores what it got before the next: after a crash, or while nodes are
 * missing, nothing is asked for twice.
 */
import { fromBase64Url, toBase64Url, toHex, type Hex } from "../../../protocol/encoding/bytes.ts";
import { canonicalJson } from "../../../protocol/evidence/canonical-json.ts";
import { Fault } from "../../../protocol/errors/fault.ts";
import { integerToBytes } from "../../../protocol/paillier/integer.ts";
import {
  decodeContribution,
  encodeContribution,
  isCommitted,
  isProven,
  type Contribution,
} from "../../../protocol/statistics/contribution.ts";
import { admissionOfAll, answerDigest, publishAnswer } from "../../../protocol/statistics/published-answer.ts";
import { contributionsDigest, type AdmittedRelease } from "../../../protocol/statistics/release.ts";
import { SALT_BYTES } from "../../../protocol/encoding/digest.ts";
import { breathing } from "./breathing.ts";
import type { Collections, KnownCollection } from "./collections.ts";
import type { Contributor } from "./contributor.ts";
import { reasonOf, type StatisticsPeers } from "./peers.ts";
import { createShareBook, type ShareBookDependencies } from "./share-book.ts";

export interface CollectorDependencies extends ShareBookDependencies {
  readonly peers: StatisticsPeers;
}

export interface Collector {
  /**
   * Carries a closed collection as far as it goes now, up to a stored answer.
   * @throws Fault STATISTIC_CONTRIBUTIONS_MISSING, STATISTIC_NODES_MISSING: it goes on from there at the next call; those of
   * `admitRelease`, PACKING_SUM_INVALID: nothing is to be had
   */
  collect(known: KnownCollection): Promise<void>;
}

export function createCollector(
  ctx: CollectorDependencies,
  collections: Collections,
  contributor: Pick<Contributor, "handOut">,
): Collector {
  const book = createShareBook(ctx, collections.view);
  const { interface: board } = ctx.chain.contracts.statisticsBoard;

  async function gather(known: KnownCollection, committed: ReadonlyMap<number, Uint8Array>): Promise<Contribution[]> {
    const gathered = await Promise.all(
      [...committed].map(async ([member, digest]) => {
        try {
          return await contributionOf(known, member, digest);
        } catch (error) {
          return `${await nameOf(member)} (${reasonOf(error)})`;
        }
      }),
    );
    const missing = gathered.filter((each) => typeof each === "string");
    if (missing.length > 0) {
      throw new Fault("STATISTIC_CONTRIBUTIONS_MISSING", { missing: missing.length, contributors: missing.join(", ") });
    }
    return gathered.filter((each) => typeof each !== "string");
  }

  async function nameOf(member: number): Promise<string> {
    return (await ctx.chain.members()).find(({ id }) => id === member)?.name ?? String(member);
  }

  async function contributionOf(known: KnownCollection, member: number, digest: Uint8Array): Promise<Contribution> {
    const { statistic, period, collection } = known;
    const stored = await ctx.db
      .selectFrom("statistic_received")
      .select("content")
      .where("statistic", "=", statistic)
      .where("period", "=", period)
      .where("contributor", "=", member)
      .where("digest", "=", toHex(digest))
      .executeTakeFirst();
    if (stored) return decodeContribution(collection, stored.content);
    const me = await ctx.chain.me();
    const text =
      member === me.id
        ? await contributor.handOut(statistic, period, me.id)
        : await ctx.peers.contribution(member, statistic, period);
    const content = bytesOf(text, member);
    const contribution = decodeContribution(collection, content);
    if (contribution.contributor !== member || !isCommitted(collection, contribution, digest)) {
      throw new Fault("STATISTIC_CONTRIBUTION_DIFFERS", { contributor: member });
    }
    if (!isProven(collection, contribution)) {
      throw new Fault("STATISTIC_CONTRIBUTION_UNPROVEN", { contributor: member });
    }
    await ctx.db
      .insertInto("statistic_received")
      .values({
        ...{ statistic, period, contributor: member, digest: toHex(digest) },
        content: Buffer.from(content),
        received_at: ctx.clock(),
      })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    return contribution;
  }

  /** Asks as many nodes at once as shares are missing, and the next ones for those that do not answer. */
  async function decrypt(known: KnownCollection, release: AdmittedRelease, contributions: readonly string[]) {
    const { threshold, statistic, period } = known;
    const needed = threshold.threshold;
    const ciphertext = toBase64Url(integerToBytes(release.ciphertext, 2 * threshold.key.byteLength));
    const call = { statistic, period, contributions, ciphertext };
    let judged = await book.read(known, release);
    const heard = new Set([...judged.right, ...judged.refused, ...judged.repeated].map(({ node }) => node));
    const nodes = await ctx.chain.computation.nodes();
    const silent = nodes.filter(({ member, status }) => status === "Active" && !heard.has(member));
    while (judged.right.length < needed && silent.length > 0) {
      const asked = silent.splice(0, needed - judged.right.length);
      await Promise.all(
        asked.map(async ({ member }) => {
          try {
            await book.add(known, release, { node: member, ...(await ctx.peers.share(member, call)) });
          } catch (error) {
            ctx.log.warn({ node: member, statistic, period, code: reasonOf(error) }, "a node gave no share");
          }
        }),
      );
      judged = await book.read(known, release);
    }
    const right = judged.right.length;
    if (right < needed) throw new Fault("STATISTIC_NODES_MISSING", { missing: needed - right, right, needed });
    return judged;
  }

  async function storeAnswer(known: KnownCollection): Promise<void> {
    const { statistic, period, collection, leastContributors, threshold } = known;
    const committed = await collections.view.committed(statistic, period);
    const contributions = await gather(known, committed);
    const facts = { closed: true, committed };
    const release = await breathing(admissionOfAll(collection, contributions, facts, { leastContributors }));
    const texts = contributions.map((each) => toBase64Url(encodeContribution(collection, each)));
    const judged = await decrypt(known, release, texts);
    const answer = publishAnswer(threshold, release, contributions, judged);
    const salt = ctx.random(SALT_BYTES);
    await ctx.db
      .insertInto("statistic_answers")
      .values({
        ...{ statistic, period, contributions: toHex(release.contributions) },
        answer: canonicalJson(answer),
        salt: toHex(salt),
        digest: toHex(answerDigest(answer, salt)),
        created_at: ctx.clock(),
      })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    ctx.log.info({ statistic, period, contributors: contributions.length }, "a statistic is answered");
  }

  /** The duty desk's act, by two of the staff; this account does it only where the desk has given it that right. */
  async function postRelease({ statistic, period }: KnownCollection): Promise<void> {
    const stored = await ctx.db
      .selectFrom("statistic_answers")
      .select(["contributions", "digest"])
      .where("statistic", "=", statistic)
      .where("period", "=", period)
      .executeTakeFirstOrThrow();
    const data = board.encodeFunctionData("release", [statistic, period, stored.contributions, stored.digest]) as Hex;
    try {
      await ctx.outbox.simulate({ contract: "statisticsBoard", data });
    } catch {
      return;
    }
    await ctx.db.transaction().execute(async (trx) => {
      const key = `release-statistic:${statistic}:${String(period)}`;
      await ctx.outbox.enqueue(trx, { key, kind: "release-statistic", contract: "statisticsBoard", data });
    });
    ctx.outbox.poke();
  }

  /** @throws Fault STATISTIC_ALREADY_RELEASED if contributions were struck since: the nodes have decrypted another set for good */
  async function isAnswered({ statistic, period }: KnownCollection): Promise<boolean> {
    const stored = await ctx.db
      .selectFrom("statistic_answers")
      .select("contributions")
      .where("statistic", "=", statistic)
      .where("period", "=", period)
      .executeTakeFirst();
    if (stored === undefined) return false;
    const committed = await collections.view.committed(statistic, period);
    const contributors = [...committed.keys()].toSorted((a, b) => a - b);
    if (toHex(contributionsDigest(contributors, committed)) !== stored.contributions) {
      throw new Fault("STATISTIC_ALREADY_RELEASED");
    }
    return true;
  }

  return {
    async collect(known) {
      if (!(await isAnswered(known))) await storeAnswer(known);
      await postRelease(known);
    },
  };
}

/** @throws Fault STATISTIC_CONTRIBUTION_DIFFERS: what is no text of bytes is a contribution as little as other bytes */
function bytesOf(text: string, contributor: number): Uint8Array {
  try {
    return fromBase64Url(text);
  } catch (cause) {
    throw new Fault("STATISTIC_CONTRIBUTION_DIFFERS", { contributor }, cause);
  }
}
