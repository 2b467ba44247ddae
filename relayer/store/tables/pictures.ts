/** Overall pictures that were asked for, and what was reported of nodes. */
import type { ColumnType } from "kysely";

export interface PictureTables {
  query_pictures: QueryPicturesTable;
  node_reports: NodeReportsTable;
}

/** What a query asks for: records of the holders, sums over them, or both. */
export type QueryMode = "detail" | "aggregate" | "both";

/**
 * "evaluating": subjects are being evaluated by the nodes; "locating": their rows' places are; "decrypting": rows were looked
 * up, and the nodes are asked for their part of the decryption, whether there is a row or not.
 */
export type PictureState = "evaluating" | "locating" | "decrypting" | "done" | "failed";

interface QueryPicturesTable {
  query_id: string;
  state: PictureState;
  /** Key round of the evaluations. */
  evaluation_round: number;
  /** Of the consortium table that is read; null before subjects were evaluated, like its rounds. */
  edition: number | null;
  locator_round: number | null;
  query_round: number | null;
  /** Why it does not go on: {code, values}. */
  waits: ColumnType<WaitingFor | null, string | null, string | null>;
  /** Blinds, evaluations, rows, JSON, sealed. */
  material: Buffer;
  /** Sums by position, JSON, sealed. */
  result: Buffer | null;
  completed_at: Date | null;
}

export interface WaitingFor {
  readonly code: string;
  readonly values: Readonly<Record<string, string | number>>;
}

interface NodeReportsTable {
  /** Names what it is about; each is reported once. */
  key: string;
  node: number;
  /** A code of the error catalogue. */
  reason: string;
  salt: Buffer;
  /** What the digest on chain is of: it names no person, but opens what a node was asked. */
  evidence: Buffer;
  reported_at: Date;
}
