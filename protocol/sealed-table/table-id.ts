/** What a sealed table is of: one dataset in one epoch, and the byte strings that name a row inside it. */
import { concatBytes, uint } from "../encoding/bytes.ts";

export const DATASET_BYTES = 32;
export const TAG_BYTES = 16;
export const REV_BYTES = 16;

declare const tagBrand: unique symbol;
declare const revBrand: unique symbol;

/** 16 bytes: where a subject's entry stands in the table. Says nothing about the subject without its evaluation. */
export type Tag = Uint8Array & { readonly [tagBrand]: true };

/** 16 random bytes, fresh at every sealing, so that no key ever meets two plaintexts. */
export type Rev = Uint8Array & { readonly [revBrand]: true };

export interface TableId {
  /** 32 bytes, the id on chain. */
  readonly dataset: Uint8Array;
  /** Counted from 1. */
  readonly epoch: number;
}

/** dataset (32 B) | epoch (uint32 BE). @throws RangeError if the id has another shape. */
export function encodeTableId(table: TableId): Uint8Array {
  if (table.dataset.length !== DATASET_BYTES) throw new RangeError("a dataset id is 32 bytes");
  return concatBytes(table.dataset, uint(table.epoch, 4));
}

/** @throws RangeError if `bytes` is not 16 bytes. */
export function asTag(bytes: Uint8Array): Tag {
  if (bytes.length !== TAG_BYTES) throw new RangeError("a tag is 16 bytes");
  return bytes as Tag;
}

/** @throws RangeError if `bytes` is not 16 bytes. */
export function asRev(bytes: Uint8Array): Rev {
  if (bytes.length !== REV_BYTES) throw new RangeError("a rev is 16 bytes");
  return bytes as Rev;
}
