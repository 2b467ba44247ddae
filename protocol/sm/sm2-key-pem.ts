/**
 * Key files as `openssl genpkey -algorithm SM2` writes them: PKCS#8 PrivateKeyInfo (RFC 5958) around ECPrivateKey
 * (RFC 5915), and SubjectPublicKeyInfo, in PEM. Not encrypted: whoever stores the text protects it.
 */
import { ECPrivateKey } from "@peculiar/asn1-ecc";
import { PrivateKey, PrivateKeyInfo, Version } from "@peculiar/asn1-pkcs8";
import { OctetString } from "@peculiar/asn1-schema";
import { SubjectPublicKeyInfo } from "@peculiar/asn1-x509";

import { Fault } from "../errors/fault.ts";
import { decodeDer, encodeDer, toArrayBuffer } from "./der.ts";
import { fromPem, toPem } from "./pem.ts";
import type { Sm2KeyPair, Sm2PublicKey } from "./sm2-curve.ts";
import { keyPairOf, matchingKeyPair } from "./sm2-key.ts";
import { isSm2KeyAlgorithm, publicKeyFromInfo, publicKeyInfo, sm2KeyAlgorithm } from "./sm2-public-key-info.ts";

const PRIVATE_KEY = "PRIVATE KEY";
const PUBLIC_KEY = "PUBLIC KEY";
const EC_VERSION = 1;

export function privateKeyToPem(key: Sm2KeyPair): string {
  const inner = new ECPrivateKey({
    version: EC_VERSION,
    privateKey: new OctetString(toArrayBuffer(key.secretKey)),
    publicKey: toArrayBuffer(key.publicKey),
  });
  const info = new PrivateKeyInfo({
    version: Version.v1,
    privateKeyAlgorithm: sm2KeyAlgorithm(),
    privateKey: new PrivateKey(toArrayBuffer(encodeDer(inner))),
  });
  return toPem(PRIVATE_KEY, encodeDer(info));
}

/**
 * The public key is recomputed, and compared where the file holds one.
 * @throws Fault SM2_KEY_FILE_INVALID if the text is not an unencrypted SM2 key; SM2_SECRET_KEY_INVALID if the key is out of
 * range or not that of the public key beside it
 */
export function privateKeyFromPem(text: string): Sm2KeyPair {
  const der = fromPem(PRIVATE_KEY, text);
  const info = der && decodeDer(der, PrivateKeyInfo);
  if (!info || info.version !== Version.v1 || !isSm2KeyAlgorithm(info.privateKeyAlgorithm)) {
    throw new Fault("SM2_KEY_FILE_INVALID");
  }
  const inner = decodeDer(new Uint8Array(info.privateKey.buffer), ECPrivateKey);
  if (inner?.version !== EC_VERSION) throw new Fault("SM2_KEY_FILE_INVALID");
  const secret = new Uint8Array(inner.privateKey.buffer);
  return inner.publicKey ? matchingKeyPair(secret, new Uint8Array(inner.publicKey)) : keyPairOf(secret);
}

export function publicKeyToPem(publicKey: Sm2PublicKey): string {
  return toPem(PUBLIC_KEY, encodeDer(publicKeyInfo(publicKey)));
}

/** @throws Fault SM2_KEY_FILE_INVALID, SM2_PUBLIC_KEY_INVALID */
export function publicKeyFromPem(text: string): Sm2PublicKey {
  const der = fromPem(PUBLIC_KEY, text);
  const info = der && decodeDer(der, SubjectPublicKeyInfo);
  if (!info) throw new Fault("SM2_KEY_FILE_INVALID");
  return publicKeyFromInfo(info);
}
