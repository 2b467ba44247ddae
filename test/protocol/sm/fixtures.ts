import { randomBytes } from "node:crypto";

import type { RandomBytes } from "../../../protocol/encoding/bytes.ts";

export { bytes, expectFault, faultOf, hex } from "../oprf/fixtures.ts";

export const random: RandomBytes = (length) => new Uint8Array(randomBytes(length));

/** Order of the group (GB/T 32918.5 section 4.2). */
export const ORDER = 0xfffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123n;

/** A source whose next scalar is `scalar`: `randomScalar` reduces 48 bytes and adds one. */
export const scalarSource =
  (scalar: bigint): RandomBytes =>
  (length) =>
    new Uint8Array(Buffer.from((scalar - 1n).toString(16).padStart(2 * length, "0"), "hex"));

/** Property cases: half of what test:deep asks for (1,000), because a signature costs milliseconds; `usual` otherwise. */
export function runs(usual: number): number {
  const asked = process.env["RISKVEIL_PROPERTY_RUNS"];
  return asked === undefined ? usual : Math.max(usual, Number(asked) / 2);
}

/** For a property whose 1,000 cases take a quarter of a minute alone on a machine. */
export const DEEP_TIMEOUT = 300_000;

export function flipBit(bytes: Uint8Array, bit: number): Uint8Array {
  const flipped = bytes.slice();
  flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return flipped;
}
