/**
 * This member's contributions. While a collection is open, values are counted in its own records, encrypted with a proof, stored, and
 * their digest is committed on chain; when the records change before it closes, a new version replaces the old one. Content and
 * outbox call are stored in one transaction: what is on chain can always be handed out.
 */
import type { Transaction } from "kysely";

import { toBase64Url, toHex, utf8, type Hex } from "../../../protocol/encoding/bytes.ts";
import type { FaultCode } from "../../../protocol/errors/catalogue.ts";
import { Fault } from "../../../protocol/errors/fault.ts";
import { contribute, contributionDigest, encodeContribution } from "../../../protocol/statistics/contribution.ts";
import { canonicalJson } from "../../../protocol/evidence/canonical-json.ts";
import type { Intent } from "../../chain/outbox.ts";
import { isNotTaken, isRetryable } from "../../chain/refusal.ts";
import type { RelayerContext } from "../../context.ts";
import type { AuditLog } from "../../store/audit-log.ts";
import type { Database } from "../../store/schema.ts";
import type { ContributionState } from "../../store/tables/statistics.ts";
import type { Collections, KnownCollection } from "./collections.ts";
import { ownValues } from "./own-values.ts";

export type ContributorDependencies = Pick<
  RelayerContext,
  "chain" | "db" | "outbox" | "cipher" | "clock" | "random" | "log"
> & { readonly audit: Pick<AuditLog, "append"> };

export interface Contributor {
  /** Commits this member's values to an open collection, if they are not what is committed already. Idempotent. */
  contribute(known: KnownCollection): Promise<void>;
  /**
   * This member's contribution as it was committed, base64url: for the collector and active nodes, after the collection is closed.
   * @throws Fault STATISTIC_NOT_ALLOWED, STATISTIC_COLLECTION_OPEN, STATISTIC_COLLECTION_ABANDONED, STATISTIC_CONTRIBUTION_NOT_HELD, those of `Collections.find`
   */
  handOut(statistic: Hex, period: number, caller: number): Promise<string>;
}

export function createContributor(ctx: ContributorDependencies, collections: Collections): Contributor {
  const { interface: board } = ctx.chain.contracts.statisticsBoard;

  async function settle(
    trx: Transaction<Database>,
    { data }: Intent,
    outcome: { state: ContributionState; fault_code: FaultCode | null },
  ): Promise<void> {
    const [statistic, period, digest] = board.decodeFunctionData("contribute", data) as unknown as [Hex, bigint, Hex];
    await trx
      .updateTable("statistic_contributions")
      .set(outcome)
      .where("statistic", "=", statistic)
      .where("period", "=", Number(period))
      .where("digest", "=", digest)
      .execute();
  }
  ctx.outbox.onMined("contribute-statistic", (trx, intent) =>
    settle(trx, intent, { state: "committed", fault_code: null }),
  );
  ctx.outbox.onFailed("contribute-statistic", async (trx, intent, fault) => {
    ctx.log.error({ key: intent.key, code: fault.code, values: fault.values }, "a contribution was not committed");
    const again = isNotTaken(fault) || isRetryable(fault);
    await settle(trx, intent, { state: again ? "again" : "failed", fault_code: fault.code });
  });

  async function commit(known: KnownCollection): Promise<void> {
    const { statistic, period, collection, definition } = known;
    const [me, values] = await Promise.all([ctx.chain.me(), ownValues(ctx.db, definition, period)]);
    const text = canonicalJson(
      Object.fromEntries(Object.entries(values).map(([name, value]) => [name, value.toString()])),
    );
    const place = `statistic_contributions:${statistic}:${String(period)}`;
    const index = Buffer.from(ctx.cipher.index(text, place));
    const newest = await newestVersion(statistic, period);
    // What failed for good (a collection that closed meanwhile, a member that may not) is not tried again unchanged.
    if (newest?.sums_index.equals(index) === true && newest.state !== "again") return;
    const contribution = contribute(collection, me.id, values, ctx.random);
    const digest = toHex(contributionDigest(collection, contribution));
    const version = (newest?.version ?? 0) + 1;
    await ctx.db.transaction().execute(async (trx) => {
      await trx
        .insertInto("statistic_contributions")
        .values({
          ...{ statistic, period, version, digest, state: "sent", fault_code: null },
          content: Buffer.from(ctx.cipher.seal(encodeContribution(collection, contribution), `${place}:${digest}`)),
          sums: Buffer.from(ctx.cipher.seal(utf8(text), `${place}:${digest}:sums`)),
          sums_index: index,
          created_at: ctx.clock(),
        })
        .execute();
      await ctx.outbox.enqueue(trx, {
        key: `contribute-statistic:${statistic}:${String(period)}:${String(version)}`,
        kind: "contribute-statistic",
        contract: "statisticsBoard",
        data: board.encodeFunctionData("contribute", [statistic, period, digest]) as Hex,
      });
      const subjectId = `${statistic}:${String(period)}`;
      await ctx.audit.append(trx, { actor: "relayer", action: "statistic.contribute", subjectId });
    });
    ctx.outbox.poke();
  }

  async function newestVersion(statistic: Hex, period: number) {
    return await ctx.db
      .selectFrom("statistic_contributions")
      .select(["version", "state", "sums_index"])
      .where("statistic", "=", statistic)
      .where("period", "=", period)
      .orderBy("version", "desc")
      .limit(1)
      .executeTakeFirst();
  }

  async function requireAllowed(caller: number): Promise<void> {
    const { kind, status } = await ctx.chain.member(caller);
    if (kind === "Association" && status === "Active") return;
    const nodes = await ctx.chain.computation.nodes();
    const isNode = nodes.some((node) => node.member === caller && node.status === "Active");
    if (!isNode) throw new Fault("STATISTIC_NOT_ALLOWED", { member: caller });
  }

  return {
    contribute: commit,
    async handOut(statistic, period, caller) {
      await requireAllowed(caller);
      const { onChain } = await collections.find(statistic, period);
      if (onChain.status === "open") throw new Fault("STATISTIC_COLLECTION_OPEN");
      if (onChain.status === "abandoned") throw new Fault("STATISTIC_COLLECTION_ABANDONED", { period });
      const me = await ctx.chain.me();
      const digest = await collections.view.contribution(statistic, period, me.id);
      const held =
        digest &&
        (await ctx.db
          .selectFrom("statistic_contributions")
          .select("content")
          .where("statistic", "=", statistic)
          .where("period", "=", period)
          .where("digest", "=", digest)
          .executeTakeFirst());
      if (!held) throw new Fault("STATISTIC_CONTRIBUTION_NOT_HELD");
      const place = `statistic_contributions:${statistic}:${String(period)}:${digest}`;
      return toBase64Url(ctx.cipher.open(held.content, place));
    },
  };
}
