/**
 * Private statistics of the industry (docs/protocol.md, "Statistics"): what this relayer does for each collection that the chain tells
 * of, whatever its part in it. Driven by a job that the heartbeat and the chain's events wake; every step can be repeated.
 */
import type { Transaction } from "kysely";

import type { Hex } from "../../../protocol/encoding/bytes.ts";
import { Fault, isFault } from "../../../protocol/errors/fault.ts";
import { KEY_BITS } from "../../../protocol/paillier/public-key.ts";
import type { MemberKind } from "../../chain/chain-view.ts";
import type { PlatformEvent } from "../../chain/platform-event.ts";
import type { RelayerContext } from "../../context.ts";
import type { AuditLog } from "../../store/audit-log.ts";
import type { Database } from "../../store/schema.ts";
import type { PeerChannel } from "../channel/client.ts";
import { createAnswers, type Answers } from "./answers.ts";
import { createCollections, type Collections } from "./collections.ts";
import { createCollector } from "./collector.ts";
import { createContributor, type Contributor } from "./contributor.ts";
import { createStatisticsPeers } from "./peers.ts";
import { createReleaser, type Releaser } from "./releaser.ts";

export interface StatisticsService extends Pick<Contributor, "handOut">, Releaser {
  /** Of the chain: remembers the collection, with the cursor of the events. */
  onCollectionOpened(event: Pick<PlatformEvent, "args">, trx: Transaction<Database>): Promise<void>;
  /** Looks at every collection that is not settled; one that fails does not hold up the others. */
  run(): Promise<void>;
  readonly answers: Answers;
  readonly collections: Collections;
}

export interface StatisticsOptions {
  readonly leastKeyBits?: number;
  /** An open collection's values are counted again this often. */
  readonly recountMs?: number;
}

/** Kinds whose members may publish: contracts/membership/Capability.sol. */
const NOT_CONTRIBUTING: readonly MemberKind[] = ["Regulator", "NodeOperator"];
const RECOUNT_MS = 60_000;

export function createStatisticsService(
  ctx: RelayerContext & { readonly channel: PeerChannel; readonly audit: Pick<AuditLog, "append"> },
  { leastKeyBits = KEY_BITS, recountMs = RECOUNT_MS }: StatisticsOptions = {},
): StatisticsService {
  const collections = createCollections(ctx, leastKeyBits);
  const peers = createStatisticsPeers(ctx, ctx.channel);
  const contributor = createContributor(ctx, collections);
  const releaser = createReleaser(ctx, collections);
  const collector = createCollector({ ...ctx, peers }, collections, contributor);
  const answers = createAnswers({ ...ctx, peers }, collections);
  const countedAt = new Map<string, number>();

  /** @returns whether nothing is left to do. @throws Fault what holds it up */
  async function advance(statistic: Hex, period: number): Promise<boolean> {
    // Not ours to look at: other statistics than this program has are other relayers' business.
    if (collections.definition(statistic) === undefined) throw new Fault("STATISTIC_UNKNOWN", { statistic });
    const known = await collections.find(statistic, period);
    const { kind, status } = await ctx.chain.me();
    switch (known.onChain.status) {
      case "open":
        if (status === "Active" && !NOT_CONTRIBUTING.includes(kind) && isDue(statistic, period)) {
          await contributor.contribute(known);
        }
        return false;
      case "closed":
        if (status === "Active" && kind === "Association") await collector.collect(known);
        return false;
      case "released":
        await answers.mirror(known);
        return true;
      case "abandoned":
        return true;
    }
  }

  function isDue(statistic: Hex, period: number): boolean {
    const [place, now] = [`${statistic}:${String(period)}`, ctx.clock().getTime()];
    if (now - (countedAt.get(place) ?? -Infinity) < recountMs) return false;
    countedAt.set(place, now);
    return true;
  }

  async function run(): Promise<void> {
    const live = await ctx.db
      .selectFrom("statistic_collections")
      .select(["statistic", "period"])
      .where("settled", "=", false)
      .orderBy("period")
      .execute();
    for (const { statistic, period } of live) {
      const outcome = await advance(statistic as Hex, period).then(
        (settled) => ({ settled, fault_code: null, fault_values: null }),
        (error: unknown) => {
          const { code, values } = isFault(error) ? error : new Fault("INTERNAL");
          ctx.log.warn({ statistic, period, code, err: error }, "a statistic waits");
          return { settled: false, fault_code: code, fault_values: JSON.stringify(values) };
        },
      );
      await ctx.db
        .updateTable("statistic_collections")
        .set(outcome)
        .where("statistic", "=", statistic)
        .where("period", "=", period)
        .execute();
    }
  }

  return {
    collections,
    answers,
    handOut: (...asked) => contributor.handOut(...asked),
    release: (...asked) => releaser.release(...asked),
    run,
    async onCollectionOpened({ args }, trx) {
      const opened = {
        key_digest: String(args["keyDigest"]).toLowerCase(),
        closes_at: Number(args["closesAt"]),
        settled: false,
      };
      await trx
        .insertInto("statistic_collections")
        .values({ statistic: String(args["statistic"]).toLowerCase(), period: Number(args["period"]), ...opened })
        .onConflict((conflict) => conflict.columns(["statistic", "period"]).doUpdateSet(opened))
        .execute();
    },
  };
}
