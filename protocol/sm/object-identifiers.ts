/** Object identifiers of GM/T 0006 and RFC 5480. */
export const SM2_CURVE = "1.2.156.10197.1.301";
export const SM2_WITH_SM3 = "1.2.156.10197.1.501";
/** The algorithm of an SM2 key in SubjectPublicKeyInfo and PKCS#8: an elliptic curve key whose parameter is SM2_CURVE. */
export const EC_PUBLIC_KEY = "1.2.840.10045.2.1";
