import type { KeyPair } from "../../protocol/oprf/oprf.ts";

/** A relayer's keys: files outside the database, readable by its account only. */
export interface KeyStore {
  /** secp256k1 private key of the account that signs for this member on chain, 32 bytes; made at first use. */
  operatorKey(): Promise<Uint8Array>;
  /** Keys of the column cipher; made at first use. */
  columnKeys(): Promise<ColumnKeys>;
  /** OPRF key of a dataset (0x hex id) in an epoch: fresh random at first use, the same ever after. */
  epochKey(dataset: string, epoch: number): Promise<KeyPair>;
  /** The key if it exists: never makes one. @throws Fault EPOCH_KEY_DESTROYED once it was destroyed. */
  findEpochKey(dataset: string, epoch: number): Promise<KeyPair | undefined>;
  /** Overwrites and unlinks the key for good; a mark keeps it from being made anew. False when there was none. */
  destroyEpochKey(dataset: string, epoch: number): Promise<boolean>;
}

export interface ColumnKeys {
  /** SM4, 16 bytes. */
  readonly encryption: Uint8Array;
  /** HMAC-SM3, 32 bytes. */
  readonly authentication: Uint8Array;
  /** HMAC-SM3 of blind indexes, 32 bytes. */
  readonly index: Uint8Array;
}
