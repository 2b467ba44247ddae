/**
 * What follows from a subject's evaluation y under the consortium's key (64 bytes): the tag under which its row is contributed, and the mask
 * M_j that hides each slot from everybody who has not evaluated that subject, the decrypting nodes included.
 *
 *   tag = HKDF(y, "agg-tag" | epoch), 16 bytes         M_j = hash-to-group(HKDF(y, "agg" | epoch | j), 64 bytes)
 *
 * HKDF of RFC 5869 with SHA-512 under a salt of its own, so that tags and keys of sealed tables are unrelated. All parts
 * of an info are of fixed length and the two lengths differ (11 and 9 bytes): no two calls share an info.
 */
import { concatBytes, uint, utf8 } from "../encoding/bytes.ts";
import type { Element } from "../group/group.ts";
import { asTag, TAG_BYTES, type Tag } from "../sealed-table/table-id.ts";
import { derive, slotElements } from "./derived.ts";

const SALT = utf8("riskveil/aggregate/ristretto255-sha512");
const TAG_LABEL = utf8("agg-tag");
const MASK = { salt: SALT, label: utf8("agg"), domain: utf8("riskveil/aggregate/1/mask") };

/** @throws RangeError if `y` is not 64 bytes. */
export function aggregateTag(y: Uint8Array, epoch: number): Tag {
  return asTag(derive(y, SALT, concatBytes(TAG_LABEL, uint(epoch, 4)), TAG_BYTES));
}

/** M_0 to M_(count - 1). @throws RangeError if `y` is not 64 bytes. */
export function masks(y: Uint8Array, epoch: number, count: number): Element[] {
  return slotElements(y, MASK, epoch, count);
}
