/**
 * What follows from an evaluation (64 bytes): HKDF of RFC 5869 with SHA-512, under the salt of its use. Infos of one salt must be
 * of fixed parts and of different lengths, or begin differently, so that no two uses share one.
 */
import { hkdfSync } from "node:crypto";

import { concatBytes, uint } from "../encoding/bytes.ts";
import type { Element } from "../group/group.ts";
import { ristretto255 } from "../group/ristretto255.ts";

const EVALUATION_BYTES = 64;
/** Uniform bytes that are hashed to an element. */
const UNIFORM_BYTES = 64;

/** @throws RangeError if `evaluation` is not 64 bytes */
export function derive(evaluation: Uint8Array, salt: Uint8Array, info: Uint8Array, length: number): Uint8Array {
  if (evaluation.length !== EVALUATION_BYTES) throw new RangeError("an evaluation is 64 bytes");
  return new Uint8Array(hkdfSync("sha512", evaluation, salt, info, length));
}

/** What elements are for: the label of their info, and the domain in which they are hashed to the group. */
export interface ElementUse {
  readonly salt: Uint8Array;
  readonly label: Uint8Array;
  readonly domain: Uint8Array;
}

/** For each slot from 0: hash-to-group(HKDF(evaluation, label | epoch (4) | slot (2)), 64 bytes). @throws RangeError as `derive` */
export function slotElements(
  evaluation: Uint8Array,
  { salt, label, domain }: ElementUse,
  epoch: number,
  count: number,
): Element[] {
  return Array.from({ length: count }, (_, slot) => {
    const uniform = derive(evaluation, salt, concatBytes(label, uint(epoch, 4), uint(slot, 2)), UNIFORM_BYTES);
    const element = ristretto255.hashToElement(uniform, domain);
    uniform.fill(0);
    return element;
  });
}
