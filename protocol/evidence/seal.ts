/** What the querier's operator signs: the canonical JSON of the whole package but the signature. */
import { lengthPrefixed, utf8 } from "../encoding/bytes.ts";
import { keccak256 } from "../encoding/digest.ts";
import { canonicalJson } from "./canonical-json.ts";

/**
 * 32 bytes over everything but `seal`; the length prefix keeps it apart from every EIP-712 digest and every transaction, and
 * `format`, which is in it, one format's from another's.
 */
export function sealDigest(pkg: { readonly format: string; readonly seal?: unknown }): Uint8Array {
  const { seal: _, ...body } = pkg;
  return keccak256(lengthPrefixed(utf8("riskveil/evidence-seal"), utf8(canonicalJson(body))));
}
