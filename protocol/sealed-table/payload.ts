/**
 * Every entry of a table carries a payload of the same size, so that no entry says how much is known of its subject.
 * payload = length (uint32 BE) | content | zeros, padded to one of five sizes.
 */
import { concatBytes, uint } from "../encoding/bytes.ts";
import { Fault } from "../errors/fault.ts";

export const PAYLOAD_CLASSES = [512, 1024, 2048, 4096, 16384] as const;
export type PayloadBytes = (typeof PAYLOAD_CLASSES)[number];

const LENGTH_BYTES = 4;

/**
 * The smallest class that holds a content of `contentBytes`.
 * @throws Fault RECORDS_TOO_LARGE, naming the sizes only.
 */
export function payloadClass(contentBytes: number): PayloadBytes {
  const fit = PAYLOAD_CLASSES.find((size) => contentBytes + LENGTH_BYTES <= size);
  if (fit !== undefined) return fit;
  throw tooLarge(contentBytes, PAYLOAD_CLASSES[PAYLOAD_CLASSES.length - 1] ?? 0);
}

/** @throws Fault RECORDS_TOO_LARGE */
export function padPayload(content: Uint8Array, size: PayloadBytes): Uint8Array {
  if (content.length + LENGTH_BYTES > size) throw tooLarge(content.length, size);
  const payload = new Uint8Array(size);
  payload.set(concatBytes(uint(content.length, LENGTH_BYTES), content));
  return payload;
}

/** @throws Fault RECORDS_MALFORMED if the length does not fit or the padding is not all zeros. */
export function unpadPayload(payload: Uint8Array): Uint8Array {
  if (payload.length < LENGTH_BYTES) throw new Fault("RECORDS_MALFORMED", { reason: "length" });
  const end = LENGTH_BYTES + new DataView(payload.buffer, payload.byteOffset, payload.byteLength).getUint32(0);
  if (end > payload.length) throw new Fault("RECORDS_MALFORMED", { reason: "length" });
  if (payload.subarray(end).some((byte) => byte !== 0)) throw new Fault("RECORDS_MALFORMED", { reason: "padding" });
  return payload.slice(LENGTH_BYTES, end);
}

function tooLarge(bytes: number, limit: number): Fault {
  return new Fault("RECORDS_TOO_LARGE", { bytes, limit: limit - LENGTH_BYTES });
}
