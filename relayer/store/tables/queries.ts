/**
 * Tables of both sides of a lookup. As holder: lanes, what was received, forks. As querier: sessions with their
 * allotments and lanes, queries with their exchanges and answers, leaves and the batches they are anchored in.
 * Ids of the chain are 0x hex; what names or could name a person is sealed by the column cipher.
 */
import type { ColumnType, Generated } from "kysely";

import type { NodeService } from "../../../protocol/key-round/round.ts";
import type { QueryMode } from "./pictures.ts";

export interface QueryTables {
  holder_lanes: HolderLanesTable;
  holder_requests: HolderRequestsTable;
  holder_forks: HolderForksTable;
  query_sessions: QuerySessionsTable;
  query_allotments: QueryAllotmentsTable;
  query_lanes: QueryLanesTable;
  queries: QueriesTable;
  query_subjects: QuerySubjectsTable;
  query_exchanges: QueryExchangesTable;
  query_answers: QueryAnswersTable;
  query_leaves: QueryLeavesTable;
  query_batches: QueryBatchesTable;
}

/** What this holder has answered in a lane, and the voucher that pays for it. */
interface HolderLanesTable {
  session: string;
  dataset: string;
  lane: number;
  querier: number;
  count: number;
  transcript: string;
  voucher: string;
  request_digest: string;
  /** The response body as it was sent: a repeated request gets the same bytes. */
  response: string;
  /** Count that a settlement was last sent for, and the one that took effect. */
  settling_count: Generated<number>;
  settled_count: Generated<number>;
  updated_at: Date;
}

/** Everything a holder learns of a query: how many elements, when, for which purpose. */
interface HolderRequestsTable {
  id: ColumnType<string, never, never>;
  received_at: Date;
  session: string;
  dataset: string;
  lane: number;
  count: number;
  querier: number;
  elements: number;
  purpose: string;
  bytes_received: number;
  bytes_sent: number;
  /** First bytes of the blinded elements, base64url, so that staff can look at what arrives. */
  preview: string;
}

interface HolderForksTable {
  session: string;
  dataset: string;
  lane: number;
  count: number;
  first_transcript: string;
  first_voucher: string;
  second_transcript: string;
  second_voucher: string;
  seen_at: Date;
}

export type SessionState = "opening" | "open" | "closing" | "closed" | "failed";

interface QuerySessionsTable {
  id: string;
  /** Null for a session that the ledger knows and this store did not. */
  nonce: string | null;
  state: SessionState;
  /** Opened before this store came back from an older copy: no voucher of it is signed any more. */
  retired: Generated<boolean>;
  /** Ledger time, Unix seconds. */
  expires_at: ColumnType<string, number, number>;
  next_batch: Generated<number>;
  created_at: Date;
}

interface QueryAllotmentsTable {
  session: string;
  dataset: string;
  granted: number;
  used: Generated<number>;
}

interface QueryLanesTable {
  session: string;
  dataset: string;
  lane: number;
  count: Generated<number>;
  transcript: string;
  /** The exchange in flight, if any: one request at a time in a lane. */
  exchange: string | null;
  /** A voucher of this lane was refused: signing another with that count would be a fork, so the lane is not used again. */
  abandoned: Generated<boolean>;
}

export type QueryState = "accepted" | "partial" | "answered";

interface QueriesTable {
  id: string;
  created_at: Date;
  caller: string;
  purpose: string;
  /** Names of the holders asked; null for all. */
  holders: string | null;
  mode: ColumnType<QueryMode, QueryMode | undefined, never>;
  state: QueryState;
  completed_at: Date | null;
  attempts: Generated<number>;
  next_attempt_at: Date;
  /** Whoever works on the query holds it until then. */
  leased_until: Date | null;
}

/** A document that is asked about: one element of the requests. */
interface QuerySubjectsTable {
  query_id: string;
  position: number;
  subject: Buffer;
  authorisation: string;
  /** Which of the query's investors it is of, from 0; null: it is one by itself, and the number is its position. */
  investor: number | null;
  /** Position of the document that the authorisation names; null: this one. */
  named: number | null;
}

export type ExchangeState = "waiting" | "prepared" | "answered" | "abandoned" | "refused";

interface QueryExchangesTable {
  id: string;
  query_id: string;
  /** Or the service of a node. */
  dataset: string;
  holder: number;
  /** Which of a node's services is asked; null for a holder's dataset. */
  service: ColumnType<NodeService | null, NodeService | null | undefined, never>;
  state: ExchangeState;
  /** Why there is no answer yet: a code of the error catalogue. */
  reason: string | null;
  session: string | null;
  lane: number | null;
  epoch: number | null;
  previous_transcript: string | null;
  /** The request body as it is sent, every time the same bytes. */
  request: string | null;
  response: string | null;
  /** Blinds and consent openings, JSON, sealed. */
  secrets: Buffer | null;
  created_at: Date;
  /** Ledger time at which the request was signed, Unix seconds. */
  prepared_at: string | null;
  answered_at: Date | null;
  /** Its leaves are stored though it was not answered. */
  covered: Generated<boolean>;
}

export type AnswerOutcome = "hit" | "miss" | "unreadable";

interface QueryAnswersTable {
  query_id: string;
  position: number;
  dataset: string;
  exchange: string;
  outcome: AnswerOutcome;
  revision: number;
  /** Leaf, path, entry and records, JSON, sealed. */
  opening: Buffer;
}

interface QueryLeavesTable {
  id: string;
  query_id: string;
  position: number;
  session: string;
  salt: string;
  leaf: string;
  /** Datasets the leaf covers, comma-separated, ascending. */
  datasets: string;
  /** False for the leaf of a request to which no answer was accepted. */
  answered: Generated<boolean>;
  batch: number | null;
  place: number | null;
  created_at: Date;
}

/**
 * "failed": the ledger or the node refused it for good; its leaves are in no batch again, and its number, on which all
 * later ones wait, is to be used anew. "void": its number is used on the ledger by something else, or the session is over.
 */
export type BatchState = "sent" | "anchored" | "failed" | "void";

interface QueryBatchesTable {
  session: string;
  batch: number;
  size: number;
  state: Generated<BatchState>;
  /** Counted from 1: a number that failed is used again. */
  attempt: Generated<number>;
  created_at: Date;
}
