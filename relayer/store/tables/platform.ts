/** Tables of the platform itself: API tokens, idempotency keys, the local audit log. */
import type { ColumnType, Generated } from "kysely";

import type { Role } from "../../http/role.ts";

export interface PlatformTables {
  api_tokens: ApiTokensTable;
  idempotency_keys: IdempotencyKeysTable;
  audit_log: AuditLogTable;
  store_lives: StoreLivesTable;
  audit_anchors: AuditAnchorsTable;
}

export type AuditAnchorState = "sent" | "anchored" | "failed";

/** A head of the audit log that was anchored on chain, and the salt that opens the digest there. */
interface AuditAnchorsTable {
  id: ColumnType<string, never, never>;
  /** Of the member's anchors on chain, from 0. */
  number: number;
  /** Of the log's entry. */
  sequence: ColumnType<string, number, number>;
  head: Buffer;
  salt: Buffer;
  intent_key: string;
  state: Generated<AuditAnchorState>;
  created_at: Date;
}

/** From one restoration of this database to the next; see store/store-life.ts. */
interface StoreLivesTable {
  number: ColumnType<string, never, never>;
  life: string;
  beat: ColumnType<string, number, number>;
  fingerprint: string;
  began_at: Date;
}

interface ApiTokensTable {
  id: string;
  /** SHA-256 of the token, 32 bytes. The token has 256 random bits, so a plain hash cannot be guessed. */
  token_hash: Buffer;
  role: Role;
  label: string;
  created_at: Date;
  revoked_at: Date | null;
  last_used_at: Date | null;
}

interface IdempotencyKeysTable {
  /** Who sent the key: a token's id. Keys of two callers never meet. */
  caller: string;
  /** Blind index of the key, hex. */
  key: string;
  /** HMAC-SM3 of method, path and body: 32 bytes. */
  request_digest: Buffer;
  /** Null while the first request is still being answered. */
  status: number | null;
  /** Response body, sealed by the column cipher: it may hold personal data. */
  response: Buffer | null;
  /** Response headers worth repeating (Location). */
  location: string | null;
  created_at: Date;
}

interface AuditLogTable {
  sequence: ColumnType<string, never, never>;
  at: Date;
  actor: string;
  action: string;
  /** What it was done to: an opaque id, never a person's number. */
  subject_id: string;
  salt: Buffer;
  /** saltedDigest over the entry and the digest before it. */
  digest: Buffer;
  /** The chain: digest of the entry before (32 zero bytes for the first). */
  previous: Buffer;
  outcome: Generated<string>;
}
