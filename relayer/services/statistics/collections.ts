/** What is collected: the chain's collections with definition, layout and key, as the three sides of this service need them. */
import { fromHex, toHex, type Hex } from "../../../protocol/encoding/bytes.ts";
import { Fault } from "../../../protocol/errors/fault.ts";
import type { ThresholdKey } from "../../../protocol/paillier/threshold-key.ts";
import type { Collection } from "../../../protocol/statistics/contribution.ts";
import {
  definitions,
  layoutOf,
  statisticOf,
  type StatisticDefinition,
} from "../../../protocol/statistics/definition.ts";
import { decodeStatisticsKey } from "../../../protocol/statistics/statistics-key.ts";
import {
  createStatisticsView,
  type CollectionInfo,
  type CollectionStatus,
  type StatisticsView,
} from "../../chain/statistics-view.ts";
import type { RelayerContext } from "../../context.ts";

export interface KnownCollection {
  readonly statistic: Hex;
  readonly period: number;
  readonly definition: StatisticDefinition;
  readonly threshold: ThresholdKey;
  readonly collection: Collection;
  /** k of the chain. */
  readonly leastContributors: number;
  readonly onChain: CollectionInfo;
}

export interface Collections {
  readonly view: StatisticsView;
  /**
   * As the chain has it now.
   * @throws Fault STATISTIC_UNKNOWN without a definition here, or if the chain's digests are of another; STATISTIC_COLLECTION_UNKNOWN,
   * those of `decodeStatisticsKey`
   */
  find(statistic: Hex, period: number): Promise<KnownCollection>;
  /** Undefined for one that this program has no definition of. */
  definition(statistic: Hex): StatisticDefinition | undefined;
}

/** A contribution may still be on its way to a block when this relayer's clock says that the time is over. */
const GRACE_SECONDS = 60;

/** @param leastKeyBits shortest key that is taken; shorter than 3,072 bits only in rehearsals and tests */
export function createCollections(ctx: Pick<RelayerContext, "chain">, leastKeyBits: number): Collections {
  const view = createStatisticsView(ctx.chain.contracts);
  const known = new Map(definitions.map((each) => [toHex(statisticOf(each)), each]));
  /** Opening takes half a second. */
  const keys = new Map<Hex, ThresholdKey>();

  async function thresholdKey(digest: Hex): Promise<ThresholdKey> {
    const opened = keys.get(digest) ?? decodeStatisticsKey(await view.key(digest), fromHex(digest, 32), leastKeyBits);
    keys.set(digest, opened);
    return opened;
  }

  return {
    view,
    definition: (statistic) => known.get(statistic),
    async find(statistic, period) {
      const definition = known.get(statistic);
      const [terms, onChain] = await Promise.all([view.terms(statistic), view.collection(statistic, period)]);
      if (definition === undefined || terms === undefined) throw new Fault("STATISTIC_UNKNOWN", { statistic });
      if (onChain === undefined) throw new Fault("STATISTIC_COLLECTION_UNKNOWN", { period });
      const threshold = await thresholdKey(onChain.keyDigest);
      const status = await statusNow(ctx, onChain);
      const layout = layoutOf(definition, threshold.key.bits);
      // The chain's document is another one: nobody here knows what would be added up.
      if (terms.definitionDigest !== statistic || terms.layoutDigest !== toHex(layout.digest)) {
        throw new Fault("STATISTIC_UNKNOWN", { statistic });
      }
      const collection = { key: threshold.key, statistic: fromHex(statistic, 32), period, layout };
      const { leastContributors } = terms;
      return {
        statistic,
        period,
        definition,
        threshold,
        collection,
        leastContributors,
        onChain: { ...onChain, status },
      };
    },
  };
}

/** By ledger time too: where blocks come only with transactions, the last one may be from before the end. */
async function statusNow({ chain }: Pick<RelayerContext, "chain">, onChain: CollectionInfo): Promise<CollectionStatus> {
  const { status, closesAt } = onChain;
  return status === "open" && (await chain.ledgerTime()) >= closesAt + GRACE_SECONDS ? "closed" : status;
}
