/**
 * Randomness that follows from a secret seed of 32 bytes, so that one row can be opened in a dispute and the others stay
 * closed: HMAC-SHA-512 over a label and fields of fixed length, reduced. A seed serves one contribution or one merge.
 * Should it serve two, the value, or the digest of what is merged, among the fields still keeps two plaintexts from
 * sharing their randomness; but rows that did not change would then be seen not to have changed.
 */
import { createHmac } from "node:crypto";

import { concatBytes, uint, utf8 } from "../encoding/bytes.ts";
import type { Scalar } from "../group/group.ts";
import { ristretto255 } from "../group/ristretto255.ts";
import { asTag, TAG_BYTES, type Tag } from "../sealed-table/table-id.ts";

export const SEED_BYTES = 32;

const ENCRYPTION = utf8("agg-enc");
const MERGE = utf8("agg-mrg");
const PADDING = utf8("agg-pad");
const DOMAIN = utf8("riskveil/aggregate/1/randomness");

/** Of one slot of a contributor's row. */
export function encryptionRandomness(seed: Uint8Array, epoch: number, tag: Tag, slot: number, value: number): Scalar {
  return scalar(seed, concatBytes(ENCRYPTION, uint(epoch, 4), tag, uint(slot, 2), uint(value, 4)));
}

/** Of one slot of a merged row. `merged` is the 64-byte digest of the contributions. */
export function mergeRandomness(seed: Uint8Array, merged: Uint8Array, tag: Tag, slot: number): Scalar {
  return scalar(seed, concatBytes(MERGE, merged, tag, uint(slot, 2)));
}

/** Of row number `index` that pads a merged table: no subject has it but for a negligible chance. */
export function paddingTag(seed: Uint8Array, merged: Uint8Array, index: number): Tag {
  return asTag(mac(seed, concatBytes(PADDING, merged, uint(index, 4))).slice(0, TAG_BYTES));
}

function scalar(seed: Uint8Array, fields: Uint8Array): Scalar {
  const wide = mac(seed, fields);
  const reduced = ristretto255.hashToScalar(wide, DOMAIN);
  wide.fill(0);
  return reduced;
}

function mac(seed: Uint8Array, fields: Uint8Array): Uint8Array {
  if (seed.length !== SEED_BYTES) throw new RangeError("a seed is 32 bytes");
  return new Uint8Array(createHmac("sha512", seed).update(fields).digest());
}
