/** What the querier's operator signs: the canonical JSON of the whole package but the signature. */
import { lengthPrefixed, utf8 } from "../encoding/bytes.ts";
import { keccak256 } from "../encoding/digest.ts";
import { canonicalJson } from "./canonical-json.ts";
import type { EvidenceBody } from "./package.ts";

/** 32 bytes; the length prefix keeps it apart from every EIP-712 digest and every transaction. */
export function sealDigest({ format, chain, query, answers, unanswered, anchors, sealedAt }: EvidenceBody): Uint8Array {
  const body: EvidenceBody = { format, chain, query, answers, unanswered, anchors, sealedAt };
  return keccak256(lengthPrefixed(utf8("riskveil/evidence-seal"), utf8(canonicalJson(body))));
}
