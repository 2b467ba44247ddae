/**
 * The running hash of a lane's requests. It is in every voucher, so that a voucher says not only how many elements were
 * evaluated but which requests they were in, and two histories of one lane cannot both be signed unnoticed.
 */
import { lengthPrefixed, uint, utf8 } from "../encoding/bytes.ts";
import { keccak256 } from "../encoding/digest.ts";

const DOMAIN = utf8("riskveil/transcript");

/** Transcript of a lane before its first request. */
export function initialTranscript(session: Uint8Array, dataset: Uint8Array, lane: number): Uint8Array {
  return keccak256(lengthPrefixed(DOMAIN, session, dataset, uint(lane, 4)));
}

export function nextTranscript(previous: Uint8Array, requestDigest: Uint8Array): Uint8Array {
  return keccak256(lengthPrefixed(DOMAIN, previous, requestDigest));
}
