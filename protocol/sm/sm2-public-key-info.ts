/** SubjectPublicKeyInfo of an SM2 key: { id-ecPublicKey, curveSM2 }, uncompressed point (GM/T 0009, RFC 5480). */
import { ECParameters } from "@peculiar/asn1-ecc";
import { AlgorithmIdentifier, SubjectPublicKeyInfo } from "@peculiar/asn1-x509";

import { Fault } from "../errors/fault.ts";
import { decodeDer, encodeDer, toArrayBuffer } from "./der.ts";
import { EC_PUBLIC_KEY, SM2_CURVE } from "./object-identifiers.ts";
import { parsePublicKey, type Sm2PublicKey } from "./sm2-curve.ts";

export function sm2KeyAlgorithm(): AlgorithmIdentifier {
  const curve = encodeDer(new ECParameters({ namedCurve: SM2_CURVE }));
  return new AlgorithmIdentifier({ algorithm: EC_PUBLIC_KEY, parameters: toArrayBuffer(curve) });
}

/** Whether this is an elliptic curve key on the SM2 curve, named and not by explicit parameters. */
export function isSm2KeyAlgorithm({ algorithm, parameters }: AlgorithmIdentifier): boolean {
  if (algorithm !== EC_PUBLIC_KEY || !parameters) return false;
  return decodeDer(new Uint8Array(parameters), ECParameters)?.namedCurve === SM2_CURVE;
}

export function publicKeyInfo(publicKey: Sm2PublicKey): SubjectPublicKeyInfo {
  return new SubjectPublicKeyInfo({ algorithm: sm2KeyAlgorithm(), subjectPublicKey: toArrayBuffer(publicKey) });
}

/** @throws Fault SM2_PUBLIC_KEY_INVALID if the key is of another curve or algorithm, or not a point of the curve */
export function publicKeyFromInfo(info: SubjectPublicKeyInfo): Sm2PublicKey {
  if (!isSm2KeyAlgorithm(info.algorithm)) throw new Fault("SM2_PUBLIC_KEY_INVALID");
  return parsePublicKey(new Uint8Array(info.subjectPublicKey));
}
