/**
 * Where a row stands in the published table. Rows are contributed and merged under tags that follow from the evaluation of
 * their subjects; contributors evaluate without paying, as many subjects as their tables have rows. Were rows published under
 * these tags, every such evaluation would tell whether its subject is in the table. So each merged tag is evaluated once more, under
 * the locator key, by the nodes that take the layer off, and the row is published under what comes of it. A querier has the
 * same evaluated obliviously, and pays for it.
 *
 *   output = F(locator key, "riskveil/aggregate/1/locator" | epoch | tag), F of RFC 9497, by t of n nodes
 *   published tag = HKDF(output, "agg-place" | epoch), 16 bytes
 */
import { hkdfSync } from "node:crypto";

import { concatBytes, uint, utf8 } from "../encoding/bytes.ts";
import type { Element } from "../group/group.ts";
import { ristretto255Sha512 } from "../oprf/oprf.ts";
import { asTag, TAG_BYTES, type Tag } from "../sealed-table/table-id.ts";

const DOMAIN = utf8("riskveil/aggregate/1/locator");
const SALT = utf8("riskveil/aggregate/ristretto255-sha512/place");
const LABEL = utf8("agg-place");

/** What is evaluated for the row with that merged tag. */
export function locatorInput(tag: Tag, epoch: number): Uint8Array {
  return concatBytes(DOMAIN, uint(epoch, 4), tag);
}

/** `output`: of the evaluation, 64 bytes. @throws RangeError if it is not */
export function placeOf(output: Uint8Array, epoch: number): Tag {
  if (output.length !== ristretto255Sha512.outputBytes) throw new RangeError("an evaluation is 64 bytes");
  return asTag(new Uint8Array(hkdfSync("sha512", output, SALT, concatBytes(LABEL, uint(epoch, 4)), TAG_BYTES)));
}

/** The same from the element that the nodes' parts give for the tag itself, not blinded. */
export function placeOfElement(tag: Tag, epoch: number, evaluated: Element): Tag {
  return placeOf(ristretto255Sha512.finalizeUnblinded(locatorInput(tag, epoch), evaluated), epoch);
}
