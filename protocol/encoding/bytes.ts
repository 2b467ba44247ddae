/**
 * Byte strings and their two text forms. Inside: `Uint8Array`; on chain and in evidence: lower-case hex with 0x;
 * on the wire between relayers: base64url without padding.
 */
import { timingSafeEqual } from "node:crypto";

export type Hex = `0x${string}`;

export type RandomBytes = (length: number) => Uint8Array;

const encoder = new TextEncoder();

export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}

export function toHex(bytes: Uint8Array): Hex {
  return `0x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex")}`;
}

/** @throws RangeError if `hex` is not 0x and an even number of hex digits, or not `length` bytes where that is given. */
export function fromHex(hex: string, length?: number): Uint8Array {
  if (!/^0x(?:[0-9a-fA-F]{2})*$/.test(hex)) throw new RangeError("not a 0x-prefixed hex string");
  const bytes = new Uint8Array(Buffer.from(hex.slice(2), "hex"));
  if (length !== undefined && bytes.length !== length) {
    throw new RangeError(`expected ${String(length)} bytes, got ${String(bytes.length)}`);
  }
  return bytes;
}

export function toBase64Url(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64url");
}

/** Accepts the canonical encoding only: a second text for the same bytes would be a second digest for the same request.
 * @throws RangeError if `text` is not canonical base64url without padding, or not `length` bytes where that is given. */
export function fromBase64Url(text: string, length?: number): Uint8Array {
  const bytes = new Uint8Array(Buffer.from(text, "base64url"));
  if (toBase64Url(bytes) !== text) throw new RangeError("not canonical base64url");
  if (length !== undefined && bytes.length !== length) {
    throw new RangeError(`expected ${String(length)} bytes, got ${String(bytes.length)}`);
  }
  return bytes;
}

export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    out.set(part, offset);
    offset += part.length;
  }
  return out;
}

export function bytesEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

/** Big-endian unsigned integer of `width` bytes (at most 6). @throws RangeError if `value` does not fit. */
export function uint(value: number, width: 1 | 2 | 4 | 6): Uint8Array {
  const out = Buffer.alloc(width);
  out.writeUIntBE(value, 0, width);
  return new Uint8Array(out);
}

/** Each field preceded by its length in 4 bytes, so that no two lists of fields have one encoding. */
export function lengthPrefixed(...fields: readonly Uint8Array[]): Uint8Array {
  return concatBytes(...fields.flatMap((field) => [uint(field.length, 4), field]));
}

/** What `lengthPrefixed` put together; undefined if these bytes are not that, or more than `most` fields. */
export function lengthPrefixedFields(bytes: Uint8Array, most: number): Uint8Array[] | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const fields: Uint8Array[] = [];
  let offset = 0;
  while (offset < bytes.length) {
    if (fields.length === most || offset + 4 > bytes.length) return undefined;
    const end = offset + 4 + view.getUint32(offset);
    if (end > bytes.length) return undefined;
    fields.push(bytes.slice(offset + 4, end));
    offset = end;
  }
  return fields;
}
