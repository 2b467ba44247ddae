/**
 * One row of a sealed table: tag (16) | rev (16) | ciphertext (payload) | mac (16). 48 bytes beyond the padded payload.
 * Who evaluates the subject under the epoch key, and nobody else, can find the row and open it.
 */
import { createHmac } from "node:crypto";

import { bytesEqual, concatBytes, type RandomBytes, uint, utf8 } from "../encoding/bytes.ts";
import type { Scalar } from "../oprf/oprf.ts";
import { MAC_BYTES } from "./aead.ts";
import { padPayload, type PayloadBytes } from "./payload.ts";
import { encodeRecords } from "./record.ts";
import type { SealingSuite } from "./suite.ts";
import { asRev, asTag, encodeTableId, REV_BYTES, TAG_BYTES, type Rev, type TableId, type Tag } from "./table-id.ts";

export const ENTRY_OVERHEAD_BYTES = TAG_BYTES + REV_BYTES + MAC_BYTES;
export const DUMMY_NONCE_BYTES = 16;

const DUMMY_PREFIX = utf8("dummy:");

export interface Sealer {
  readonly suite: SealingSuite;
  readonly secretKey: Scalar;
  readonly table: TableId;
  readonly random: RandomBytes;
}

/** Seals a padded payload for one evaluation input, under a rev drawn now. */
export function sealEntry(sealer: Sealer, input: Uint8Array, payload: Uint8Array): Uint8Array {
  const { suite, table } = sealer;
  const y = suite.oprf.evaluate(sealer.secretKey, input);
  const tag = suite.deriveTag(y, table);
  const rev = asRev(sealer.random(REV_BYTES));
  const sealed = suite.seal(suite.deriveKey(y, table, rev), payload, entryAad(table, tag, rev));
  return concatBytes(tag, rev, sealed);
}

/**
 * A dummy is sealed exactly like a subject without records, under an input that no querier can guess. With its nonce
 * the holder can open it to an auditor by an evaluation under the committed key.
 */
export function sealDummy(sealer: Sealer, nonce: Uint8Array, payloadBytes: PayloadBytes): Uint8Array {
  return sealEntry(sealer, dummyInput(nonce), padPayload(encodeRecords([]), payloadBytes));
}

/** @throws RangeError if the nonce is not 16 bytes. */
export function dummyInput(nonce: Uint8Array): Uint8Array {
  if (nonce.length !== DUMMY_NONCE_BYTES) throw new RangeError("a dummy's nonce is 16 bytes");
  return concatBytes(DUMMY_PREFIX, nonce);
}

/** The nonce of dummy number `index` of a dataset's epoch: HMAC-SHA-256 under a 32-byte secret seed, so that none need be stored. */
export function dummyNonce(seed: Uint8Array, index: number): Uint8Array {
  if (seed.length !== 32) throw new RangeError("a dummy seed is 32 bytes");
  const mac = createHmac("sha256", seed).update(uint(index, 6)).digest();
  return new Uint8Array(mac.subarray(0, DUMMY_NONCE_BYTES));
}

/**
 * Opens an entry with the evaluation of the subject it is thought to be of.
 * @returns the padded payload, or undefined if the entry is of another subject, another table, or was altered.
 */
export function openEntry(
  suite: SealingSuite,
  table: TableId,
  y: Uint8Array,
  entry: Uint8Array,
): Uint8Array | undefined {
  if (entry.length < ENTRY_OVERHEAD_BYTES) return undefined;
  const tag = entryTag(entry);
  if (!bytesEqual(tag, suite.deriveTag(y, table))) return undefined;
  const rev = asRev(entry.slice(TAG_BYTES, TAG_BYTES + REV_BYTES));
  return suite.open(suite.deriveKey(y, table, rev), entry.subarray(TAG_BYTES + REV_BYTES), entryAad(table, tag, rev));
}

export function entryTag(entry: Uint8Array): Tag {
  return asTag(entry.slice(0, TAG_BYTES));
}

/** Bytes of one entry whose padded payload has `payloadBytes`. */
export function entryBytes(payloadBytes: number): number {
  return payloadBytes + ENTRY_OVERHEAD_BYTES;
}

/** dataset | epoch | tag | rev: an entry moved to another table or row does not open. */
function entryAad(table: TableId, tag: Tag, rev: Rev): Uint8Array {
  return concatBytes(encodeTableId(table), tag, rev);
}
