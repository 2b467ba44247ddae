/**
 * What follows from a subject's evaluation y under the consortium's key (64 bytes): where its row stands, and the mask
 * M_j that hides each slot from everybody who has not evaluated that subject, the decrypting nodes included.
 *
 *   tag = HKDF(y, "agg-tag" | epoch), 16 bytes         M_j = hash-to-group(HKDF(y, "agg" | epoch | j), 64 bytes)
 *
 * HKDF of RFC 5869 with SHA-512 under a salt of its own, so that tags and keys of sealed tables are unrelated. All parts
 * of an info are of fixed length and the two lengths differ (11 and 9 bytes): no two calls share an info.
 */
import { hkdfSync } from "node:crypto";

import { concatBytes, uint, utf8 } from "../encoding/bytes.ts";
import type { Element } from "../group/group.ts";
import { ristretto255 } from "../group/ristretto255.ts";
import { asTag, TAG_BYTES, type Tag } from "../sealed-table/table-id.ts";

const EVALUATION_BYTES = 64;
const SALT = utf8("riskveil/aggregate/ristretto255-sha512");
const MASK_DOMAIN = utf8("riskveil/aggregate/1/mask");
const TAG_LABEL = utf8("agg-tag");
const MASK_LABEL = utf8("agg");

/** @throws RangeError if `y` is not 64 bytes. */
export function aggregateTag(y: Uint8Array, epoch: number): Tag {
  return asTag(derive(y, concatBytes(TAG_LABEL, uint(epoch, 4)), TAG_BYTES));
}

/** M_0 to M_(count - 1). @throws RangeError if `y` is not 64 bytes. */
export function masks(y: Uint8Array, epoch: number, count: number): Element[] {
  return Array.from({ length: count }, (_, slot) => {
    const uniform = derive(y, concatBytes(MASK_LABEL, uint(epoch, 4), uint(slot, 2)), 64);
    const mask = ristretto255.hashToElement(uniform, MASK_DOMAIN);
    uniform.fill(0);
    return mask;
  });
}

function derive(y: Uint8Array, info: Uint8Array, length: number): Uint8Array {
  if (y.length !== EVALUATION_BYTES) throw new RangeError("an evaluation is 64 bytes");
  return new Uint8Array(hkdfSync("sha512", y, SALT, info, length));
}
