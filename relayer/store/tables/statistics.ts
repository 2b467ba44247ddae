/** Statistics: what is collected, what this member contributed, what this node decrypted, what this collector gathered. */
import type { ColumnType, Generated } from "kysely";

import type { FaultValues } from "../../../protocol/errors/fault.ts";
import type { FaultCode } from "../../../protocol/errors/catalogue.ts";

export interface StatisticTables {
  statistic_collections: StatisticCollectionsTable;
  statistic_contributions: StatisticContributionsTable;
  statistic_releases: StatisticReleasesTable;
  statistic_received: StatisticReceivedTable;
  statistic_shares: StatisticSharesTable;
  statistic_answers: StatisticAnswersTable;
}

interface StatisticCollectionsTable {
  /** Ids and digests of the chain are lower-case 0x hex. */
  statistic: string;
  period: number;
  key_digest: string;
  /** Ledger time. */
  closes_at: ColumnType<string, number, number>;
  /** Released or abandoned on chain: nothing is left to do. */
  settled: Generated<boolean>;
  /** Why the last look at it got no further. */
  fault_code: FaultCode | null;
  fault_values: ColumnType<FaultValues | null, string | null, string | null>;
}

/**
 * "sent": its digest is in the outbox; "committed": it is on chain; "failed": the chain refused it; "again": no node took it, or the
 * platform stood still, and another version follows.
 */
export type ContributionState = "sent" | "committed" | "failed" | "again";

interface StatisticContributionsTable {
  statistic: string;
  period: number;
  /** Counted from 1; a later one replaces those before it. */
  version: number;
  digest: string;
  /** `encodeContribution`, sealed: with the salt the digest on chain opens. */
  content: Buffer;
  /** JSON of the values, sealed: business secrets of this firm. */
  sums: Buffer;
  /** Blind index of the values: equal when nothing changed. */
  sums_index: Buffer;
  state: ContributionState;
  fault_code: FaultCode | null;
  created_at: Date;
}

interface StatisticReleasesTable {
  statistic: string;
  period: number;
  /** `contributions` of the admitted release. */
  contributions: string;
  share: Buffer;
  signature: Buffer;
  created_at: Date;
}

interface StatisticReceivedTable {
  statistic: string;
  period: number;
  contributor: number;
  digest: string;
  content: Buffer;
  received_at: Date;
}

interface StatisticSharesTable {
  statistic: string;
  period: number;
  contributions: string;
  node: number;
  share: Buffer;
  signature: Buffer;
  /** What is wrong with it; null if it is right. */
  fault_code: FaultCode | null;
  received_at: Date;
}

interface StatisticAnswersTable {
  statistic: string;
  period: number;
  contributions: string;
  /** JSON of a `PublishedAnswer`. */
  answer: string;
  salt: string;
  digest: string;
  created_at: Date;
}
