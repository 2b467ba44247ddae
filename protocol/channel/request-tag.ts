/**
 * The header of an authenticated request: session (8) | MAC (32) | number (6) | time (6) in base64url, 70 characters. The MAC stands
 * between what stays the same from request to request, so that no two headers have sixteen bytes or characters in common.
 */
import { concatBytes, fromBase64Url, toBase64Url, uint } from "../encoding/bytes.ts";
import { Fault } from "../errors/fault.ts";
import { SM3_BYTES } from "../sm/hmac-sm3.ts";
import { asSessionId, SESSION_BYTES, type SessionId } from "./transcript.ts";

const MAC_AT = SESSION_BYTES;
const SEQUENCE_AT = MAC_AT + SM3_BYTES;
const TIME_AT = SEQUENCE_AT + 6;
const TAG_BYTES = TIME_AT + 6;

/** Header of an authenticated request, in lower case as Node gives it. */
export const REQUEST_HEADER = "riskveil-channel";
/** Header of its response. */
export const RESPONSE_HEADER = "riskveil-channel-response";

export interface RequestTag {
  readonly session: SessionId;
  /** Counts up from 1 in a session. */
  readonly sequence: number;
  /** Unix seconds, by the sender's clock. */
  readonly time: number;
  readonly mac: Uint8Array;
}

export function formatRequestTag({ session, sequence, time, mac }: RequestTag): string {
  return toBase64Url(concatBytes(session, mac, uint(sequence, 6), uint(time, 6)));
}

/** @throws Fault CHANNEL_TAG_MALFORMED for anything but the one text of a tag */
export function parseRequestTag(header: string | undefined): RequestTag {
  const bytes = decode(header, TAG_BYTES);
  const view = Buffer.from(bytes);
  return {
    session: asSessionId(bytes.slice(0, MAC_AT)),
    sequence: view.readUIntBE(SEQUENCE_AT, 6),
    time: view.readUIntBE(TIME_AT, 6),
    mac: bytes.slice(MAC_AT, SEQUENCE_AT),
  };
}

/** The header of an authenticated response: its MAC in base64url, 43 characters. */
export function formatResponseMac(mac: Uint8Array): string {
  return toBase64Url(mac);
}

/** @throws Fault CHANNEL_TAG_MALFORMED */
export function parseResponseMac(header: string | undefined): Uint8Array {
  return decode(header, SM3_BYTES);
}

function decode(header: string | undefined, length: number): Uint8Array {
  try {
    return fromBase64Url(header ?? "", length);
  } catch (cause) {
    throw new Fault("CHANNEL_TAG_MALFORMED", {}, cause);
  }
}
