/**
 * A participant's randomness in a key round follows from one secret seed of 32 bytes, so that a relayer that was killed at
 * any line says exactly the same again: HMAC-SHA-512 in counter mode under a label and what the bytes are for.
 */
import { createHmac } from "node:crypto";

import { concatBytes, lengthPrefixed, uint, utf8, type RandomBytes } from "../encoding/bytes.ts";

export const SEED_BYTES = 32;

const DOMAIN = utf8("riskveil/key-round/1/randomness");

/** An endless stream, from its beginning each time this is called. @throws RangeError if the seed is not 32 bytes. */
export function expandedSeed(seed: Uint8Array, label: string, ...context: readonly Uint8Array[]): RandomBytes {
  if (seed.length !== SEED_BYTES) throw new RangeError("a seed is 32 bytes");
  const fields = lengthPrefixed(DOMAIN, utf8(label), ...context);
  let block = 0;
  let rest: Uint8Array = new Uint8Array(0);
  return (length) => {
    while (rest.length < length) {
      const next = createHmac("sha512", seed)
        .update(concatBytes(uint(block, 4), fields))
        .digest();
      block += 1;
      rest = concatBytes(rest, next);
    }
    const taken = rest.slice(0, length);
    rest = rest.slice(length);
    return taken;
  };
}
