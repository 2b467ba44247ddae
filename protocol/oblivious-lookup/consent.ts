/**
 * What a holder and the chain see of an investor's authorisation: a commitment that is fresh for every request, holder
 * and subject. Its salt is a PRF of the authorisation's secret, so one authorisation used twice cannot be linked, and
 * the querier can open any single commitment later without giving that secret away.
 */
import { createHmac } from "node:crypto";

import { lengthPrefixed, uint, utf8 } from "../encoding/bytes.ts";
import { keccak256, saltedDigest } from "../encoding/digest.ts";
import type { SubjectId } from "../subject/subject.ts";
import type { Purpose } from "./purpose.ts";

/** What recomputes one commitment; given to an auditor, or kept in an evidence package. */
export interface ConsentOpening {
  readonly salt: Uint8Array;
  /** Salted SM3 digest of the signed instrument, as in the authorisation register: 32 bytes. */
  readonly documentDigest: Uint8Array;
  readonly purpose: Purpose;
  readonly subject: SubjectId;
}

/**
 * Salt of the commitment for the subject at position `index` (from 0) of the request with salt `requestSalt` to
 * `dataset`: HMAC-SHA-256 under the authorisation's 32-byte secret.
 */
export function consentSalt(
  consentSecret: Uint8Array,
  requestSalt: Uint8Array,
  dataset: Uint8Array,
  index: number,
): Uint8Array {
  const message = lengthPrefixed(utf8("riskveil/consent-salt"), requestSalt, dataset, uint(index, 4));
  return new Uint8Array(createHmac("sha256", consentSecret).update(message).digest());
}

export function consentCommitment(opening: ConsentOpening): Uint8Array {
  const subjectBinding = saltedDigest("riskveil/consent-subject", opening.salt, [utf8(opening.subject)]);
  return saltedDigest("riskveil/consent", opening.salt, [
    opening.documentDigest,
    utf8(opening.purpose),
    subjectBinding,
  ]);
}

/** The `consent` of a request: its subjects' commitments in element order, also when there is only one. */
export function consentRoot(commitments: readonly Uint8Array[]): Uint8Array {
  return keccak256(lengthPrefixed(utf8("riskveil/consents"), ...commitments));
}
