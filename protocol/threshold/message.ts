/**
 * What the parties of a ceremony post, in fixed bytes: kind (1) | ceremony (32) | body. The sender is not in the bytes:
 * the chain knows who posted them. A transcript is a list in the order of the chain; of two messages by one sender on one
 * thing the first counts, so that everybody judges alike.
 *
 * | kind | message       | body                                                                     |
 * | ---- | ------------- | ------------------------------------------------------------------------ |
 * | 1    | dealing       | t commitments of 32 bytes                                                |
 * | 2    | complaint     | dealer (1)                                                               |
 * | 3    | justification | receiver (1), its share as it was to be dealt                            |
 * | 4    | extraction    | t Feldman commitments of 32 bytes                                        |
 * | 5    | exposure      | dealer (1), the sender's share of it (64)                                |
 */
import { bytesEqual, concatBytes, uint } from "../encoding/bytes.ts";
import { Fault, isFault } from "../errors/fault.ts";
import type { Element } from "../group/group.ts";
import { ristretto255 } from "../group/ristretto255.ts";

const CEREMONY_BYTES = 32;

const KINDS = { dealing: 1, complaint: 2, justification: 3, extraction: 4, exposure: 5 } as const;
type Kind = keyof typeof KINDS;

export interface Posted {
  /** Index of the party that the chain names as the sender. */
  readonly from: number;
  readonly bytes: Uint8Array;
}

/** Commitments of a dealing or an extraction. */
export function encodeCommitments(
  kind: "dealing" | "extraction",
  ceremony: Uint8Array,
  commitments: readonly Element[],
): Uint8Array {
  return encode(kind, ceremony, concatBytes(...commitments));
}

/** @throws Fault THRESHOLD_MESSAGE_MALFORMED unless there are `count` elements, none the identity. */
export function decodeCommitments(
  kind: "dealing" | "extraction",
  ceremony: Uint8Array,
  bytes: Uint8Array,
  count: number,
): Element[] {
  const body = decode(kind, ceremony, bytes);
  if (body.length !== count * ristretto255.elementBytes) throw malformed(kind);
  try {
    return Array.from({ length: count }, (_, index) =>
      ristretto255.decodeElement(body.slice(index * 32, (index + 1) * 32), index),
    );
  } catch (cause) {
    throw isFault(cause) ? malformed(kind, cause) : cause;
  }
}

export function encodeComplaint(ceremony: Uint8Array, dealer: number): Uint8Array {
  return encode("complaint", ceremony, uint(dealer, 1));
}

/** The dealer complained of. @throws Fault THRESHOLD_MESSAGE_MALFORMED */
export function decodeComplaint(ceremony: Uint8Array, bytes: Uint8Array): number {
  const body = decode("complaint", ceremony, bytes);
  const [dealer] = body;
  if (dealer === undefined || body.length !== 1) throw malformed("complaint");
  return dealer;
}

/** A justification names the receiver of the share, an exposure the dealer. */
export function encodeShareOf(
  kind: "justification" | "exposure",
  ceremony: Uint8Array,
  party: number,
  share: Uint8Array,
): Uint8Array {
  return encode(kind, ceremony, concatBytes(uint(party, 1), share));
}

/** @throws Fault THRESHOLD_MESSAGE_MALFORMED unless the share has that many bytes; its content is the scheme's to judge. */
export function decodeShareOf(
  kind: "justification" | "exposure",
  ceremony: Uint8Array,
  bytes: Uint8Array,
  shareBytes: number,
): { readonly party: number; readonly share: Uint8Array } {
  const body = decode(kind, ceremony, bytes);
  const [party] = body;
  if (party === undefined || body.length !== 1 + shareBytes) throw malformed(kind);
  return { party, share: body.slice(1) };
}

/** What `read` makes of each message that is well-formed; the others are nobody's. */
export function wellFormed<T>(
  posted: readonly Posted[],
  read: (bytes: Uint8Array) => T,
): { readonly from: number; readonly message: T }[] {
  return posted.flatMap(({ from, bytes }) => {
    try {
      return [{ from, message: read(bytes) }];
    } catch (error) {
      if (isFault(error)) return [];
      throw error;
    }
  });
}

function encode(kind: Kind, ceremony: Uint8Array, body: Uint8Array): Uint8Array {
  if (ceremony.length !== CEREMONY_BYTES) throw new RangeError("a ceremony's id is 32 bytes");
  return concatBytes(uint(KINDS[kind], 1), ceremony, body);
}

function decode(kind: Kind, ceremony: Uint8Array, bytes: Uint8Array): Uint8Array {
  const header = encode(kind, ceremony, new Uint8Array(0));
  if (!bytesEqual(bytes.subarray(0, header.length), header)) throw malformed(kind);
  return bytes.slice(header.length);
}

function malformed(message: Kind, cause?: unknown): Fault {
  return new Fault("THRESHOLD_MESSAGE_MALFORMED", { message }, cause);
}
