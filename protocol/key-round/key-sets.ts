/** The public side of the keys that a round made, as the chain keeps it: one after another in the order of its purposes. */
import { decodeKeySet, type PublicKeySet } from "../threshold/key-set.ts";
import type { KeyPurpose, KeyRound } from "./round.ts";

/**
 * By purpose; empty for no bytes, as of a round that made no keys.
 * @throws Fault THRESHOLD_MESSAGE_MALFORMED, THRESHOLD_PARAMETERS_INVALID, KEY_SET_INCONSISTENT
 */
export function decodeKeySets(
  bytes: Uint8Array,
  { purposes }: Pick<KeyRound, "purposes">,
): ReadonlyMap<KeyPurpose, PublicKeySet> {
  if (bytes.length === 0) return new Map();
  // All of one round are of one threshold and one number of nodes.
  const length = Math.ceil(bytes.length / purposes.length);
  return new Map(
    purposes.map((purpose, position) => [
      purpose,
      decodeKeySet(bytes.slice(position * length, (position + 1) * length)),
    ]),
  );
}
