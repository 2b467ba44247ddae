/**
 * The algorithm node's side: a decryption share for the one product that the chain's commitments allow, and for nothing else. What was
 * released is stored under (statistic, period) before its share leaves, and what leaves is always what is stored: of two
 * requests at once, or after a crash, there is one set of contributions and one share.
 */
import { fromBase64Url, fromHex, toBase64Url, toHex, type Hex } from "../../../protocol/encoding/bytes.ts";
import { Fault } from "../../../protocol/errors/fault.ts";
import { bytesToInteger } from "../../../protocol/paillier/integer.ts";
import { encodeShare } from "../../../protocol/paillier/decryption-share.ts";
import { releaseShare } from "../../../protocol/statistics/answer.ts";
import { decodeContribution } from "../../../protocol/statistics/contribution.ts";
import { admission, type AdmittedRelease } from "../../../protocol/statistics/release.ts";
import { shareDigest } from "../../../protocol/statistics/signed-share.ts";
import type { RelayerContext } from "../../context.ts";
import type { AuditLog } from "../../store/audit-log.ts";
import { readStatisticsKeyShare } from "../../keys/statistics-key-share.ts";
import { breathing } from "./breathing.ts";
import type { Collections, KnownCollection } from "./collections.ts";

export type ReleaserDependencies = Pick<
  RelayerContext,
  "chain" | "db" | "clock" | "random" | "operator" | "config" | "log"
> & { readonly audit: Pick<AuditLog, "append"> };

export interface ReleaseCall {
  readonly statistic: Hex;
  readonly period: number;
  /** Each as `encodeContribution` has it, base64url. */
  readonly contributions: readonly string[];
  /** Big-endian, base64url. */
  readonly ciphertext: string;
}

export interface ShareAnswer {
  /** base64url, both. */
  readonly share: string;
  readonly signature: string;
}

export interface Releaser {
  /**
   * @param caller the member that asks
   * @throws Fault STATISTIC_NOT_ALLOWED, STATISTIC_COLLECTION_ABANDONED, STATISTICS_KEY_SHARE_MISSING, those of `Collections.find` and of `admitRelease`; then nothing
   * was decrypted
   */
  release(call: ReleaseCall, caller: number): Promise<ShareAnswer>;
}

export function createReleaser(ctx: ReleaserDependencies, collections: Collections): Releaser {
  async function admit(known: KnownCollection, call: ReleaseCall): Promise<AdmittedRelease> {
    const { statistic, period, collection, leastContributors, onChain } = known;
    const stored = await find(statistic, period);
    const onLedger = onChain.status === "released" ? onChain.contributionsDigest : undefined;
    const released = stored?.contributions ?? onLedger;
    const request = {
      collection,
      contributions: call.contributions.map((each) => decodeContribution(collection, fromBase64Url(each))),
      ciphertext: bytesToInteger(fromBase64Url(call.ciphertext)),
    };
    const facts = {
      closed: onChain.status === "closed" || onChain.status === "released",
      committed: await collections.view.committed(statistic, period),
      ...(released === undefined ? {} : { released: fromHex(released, 32) }),
    };
    return await breathing(admission(request, facts, { leastContributors }));
  }

  async function find(statistic: Hex, period: number) {
    return await ctx.db
      .selectFrom("statistic_releases")
      .selectAll()
      .where("statistic", "=", statistic)
      .where("period", "=", period)
      .executeTakeFirst();
  }

  async function decrypt({ threshold }: KnownCollection, release: AdmittedRelease): Promise<Buffer> {
    const keyShare = await readStatisticsKeyShare(ctx.config.keyDir, threshold);
    if (!keyShare) throw new Fault("STATISTICS_KEY_SHARE_MISSING", { key: toHex(threshold.digest) });
    return Buffer.from(encodeShare(threshold, releaseShare(threshold, keyShare, release, ctx.random)));
  }

  async function release(call: ReleaseCall, caller: number): Promise<ShareAnswer> {
    const { kind, status } = await ctx.chain.member(caller);
    if (kind !== "Association" || status !== "Active") throw new Fault("STATISTIC_NOT_ALLOWED", { member: caller });
    const { statistic, period } = call;
    const known = await collections.find(statistic, period);
    if (known.onChain.status === "abandoned") throw new Fault("STATISTIC_COLLECTION_ABANDONED", { period });
    const admitted = await admit(known, call);
    const contributions = toHex(admitted.contributions);
    const earlier = await find(statistic, period);
    if (earlier === undefined) {
      const share = await decrypt(known, admitted);
      const signature = Buffer.from(ctx.operator.sign(shareDigest(admitted, share)));
      await ctx.db.transaction().execute(async (trx) => {
        const { numInsertedOrUpdatedRows: inserted } = await trx
          .insertInto("statistic_releases")
          .values({ statistic, period, contributions, share, signature, created_at: ctx.clock() })
          .onConflict((conflict) => conflict.columns(["statistic", "period"]).doNothing())
          .executeTakeFirstOrThrow();
        if (inserted !== 1n) return;
        const subjectId = `${statistic}:${String(period)}`;
        await ctx.audit.append(trx, { actor: `member ${String(caller)}`, action: "statistic.release", subjectId });
      });
      ctx.log.info({ statistic, period, contributors: admitted.contributors.length }, "a statistic is released here");
    }
    // What is stored leaves, also where another request was faster.
    const stored = earlier ?? (await find(statistic, period));
    if (stored?.contributions !== contributions) throw new Fault("STATISTIC_ALREADY_RELEASED");
    return { share: toBase64Url(stored.share), signature: toBase64Url(stored.signature) };
  }

  return { release };
}
