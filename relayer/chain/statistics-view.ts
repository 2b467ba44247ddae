/** What the chain says of statistics. Not cached: it is read when a collection is worked on, a few times a month. */
import { fromHex, type Hex } from "../../protocol/encoding/bytes.ts";
import type { PlatformContracts } from "./contracts.ts";
import { refusal } from "./refusal.ts";

export type CollectionStatus = "open" | "closed" | "released" | "abandoned";

export interface StatisticTerms {
  readonly definitionDigest: Hex;
  readonly layoutDigest: Hex;
  readonly leastContributors: number;
  readonly retired: boolean;
}

export interface CollectionInfo {
  readonly status: CollectionStatus;
  /** Ledger time. */
  readonly closesAt: number;
  readonly keyDigest: Hex;
  /** All zero before the release. */
  readonly contributionsDigest: Hex;
  readonly answerDigest: Hex;
}

export interface StatisticsView {
  /** Undefined for one that is not defined. */
  terms(statistic: Hex): Promise<StatisticTerms | undefined>;
  /** Undefined for one that was never opened. */
  collection(statistic: Hex, period: number): Promise<CollectionInfo | undefined>;
  /** Digests by contributor, without those that were struck. */
  committed(statistic: Hex, period: number): Promise<ReadonlyMap<number, Uint8Array>>;
  /** What `member` has committed; undefined if nothing, or if it was struck. */
  contribution(statistic: Hex, period: number, member: number): Promise<Hex | undefined>;
  /** Public side of a key; empty if unknown. */
  key(digest: Hex): Promise<Uint8Array>;
  /** The member for which an account acts or once acted. */
  memberOf(account: Hex): Promise<number | undefined>;
}

/** In the order of IStatisticsBoard.sol. */
const STATUSES: readonly (CollectionStatus | undefined)[] = [undefined, "open", "closed", "released", "abandoned"];
const NOTHING = `0x${"00".repeat(32)}`;

type Contracts = Pick<PlatformContracts, "statisticsBoard" | "memberRegistry">;

export function createStatisticsView({ statisticsBoard, memberRegistry }: Contracts): StatisticsView {
  async function contribution(statistic: Hex, period: number, member: number): Promise<Hex | undefined> {
    const digest = await asked(statisticsBoard.contributionOf(statistic, period, member));
    return digest === NOTHING ? undefined : (digest as Hex);
  }

  return {
    async terms(statistic) {
      const terms = await asked(statisticsBoard.getStatistic(statistic));
      if (terms.leastContributors === 0n) return undefined;
      return {
        definitionDigest: terms.definitionDigest as Hex,
        layoutDigest: terms.layoutDigest as Hex,
        leastContributors: Number(terms.leastContributors),
        retired: terms.retired,
      };
    },
    async collection(statistic, period) {
      const facts = await asked(statisticsBoard.getCollection(statistic, period));
      const status = STATUSES[Number(facts.status)];
      if (status === undefined) return undefined;
      return {
        status,
        closesAt: Number(facts.closesAt),
        keyDigest: facts.keyDigest as Hex,
        contributionsDigest: facts.contributionsDigest as Hex,
        answerDigest: facts.answerDigest as Hex,
      };
    },
    async committed(statistic, period) {
      const digests = new Map<number, Uint8Array>();
      for (const member of await asked(statisticsBoard.contributorsOf(statistic, period))) {
        const digest = await contribution(statistic, period, Number(member));
        if (digest !== undefined) digests.set(Number(member), fromHex(digest, 32));
      }
      return digests;
    },
    contribution,
    key: async (digest) => fromHex(await asked(statisticsBoard.keyOf(digest))),
    async memberOf(account) {
      const { member } = await asked(memberRegistry.getOperator(account));
      return member === 0n ? undefined : Number(member);
    },
  };
}

async function asked<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw refusal(error);
  }
}
