/**
 * DER by `@peculiar/asn1-schema`. Its parser takes any BER; here only what encodes again to the same bytes passes, so that
 * one object has one encoding and one digest, and nothing follows it.
 */
import { AsnConvert } from "@peculiar/asn1-schema";

/** Deepest nesting and most elements that are looked at: a certificate has about 100 elements, a revoked one takes 6. */
const LIMITS = { berOptions: { maxDepth: 32, maxNodes: 100_000 } };

/** The object, or undefined if `der` is not exactly the DER encoding of one. */
export function decodeDer<T>(der: Uint8Array, type: new () => T): T | undefined {
  try {
    const value = AsnConvert.parse(toArrayBuffer(der), type, LIMITS);
    return Buffer.compare(encodeDer(value), der) === 0 ? value : undefined;
  } catch {
    return undefined;
  }
}

export function encodeDer(value: unknown): Uint8Array {
  return new Uint8Array(AsnConvert.serialize(value));
}

/** A copy in a buffer of its own, as the ASN.1 classes hold byte strings. */
export function toArrayBuffer(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}

/** Content of a DER INTEGER for the non-negative number in `bytes`: no leading zeros but the one that keeps it positive. */
export function integerContent(bytes: Uint8Array): Uint8Array {
  const start = bytes.findIndex((byte) => byte !== 0);
  const magnitude = start < 0 ? Uint8Array.of(0) : bytes.subarray(start);
  return (magnitude[0] ?? 0) >= 0x80 ? Uint8Array.of(0, ...magnitude) : magnitude.slice();
}
