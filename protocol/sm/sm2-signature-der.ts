/** SM2-Signature ::= SEQUENCE { r INTEGER, s INTEGER } (GM/T 0009 section 7.3), as certificates and OpenSSL carry it. */
import { ECDSASigValue } from "@peculiar/asn1-ecc";

import { bytesEqual, concatBytes } from "../encoding/bytes.ts";
import { decodeDer, encodeDer, integerContent, toArrayBuffer } from "./der.ts";
import { SCALAR_BYTES } from "./sm2-curve.ts";
import { SIGNATURE_BYTES, type Sm2Signature } from "./sm2-signature.ts";

/** DER of r | s, at most 72 bytes. */
export function signatureToDer(signature: Sm2Signature): Uint8Array {
  const integer = (bytes: Uint8Array): ArrayBuffer => toArrayBuffer(integerContent(bytes));
  return encodeDer(
    new ECDSASigValue({
      r: integer(signature.subarray(0, SCALAR_BYTES)),
      s: integer(signature.subarray(SCALAR_BYTES, SIGNATURE_BYTES)),
    }),
  );
}

/** r | s; undefined unless `der` is the DER encoding of two non-negative integers of at most 32 bytes. */
export function signatureFromDer(der: Uint8Array): Sm2Signature | undefined {
  const value = decodeDer(der, ECDSASigValue);
  const r = value && fixedWidth(new Uint8Array(value.r));
  const s = value && fixedWidth(new Uint8Array(value.s));
  return r && s ? (concatBytes(r, s) as Sm2Signature) : undefined;
}

function fixedWidth(content: Uint8Array): Uint8Array | undefined {
  if (!bytesEqual(content, integerContent(content))) return undefined;
  const magnitude = content[0] === 0 ? content.subarray(1) : content;
  if (magnitude.length > SCALAR_BYTES) return undefined;
  return concatBytes(new Uint8Array(SCALAR_BYTES - magnitude.length), magnitude);
}
