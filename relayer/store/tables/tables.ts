/**
 * Sealed tables: what this member published, the epochs of its datasets, and what it mirrors of the others. The tables
 * themselves are files (services/tables/table-files.ts). Ids, roots and keys of the chain are lower-case 0x hex.
 */
import type { FaultCode } from "../../../protocol/errors/catalogue.ts";

export interface TableTables {
  published_tables: PublishedTablesTable;
  dataset_epochs: DatasetEpochsTable;
  mirrored_tables: MirroredTablesTable;
}

/**
 * "sealed": files are there and the commitment is in the outbox, both since one transaction; "committed": it is on
 * chain and the table is served; "discarded": the chain refused it, the files are gone; "retired": its key is destroyed,
 * the files are gone.
 */
export type PublishedState = "sealed" | "committed" | "discarded" | "retired";

interface PublishedTablesTable {
  /** Also the name of the files. */
  id: string;
  dataset: string;
  label: string;
  epoch: number;
  revision: number;
  state: PublishedState;
  /** The outbox key of its commitment. */
  intent_key: string;
  root: string;
  public_key: string;
  entry_count: number;
  entry_size: number;
  suite: number;
  schema: number;
  statistics_digest: string;
  /** JSON of true counts, salt and revision shape, sealed by the column cipher: business secrets of this firm. */
  details: Buffer;
  /** Blind index of what was sealed: equal when nothing changed. */
  content_index: Buffer;
  created_at: Date;
  settled_at: Date | null;
  transaction_hash: string | null;
  fault_code: FaultCode | null;
}

interface DatasetEpochsTable {
  dataset: string;
  epoch: number;
  /** 32 bytes from which the dummies' nonces follow, sealed by the column cipher. */
  dummy_seed: Buffer;
  key_state: "active" | "destroyed" | "recorded";
  destroyed_at: Date | null;
  /** Salt of the attestation on chain. */
  attestation_salt: Buffer | null;
}

/** "withdrawn": by its holder, on chain; it answers no lookup any more. */
export type MirroredState = "downloading" | "verified" | "rejected" | "withdrawn";

interface MirroredTablesTable {
  dataset: string;
  epoch: number;
  revision: number;
  holder: number;
  state: MirroredState;
  root: string;
  entry_count: number;
  entry_size: number;
  /** Why it was rejected, or why the last try failed. */
  fault_code: FaultCode | null;
  attempts: number;
  /** A rejected table is looked at again then: the holder may have repaired what it serves. */
  retry_at: Date | null;
  verified_at: Date | null;
  updated_at: Date;
}
