/**
 * Where a row stands in the published table. Rows are contributed and merged under tags that follow from the evaluation of
 * their subjects; contributors evaluate without paying, as many subjects as their tables have rows. Were rows published under
 * these tags, every such evaluation would tell whether its subject is in the table. So each merged tag is evaluated once more, under
 * the locator key, by the nodes that take the layer off, and the row is published under what comes of it. A querier has the
 * same evaluated obliviously, and pays for it.
 *
 * What the output also gives covers every slot of the published row. Masks follow from evaluations, which a contributor has for
 * free: without the covers one decryption of whatever row would be compared with all of them, and tell whose it is.
 *
 *   output = F(locator key, "riskveil/aggregate/1/locator" | epoch | tag), F of RFC 9497, by t of n nodes
 *   published tag = HKDF(output, "agg-place" | epoch), 16 bytes
 *   N_j = hash-to-group(HKDF(output, "agg-cover" | epoch | j), 64 bytes)
 */
import { concatBytes, uint, utf8 } from "../encoding/bytes.ts";
import type { Element } from "../group/group.ts";
import { ristretto255Sha512 } from "../oprf/oprf.ts";
import { asTag, TAG_BYTES, type Tag } from "../sealed-table/table-id.ts";
import { derive, slotElements } from "./derived.ts";

const DOMAIN = utf8("riskveil/aggregate/1/locator");
const SALT = utf8("riskveil/aggregate/ristretto255-sha512/place");
const PLACE_LABEL = utf8("agg-place");
const COVER = { salt: SALT, label: utf8("agg-cover"), domain: utf8("riskveil/aggregate/1/cover") };

/** What is evaluated for the row with that merged tag. */
export function locatorInput(tag: Tag, epoch: number): Uint8Array {
  return concatBytes(DOMAIN, uint(epoch, 4), tag);
}

/** `output`: of the evaluation, 64 bytes. @throws RangeError if it is not */
export function placeOf(output: Uint8Array, epoch: number): Tag {
  return asTag(derive(output, SALT, concatBytes(PLACE_LABEL, uint(epoch, 4)), TAG_BYTES));
}

/** N_0 to N_(count - 1). @throws RangeError if `output` is not 64 bytes */
export function covers(output: Uint8Array, epoch: number, count: number): Element[] {
  return slotElements(output, COVER, epoch, count);
}

/** The output, from the element that the nodes' parts give for the tag itself, not blinded. */
export function locatorOutput(tag: Tag, epoch: number, evaluated: Element): Uint8Array {
  return ristretto255Sha512.finalizeUnblinded(locatorInput(tag, epoch), evaluated);
}
