/**
 * What both parties have said so far, hashed: each signature and each confirmation covers all before it, the parties and the
 * network. The labels are unlike those of anything else that an SM2 key of a member signs.
 */
import { lengthPrefixed, uint, utf8 } from "../encoding/bytes.ts";
import { sm3 } from "../encoding/digest.ts";
import type { Terms } from "./terms.ts";
import { encodeParties, type Parties } from "./parties.ts";

export const PROTOCOL = "riskveil/channel/1";
/** So few that two requests have no sixteen bytes in common: docs/decisions/0012. */
export const SESSION_BYTES = 8;

declare const transcriptBrand: unique symbol;
declare const sessionBrand: unique symbol;

/** SM3 of all before, 32 bytes. */
export type Transcript = Uint8Array & { readonly [transcriptBrand]: true };

/** 8 bytes, public: names a session to its two sides, and proves nothing. */
export type SessionId = Uint8Array & { readonly [sessionBrand]: true };

export interface Opening {
  readonly parties: Parties;
  readonly initiatorEphemeral: Uint8Array;
  readonly responderEphemeral: Uint8Array;
  readonly responderCertificate: Uint8Array;
  readonly terms: Terms;
}

/** Hello and answer up to the responder's signature. */
export function openingTranscript(opening: Opening): Transcript {
  const { lifetimeSeconds, maximumRequests } = opening.terms;
  return sm3(
    lengthPrefixed(
      utf8(PROTOCOL),
      encodeParties(opening.parties),
      opening.initiatorEphemeral,
      opening.responderEphemeral,
      opening.responderCertificate,
      uint(lifetimeSeconds, 4),
      uint(maximumRequests, 4),
    ),
  ) as Transcript;
}

/** The transcript so far, continued by what the next message added. */
export function continueTranscript(transcript: Transcript, ...fields: readonly Uint8Array[]): Transcript {
  return sm3(lengthPrefixed(transcript, ...fields)) as Transcript;
}

export type Role = "initiator" | "responder";

/** What a party signs: its role keeps the other's signature from being sent back. */
export function signedBy(role: Role, transcript: Transcript): Uint8Array {
  return lengthPrefixed(utf8(`${PROTOCOL}/${role}`), transcript);
}

export function sessionId(final: Transcript): SessionId {
  return sm3(lengthPrefixed(utf8(`${PROTOCOL}/session`), final)).slice(0, SESSION_BYTES) as SessionId;
}

/** @throws RangeError if `bytes` is not 8 bytes */
export function asSessionId(bytes: Uint8Array): SessionId {
  if (bytes.length !== SESSION_BYTES) throw new RangeError("a session id is 8 bytes");
  return bytes as SessionId;
}
