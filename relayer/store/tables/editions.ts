/** Editions of the consortium table, as far as the chain does not say it. Tables and evaluations are files (services/editions). */
import type { Generated } from "kysely";

import type { FaultCode } from "../../../protocol/errors/catalogue.ts";

export interface EditionTables {
  edition_contributions: EditionContributionsTable;
  edition_allowances: EditionAllowancesTable;
  edition_requests: EditionRequestsTable;
  edition_merges: EditionMergesTable;
  edition_strips: EditionStripsTable;
  edition_mirrors: EditionMirrorsTable;
  edition_evidence: EditionEvidenceTable;
}

export type ContributionState = "evaluating" | "encrypting" | "made" | "posted";

/** This member's own. */
interface EditionContributionsTable {
  edition: number;
  /** Counted from 1; a publication before the contribution is on chain makes it anew. */
  generation: number;
  state: ContributionState;
  /** JSON: dataset, epoch, revision of each commitment that is summarised, by dataset. */
  basis: string;
  rows: number;
  /** Rows that need an evaluation, and those that have it. */
  wanted: number;
  evaluated: Generated<number>;
  /** Nodes that were missing at the last try. */
  missing: Generated<number>;
  root: string | null;
  proof: string | null;
  fault_code: FaultCode | null;
  updated_at: Date;
}

/** As a node: how many elements of a member were evaluated for an edition. */
interface EditionAllowancesTable {
  edition: number;
  member: number;
  used: number;
}

/** As a node: requests that were counted; the same again counts no second time. */
interface EditionRequestsTable {
  edition: number;
  member: number;
  /** SHA-256 of the elements. */
  digest: Buffer;
  elements: number;
}

/** As the aggregator: the one merge that is committed to. */
interface EditionMergesTable {
  edition: number;
  root: string;
  rows: number;
  proof: string;
  created_at: Date;
}

/** As a node: the one merged table that shares were given for. Written before they leave. */
interface EditionStripsTable {
  edition: number;
  merged_root: string;
  created_at: Date;
}

/** Published tables that are here, verified. */
interface EditionMirrorsTable {
  edition: number;
  root: string;
  rows: number;
  verified_at: Date;
}

/** What stands behind a digest by which a member was reported on chain. */
interface EditionEvidenceTable {
  edition: number;
  accused: number;
  reason: string;
  salt: Buffer;
  digest: string;
  content: Buffer;
  created_at: Date;
}
