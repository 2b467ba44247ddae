/**
 * A decryption share as a node hands it out: signed with the account that acts for the node on chain, so that a wrong one is evidence
 * against the node, and not only the collector's word.
 *
 *   signed: keccak-256(lp("riskveil/statistics/share/1", statistic, period (4), release context, share))
 */
import { lengthPrefixed, uint, utf8, type Hex } from "../encoding/bytes.ts";
import { keccak256 } from "../encoding/digest.ts";
import { recoverAddress } from "../oblivious-lookup/typed-data.ts";
import type { ReleaseContent } from "./release.ts";

const DOMAIN = utf8("riskveil/statistics/share/1");

/** A share's bytes, well-formed or not, and a signature of 65 bytes over them. */
export interface SignedShare {
  readonly share: Uint8Array;
  readonly signature: Uint8Array;
}

/** The 32 bytes that a node signs. */
export function shareDigest({ collection, context }: ReleaseContent, share: Uint8Array): Uint8Array {
  return keccak256(lengthPrefixed(DOMAIN, collection.statistic, uint(collection.period, 4), context, share));
}

/** The account, lower-case. @throws Fault SIGNATURE_INVALID */
export function signerOf(release: ReleaseContent, { share, signature }: SignedShare): Hex {
  return recoverAddress(shareDigest(release, share), signature);
}
